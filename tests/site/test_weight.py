"""Pages stay light: what the first load costs, and what a chart adds."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from served import eager, pages, size
from small_books import build

from exile.site.assets import only_used

KB = 1000
# A page as it travels, with letters, style and scripts, without the charts drawn in it.
FIRST_LOAD = 150 * KB


SITE = 20_000 * KB
CHART = 30 * KB
SPEC = re.compile(r'class="chart-spec">(.*?)</script>', re.DOTALL)


FIGURE = re.compile(r'<figure class="chart".*?</figure>', re.DOTALL)


def test_first_load_of_every_page(site):
    letters = sum(size(f) for f in (site / "_static" / "fonts").glob("*-latin.woff2"))
    assert letters <= 48 * KB
    for page in pages(site):
        html, *shared = eager(site, page)
        assert all(path.exists() for path in shared), page
        bare = FIGURE.sub("", html.read_text(encoding="utf-8"))
        weight = len(gzip.compress(bare.encode(), 6)) + sum(map(size, shared)) + letters
        assert weight <= FIRST_LOAD, (page, weight)


def test_the_site_as_it_travels(site):
    """All but what is for paper and for readers of books."""
    held = [p for p in site.rglob("*") if p.is_file() and p.suffix not in (".pdf", ".epub")]
    assert sum(map(size, held)) <= SITE


def test_nothing_lies_about_that_no_page_asks_for(site):
    texts = [p for p in site.rglob("*") if p.suffix in (".html", ".css", ".js")]
    said = "\n".join(p.read_text(encoding="utf-8") for p in texts)
    for path in (site / "_static").rglob("*"):
        assert path.is_dir() or path.name in said or path.name == "OFL.txt", path


def test_data_of_every_chart(site):
    specs = [
        (page, spec)
        for page in pages(site)
        for spec in SPEC.findall((site / page).read_text(encoding="utf-8"))
    ]
    assert specs
    for page, spec in specs:
        rows = json.loads(spec.replace("<\\/", "</")).get("datasets", {})
        assert len(json.dumps(rows)) <= CHART, page
        # With its design and, on a map, the outlines of countries, as it travels.
        assert len(gzip.compress(spec.encode())) <= CHART, page


def test_the_sheet_asks_for_nothing_more(site):
    sheet = (site / "_static" / "site.css").read_text(encoding="utf-8")
    assert "@import" not in sheet
    for address in re.findall(r"url\(\s*[\"']?([^)\"']*)", sheet):
        # Pictures of lists of files, which no page of a book holds.
        assert address.startswith("data:") or (site / "_static" / address).exists()


def test_every_icon_on_a_page_has_a_shape(site):
    sheet = (site / "_static" / "site.css").read_text(encoding="utf-8")
    for page in pages(site):
        html = (site / page).read_text(encoding="utf-8")
        for classes in re.findall(r'<(?:i|span) class="([^"]*\bfa[s-][^"]*)"', html):
            assert any(f".{c} {{ --icon:" in sheet for c in classes.split()), (page, classes)


def test_a_changed_sheet_reaches_pages_that_did_not_change(make_book):
    folder = make_book(front="# Front\n\n```{source-list}\n```\n")
    page, sheet = (folder / "_build" / "html" / p for p in ("book/front.html", "_static/site.css"))
    assert build(folder).returncode == 0
    before = page.read_text(encoding="utf-8")
    with (folder / "book" / "_static" / "exile.css").open("a", encoding="utf-8") as own:
        own.write("main { --changed: 1 }")
    assert build(folder).returncode == 0
    assert "--changed" in sheet.read_text(encoding="utf-8")
    # Under another address, so that browsers do not show the sheet they have kept.
    assert page.read_text(encoding="utf-8") != before


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".used { a: b }", ".used{a: b}\n"),
        (".unused { a: b }", ""),
        (".used, .unused { a: b }", ".used{a: b}\n"),
        (".used .unused { a: b }", ""),
        (".used:not(.unused) { a: b }", ".used:not(.unused){a: b}\n"),
        (":is(.unused, .used) p { a: b }", ":is(.unused, .used) p{a: b}\n"),
        ("p { a: b }", "p{a: b}\n"),
        ('p::before { content: "}" }', 'p::before{content: "}"}\n'),
        ("@media print { .unused { a: b } }", ""),
        ("@media print { .unused { a: b } p { c: d } }", "@media print{p{c: d}\n}\n"),
        ("@keyframes k { from { a: b } }", "@keyframes k{from { a: b }}\n"),
    ],
)
def test_a_rule_stays_if_an_element_can_match_it(css, kept):
    assert "".join(only_used(css, {"used"}.__contains__)) == kept
