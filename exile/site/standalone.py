"""Writes what stands beside the theme's pages: claims, Russian, search, charts by themselves."""

from __future__ import annotations

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from exile.site import (
    claim_pages,
    epub,
    figures,
    finding_aids,
    front,
    restricted,
    share,
    sources,
)
from exile.site.pages import Site, at_root, bar, report, site
from exile.site.sources import citation_text

CLAIM_STRIP = "claim-"
# What they did, find.js does in a few lines, or nothing needs any more.
REPLACED = ("clipboard.min.js", "copybutton.js", "doctools.js", "sphinx_highlight.js")


def write(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``, before the style sheet is made from all pages."""
    if problem is not None or app.builder.format != "html":
        return
    made = site(app)
    claim_pages.write(made)
    sources.write_pages(made)
    front.write_russian(made)
    finding_aids.write_claims(made)
    for language in ("en", "ru"):
        here = "ru/search.html" if language == "ru" else "search.html"
        title = "Поиск" if language == "ru" else "Search"
        other = "../search.html" if language == "ru" else "ru/search.html"
        made.write(here, "finder.html", lang=language, title=title, head="", alternate=other)
    made.write("404.html", "404.html", title="Page not found")
    _write_charts(app, made)
    start = app.builder.get_target_uri(app.config.root_doc)
    html = (made.out / start).read_text(encoding="utf-8")
    (made.out / "index.html").write_text(at_root(html, str(Path(start).parent)), encoding="utf-8")
    if not restricted.running():
        pages = {Path(doc).name: (t, described(app, doc)) for doc, (_, t) in made.chapters.items()}
        pages.pop(Path(app.config.root_doc).name, None)
        share.draw(made, pages, made.out.parent / "pictures")


def described(app: Sphinx, docname: str) -> str:
    return app.env.__dict__.setdefault("exile_described", {}).get(docname, "")


def _write_charts(app: Sphinx, made: Site) -> None:
    """Each chart at an address of its own, to be embedded."""
    for doc, held in sorted(figures.charts(app.env).items()):
        if doc not in made.chapters:
            continue
        for number, chart in enumerate(held, 1):
            path = figures.address(doc, number)
            before, after = figures.frame(chart, number, Path(path).name)
            cited = "; ".join(escape(citation_text(s)) for s in chart["sources"])
            line = f"<p>Source: {cited}. Data: {escape(chart['dates'])}.</p>"
            back = f"../{made.chapters[doc][0]}#chart-{number}"
            _embed(made, path, chart["title"], chart["alt"], before + line + after, back)
    for claim, entry in made.ledger.items():
        figure = claim_pages.evidence_figure(made, entry)
        if figure:
            path = f"{figures.FOLDER}/{CLAIM_STRIP}{claim}.html"
            alone = figure.replace(f"@ROOT@{figures.FOLDER}/", "")
            _embed(made, path, entry.statement, "", alone, f"../{claim_pages.path(claim)}")


def _embed(made: Site, path: str, title: str, said: str, figure: str, back: str) -> None:
    made.write(
        path,
        "embed.html",
        title=title,
        head=made.head(title=title, description=said, path=path),
        figure=figure,
        back=back,
        book=made.title,
    )


def leave_out_unused(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``, once all pages are there: what none of them asks for goes."""
    if problem is None and app.builder.format == "html":
        trim(Path(app.outdir))


def trim(out: Path) -> None:
    """Remove files of ``_static`` that no page, style sheet or kept script names."""
    static = out / "_static"
    held = [p for p in static.rglob("*") if p.is_file()]
    texts = [p.read_text(encoding="utf-8") for p in out.rglob("*.html") if static not in p.parents]
    kept: set[Path] = {static / "fonts" / "OFL.txt"}
    while texts:
        said = "\n".join(texts)
        found = [p for p in held if p not in kept and p.name in said]
        kept.update(found)
        texts = [p.read_text("utf-8") for p in found if p.suffix in (".css", ".js")]
    for path in held:
        if path not in kept:
            path.unlink()
    for path in static.rglob("*.map"):
        path.unlink()
    for folder in sorted((p for p in static.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def bind(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: the book for a reading device."""
    # A book of a page or two, as in tests, has nothing to bind.
    whole = {"book/index", "book/ledger"} <= app.env.all_docs.keys()
    if problem is None and app.builder.format == "html" and whole and not restricted.running():
        epub.write(Path(app.outdir))


def find_words(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: the index of all pages. A restricted book has none."""
    if problem is None and app.builder.format == "html" and not restricted.running():
        finding_aids.index_pages(site(app))


def add_bar(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """On ``html-page-context``: what the bar at the top needs, and where to report an error."""
    chapters = {doc: app.builder.get_target_uri(doc) for doc in app.env.all_docs}
    context["bar_pages"] = bar(chapters)
    sums = {"synthesis": "synthesis", "ledger": "ledger", "judge": "judge"}
    name = Path(pagename).name
    context["current"] = "claims" if pagename == app.config.root_doc else sums.get(name, "chapters")
    base = app.config.html_baseurl.rstrip("/")
    page = app.builder.get_target_uri(pagename) if pagename in app.env.all_docs else pagename
    address = f"{base}/{page}" if base else page
    context["report_address"] = report(
        app.config.exile_repository, context.get("title", ""), address
    )
    context["script_files"] = [
        script
        for script in context["script_files"]
        if Path(str(script.filename or "").split("?")[0]).name not in REPLACED
    ]
    context["has_code"] = 'class="admonition hide' in context.get("body", "")
    if isinstance(doctree, nodes.document):
        context["second_hand"] = 'class="second-hand"' in context.get("body", "")


def leave_search_out(app: Sphinx) -> None:
    """On ``builder-inited``: Sphinx's own search gives way to the site's."""
    if app.builder.format == "html":
        vars(app.builder)["search"] = False


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", leave_search_out)
    app.connect("html-page-context", add_bar, priority=890)
    app.connect("build-finished", write, priority=850)
    app.connect("build-finished", leave_out_unused, priority=960)
    app.connect("build-finished", bind, priority=965)
    app.connect("build-finished", find_words, priority=970)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
