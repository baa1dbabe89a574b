"""Claims, evidence and verdicts as HTML: the card and the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from math import isinf

from exile.audit.evidence import Evidence, Finding, Tipping
from exile.audit.ledger import Entry, Judged
from exile.audit.rules import Rules
from exile.audit.verdict import Verdict
from exile.wording import people, percent, points

# A shape as well as a word and a colour, so that no reader depends on one of them.
# In the order in which readers meet them: what holds, what does not, what is open.
SHAPES = {
    "reproduced": "✔",
    "corroborated": "✔",
    "supported": "✔",
    "on_record": "•",
    "direction_only": "↗",
    "repeated": "❝",
    "entailed": "❝",
    "contradicted": "✖",
    "inconclusive": "≈",
    "not_identified": "?",
    "not_empirical": "–",
    "not_audited": "…",
}
HEADLINE_SHAPES = {
    "holds": "●",
    "partly_shown": "◐",
    "holds_in_part": "◧",
    "does_not_hold": "⯃",
    "rests_on_its_own_figures": "❝",
    "open": "◌",
    "not_a_matter_of_fact": "◇",
}

Link = Callable[[str], str]
"""From a document name to its address as seen from this page."""

SourceLink = Callable[[str], str]
"""From a source id to a link to its entry, with the mark of secondary coverage."""


def verdict_words(code: str, rules: Rules) -> tuple[str, str]:
    """Label and meaning of a verdict."""
    if code == "not_audited":
        return "Not yet audited", "No chapter has taken the claim up so far."
    words = rules.verdicts[code]  # type: ignore[index]
    return words.en, words.meaning


def badge(code: str, rules: Rules) -> str:
    label, meaning = verdict_words(code, rules)
    return (
        f'<span class="verdict verdict-{code}" title="{escape(meaning)}">'
        f'<span class="verdict-shape" aria-hidden="true">{SHAPES[code]}</span>'
        f"{escape(label)}</span>"
    )


def headline_words(entry: Entry, rules: Rules, language: str = "en") -> tuple[str, str, str]:
    """Word, its meaning and its people."""
    if entry.headline is None:
        return "Not yet audited", "", ""
    words = next(r.words for r in rules.headlines if r.code == entry.headline.code)
    scope = rules.scopes[entry.headline.scope].in_(language)
    return words.in_(language), words.meaning_ru if language == "ru" else words.meaning, scope


def headline(entry: Entry, rules: Rules) -> str:
    """The claim's headline: shape, word, people."""
    if entry.headline is None:
        return badge("not_audited", rules)
    code = entry.headline.code
    word, meaning, scope = headline_words(entry, rules)
    whom = "" if code == "not_a_matter_of_fact" else f'<span class="headline-people">{scope}</span>'
    return (
        f'<span class="headline headline-{code}" title="{escape(meaning)}">'
        f'<span class="headline-shape" aria-hidden="true">{HEADLINE_SHAPES[code]}</span>'
        f"<strong>{escape(word)}</strong></span> {whom}"
    )


def card(
    entry: Entry, entries: Mapping[str, Entry], rules: Rules, source_link: SourceLink, link: Link
) -> str:
    """One claim: its headline and answer, then each part with what decided it.

    Its foot leads to the claims before and after it in the article.
    """
    claim = entry.claim
    where = "standfirst" if claim.paragraph == 0 else f"paragraph {claim.paragraph}"
    rows = "".join(_part(j, rules, source_link) for j in entry.judged)
    said = entry.answers.get("en", "")
    return (
        f'<section class="claim-card" id="{claim.id}" aria-labelledby="{claim.id}-claim">'
        f'<p class="claim-where">The article claims <span>({where})</span>'
        f"<code>{claim.id}</code>"
        f'<a class="headerlink" href="#{claim.id}" title="Link to this claim">#</a></p>'
        f'<h3 class="claim-statement" id="{claim.id}-claim">{escape(entry.statement)}</h3>'
        f'<p class="claim-headline">{headline(entry, rules)}</p>'
        f'<p class="claim-answer">{escape(said)}</p>{rows}{_steps(entry, entries, link)}</section>'
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
            f'<a rel="{relation}" href="{link(other.chapter or "")}#{other.claim.id}" '
            f'title="{escape(other.statement, quote=True)}">{label}</a>'
        )

    return (
        '<div class="claim-steps" role="group" aria-label="The article, claim by claim">'
        f"{step(here - 1, '← claim before', 'prev')}{step(here + 1, 'next claim →', 'next')}</div>"
    )


def answers(claims: Iterable[str], entries: Mapping[str, Entry], rules: Rules) -> str:
    """What became of some claims, each with headline and answer, linked to its card."""
    items = "".join(
        f'<li><a class="claim-statement" href="#{claim}">{escape(entries[claim].statement)}</a>'
        f'<p class="claim-headline">{headline(entries[claim], rules)}</p>'
        f'<p class="claim-answer">{escape(entries[claim].answers.get("en", ""))}</p></li>'
        for claim in claims
    )
    return f'<ul class="claim-answers">{items}</ul>'


def _part(judged: Judged, rules: Rules, source_link: SourceLink) -> str:
    finding = judged.finding
    aside = " claim-aside" if not judged.part.core else ""
    before = ""
    if judged.before or judged.added:
        said = badge(judged.before.code, rules) if judged.before else "not judged"
        before = f'<p class="claim-before">By the public record alone: {said}</p>'
    rows = "".join(_evidence_row(e, rules, source_link) for e in finding.evidence if e.region)
    table = (
        '<div class="table-scroll"><table><thead><tr><th>What</th><th>Estimate</th>'
        "<th>95 % interval or bounds</th><th>n</th><th>Grade</th><th>How</th><th>Source</th></tr>"
        f"</thead><tbody>{rows}</tbody></table></div>"
        if rows
        else ""
    )
    searched = "".join(
        f'<p class="claim-search">We found no figure (search {escape(e.search)}).</p>'
        for e in finding.evidence
        if e.search
    )
    settles = judged.part.settles(finding.scope)
    return (
        f'<div class="claim-verdict{aside}"><p class="claim-part-line">'
        f'<strong class="claim-part">{escape(judged.part.words)}</strong> '
        f"{badge(judged.verdict.code, rules)} "
        f'<span class="claim-marks">{escape(whom(finding, rules))}{marks(judged.verdict, rules)}'
        f"</span></p>{before}"
        f'<details class="claim-evidence"><summary>{_stands(judged)}</summary>'
        f"<p>{escape(finding.summary)}</p>{_leading(judged)}"
        f"{_believe(finding.tipping)}{_settles(settles)}{_asked(judged)}{table}{searched}"
        "</details></div>"
    )


def _settles(settles: str) -> str:
    if not settles:
        return ""
    return f'<p class="claim-settles"><span>What would settle it:</span> {escape(settles)}</p>'


def _asked(judged: Judged) -> str:
    """What counts as true, and the other readings."""
    if not judged.part.empirical:
        return ""
    others = "".join(
        f"<li>{escape(r.words)}: {escape(r.because)}</li>" for r in judged.part.readings.values()
    )
    more = f"<p>Other readings:</p><ul>{others}</ul>" if others else ""
    return f'<div class="claim-reading"><p>{escape(judged.part.because)}</p>{more}</div>'


def _stands(judged: Judged) -> str:
    """How far the verdict depends on our choices, as the title of what it takes."""
    depends = judged.dependence
    if depends is None or depends.total <= 1:
        return "What it takes, and evidence"
    return (
        f"Stands in {depends.stands:,} of {depends.total:,} combinations of our choices: "
        "what it takes, and evidence"
    )


def _leading(judged: Judged) -> str:
    depends = judged.dependence
    if depends is None or not depends.leading:
        return ""
    return f'<p class="claim-stands">What moves it most: {escape(depends.leading)}.</p>'


def _believe(tipping: Tipping | None) -> str:
    """What you would have to believe, in a line."""
    if tipping is None:
        return ""
    known = "; ".join(f"{escape(k.label)}: {number(k.value, tipping.unit)}" for k in tipping.known)
    compare = known or escape(tipping.none_known)
    return (
        f'<p class="claim-believe">True if {escape(tipping.quantity)} is {tipping.true_side} '
        f"{number(tipping.value, tipping.unit)}. To compare: {compare}.</p>"
    )


def whom(finding: Finding, rules: Rules) -> str:
    return rules.scopes[finding.scope].en


def marks(verdict: Verdict, rules: Rules) -> str:
    said = [f"grade {verdict.grade}"] if verdict.grade else []
    if verdict.robustness:
        said.append(rules.robustness.labels[verdict.robustness].en)
    return "".join(f" · {m}" for m in said)


def _evidence_row(evidence: Evidence, rules: Rules, source_link: SourceLink) -> str:
    interval = evidence.interval
    span = (
        f"{number(interval.low, evidence.unit)} to {number(interval.high, evidence.unit)}"
        if interval and interval.width
        else "none given"
    )
    estimate = "" if evidence.estimate is None else number(evidence.estimate, evidence.unit)
    sources = ", ".join(map(source_link, evidence.source_ids))
    kind = "context" if evidence.set_aside else "decides"
    aside = (
        f" <em>(set aside: {escape(rules.set_aside[evidence.set_aside].en)})</em>"
        if evidence.set_aside
        else ""
    )
    n = "" if evidence.n is None else f"{evidence.n:,.0f}"
    return (
        f'<tr class="evidence-{kind}"><td>{escape(evidence.label)}{aside}</td><td>{estimate}</td>'
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
    found = {j.verdict.code for e in entries.values() for j in e.judged} | {
        "not_audited" for e in entries.values() if not e.audited
    }
    fields = "".join(
        _filter(name, label, options)
        for name, label, options in (
            (
                "verdict",
                "Verdict",
                [(c, verdict_words(c, rules)[0]) for c in SHAPES if c in found],
            ),
            ("scope", "For whom", [(s, words.en) for s, words in rules.scopes.items()]),
            ("grade", "Grade", [(g, f"{g}: {words.en}") for g, words in rules.grades.items()]),
            (
                "robustness",
                "Robustness",
                [(r, words.en) for r, words in rules.robustness.labels.items()],
            ),
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


def _filter(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    choices = "".join(
        f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options
    )
    return (
        f'<label>{label}<select name="{name}"><option value="">any</option>{choices}'
        "</select></label>"
    )


def in_article_order(entries: Mapping[str, Entry]) -> Iterable[Entry]:
    return sorted(entries.values(), key=lambda e: e.claim.paragraph)


def claim_link(entry: Entry, link: Link) -> str:
    """The claim's statement, linked to where it is judged."""
    text = escape(entry.statement)
    if entry.chapter is None:
        return text
    return f'<a href="{link(entry.chapter)}#{entry.claim.id}">{text}</a>'


def _ledger_group(entry: Entry, rules: Rules, link: Link) -> str:
    claim = entry.claim
    rows = "".join(
        f'<tr data-verdict="{j.verdict.code}" data-scope="{j.scope}" '
        f'data-grade="{j.verdict.grade or ""}" data-robustness="{j.verdict.robustness or ""}">'
        f"<td>{badge(j.verdict.code, rules)} {escape(j.part.words)}</td>"
        f"<td>{escape(whom(j.finding, rules))}</td><td>{j.verdict.grade or ''}</td>"
        f"<td>{_firmness(j.verdict, rules)}</td></tr>"
        for j in entry.judged
    ) or (
        '<tr data-verdict="not_audited" data-scope="" data-grade="" data-robustness="">'
        f'<td colspan="4">{badge("not_audited", rules)}</td></tr>'
    )
    return (
        f'<tbody><tr class="ledger-claim"><th scope="rowgroup" colspan="4">'
        f'<span class="ledger-paragraph">¶ {claim.paragraph}</span> {claim_link(entry, link)} '
        f"<code>{claim.id}</code></th></tr>{rows}</tbody>"
    )


def _firmness(verdict: Verdict, rules: Rules) -> str:
    return rules.robustness.labels[verdict.robustness].en if verdict.robustness else ""


def headline_badge(code: str, rules: Rules) -> str:
    words = next(r.words for r in rules.headlines if r.code == code)
    return (
        f'<span class="headline headline-{code}" title="{escape(words.meaning)}">'
        f'<span class="headline-shape" aria-hidden="true">{HEADLINE_SHAPES[code]}</span>'
        f"<strong>{escape(words.en)}</strong></span>"
    )
