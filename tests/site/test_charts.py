"""What the buttons below a chart give is what the chart draws."""

from __future__ import annotations

import base64
import csv
import json
import os
import re
import shutil
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest
from served import BROWSER, ask
from test_pages import NO_BROWSER

from exile.site.vega import write_bundle

STATIC = Path(__file__).parents[2] / "book" / "_static"
# Charts of several tables, with fields to change, and the map.
PAGES = ("book/activism.html", "book/education_and_means.html", "book/where_they_went.html")


@pytest.fixture(scope="module")
def press():
    if BROWSER is None:
        assert "CI" not in os.environ, NO_BROWSER
        pytest.skip(NO_BROWSER)
    return lambda site, *pages: ask("charts.cjs", site, *pages)


@pytest.fixture(scope="module")
def charts(press, site) -> list[dict]:
    return press(site, *PAGES)


def drawn(spec: dict) -> list[list[dict]]:
    """The rows of each table that a chart draws; some layers draw one mark from no data."""
    return [rows for rows in spec["datasets"].values() if any(rows)]


def columns(rows: list[dict]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def same(cell: str, value: object, digits: float) -> bool:
    if isinstance(value, bool):
        return cell == str(value).lower()
    if isinstance(value, int | float):
        return float(cell) == pytest.approx(value, rel=digits, abs=0)
    return cell == ("" if value is None else value)


def holds(table: list[list[str]], rows: list[dict], digits: float) -> bool:
    head, *lines = table
    return (
        head == columns(rows)
        and len(lines) == len(rows)
        and all(
            same(cell, row.get(name), digits)
            for line, row in zip(lines, rows, strict=True)
            for name, cell in zip(head, line, strict=True)
        )
    )


def content(chart: dict, kind: str) -> bytes:
    return base64.b64decode(chart["files"][kind])


def tables_of(text: str) -> list[list[list[str]]]:
    """The tables of a file, parted by an empty line; what it says of itself comes before."""
    _, text = text.split("\r\n\r\n", 1)
    tables: list[list[list[str]]] = [[]]
    for line in csv.reader(text.splitlines(keepends=True)):
        if line:
            tables[-1].append(line)
        else:
            tables.append([])
    return tables


def test_table_and_csv_hold_the_rows_of_the_chart(charts):
    assert {chart["page"] for chart in charts} == set(PAGES)
    for chart in charts:
        rows = drawn(chart["spec"])
        saved = tables_of(content(chart, "csv").decode())
        place = (chart["page"], chart["id"])
        assert rows, place
        assert len(chart["tables"]) == len(saved) == len(rows), place
        for shown, written, of_chart in zip(chart["tables"], saved, rows, strict=True):
            assert holds(shown, of_chart, 1e-5), place  # rounded for reading
            assert holds(written, of_chart, 0), place
        assert chart["closed"], place


def test_every_download_says_what_it_shows_whence_and_on_what_terms(charts):
    for chart in charts:
        picture = ElementTree.fromstring(content(chart, "svg"))
        drawn = " ".join(t.text or "" for t in picture.iter("{http://www.w3.org/2000/svg}text"))
        written = content(chart, "csv").decode()
        stem = chart["page"].removeprefix("book/").removesuffix(".html")
        address = f"charts/{stem}-{chart['id'].removeprefix('chart-')}.html"
        for text in (drawn, written):
            assert "Source: " in text and "Data: " in text, chart["id"]
            assert "CC BY 4.0" in text and address in text, chart["id"]
            assert re.search(r", \d{4}-\d\d-\d\d", text), chart["id"]
        assert "var(--" not in content(chart, "svg").decode()


def test_pictures_are_pictures_of_the_chart(charts):
    for chart in charts:
        root = ElementTree.fromstring(content(chart, "svg"))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        width, height = (float(root.get(side)) for side in ("width", "height"))
        assert width > 200 and height > 50
        assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 1
        png = content(chart, "png")
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        # Twice as fine as on the screen.
        assert struct.unpack(">II", png[16:24]) == pytest.approx((2 * width, 2 * height), abs=2)


def test_no_cell_is_a_formula(press, tmp_path):
    rows = [
        {"text": text, "x": x, "=head": None}
        for x, text in enumerate(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", 'a, "b"', "a\nb", "a=b"])
    ]
    rows.append({"text": None, "x": -5.25, "=head": True})
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"name": "d"},
        "datasets": {"d": rows, "none": [{}]},
        "mark": "point",
        "encoding": {"x": {"field": "x", "type": "quantitative"}},
    }
    shutil.copy(STATIC / "charts.js", tmp_path)
    write_bundle(tmp_path)
    (tmp_path / "page.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>'
        '<figure class="chart" id="chart-1"><div class="chart-picture"></div>'
        f'<script type="application/json" class="chart-spec">{json.dumps(spec)}</script></figure>'
        '<script src="charts.js"></script></html>',
        encoding="utf-8",
    )
    (chart,) = press(tmp_path, "page.html")
    ((head, *lines),) = tables_of(content(chart, "csv").decode())
    assert head == ["text", "x", "'=head"]
    assert [line[0] for line in lines] == [
        "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", 'a, "b"', "a\nb", "a=b", "",
    ]  # fmt: skip
    # A number that is below zero is a number, and read as one.
    assert [float(line[1]) for line in lines] == [0, 1, 2, 3, 4, 5, 6, 7, -5.25]
    # On the page nothing is run, so the table says what the chart holds.
    ((_, *shown),) = chart["tables"]
    assert [line[0] for line in shown] == [row["text"] or "" for row in rows]
