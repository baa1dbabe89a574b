"""What a chapter shows where nobody builds a book: cards as they are now, and what moved.

In a build the page is made from what chapters hand over. In a notebook each finding shows
itself at once, with the verdict as published beside it where that differs.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from IPython.display import HTML, display

from exile import case, data, whatif
from exile.audit.answers import answer as sentence
from exile.audit.evidence import Finding
from exile.audit.headline import Headline, headline
from exile.audit.verdict import Verdict, judge
from exile.data import data_directory
from exile.wording import Amount, printed

# What this notebook has found so far, by claim, part and scope; the last word counts.
_found: dict[tuple[str, str, str], Finding] = {}
_values: dict[str, dict[str, Amount]] = {}
_phrases: dict[str, str] = {}

CARD = "border:1px solid #8888;border-radius:6px;padding:.6em 1em;margin:.6em 0;max-width:46em"
SMALL = "font-size:.9em;opacity:.8"


def figure(
    spec: dict, *, title: str, alt: str, sources: Sequence[str], dates: str, how_to_read: str
) -> dict[str, str]:
    """A chart as outputs that every notebook shows, untrusted and offline.

    Viewers refuse scripts and, untrusted, pictures in SVG; a plain figure with the picture
    inside it shows everywhere and keeps title, source and date.
    """
    from exile.site.vega import static_png

    picture = b64encode(static_png(spec)).decode()
    known = data.sources()
    named = "; ".join(
        f'<a href="{escape(str(known.loc[s, "url"]))}">{escape(str(known.loc[s, "publisher"]))}</a>'
        for s in sources
    )
    how = f"<p>{escape(how_to_read)}</p>" if how_to_read else ""
    return {
        "text/html": (
            f'<figure style="margin:1em 0;max-width:46em"><figcaption><b>{escape(title)}</b>'
            f'</figcaption><img alt="{escape(alt, quote=True)}" style="max-width:100%;'
            f'background:#fff" src="data:image/png;base64,{picture}"/>'
            f'<p style="{SMALL}">Source: {named}. Data: {escape(dates)}.</p>{how}</figure>'
        ),
        "text/plain": f"{title}. {alt}",
    }


def show(found: Finding) -> None:
    """Display a finding as a card: its part, its verdict now, and as published if it differs."""
    _found[found.key] = found
    html = card(found, _judged(found), _published_verdict(found))
    display(HTML(html), metadata={"exile": "card"})


def card(found: Finding, verdict: Verdict, before: str | None) -> str:
    """A finding with its verdict, and the one before where that differs."""
    part = case.register().claims[found.claim].parts[found.part]
    rules = case.rules()
    moved = (
        f'<p style="{SMALL}">As published: <b>{escape(rules.verdicts[before].en)}</b></p>'  # type: ignore[index]
        if before and before != verdict.code
        else ""
    )
    return (
        f'<div style="{CARD}"><p style="{SMALL}">{escape(found.claim)} · '
        f"{escape(rules.scopes[found.scope].en)}</p>"
        f"<p>{escape(part.words)}: <b>{escape(_words(verdict))}</b></p>{moved}"
        f"<p>{escape(found.summary)}</p></div>"
    )


def _judged(found: Finding) -> Verdict:
    choice = whatif.supposed_choice(found.claim, found.part)
    return judge(found, case.register(), case.rules(), choice)


def _words(verdict: Verdict) -> str:
    rules = case.rules()
    marks = [rules.verdicts[verdict.code].en]
    if verdict.grade:
        marks.append(f"grade {verdict.grade}")
    if verdict.robustness:
        marks.append(rules.robustness.labels[verdict.robustness].en)
    return ", ".join(marks)


def say(name: str, phrase: str) -> None:
    """Keep a phrase that the prose quotes; it is shown only where it is not as published."""
    before = _phrases.setdefault(name, phrase)
    if whatif.anything() and before != phrase:
        print(f"{before} → {phrase}")


def answer(claim: str, values: Mapping[str, Amount]) -> None:
    _values[claim] = dict(values)


def compare(*claims: str) -> None:
    """Display what is found now beside what was published, for claims or all of this notebook."""
    shown = claims or tuple(dict.fromkeys(claim for claim, _, _ in _found))
    rows = "".join(_row(found) for found in _found.values() if found.claim in shown)
    answers = "".join(_answer(claim) for claim in shown)
    display(
        HTML(
            "<table><thead><tr><th>Claim</th><th>Part</th><th>For</th><th>As published</th>"
            f"<th>Now</th></tr></thead><tbody>{rows}</tbody></table>{answers}"
        ),
        metadata={"exile": "compare"},
    )


def _row(found: Finding) -> str:
    rules = case.rules()
    now, before = _judged(found).code, _published_verdict(found)
    was = rules.verdicts[before].en if before else "not known here"  # type: ignore[index]
    mark = ("<b>", "</b>") if before and before != now else ("", "")
    words = case.register().claims[found.claim].parts[found.part].words
    return (
        f"<tr><td>{escape(found.claim)}</td><td>{escape(words)}</td>"
        f"<td>{escape(rules.scopes[found.scope].en)}</td><td>{escape(was)}</td>"
        f"<td>{mark[0]}{escape(rules.verdicts[now].en)}{mark[1]}</td></tr>"
    )


def _answer(claim: str) -> str:
    head, text = told(claim)
    rules = case.rules()
    word = next(r.words.en for r in rules.headlines if r.code == head.code)
    before = published().get(claim, {})
    was = (before.get("headline") or {}).get("word", "")
    moved = f" (published: {escape(was)})" if was and was != word else ""
    return f"<p><b>{escape(claim)}: {escape(word)}</b>{moved}. {escape(text)}</p>"


def told(claim: str) -> tuple[Headline, str]:
    """The claim's headline and answer as this notebook has them now."""
    register, rules = case.register(), case.rules()
    verdicts = {(part, s): _judged(f) for (c, part, s), f in _found.items() if c == claim}
    head = headline(register.claims[claim], verdicts, rules)
    values: dict[str, Any] = {
        n: printed(register.stated(claim, n)) for n in register.claims[claim].states
    }
    values |= _values.get(claim, {})
    templates = case.answer_templates().get("en", {})
    return head, sentence(register.claims[claim], head, templates, values, rules, "en")


def published() -> Mapping[str, Any]:
    """The published claims by id: from the wheel, or from the last build beside the sources."""
    folder = data_directory()
    for path in (folder / "claims.json", folder.parent / "_build" / "html" / "claims.json"):
        if path.is_file():
            return _published(path, path.stat().st_mtime_ns)
    return {}


@lru_cache(maxsize=2)
def _published(path: Path, stamp: int) -> Mapping[str, Any]:
    return {c["id"]: c for c in json.loads(path.read_text(encoding="utf-8"))}


def _published_verdict(found: Finding) -> str | None:
    for verdict in published().get(found.claim, {}).get("verdicts", ()):
        if (verdict["part"], verdict["scope"]) == (found.part, found.scope):
            return verdict["verdict"]
    return None


def verdicts() -> dict[tuple[str, str, str], str]:
    """The code of each verdict of this notebook, as it is now, by claim, part and scope."""
    return {key: _judged(found).code for key, found in _found.items()}
