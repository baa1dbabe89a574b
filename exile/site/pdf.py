"""The pages as PDF: one file a page, and the whole book in one with bookmarks.

``python -m exile.site.pdf _build/html`` prints them with Chromium, in the light theme, with
charts as vectors and evidence unfolded. A file is printed anew only if what it shows changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from html import unescape
from pathlib import Path

FOLDER = "downloads"
FRONT = "index"
WHOLE = "democracy-in-exile-audit.pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

ARTICLE = re.compile(r'<article class="bd-article">(.*)</article>', re.DOTALL)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
# The list of pages at the side has them in order; of the page that holds it, it has no name.
SIDE = re.compile(r"<nav\b[^>]*\bbd-docs-nav\b.*?</nav>", re.DOTALL)
LISTED = re.compile(r'<li class="toctree-l1[^"]*">\s*<a class="[^"]*" href="(?:([\w-]+)\.html|#)"')
HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.DOTALL)
HEADER_LINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")
SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
FOLDED = re.compile(r"<details(?![^>]* open)")
PLACE = re.compile(r'\b(id|href)="([^"]*)"|url\((&quot;|&#34;|)#([^)]*?)\3\)')
# These lead to code and to rows of tables, which paper does not show.
NOT_ON_PAPER = ("number-", "cell-", "code-", "figure-")


def published_at() -> str:
    """Where the site will stand: ``SITE_URL``, or the place of GitHub's pages of a repository.

    A repository named like its owner's page is that page; others are a folder of it.
    """
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    named = os.environ.get("SITE_URL")
    if named is not None or "/" not in repository:
        return named or ""
    owner, name = repository.lower().split("/")
    page = f"{owner}.github.io"
    return f"https://{page}/" if name == page else f"https://{page}/{repository.split('/')[1]}/"


def browser() -> str | None:
    """Chromium's command on this machine, if there is one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def page_order(folder: Path) -> list[str]:
    """Names of the book's pages as a reader meets them.

    Raises
    ------
    ValueError
        If no page lists the others.
    """
    # The front page has no list at its side.
    others = sorted(path for path in folder.glob("*.html") if path.stem != FRONT)
    for path in others:
        side = SIDE.search(path.read_text(encoding="utf-8"))
        listed = LISTED.findall(side[0]) if side else ()
        if listed:
            return [FRONT, *(name or path.stem for name in listed)]
    if others:
        raise ValueError(f"none of {len(others)} pages in '{folder}' lists the others at its side")
    return [FRONT]


def printable(pages: Mapping[str, str], names: Sequence[str], address: str) -> str:
    """One page of HTML without scripts that holds the articles of these pages.

    Links among them lead within the file, others to where the site is published; where no
    address is known, they are left out.
    """
    titles = TITLE.search(pages[names[0]])
    articles = "".join(
        f'<article class="bd-article" id="{name}">{_article(pages[name], name, names, address)}'
        "</article>"
        for name in names
    )
    return (
        '<!DOCTYPE html><html lang="en" data-theme="light" data-printed><head>'
        f'<meta charset="utf-8"><title>{titles[1] if titles else ""}</title>'
        '<link rel="stylesheet" href="../_static/site.css"></head>'
        f'<body><main class="bd-main">{articles}</main></body></html>'
    )


def _article(page: str, name: str, names: Sequence[str], address: str) -> str:
    found = ARTICLE.search(page)
    if found is None:
        raise ValueError(f"page '{name}' has no article")
    text = FOLDED.sub("<details open", SCRIPT.sub("", found[1]))

    def place(match: re.Match) -> str:
        if match[1] == "id":
            return f'id="{name}--{match[2]}"'
        if match[1] == "href":
            target = _target(match[2], name, names, address)
            return f'href="{target}"' if target else ""
        return f"url(#{name}--{match[4]})"

    return PLACE.sub(place, text)


def _target(href: str, name: str, names: Sequence[str], address: str) -> str:
    """Where a link of a page leads in print; nothing if nowhere."""
    if re.match(r"[a-z]+:", href):
        return href
    file, _, anchor = href.partition("#")
    if anchor.startswith(NOT_ON_PAPER):
        return ""
    other = file.removesuffix(".html") or name
    if other in names:
        return f"#{other}--{anchor}" if anchor else f"#{other}"
    if not address:
        return ""
    path = os.path.normpath(f"book/{file}")
    return f"{address.rstrip('/')}/{path}" + (f"#{anchor}" if anchor else "")


def print_page(command: str, html: str, folder: Path, out: Path) -> None:
    """Have Chromium print a page that lies in ``folder``, where its links hold."""
    with (
        tempfile.NamedTemporaryFile("w", dir=folder, prefix=".", suffix=".html") as page,
        tempfile.TemporaryDirectory() as profile,
    ):
        page.write(html)
        page.flush()
        unfinished = out.with_suffix(".part")
        subprocess.run(
            [
                command,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                f"--user-data-dir={profile}",
                "--no-pdf-header-footer",
                "--generate-pdf-document-outline",
                f"--print-to-pdf={unfinished}",
                Path(page.name).as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
        finish(unfinished, headings(html))
        unfinished.replace(out)


def headings(html: str) -> list[str]:
    """The headings of a page in plain words."""
    plain = (TAG.sub("", HEADER_LINK.sub("", text)) for _, text in HEADING.findall(html))
    return [" ".join(unescape(text).split()) for text in plain]


def finish(path: Path, titles: Sequence[str]) -> None:
    """Name bookmarks by the headings, and leave out the time and the machine.

    Chromium joins the lines of a long heading without a space, and says a heading twice
    where it had moved it to the next page.
    """
    # The build of pages asks this module for names only.
    from pypdf import PdfWriter
    from pypdf.generic import NameObject, TextStringObject

    writer = PdfWriter(clone_from=path)
    for item, title in zip(_bookmarks(writer.root_object.get("/Outlines")), titles, strict=True):
        item[NameObject("/Title")] = TextStringObject(title)
    assert writer.metadata is not None
    writer.metadata = {"/Title": writer.metadata.title}
    with path.open("wb") as file:
        writer.write(file)


def _bookmarks(parent) -> Iterator:
    """Every bookmark below one, as a reader meets them."""
    child = parent and parent.get("/First")
    while child:
        item = child.get_object()
        yield item
        yield from _bookmarks(item)
        child = item.get("/Next")


def write(site: Path, command: str, address: str = "") -> list[str]:
    """Print what changed; names of the files that were printed anew."""
    folder, kept = site / "book", site.parent / "pdf"
    kept.mkdir(exist_ok=True)
    (site / FOLDER).mkdir(exist_ok=True)
    order = page_order(folder)
    pages = {name: (folder / f"{name}.html").read_text(encoding="utf-8") for name in order}
    sheet = (site / "_static" / "site.css").read_text(encoding="utf-8")
    version = subprocess.run([command, "--version"], check=True, capture_output=True).stdout
    printed = []
    parts = {WHOLE: order} | {f"{name}.pdf": [name] for name in order}
    for file, names in parts.items():
        html = printable(pages, names, address)
        digest = sha256(f"{html}{sheet}{version.decode()}".encode()).hexdigest()[:16]
        path = kept / f"{digest}-{file}"
        if not path.exists():
            print_page(command, html, folder, path)
            for old in kept.glob(f"*-{file}"):
                if old.name.partition("-")[2] == file and old != path:
                    old.unlink()
            printed.append(file)
        place = site / FOLDER / file
        if not place.is_file() or place.read_bytes() != path.read_bytes():
            shutil.copy(path, place)
    return printed


def main() -> None:
    command = browser()
    if command is None:
        print("No Chromium on this machine: the PDFs were left out.")
        return
    printed = write(Path(sys.argv[1]), command, published_at())
    print(f"PDFs printed anew: {', '.join(printed) or 'none'}")


if __name__ == "__main__":
    main()
