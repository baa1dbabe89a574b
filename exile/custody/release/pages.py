"""How released outputs stand on a page: Markdown and HTML from the release file alone."""

from __future__ import annotations

from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from exile.custody.catalogue import MISSING
from exile.custody.release.outputs import Cell, Output, Release
from exile.wording import people, percent


def block(output: Output) -> str:
    """One output, as Markdown for a chapter."""
    if output.kind == "table" and output.cells:
        return f"{table(output)}\n\n"
    text = f'<p class="released">{escape(output.text)}</p>\n\n'
    if output.verdict is not None:
        # The line of the verdict; the card above holds the words.
        return f"{text}```{{released}} {output.id}\n```\n\n"
    return text


def table(output: Output) -> str:
    """A released table: about how many people, and their share of the row where all are shown."""
    first = output.variables[0]
    columns = list(dict.fromkeys(cell.levels[-1] for cell in output.cells))
    rows = []
    for level, cells in groupby(output.cells, key=lambda cell: cell.levels[:-1]):
        held = list(cells)
        whole = held if output.over or len(output.variables) == 1 else list(output.cells)
        name = _worded(level[0], output.absorbed[0]) if level else "all"
        rows.append((name, [_size(cell, whole) for cell in held]))
    return _render(
        "table.html",
        caption=f"{output.text.rstrip('.')}: about how many people, by tens, and percent of "
        f"{'each row' if output.over else 'all'}. – is not shown.",
        corner=first.replace("_", " ") if len(output.variables) > 1 else "",
        heads=[_worded(column, output.absorbed[-1]) for column in columns],
        rows=rows,
    )


def _size(cell: Cell, whole: list[Cell]) -> str:
    if cell.about is None:
        return "–"
    shown = [other.about for other in whole if other.about is not None]
    if len(shown) < len(whole):
        return people(cell.about)
    return f"{people(cell.about)} ({percent(cell.about / sum(shown))})"


def _worded(level: str, absorbed: tuple[str, ...]) -> str:
    if level == MISSING:
        return "no answer, or rare" if level in absorbed else "no answer"
    return level.replace("_", " ") + (", or no answer or rare" if level in absorbed else "")


def about(release: Release) -> str:
    """The run, its signatures, and every output with the reason: a section of a page."""
    return _render("run.html", **vars(release))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    )  # fmt: skip
    made.filters["people"] = people
    return made


def _render(template: str, **given: object) -> str:
    return _environment().get_template(template).render(**given)
