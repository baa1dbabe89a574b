"""Claims, evidence and verdicts as HTML: the card, the ledger, the dashboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from math import isinf

from exile.audit.evidence import Evidence, Finding
from exile.audit.ledger import Entry
from exile.audit.rules import Rules
from exile.audit.verdict import Verdict
from exile.wording import people, percent, points

# A shape as well as a word and a colour, so that no reader depends on one of them.
# In the order in which readers meet them: what holds, what does not, what is open.
SHAPES = {
    "reproduced": "✔",
    "corroborated": "✔",
    "direction_only": "↗",
    "entailed": "◐",
    "contradicted": "✖",
    "inconclusive": "≈",
    "not_identified": "?",
    "not_empirical": "–",
    "not_audited": "…",
}
NOT_AUDITED = {
    "label": "Not yet audited",
    "meaning": "No chapter has taken the claim up so far.",
}

Link = Callable[[str], str]
"""From a document name to its address as seen from this page."""

SourceLink = Callable[[str], str]
"""From a source id to a link to its entry, with the mark of secondary coverage."""


def verdict_words(code: str, rules: Rules) -> dict[str, str]:
    return NOT_AUDITED if code == "not_audited" else rules.verdicts[code]


def badge(code: str, rules: Rules) -> str:
    words = verdict_words(code, rules)
    return (
        f'<span class="verdict verdict-{code}" title="{escape(words["meaning"])}">'
        f'<span class="verdict-shape" aria-hidden="true">{SHAPES[code]}</span>'
        f"{escape(words['label'])}</span>"
    )


def card(
    entry: Entry, entries: Mapping[str, Entry], rules: Rules, source_link: SourceLink, link: Link
) -> str:
    """One claim with its verdicts, each with what decided it and what would settle it.

    Its foot leads to the claims before and after it in the article.
    """
    claim = entry.claim
    where = "standfirst" if claim.paragraph == 0 else f"paragraph {claim.paragraph}"
    rows = (
        "".join(
            _verdict_block(f, v, rules, source_link, _before(entry, f, rules))
            for f, v in entry.judged
        )
        or f'<div class="claim-verdict">{badge("not_audited", rules)}</div>'
    )
    return (
        f'<section class="claim-card" id="{claim.id}" aria-label="Claim {claim.id}">'
        f'<p class="claim-where">The article claims <span>({where})</span>'
        f"<code>{claim.id}</code>"
        f'<a class="headerlink" href="#{claim.id}" title="Link to this claim">#</a></p>'
        f'<p class="claim-statement">{escape(claim.statement)}</p>{rows}'
        f"{_steps(entry, entries, link)}</section>"
    )


def _steps(entry: Entry, entries: Mapping[str, Entry], link: Link) -> str:
    """To the neighbours in the article's order."""
    order = [e for e in in_article_order(entries) if e.chapter]
    here = next((i for i, e in enumerate(order) if e.claim.id == entry.claim.id), None)
    if here is None:
        return ""

    def step(position: int, label: str, relation: str) -> str:
        if not 0 <= position < len(order):
            return "<span></span>"
        other = order[position]
        return (
            f'<a rel="{relation}" href="{link(other.chapter)}#{other.claim.id}" '
            f'title="{escape(other.claim.statement, quote=True)}">{label}</a>'
        )

    return (
        '<div class="claim-steps" role="group" aria-label="The article, claim by claim">'
        f"{step(here - 1, '← claim before', 'prev')}{step(here + 1, 'next claim →', 'next')}</div>"
    )


def _before(entry: Entry, finding: Finding, rules: Rules) -> str:
    """The verdict by the public record, where a survey's microdata have changed it."""
    if finding.key not in entry.before:
        return ""
    verdict = entry.before[finding.key]
    said = badge(verdict.code, rules) if verdict else "not judged"
    return f'<p class="claim-before">By the public record alone: {said}</p>'


def _verdict_block(
    finding: Finding, verdict: Verdict, rules: Rules, source_link: SourceLink, before: str
) -> str:
    part = f'<strong class="claim-part">{escape(finding.part)}</strong> ' if finding.part else ""
    decides = "".join(_evidence_row(e, source_link, True) for e in finding.evidence)
    shown = "".join(_evidence_row(e, source_link, False) for e in finding.context)
    table = (
        '<details class="claim-evidence"><summary>Evidence</summary>'
        '<div class="table-scroll"><table><thead><tr><th>What</th><th>Estimate</th>'
        "<th>95 % interval or bounds</th><th>n</th><th>Grade</th><th>How</th><th>Source</th></tr>"
        f"</thead><tbody>{decides}{shown}</tbody></table></div></details>"
        if decides or shown
        else ""
    )
    return (
        f'<div class="claim-verdict">{part}{badge(verdict.code, rules)} '
        f'<span class="claim-marks">for {escape(rules.scopes[finding.scope])}{marks(verdict)}</span>{before}'
        f"<p>{escape(finding.summary)}</p>"
        f'<p class="claim-settles"><span>What would settle it:</span> '
        f"{escape(finding.settled_by)}</p>{table}</div>"
    )


def marks(verdict: Verdict) -> str:
    said = [f"grade {verdict.grade}"] if verdict.grade else []
    if verdict.robustness:
        said.append(f"{verdict.robustness} to selection or error")
    return "".join(f" · {m}" for m in said)


def _evidence_row(evidence: Evidence, source_link: SourceLink, decides: bool) -> str:
    interval = evidence.interval
    span = (
        f"{number(interval.low, evidence.unit)} to {number(interval.high, evidence.unit)}"
        if interval and interval.width
        else "none given"
    )
    estimate = "" if evidence.estimate is None else number(evidence.estimate, evidence.unit)
    sources = ", ".join(map(source_link, evidence.sources))
    kind = "decides" if decides else "context"
    n = "" if evidence.n is None else f"{evidence.n:,.0f}"
    return (
        f'<tr class="evidence-{kind}"><td>{escape(evidence.label)}</td><td>{estimate}</td>'
        f"<td>{span}</td><td>{n}</td><td>{evidence.grade}</td>"
        f"<td>{escape(evidence.method)}</td><td>{sources}</td></tr>"
    )


def number(x: float, unit: str) -> str:
    """A number of evidence as readers see it."""
    if isinf(x):
        return "no limit"
    match unit:
        case "share":
            return percent(x, 1)
        case "share_difference":
            return points(x, 1)
        case "count":
            return people(x)
    return f"{x:.3g}"


def ledger(entries: Mapping[str, Entry], rules: Rules, link: Link) -> str:
    """Every claim in the article's order, with a row for each verdict and fields to filter by."""
    judged = [v for e in entries.values() for _, v in e.judged]
    found = {v.code for v in judged} | {"not_audited" for e in entries.values() if not e.audited}
    fields = "".join(
        _filter(name, label, options)
        for name, label, options in (
            (
                "verdict",
                "Verdict",
                {c: verdict_words(c, rules)["label"] for c in SHAPES if c in found},
            ),
            ("scope", "For whom", rules.scopes),
            ("grade", "Grade", {g: f"{g}: {meaning}" for g, meaning in rules.grades.items()}),
            ("robustness", "Robustness", {r: r for r in ("fragile", "moderate", "strong")}),
        )
    )
    groups = "".join(_ledger_group(e, rules, link) for e in in_article_order(entries))
    return (
        f'<form class="ledger-filters" data-filters="ledger">{fields}'
        '<label>Words<input type="search" name="words"></label>'
        f'<output aria-live="polite">{len(entries)} of {len(entries)} claims</output></form>'
        '<div class="table-scroll"><table class="ledger" id="ledger"><thead><tr>'
        "<th>Verdict</th><th>For whom</th><th>Grade</th><th>Robustness</th></tr></thead>"
        f"{groups}</table></div>"
    )


def _filter(name: str, label: str, options: Mapping[str, str]) -> str:
    choices = "".join(
        f'<option value="{escape(value)}">{escape(text)}</option>'
        for value, text in options.items()
    )
    return (
        f'<label>{label}<select name="{name}"><option value="">any</option>{choices}'
        "</select></label>"
    )


def in_article_order(entries: Mapping[str, Entry]) -> Iterable[Entry]:
    return sorted(entries.values(), key=lambda e: e.claim.paragraph)


def claim_link(entry: Entry, link: Link) -> str:
    """The claim's statement, linked to where it is judged."""
    text = escape(entry.claim.statement)
    if entry.chapter is None:
        return text
    return f'<a href="{link(entry.chapter)}#{entry.claim.id}">{text}</a>'


def _ledger_group(entry: Entry, rules: Rules, link: Link) -> str:
    claim = entry.claim
    rows = "".join(
        f'<tr data-verdict="{v.code}" data-scope="{f.scope}" data-grade="{v.grade or ""}" '
        f'data-robustness="{v.robustness or ""}">'
        f"<td>{badge(v.code, rules)}{' ' + escape(f.part) if f.part else ''}</td>"
        f"<td>{escape(rules.scopes[f.scope])}</td><td>{v.grade or ''}</td>"
        f"<td>{v.robustness or ''}</td></tr>"
        for f, v in entry.judged
    ) or (
        '<tr data-verdict="not_audited" data-scope="" data-grade="" data-robustness="">'
        f'<td colspan="4">{badge("not_audited", rules)}</td></tr>'
    )
    return (
        f'<tbody><tr class="ledger-claim"><th scope="rowgroup" colspan="4">'
        f'<span class="ledger-paragraph">¶ {claim.paragraph}</span> {claim_link(entry, link)} '
        f"<code>{claim.id}</code></th></tr>{rows}</tbody>"
    )


def dashboard(entries: Mapping[str, Entry], rules: Rules, link: Link) -> str:
    """How many claims met which fate, and which ones."""
    by_code: dict[str, list[str]] = {}
    for entry in in_article_order(entries):
        for code in dict.fromkeys([v.code for _, v in entry.judged] or ["not_audited"]):
            by_code.setdefault(code, []).append(_dashboard_item(entry, code, rules, link))
    groups = "".join(_group(code, by_code[code], rules) for code in SHAPES if code in by_code)
    audited = sum(e.audited for e in entries.values())
    split = sum(len({v.code for _, v in e.judged}) > 1 for e in entries.values())
    note = (
        f" {split} stand under more than one verdict, because the answer differs between the "
        "people asked and everyone who left, or between parts of the claim."
        if split
        else ""
    )
    state = (
        f"All <strong>{audited}</strong> claims are audited."
        if audited == len(entries)
        else f"<strong>{audited}</strong> of <strong>{len(entries)}</strong> claims audited so far."
    )
    return f'<div class="dashboard"><p class="dashboard-lead">{state}{note}</p>{groups}</div>'


def _dashboard_item(entry: Entry, code: str, rules: Rules, link: Link) -> str:
    """A claim, and to which of its parts and scopes the verdict applies."""
    text = claim_link(entry, link)
    if len({v.code for _, v in entry.judged}) <= 1:
        return f"<li>{text}</li>"
    which = "; ".join(of_whom(f, rules) for f, v in entry.judged if v.code == code)
    return f'<li>{text} <span class="claim-marks">{escape(which)}</span></li>'


def of_whom(finding: Finding, rules: Rules) -> str:
    """The part of the claim and the people that a verdict speaks of."""
    scope = f"for {rules.scopes[finding.scope]}"
    return f"{finding.part}, {scope}" if finding.part else scope


def _group(code: str, items: list[str], rules: Rules) -> str:
    words = verdict_words(code, rules)
    # Short lists are shown at once; long ones would push the rest off the first screen.
    opened = " open" if len(items) <= 3 else ""
    return (
        f'<details class="dashboard-group"{opened}><summary>{badge(code, rules)}'
        f'<span class="dashboard-count">{len(items)}</span>'
        f'<span class="dashboard-meaning">{escape(words["meaning"])}</span></summary>'
        f"<ul>{''.join(items)}</ul></details>"
    )
