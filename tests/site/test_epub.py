"""The book for a reading device: every chapter, well-formed, with its charts and no dead link."""

from __future__ import annotations

import re
import zipfile
from xml.etree import ElementTree

import pytest
from test_downloads import CHAPTERS

from exile.site.epub import NAME

XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def book(site) -> zipfile.ZipFile:
    return zipfile.ZipFile(site / "downloads" / NAME)


def test_it_is_an_epub(book):
    first = book.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert book.read("mimetype") == b"application/epub+zip"
    container = ElementTree.fromstring(book.read("META-INF/container.xml"))
    (root,) = container.iter("{urn:oasis:names:tc:opendocument:xmlns:container}rootfile")
    package = ElementTree.fromstring(book.read(root.get("full-path")))
    opf = "{http://www.idpf.org/2007/opf}"
    items = {i.get("id"): i.get("href") for i in package.iter(f"{opf}item")}
    assert all(f"EPUB/{href}" in book.namelist() for href in items.values())
    assert {i.get("idref") for i in package.iter(f"{opf}itemref")} == set(items) - {"css"}


def test_every_chapter_is_there_with_its_charts_and_cards(book, site):
    for name in CHAPTERS:
        text = book.read(f"EPUB/{name}.xhtml").decode()
        html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
        assert text.count('class="chart-picture') == html.count('class="chart-picture')
        assert text.count('class="claim-card"') == html.count('class="claim-card"')
        assert "var(--" not in text and "<script" not in text


def test_all_of_it_is_well_formed_and_leads_somewhere(book):
    ids, links = {}, []
    for name in book.namelist():
        if name.endswith((".xhtml", ".opf", ".xml")):
            root = ElementTree.fromstring(book.read(name))
            ids[name] = {e.get("id") for e in root.iter() if e.get("id")}
            links += [(name, a.get("href")) for a in root.iter(f"{XHTML}a") if a.get("href")]
    for name, href in links:
        if re.match(r"(https?|mailto):", href):
            continue
        file, _, anchor = href.partition("#")
        target = f"EPUB/{file}" if file else name
        assert target in ids and (not anchor or anchor in ids[target]), (name, href)
