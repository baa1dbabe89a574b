"""What the verdicts add up to: all of them at a glance, what rests on what, what to ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from html import escape

from exile.audit.claims import Register
from exile.audit.ledger import Entry, Judged
from exile.audit.rules import Rules
from exile.site.cards import (
    SHAPES,
    Link,
    badge,
    claim_link,
    headline_badge,
    in_article_order,
    marks,
    verdict_words,
    whom,
)
from exile.site.themes import themes

# Verdicts that leave a claim undecided, so that another number could still decide it.
OPEN = frozenset(["not_identified", "inconclusive", "entailed", "not_audited"])


def verdict_map(entries: Mapping[str, Entry], rules: Rules, link: Link) -> str:
    """Each verdict as a mark: rows are verdicts, columns grades, filling is robustness."""
    cells: dict[tuple[str, str], list[str]] = {}
    for entry in in_article_order(entries):
        for judged in entry.judged:
            mark = _mark(entry, judged, rules, link)
            key = (judged.verdict.code, judged.verdict.grade or "")
            cells.setdefault(key, []).append(mark)
    codes = [c for c in SHAPES if any(code == c for code, _ in cells)]
    grades = [g for g in [*rules.grades, ""] if any(grade == g for _, grade in cells)]
    head = "".join(
        f'<th scope="col"><abbr title="{escape(rules.grades[g].en)}">{g}</abbr></th>'
        if g
        else '<th scope="col">none</th>'
        for g in grades
    )
    rows = "".join(
        f'<tr><th scope="row">{badge(code, rules)}</th>'
        + "".join(f"<td>{''.join(cells.get((code, g), []))}</td>" for g in grades)
        + "</tr>"
        for code in codes
    )
    legend = "".join(
        f'<span class="finding-mark mark-{r}" aria-hidden="true"></span> {text} '
        for r, text in (
            ("strong", "strong"),
            ("moderate", "moderate"),
            ("fragile", "fragile"),
            ("none", "no tipping point"),
        )
    )
    return (
        '<div class="table-scroll"><table class="verdict-map"><caption>Each square is a verdict on '
        "a claim, or on a part of one, for one group of people; it leads to the claim. Columns: "
        f"grade of the evidence. Filling: robustness: {legend}</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _mark(entry: Entry, judged: Judged, rules: Rules, link: Link) -> str:
    verdict = judged.verdict
    said = f"{entry.statement} ({_of(judged, rules)})"
    return (
        f'<a class="finding-mark mark-{verdict.robustness or "none"} verdict-{verdict.code}" '
        f'href="{link(entry.chapter)}#{entry.claim.id}" title="{escape(said, quote=True)}">'
        f'<span class="visually-hidden">{escape(entry.claim.id)}</span></a>'
    )


def _of(judged: Judged, rules: Rules) -> str:
    """The part, its people and the marks of a verdict."""
    people = whom(judged.finding, rules)
    return f"{judged.part.words}, {people}{marks(judged.verdict, rules)}"


def claim_list(
    entries: Mapping[str, Entry], rules: Rules, link: Link, codes: Collection[str]
) -> str:
    """Claims that met one of these verdicts, each with what was found."""
    items = "".join(
        f"<details><summary>{badge(code, rules)} {escape(entry.statement)}</summary>"
        + "".join(
            f"<p>{escape(j.finding.summary)} "
            f"<span class='claim-marks'>{escape(_of(j, rules))}</span></p>"
            for j in judged
        )
        + f'<p><a href="{link(entry.chapter or "")}#{entry.claim.id}">To the claim and its '
        "evidence</a></p></details>"
        for code in SHAPES
        if code in codes
        for entry in in_article_order(entries)
        if (judged := [j for j in entry.judged if j.verdict.code == code])
    )
    return f'<div class="claim-list">{items or "<p>No claim.</p>"}</div>'


def premises(entries: Mapping[str, Entry], rules: Rules, link: Link) -> str:
    """A tree from the article's conclusions down to what they are argued from.

    What a claim rests on is told once; where the claim comes again, only its name does.
    """
    used = {p for e in entries.values() for p in e.claim.rests_on}
    roots = [e for e in in_article_order(entries) if e.claim.rests_on and e.claim.id not in used]
    told: set[str] = set()
    trees = "".join(_tree(e, entries, rules, told) for e in sorted(roots, key=_depth(entries)))
    return f'<ul class="premises">{trees}</ul>'


def _depth(entries: Mapping[str, Entry]):
    def depth(entry: Entry) -> int:
        return -max((1 - depth(entries[p]) for p in entry.claim.rests_on), default=0)

    return depth


def _tree(entry: Entry, entries: Mapping[str, Entry], rules: Rules, told: set[str]) -> str:
    claim = entry.claim
    again = claim.id in told
    told.add(claim.id)
    below = ""
    if not again:
        below = "".join(_tree(entries[p], entries, rules, told) for p in claim.rests_on)
    elif claim.rests_on:
        below = ' <span class="claim-marks">(above)</span>'
    inner = f"<ul>{below}</ul>" if below.startswith("<li>") else below
    return f"<li>{_named(entry, rules)}{inner}</li>"


def _named(entry: Entry, rules: Rules) -> str:
    """A claim by its short name and headline, linked to its page."""
    word = headline_badge(entry.headline.code, rules) if entry.headline else ""
    name = escape(themes().name(entry.claim.id))
    said = escape(entry.statement, quote=True)
    return f'<a href="../claims/{entry.claim.id}/index.html" title="{said}">{name}</a> {word}'


def _codes(entry: Entry) -> list[str]:
    """The claim's verdicts, each once."""
    return list(dict.fromkeys(j.verdict.code for j in entry.judged)) or ["not_audited"]


def requests(register: Register, entries: Mapping[str, Entry], rules: Rules, link: Link) -> str:
    """Numbers worth asking for, those that bear on most undecided claims first."""
    ranked = sorted(
        ((list(_undecided(r.settles, entries)), r) for r in register.requests),
        key=lambda pair: -len(pair[0]),
    )
    items = "".join(
        f'<li><p class="request-number">{escape(request.number)}</p>'
        f'<p class="claim-marks">Held by: {escape(request.holder)}. Bears on {len(undecided)} '
        f"undecided {'claim' if len(undecided) == 1 else 'claims'}: "
        + "; ".join(_named(e, rules) for e in undecided)
        + "</p></li>"
        for undecided, request in ranked
        if undecided
    )
    return f'<ol class="requests">{items}</ol>'


def _undecided(claims: tuple[str, ...], entries: Mapping[str, Entry]) -> Iterator[Entry]:
    yield from (entries[c] for c in claims if OPEN & set(_codes(entries[c])))


def tally(entries: Mapping[str, Entry], rules: Rules) -> str:
    """How many claims have at least one verdict of each kind, in words."""
    counts = {code: sum(code in _codes(e) for e in entries.values()) for code in SHAPES}
    said = [
        f"<strong>{n}</strong> {escape(verdict_words(code, rules)[0].lower())}"
        for code, n in counts.items()
        if n
    ]
    return f"<p>Of {len(entries)} claims, counting each under every verdict it met: {', '.join(said)}.</p>"


def changes(entries: Mapping[str, Entry], rules: Rules, link: Link) -> str:
    """What a survey's own answers did to the verdicts; a sentence if they did nothing."""
    rows = [
        (entry, judged)
        for entry in in_article_order(entries)
        for judged in entry.judged
        if judged.before or judged.added
    ]
    if not rows:
        return "<p>No verdict rests on the survey's own answers.</p>"
    body = "".join(
        f"<tr><td>{claim_link(entry, link)}<br>{escape(judged.part.words)}</td>"
        f"<td>{badge(judged.before.code, rules) if judged.before else 'not judged'}</td>"
        f"<td>{badge(judged.verdict.code, rules)}</td></tr>"
        for entry, judged in rows
    )
    return (
        '<div class="table-scroll"><table><thead><tr><th>Claim</th><th>By the public record</th>'
        f"<th>With the survey's own answers</th></tr></thead><tbody>{body}</tbody></table></div>"
    )
