"""What the verdicts add up to: all of them at a glance, what rests on what, what to ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from exile.audit.claims import Register
from exile.audit.ledger import Entry
from exile.audit.rules import Rules
from exile.site.cards import (
    Link,
    badge,
    claim_link,
    headline_badge,
    in_article_order,
)
from exile.site.themes import themes

# Verdicts that leave a claim undecided, so that another number could still decide it.
OPEN = frozenset(["not_identified", "inconclusive", "entailed", "not_audited"])


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
