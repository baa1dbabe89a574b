"""The book as an EPUB 3: the chapters as they stand, with their still charts, for a reading device.

Sphinx's own builder would run the chapters through another writer and lose the figures, cards
and answers that the pages are made of. Here the finished pages are taken apart instead.
"""

from __future__ import annotations

import re
import sys
import zipfile
from hashlib import sha256
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString, Tag

from exile.charts import ROLES
from exile.site.metadata import citation, released
from exile.site.pdf import page_order

NAME = "democracy-in-exile-audit.epub"
STYLE = """
body { font-family: serif; line-height: 1.4; margin: 0 4%; }
h1, h2, h3 { line-height: 1.2; text-align: left; }
table { border-collapse: collapse; font-size: 0.85em; }
th, td { text-align: left; vertical-align: top; padding: 0.2em 0.6em 0.2em 0; border-bottom: 1px solid #ccc; }
figure { margin: 1.2em 0; } figcaption { font-weight: bold; }
svg { max-width: 100%; height: auto; }
.claim-card { border: 1px solid #999; padding: 0.6em 0.8em; margin: 1em 0; }
.chart-source, .claim-marks, .page-line { font-size: 0.85em; }
"""
# What a page offers to press, and what a reading device cannot run.
GONE = (
    "script, style, button, form, template, iframe, nav, .headerlink, .chart-spec, .chart-tools, "
    ".cell_input, details.hide, details.numbers, .claim-steps, .vega-bindings, .acts, .find, "
    ".onlyprint, .report-line, .code-line, .tries"
)
KEPT = {"id", "class", "href", "src", "alt", "lang", "colspan", "rowspan", "scope", "start"}
HEADING = re.compile(r"<h1\b.*?</h1>", re.DOTALL)
IN_SVG = re.compile(r"var\(--([\w-]+)\)")
# HTML's parser gives the names of SVG in small letters; XML minds.
CAMEL = {
    "viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio", "clippath": "clipPath",
    "lineargradient": "linearGradient", "gradientunits": "gradientUnits",
    "clippathunits": "clipPathUnits", "textlength": "textLength",
}  # fmt: skip


def write(html: Path) -> Path:
    """The book's pages, in the order of its list, as one file among the downloads."""
    pages = in_order(html)
    target = html / "downloads" / NAME
    target.parent.mkdir(exist_ok=True)
    names = {page.name: f"{page.stem}.xhtml" for page, _ in pages}
    parts = [(names[page.name], title, chapter(page, title, names)) for page, title in pages]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        # The kind of file comes first and is not packed, so that it can be told at a glance.
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("EPUB/style.css", STYLE)
        book.writestr("EPUB/nav.xhtml", contents(parts))
        book.writestr("EPUB/package.opf", package(parts))
        for name, _, text in parts:
            book.writestr(f"EPUB/{name}", text)
    return target


def in_order(html: Path) -> list[tuple[Path, str]]:
    """Pages and titles as the list at the side has them."""
    titled = []
    for name in page_order(html / "book"):
        page = html / "book" / f"{name}.html"
        # Parsing is slow: of a page it gets no more than the part that is asked for.
        heading = HEADING.search(page.read_text("utf-8"))
        words = BeautifulSoup(heading[0], "html.parser").get_text() if heading else page.stem
        titled.append((page, words.replace("#", "").strip()))
    return titled


def chapter(page: Path, title: str, names: dict[str, str]) -> str:
    """One page as XHTML, kept until the page or this module changes."""
    text = page.read_text("utf-8")
    made_from = f"{text}{title}{sorted(names)}".encode() + Path(__file__).read_bytes()
    # Beside the site, as the pictures are.
    kept = page.parents[2] / "epub" / f"{sha256(made_from).hexdigest()[:20]}.xhtml"
    if not kept.is_file():
        kept.parent.mkdir(exist_ok=True)
        unfinished = kept.with_suffix(".part")
        unfinished.write_text(_chapter(text, title, names), encoding="utf-8")
        unfinished.replace(kept)
    return kept.read_text("utf-8")


def _chapter(text: str, title: str, names: dict[str, str]) -> str:
    whole = BeautifulSoup(text, "html.parser")
    article = whole.select_one("article.bd-article")
    assert article is not None, "the theme has an article on every page"
    for gone in article.select(GONE):
        gone.decompose()
    for svg in article.select("svg"):
        if svg.find("use"):
            svg.decompose()  # a shape from the page's sprite; its word stands beside it
            continue
        svg["xmlns"] = "http://www.w3.org/2000/svg"
    for drawing in article.select(".pic svg.narrow"):
        drawing.decompose()
    held = {str(tag["id"]) for tag in article.find_all(id=True)}
    for tag in article.find_all(True):
        _mend(tag, names, held)
    body = "".join(_xml(child) for child in article.children)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en"><head>'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="style.css"/></head>'
        f"<body>{body}</body></html>"
    )


def _mend(tag: Tag, names: dict[str, str], held: set[str]) -> None:
    drawn = tag.name == "svg" or tag.find_parent("svg") is not None
    if not drawn:
        tag.attrs = {k: v for k, v in tag.attrs.items() if k in KEPT}
    if tag.name == "details":
        tag.name = "div"
    if tag.name == "summary":
        tag.name = "p"
    href = str(tag.attrs.get("href", ""))
    if href and not drawn and not re.match(r"(https?|mailto):|#", href):
        file, _, anchor = href.partition("#")
        if file in names:
            tag["href"] = names[file] + (f"#{anchor}" if anchor else "")
        else:
            del tag["href"]  # a page of a claim, a table: the site has them
    elif href and not drawn and href.startswith("#") and href[1:] not in held:
        del tag["href"]  # the account of a number, which went with the code


def _xml(node) -> str:
    """A parsed node as well-formed XML."""
    if isinstance(node, NavigableString):
        return "" if type(node) is not NavigableString else escape(str(node), quote=False)
    name = CAMEL.get(node.name, node.name)
    said = []
    for key, value in node.attrs.items():
        text = " ".join(value) if isinstance(value, list) else str(value)
        text = IN_SVG.sub(lambda m: ROLES.get(m[1], ("#16202a",))[0], text)
        if ":" in key and not key.startswith("xml:"):
            continue
        said.append(f' {CAMEL.get(key, key)}="{escape(text)}"')
    inner = "".join(_xml(child) for child in node.children)
    return f"<{name}{''.join(said)}>{inner}</{name}>" if inner else f"<{name}{''.join(said)}/>"


CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
    'full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)


def contents(parts: list[tuple[str, str, str]]) -> str:
    items = "".join(f'<li><a href="{name}">{escape(title)}</a></li>' for name, title, _ in parts)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        'xml:lang="en" lang="en"><head><title>Contents</title></head><body>'
        f'<nav epub:type="toc"><h1>Contents</h1><ol>{items}</ol></nav></body></html>'
    )


def package(parts: list[tuple[str, str, str]]) -> str:
    title = escape(str(citation()["title"]))
    authors = "".join(
        f"<dc:creator>{escape(a.get('name') or a['family-names'])}</dc:creator>"
        for a in citation()["authors"]
    )
    manifest = "".join(
        f'<item id="p{n}" href="{name}" media-type="application/xhtml+xml"'
        f"{' properties=' + chr(34) + 'svg' + chr(34) if '<svg' in text else ''}/>"
        for n, (name, _, text) in enumerate(parts)
    )
    spine = "".join(f'<itemref idref="p{n}"/>' for n in range(len(parts)))
    return (
        '<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" '
        'version="3.0" unique-identifier="id" xml:lang="en">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:democracy-in-exile-audit:{citation()["version"]}</dc:identifier>'
        f"<dc:title>{title}</dc:title><dc:language>en</dc:language>{authors}"
        "<dc:rights>CC BY 4.0</dc:rights>"
        f'<meta property="dcterms:modified">{released()}T00:00:00Z</meta></metadata>'
        '<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" '
        'properties="nav"/><item id="css" href="style.css" media-type="text/css"/>'
        f'{manifest}</manifest><spine><itemref idref="nav"/>{spine}</spine></package>'
    )


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))
