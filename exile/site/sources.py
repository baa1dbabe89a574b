"""The page of sources, and a page for each table of figures that were read from them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from exile import data
from exile.data import chronicles, ess
from exile.errors import InputError

if TYPE_CHECKING:
    from exile.site.pages import Site

WHAT = ("measure", "indicator", "index", "item")
WHERE = ("geography", "country", "group", "survey", "period", "year", "wave", "answer")
READ = ("source_locator", "access")
# Stands after what we know from somebody else's report; each page explains it once.
SIGN = '<abbr class="second-hand" title="Second-hand: we read a report of it">†</abbr>'


class SourceList(SphinxDirective):
    """``source-list``: every source, with an anchor that citations point at."""

    def run(self) -> list[nodes.Node]:
        self.env.__dict__["exile_source_page"] = self.env.docname
        up = "../" * self.env.docname.count("/")
        rows, files = _rows(), _raw_files()
        items = "".join(
            _item(source_id, row, rows.get(source_id, []), files.get(source_id, ""), up)
            for source_id, row in data.sources().sort_values(["type", "title"]).iterrows()
        )
        return [nodes.raw("", f'<ul class="source-list">{items}</ul>', format="html")]


def publish_tables(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: the tables themselves, for readers who follow a number to its row."""
    if problem is None and app.builder.format == "html":
        shutil.copytree(data.data_directory(), Path(app.outdir, "data"), dirs_exist_ok=True)


def _item(source_id: str, row: pd.Series, figures: list[tuple], raw_file: str, up: str) -> str:
    details = [
        str(row[c])
        for c in ("authors", "year", "publisher")
        if str(row[c]) not in ("", "nan", "<NA>", "None")
    ]
    title, url = escape(str(row["title"])), str(row["url"])
    if url.startswith("http"):
        title = f'<a href="{escape(url, quote=True)}">{title}</a>'
    said = ". ".join(d.rstrip(".") for d in details)
    return (
        f'<li id="source-{escape(source_id)}"><code>{escape(source_id)}</code> {title}. '
        f"{escape(said)}. <em>{escape(str(row['type']))}</em>{weak_mark(source_id)}"
        f"{raw_file}{_figures(figures, up)}</li>"
    )


def page_of(table: str) -> str:
    """Where a table of figures can be read, from the root of the site."""
    return f"data/{Path(data.table_paths()[table]).with_suffix('.html').as_posix()}"


def _figures(figures: list[tuple[str, Mapping]], up: str) -> str:
    """How many figures were read from a source, and where they stand."""
    tables: dict[str, list[str]] = {}
    for table, row in figures:
        tables.setdefault(table, []).append(row["figure_id"])
    links = ", ".join(
        f'<a href="{up}{page_of(table)}#figure-{ids[0]}">{len(ids)} '
        f"{'figure' if len(ids) == 1 else 'figures'}</a>"
        for table, ids in tables.items()
    )
    return f'<p class="source-rows">{links}</p>' if links else ""


def write_pages(made: Site) -> None:
    """A page for each table of figures, where a number's account leads."""
    for table in sorted(set(data.figure_tables().values())):
        path = data.table_paths()[table]
        title = Path(path).stem.replace("_", " ").capitalize()
        here = page_of(table)
        rows = [
            {
                "id": row["figure_id"],
                "what": _first(row, WHAT),
                "where": _all(row, WHERE),
                "value": _value(row),
                "read": _all(row, READ),
                "source": row["source_id"],
                "weak": row["source_id"] in secondary(),
            }
            for row in _records(table)
        ]
        head = made.head(title=title, description=f"The figures of {path}, row by row.", path=here)
        made.write(here, "table.html", title=title, file=path, rows=rows, head=head)


def _first(row: Mapping, columns: tuple[str, ...]) -> str:
    return next((str(row[c]) for c in columns if c in row), "")


def _all(row: Mapping, columns: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(str(row[c]) for c in columns if c in row))


def _value(row: Mapping) -> str:
    unit = row.get("unit") or row.get("statistic", "")
    if "value" in row:
        value = f"{row['value']:,.10g}"
    elif "low" in row or "high" in row:
        value = f"{row.get('low', '')} to {row.get('high', '')}"
    else:
        value = row.get("value_text", "")
    return f"{value} {unit} {row.get('unit_note', '')}".strip()


@cache
def _records(table: str) -> list[dict]:
    """The rows of a table of figures, without what is empty."""
    return [
        {k: v for k, v in record.items() if not pd.isna(v)}
        for record in data.table(table).to_dict("records")
    ]


def _rows() -> dict[str, list[tuple[str, dict]]]:
    """Table and row of every figure, by source."""
    rows: dict[str, list[tuple[str, dict]]] = {}
    for name in sorted(set(data.figure_tables().values())):
        for row in _records(name):
            rows.setdefault(row["source_id"], []).append((name, row))
    return rows


def _raw_files() -> dict[str, str]:
    """Checksum of each respondent-level file that tables were derived from, by source."""
    files = {}
    waves = chronicles.declaration()["waves"]
    for row in data.table("chronicles_waves").itertuples():
        digest = waves[row.wave]["sha256"]
        files[row.source_id] = f'<p class="source-rows">sha256 <code>{digest}</code></p>'
    for row in data.table("ess_rounds").itertuples():
        files[row.source_id] = (
            '<p class="source-rows">in an extract with sha256 '
            f"<code>{ess.declaration()['sha256']}</code></p>"
        )
    return files


def citation_text(source_id: str) -> str:
    """Who says it, and when, as charts and texts name a source.

    Raises
    ------
    InputError
        If the source is unknown.
    """
    row = data.source(source_id)
    if row is None:
        raise InputError(
            f"source '{source_id}'", "it is not in data/sources.csv", "Add it or correct the id."
        )
    year = str(row["year"])
    # A repository that holds a copy of data is not who speaks in them.
    copied = str(row["publisher"]).startswith("GitHub")
    maker = re.split(r"[(,]", str(row["authors"]))[0].strip() if copied else row["publisher"]
    return f"{maker} {year}" if year[:1].isdigit() else str(maker)


@cache
def secondary() -> frozenset[str]:
    """Ids of sources that report somebody else's figures."""
    return data.secondary_coverage()


def weak_mark(source_id: str) -> str:
    return SIGN if source_id in secondary() else ""
