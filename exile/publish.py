"""What a chapter calls to put something on its page: a chart, or a finding."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence

import altair as alt
from IPython.display import display

from exile import charts, data  # noqa: F401  (charts: enables the theme)
from exile.audit import Finding, judge
from exile.audit.ledger import encode
from exile.case import register, rules
from exile.errors import InputError
from exile.limits import MAX_ROWS, RESPONDENT_COLUMNS

CHART_MIME = "application/vnd.exile.chart+json"
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
    spec = chart.to_dict()
    _guard(spec, where)
    known = data.sources()
    unknown = [s for s in sources if s not in known.index]
    if unknown or not sources:
        raise InputError(
            where, f"unknown or no sources {unknown}", "The ids stand in data/sources.csv."
        )
    if not _building():
        display(chart.properties(title=title))
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

    Outside a build nothing quotes them, and they are printed.
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
            print(f"{name}: {phrase}")


def record(finding: Finding) -> None:
    """Hand a finding to the book; the verdict follows from the declared rules.

    Outside a build the verdict is printed at once. For claims of the confirmatory
    family it then rests on Bonferroni's bound, because Holm's correction needs
    the findings of all chapters.
    """
    register()[finding.claim]
    verdict = judge(finding, rules())
    if _building():
        hand_over(finding, microdata=False)
    else:
        label = rules().verdicts[verdict.code]["label"]
        marks = [m for m in (verdict.grade and f"grade {verdict.grade}", verdict.robustness) if m]
        part = f" ({finding.part})" if finding.part else ""
        print(f"{finding.claim}{part}, {finding.scope}: {', '.join([label, *marks])}")


def hand_over(finding: Finding, *, microdata: bool) -> None:
    """Put a finding where the builder collects it; say whether it rests on respondents."""
    display({FINDING_MIME: {"finding": encode(finding), "microdata": microdata}}, raw=True)


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
