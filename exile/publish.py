"""What a chapter calls to put something on its page: a chart, or a finding."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import altair as alt
from IPython.display import display

from exile import charts, data, notebook
from exile.audit.claims import Scope
from exile.audit.evidence import Citation, Evidence, Finding, Tipping
from exile.audit.ledger import check
from exile.audit.records import encode
from exile.audit.verdict import part_of
from exile.case import declared
from exile.data.reads import note
from exile.errors import InputError
from exile.limits import MAX_ROWS, MICRODATA, RESPONDENT_COLUMNS
from exile.schema import nearest
from exile.wording import Amount

CHART_MIME = "application/vnd.exile.chart+json"
ANSWER_MIME = "application/vnd.exile.answer+json"
FINDING_MIME = "application/vnd.exile.finding+json"


def show(
    chart: alt.TopLevelMixin,
    *,
    title: str,
    alt_text: str,
    sources: Sequence[str],
    dates: str,
    how_to_read: str = "",
) -> None:
    """Display a chart with its finding above it and its sources below.

    Parameters
    ----------
    title : str
        The finding, as a sentence.
    alt_text : str
        What a reader who cannot see the chart should know.
    sources : sequence of str
        Source ids.
    dates : str
        When the data were collected.
    how_to_read : str
        For a kind of chart that is not common: what its marks mean.

    Raises
    ------
    InputError
        If a source is unknown, the text is missing, or the chart would put
        respondents or unused columns on the page.
    """
    where = f"chart '{title}'"
    if len(alt_text.strip()) < 30:
        raise InputError(where, "no alternative text", "Say in a sentence what the chart shows.")
    # The book's look, for this chart and not for others of the session.
    with alt.theme.enable(charts.THEME):
        spec = chart.to_dict()
    _guard(spec, where)
    unknown = [s for s in sources if data.source(s) is None]
    if unknown or not sources:
        raise InputError(
            where, f"unknown or no sources {unknown}", "The ids stand in data/sources.csv."
        )
    if not _building():
        shown = notebook.figure(
            spec, title=title, alt=alt_text, sources=sources, dates=dates, how_to_read=how_to_read
        )
        display(shown, raw=True)
        return
    payload = {
        "spec": spec,
        "title": title,
        "alt": alt_text,
        "sources": list(sources),
        "dates": dates,
        "how_to_read": how_to_read,
    }
    display({CHART_MIME: payload}, raw=True)


def say(**phrases: str) -> None:
    """Name computed phrases, so that the prose can quote them as ``{glue:text}`name```.

    Outside a build nothing quotes them: one is printed only where :func:`exile.what_if` has
    changed it.
    """
    for name, phrase in phrases.items():
        if not isinstance(phrase, str):
            raise InputError(
                f"phrase '{name}'", "it is not text", "Word it with exile.wording or an f-string."
            )
        if _building():
            from myst_nb import glue

            glue(name, phrase, display=False)
        else:
            notebook.say(name, phrase)


def record(
    claim: str,
    part: str,
    scope: Scope,
    *evidence: Evidence,
    summary: str,
    tipping: Tipping | None = None,
) -> None:
    """Hand evidence on a part of a claim to the book; the verdict follows from the rules.

    What would make the part true stands in the register, and where a figure comes from in
    the tables: neither can be said here. Outside a build the verdict is shown at once.

    Parameters
    ----------
    claim, part, scope : str
        As in the register.
    evidence : Evidence
        What decides, and with a declared reason to set it aside, what is shown beside it.
    summary : str
        The finding in a sentence.
    tipping : Tipping, optional
        For an open part: the quantity that would settle it.

    Raises
    ------
    InputError
        For an unknown claim, part, scope, figure, source, search or reading.
    """
    _hand(finding(claim, part, scope, *evidence, summary=summary, tipping=tipping))


def finding(
    claim: str,
    part: str,
    scope: Scope,
    *evidence: Evidence,
    summary: str,
    tipping: Tipping | None = None,
) -> Finding:
    """What :func:`record` hands over: evidence with unit, scope and citations filled in."""
    note("claim", claim)
    register, rules = declared()
    bare = Finding(claim=claim, part=part, scope=scope, summary=summary, tipping=tipping)
    unit = part_of(bare, register).unit or ""
    filled = tuple(
        replace(e, unit=e.unit or unit, scope=e.scope or scope, cited=citations(e))
        if isinstance(e, Evidence)
        else e
        for e in evidence
    )
    found = replace(bare, evidence=filled)
    check(found, register, rules, "record")
    for known in tipping.known if tipping else ():
        if known.figure:
            data.figure(known.figure)
    return found


def nothing_found(
    claim: str,
    part: str,
    scope: Scope,
    *beside: Evidence,
    search: str,
    summary: str,
    tipping: Tipping | None = None,
) -> None:
    """Record that we found no figure, on the strength of a search.

    Parameters
    ----------
    search : str
        The row of ``data/searches.csv``: what was looked for, in which words, and what
        came nearest. A figure in our tables that answers it makes this fail.
    beside : Evidence
        What came nearest, set aside for a declared reason.
    """
    row = data.absent(search)
    nothing = Evidence(
        label=row["asked"], grade="E", region=None, method="no figure found", search=search
    )
    record(claim, part, scope, nothing, *beside, summary=summary, tipping=tipping)


def citations(evidence: Evidence) -> tuple[Citation, ...]:
    """Where a piece of evidence comes from: the sources of its figures, and further ones.

    Raises
    ------
    InputError
        For an unknown figure or source, with the nearest name.
    """
    where = f"evidence '{evidence.label}'"
    found = []
    for name, benchmark in (
        *((f, False) for f in (*evidence.figures, *evidence.sources)),
        *((f, True) for f in evidence.benchmarks),
    ):
        if name == MICRODATA:
            found.append(Citation(name, relation="same_team", benchmark=benchmark))
        elif name in data.figure_tables():
            figure = data.figure(name)
            relation = _relation(figure.source_id)
            second = figure.access == "read in secondary coverage"
            found.append(Citation(figure.source_id, name, second, relation, benchmark))
        elif name not in evidence.figures and data.source(name) is not None:
            second = name in data.secondary_coverage()
            found.append(Citation(name, "", second, _relation(name), benchmark))
        else:
            candidates = [*data.figure_tables(), *data.sources().index]
            hint = nearest(name, candidates, "Figures stand in data/, sources in data/sources.csv.")
            kind = "figure" if name in evidence.figures else "figure or source"
            raise InputError(where, f"no {kind} '{name}'", hint)
    return tuple(dict.fromkeys(found))


def _relation(source_id: str) -> str:
    return (data.source(source_id) or {}).get("relation") or "independent"


def answer(claim: str, **values: Amount) -> None:
    """Hand over the values for a claim's answer; the sentence stands in ``book/answers``.

    The claim's printed numbers need not be given.
    """
    held, _ = declared()
    if claim not in held.claims:
        raise InputError("answer", f"no claim '{claim}'", held.hint(claim))
    for name, value in values.items():
        if not isinstance(value, Amount):
            raise InputError(f"answer '{claim}'", f"'{name}' is no Amount", "Use wording.Amount.")
    if _building():
        given = {name: encode(value) for name, value in values.items()}
        display({ANSWER_MIME: {"claim": claim, "values": given}}, raw=True)
    else:
        notebook.answer(claim, values)


def _hand(found: Finding) -> None:
    if _building():
        display({FINDING_MIME: {"finding": encode(found)}}, raw=True)
    else:
        notebook.show(found)


def _building() -> bool:
    # Set by the Sphinx extension around execution. Elsewhere a chapter shows itself
    # as any notebook does.
    return "EXILE_BUILD" in os.environ


def _guard(spec: dict, where: str) -> None:
    datasets = spec.get("datasets", {})
    held = [d for d in datasets.values() if isinstance(d, dict)]
    for shapes in [*held, *_inline_values(spec, dict)]:
        if len(shapes.get("features", ())) > MAX_ROWS or any(
            set(f["properties"]) != {"name"} for f in shapes.get("features", ())
        ):
            raise InputError(where, "shapes that carry data", "Shapes hold a name each, no more.")
    datasets = {k: d for k, d in datasets.items() if isinstance(d, list)}
    rest = json.dumps({k: v for k, v in spec.items() if k != "datasets"})
    for rows in [*datasets.values(), *_inline_values(spec, list)]:
        if len(rows) > MAX_ROWS:
            raise InputError(
                where, f"{len(rows)} rows of data", f"Aggregate to {MAX_ROWS} rows or fewer."
            )
        for column in {c for row in rows if isinstance(row, dict) for c in row}:
            if RESPONDENT_COLUMNS.match(column):
                raise InputError(
                    where, f"column '{column}' may single out a person", "Drop or aggregate it."
                )
            if not re.search(rf"(?<!\w){re.escape(column)}(?!\w)", rest):
                raise InputError(where, f"column '{column}' is embedded but not drawn", "Drop it.")


def _inline_values(node: object, kind: type) -> Iterator:
    """Data that stand inside a view: rows (a list) or shapes (a dict)."""
    if isinstance(node, dict):
        values = node.get("data", {}).get("values") if isinstance(node.get("data"), dict) else None
        if isinstance(values, kind):
            yield values
        for key, child in node.items():
            if key != "datasets":
                yield from _inline_values(child, kind)
    elif isinstance(node, list):
        for child in node:
            yield from _inline_values(child, kind)
