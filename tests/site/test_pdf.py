"""Each page and the whole book as PDF: with the words, the charts as vectors, and bookmarks."""

from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path

import pytest
from pypdf import PdfReader

from exile.site import pdf

NAMES = sorted(p.stem for p in (Path(__file__).parents[2] / "book").glob("*.md"))
NO_BROWSER = "no Chromium on this machine: no PDF was printed"


@pytest.fixture
def printed(site) -> Path:
    if pdf.browser() is None:
        assert "CI" not in os.environ, NO_BROWSER
        pytest.skip(NO_BROWSER)
    return site / pdf.FOLDER


def title(site: Path, name: str) -> str:
    html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    return pdf.headings(pdf.ARTICLE.search(html)[1])[0]


def joined(text: str) -> str:
    """Text without spaces, which PDF keeps only as gaps."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_holds_its_text_and_charts(site, printed, name):
    reader = PdfReader(printed / f"{name}.pdf")
    text = joined("".join(page.extract_text() for page in reader.pages))
    assert joined(title(site, name)) in text
    html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    for found in re.findall(r'<figcaption class="chart-title">(.*?)</figcaption>', html):
        assert joined(unescape(found)) in text
    # Charts are drawn with lines; only what was photographed is a picture.
    photographed = "_images/rehearsal-" in html
    assert any(page.images for page in reader.pages) == photographed
    # Code is for the screen; evidence is for paper too.
    assert "importaltair" not in text
    if 'class="claim-evidence"' in html:
        assert "95%intervalorbounds" in text


def test_charts_are_drawn_with_lines(site, printed):
    html = (site / "book" / "trust.html").read_text(encoding="utf-8")
    said = re.search(r'chart-title">(.*?)<', html)[1]
    pages = PdfReader(printed / "trust.pdf").pages
    page = next(p for p in pages if joined(unescape(said)) in joined(p.extract_text()))
    drawn = page.get_contents().get_data().split()
    # Curves and lines of paths, far more than the rules of a table need; and no picture of them.
    assert sum(operator in (b"l", b"c", b"re") for operator in drawn) > 50
    assert not page.images


def test_the_whole_book_has_a_bookmark_for_every_page(site, printed):
    reader = PdfReader(printed / pdf.WHOLE)
    top = [item for item in reader.outline if not isinstance(item, list)]
    order = pdf.page_order(site / "book")
    assert sorted(order) == NAMES
    assert [item.title for item in top] == [title(site, name) for name in order]
    starts = [reader.get_destination_page_number(item) for item in top]
    assert starts == sorted(starts)
    for name, start in zip(order, starts, strict=True):
        assert joined(title(site, name)) in joined(reader.pages[start].extract_text())


def test_links_lead_within_the_file_or_to_the_site(printed):
    for file in printed.glob("*.pdf"):
        content = file.read_bytes()
        assert b"file://" not in content


def test_an_unchanged_site_prints_nothing(site, printed):
    assert pdf.write(site, pdf.browser(), pdf.published_at()) == []


SIDE = '<nav class="bd-links bd-docs-nav">{}</nav>'
ITEM = '<li class="toctree-l1"><a class="reference internal" href="{}">A page</a></li>'


def test_pages_come_in_the_order_of_the_list_at_the_side(tmp_path):
    """The front page has no list, and a page leads to itself by no name."""
    (tmp_path / "index.html").write_text(f"<p>{ITEM.format('b.html')}</p>", "utf-8")
    assert pdf.page_order(tmp_path) == ["index"]
    (tmp_path / "a.html").write_text("<p>no list</p>", "utf-8")
    with pytest.raises(ValueError, match="none of 1 pages"):
        pdf.page_order(tmp_path)
    listed = "".join(map(ITEM.format, ["c.html", "#", "a.html"]))
    (tmp_path / "b.html").write_text(SIDE.format(listed), "utf-8")
    assert pdf.page_order(tmp_path) == ["index", "c", "b", "a"]


PAGES = {
    name: f'<title>{name}</title><article class="bd-article">{body}</article>'
    for name, body in {
        "one": '<h1 id="one">One</h1><details><p id="p">see <a href="two.html#q">two</a></p>'
        '</details><a href="#number-x">3</a><script>code</script>',
        "two": '<p id="q"></p><a href="one.html">one</a><a href="../data/t.csv">t</a>',
    }.items()
}


def test_links_among_printed_pages_stay_inside():
    html = pdf.printable(PAGES, ["one", "two"], "")
    assert 'href="#two--q"' in html
    assert 'id="two--q"' in html
    assert 'href="#one"' in html
    assert "t.csv" not in html
    assert "number-x" not in html
    assert "<details open>" in html
    assert "code" not in html


def test_links_to_other_pages_lead_to_the_site():
    assert 'href="https://x.org/b/book/two.html#q"' in pdf.printable(
        PAGES, ["one"], "https://x.org/b/"
    )
    assert 'href="https://x.org/b/data/t.csv"' in pdf.printable(PAGES, ["two"], "https://x.org/b")
    assert "two.html" not in pdf.printable(PAGES, ["one"], "")
