"""A number leads back to the figures and tables behind it, and no further."""

from __future__ import annotations

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from test_downloads import CHAPTERS

from exile.site.provenance import traces

NOTEBOOK = new_notebook(
    cells=[
        new_code_cell('from exile.data import figure, table\nONE, OTHER = "ART-05", "ART-06"'),
        new_markdown_cell("Text."),
        new_code_cell(
            'cells = table("chronicles")\n'
            "def of(id_):\n    return figure(id_).share\n"
            "before = of(ONE)\n"
            'unrelated = figure("ART-07").share\n'
            'frame = cells.copy()\nframe["x"] = figure("ART-08").share'
        ),
        new_code_cell(
            "say(x_before=percent(before), x_none='text', x_ids=str(IDS), x_frame=str(frame))\n"
        ),
        new_code_cell('IDS = "ART-09 ART-10"\nsay(x_later=str(IDS), **{"x_star": str(before)})'),
    ]
)


def test_a_phrase_keeps_its_expression_and_cell():
    trace = traces(NOTEBOOK)["x_before"]
    assert (trace.expression, trace.cell) == ("percent(before)", 3)


@pytest.mark.parametrize(
    ("name", "figures", "tables"),
    [
        ("x_before", {"ART-05", "ART-06"}, set()),
        ("x_none", set(), set()),
        ("x_frame", {"ART-08"}, {"chronicles"}),
        # Assigned only afterwards, so it cannot be what this phrase rests on.
        ("x_ids", set(), set()),
        ("x_later", {"ART-09", "ART-10"}, set()),
        ("**4", {"ART-05", "ART-06"}, set()),
    ],
)
def test_the_trail_ends_at_the_data(name, figures, tables):
    trace = traces(NOTEBOOK)[name]
    assert trace.figures == figures
    assert trace.tables == tables


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_number_in_the_text_leads_to_its_account(site, name):
    html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    quoted = html.count('class="pasted-text"')
    links = re.findall(r'class="pasted-text"><a class="number[^"]*" href="#(number-[\w-]+)"', html)
    assert quoted and len(links) == quoted
    rows = re.findall(r'<tr id="(number-[\w-]+)"', html)
    assert set(links) == set(rows)


def test_every_figure_has_a_place_on_the_page_of_its_table(site):
    from exile.data import figure_tables
    from exile.site.sources import page_of

    for table in set(figure_tables().values()):
        html = (site / page_of(table)).read_text(encoding="utf-8")
        here = {f for f, t in figure_tables().items() if t == table}
        assert set(re.findall(r'id="figure-([\w-]+)"', html)) == here


def test_raw_files_are_named_with_their_checksums(site):
    from exile.data import chronicles

    html = (site / "book" / "sources.html").read_text(encoding="utf-8")
    for wave in chronicles.declaration()["waves"].values():
        assert wave["sha256"] in html
