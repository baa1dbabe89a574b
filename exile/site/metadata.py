"""What machines and citation managers read: tags, linked data, exports, stable addresses."""

from __future__ import annotations

import csv
import io
import json
import struct
from functools import cache
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import yaml
from docutils import nodes
from sphinx.application import Sphinx

import exile
from exile import case, data
from exile.site.collected import entries

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PICTURES = "_images/share"


@cache
def citation() -> dict:
    """``CITATION.cff``, the one place for title, authors, version and date."""
    path = Path(exile.__file__).parents[1] / "CITATION.cff"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def authors() -> list[str]:
    return [
        a.get("name") or f"{a.get('given-names', '')} {a['family-names']}".strip()
        for a in citation()["authors"]
    ]


def released() -> str:
    return str(citation()["date-released"])


def describe(doctree: nodes.document) -> str:
    """The first paragraph that is prose, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if "page-line" not in paragraph["classes"] and len(text) > 80:
            return text if len(text) <= 300 else text[:300].rsplit(" ", 1)[0] + " …"
    return citation()["title"]


def add_tags(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """On ``html-page-context``: tags and linked data in the head of a page."""
    if not isinstance(doctree, nodes.document):
        return
    base = app.config.html_baseurl.rstrip("/")
    # The front page stands at the site's root.
    at_root = pagename == app.config.root_doc
    place = "" if at_root else app.builder.get_target_uri(pagename)
    address = f"{base}/{place}" if base else ""
    title, description = context["title"], describe(doctree)
    name = Path(pagename).name
    tags = {
        "description": description,
        "citation_title": title,
        "citation_publication_date": released().replace("-", "/"),
        "citation_inbook_title": citation()["title"],
        "citation_language": "en",
        "twitter:card": "summary_large_image",
    }
    properties = {
        "og:type": "article",
        "og:title": title,
        "og:description": description,
        "og:site_name": citation()["title"],
    }
    if base:
        tags["citation_public_url"] = properties["og:url"] = address
        properties["og:image"] = f"{base}/{PICTURES}/{name}.png"
        properties |= {"og:image:width": "1200", "og:image:height": "630", "og:image:alt": title}
    head = [f'<meta name="{k}" content="{escape(v, quote=True)}">' for k, v in tags.items()]
    head += [f'<meta name="citation_author" content="{escape(a)}">' for a in authors()]
    head += [
        f'<meta property="{k}" content="{escape(v, quote=True)}">' for k, v in properties.items()
    ]
    up = "../" * pagename.count("/")
    head += [
        f'<link rel="alternate" type="application/atom+xml" title="Amendments" href="{up}feed.xml">',
        f'<link rel="alternate" type="application/json" title="Claims" href="{up}claims.json">',
    ]
    if base:
        head.append(f'<link rel="canonical" href="{address}">')
    if at_root:
        ru = f"{base}/ru/" if base else f"{up}ru/index.html"
        head.append(f'<link rel="alternate" hreflang="ru" href="{ru}">')
    graph = linked_data(app, pagename, title, description, address)
    text = json.dumps(graph, ensure_ascii=False).replace("</", "<\\/")
    head.append(f'<script type="application/ld+json">{text}</script>')
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(head)


def linked_data(app: Sphinx, pagename: str, title: str, description: str, address: str) -> dict:
    """schema.org: the page as an article, its claims as reviewed claims, the tables as data."""
    people = [{"@type": "Person", "name": a} for a in authors()]
    whole = {"@type": "Book", "name": citation()["title"], "license": LICENCE, "author": people}
    page = {
        "@type": "ScholarlyArticle",
        "@id": address or f"urn:democracy-in-exile-audit:{pagename}",
        "headline": title,
        "description": description,
        "author": people,
        "datePublished": released(),
        "inLanguage": "en",
        "license": LICENCE,
        "isPartOf": whole,
    }
    graph = [page]
    article = case.register().article
    for entry in entries(app.env).values():
        if entry.chapter != pagename:
            continue
        for judged in entry.judged:
            finding, verdict = judged.finding, judged.verdict
            graph.append(
                {
                    "@type": "ClaimReview",
                    "url": f"{address}#{entry.claim.id}",
                    "datePublished": released(),
                    "author": {"@type": "Organization", "name": citation()["title"]},
                    "claimReviewed": f"{entry.statement} ({judged.part.words})",
                    "reviewBody": finding.summary,
                    "itemReviewed": {
                        "@type": "Claim",
                        "name": entry.statement,
                        "appearance": {
                            "@type": "CreativeWork",
                            "url": article.url,
                            "headline": article.title,
                            "publisher": {
                                "@type": "Organization",
                                "name": article.publisher,
                            },
                        },
                    },
                    "reviewRating": {
                        "@type": "Rating",
                        "alternateName": case.rules().verdicts[verdict.code].en,
                        "ratingExplanation": case.rules().scopes[finding.scope].en,
                    },
                }
            )
    if Path(pagename).name in ("sources", "data_and_methods"):
        graph.append(
            {
                "@type": "Dataset",
                "name": f"Data of: {citation()['title']}",
                "description": "Published figures with their sources, and tables of counts "
                "derived from survey microdata.",
                "license": LICENCE,
                "creator": people,
                "distribution": [
                    {"@type": "DataDownload", "encodingFormat": "text/csv", "contentUrl": path}
                    for path in (f"data/{p}" for p in data.table_paths().values())
                ],
            }
        )
    return {"@context": "https://schema.org", "@graph": graph}


def keep_description(app: Sphinx, doctree: nodes.document) -> None:
    """On ``doctree-read``: what a page says first, for its share picture."""
    held = app.env.__dict__.setdefault("exile_described", {})
    held[app.env.docname] = describe(doctree)


def write(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: everything that is not a page."""
    if problem is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    claims = json.loads((out / "claims.json").read_text(encoding="utf-8"))
    base = app.config.html_baseurl.rstrip("/")
    schema = Path(__file__).with_name("claims.schema.json")
    (out / "claims.schema.json").write_text(schema.read_text("utf-8"), encoding="utf-8")
    (out / "claims.csv").write_text(claims_csv(claims), encoding="utf-8", newline="")
    (out / "feed.xml").write_bytes(feed(base))
    if base:
        (out / "sitemap.xml").write_bytes(sitemap(app, base))
    (out / "ro-crate-metadata.json").write_text(crate(out), encoding="utf-8")


def claims_csv(claims: list[dict]) -> str:
    """One row for each verdict. A cell that a spreadsheet might run is quoted first."""
    columns = ["id", "paragraph", "statement", "chapter", "answer"]
    of_verdict = ["part", "words", "scope", "verdict", "grade", "robustness", "p_value", "summary"]
    of_verdict.append("settled_by")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns + of_verdict)
    for claim in claims:
        for verdict in claim["verdicts"] or [{}]:
            row = [claim[c] for c in columns] + [verdict.get(c) for c in of_verdict]
            writer.writerow([_safe(cell) for cell in row])
    return text.getvalue()


def _safe(cell: object) -> object:
    risky = isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{cell}" if risky else "" if cell is None else cell


def feed(base: str) -> bytes:
    """Atom: the publication and each amendment of its rules."""
    root = ElementTree.Element("feed", xmlns=ATOM)

    def add(parent, tag: str, text: str = "", **attributes: str):
        child = ElementTree.SubElement(parent, tag, attributes)
        child.text = text or None
        return child

    identity = f"tag:democracy-in-exile-audit,{released()[:4]}"
    amendments = case.rules().amendments
    latest = max([released(), *(a.date for a in amendments)])
    add(root, "id", f"{identity}:feed")
    add(root, "title", citation()["title"])
    add(root, "updated", f"{latest}T00:00:00Z")
    for author in authors():
        add(add(root, "author"), "name", author)
    if base:
        add(root, "link", rel="self", href=f"{base}/feed.xml")
    for number, amendment in reversed(list(enumerate(amendments, 1))):
        entry = add(root, "entry")
        add(entry, "id", f"{identity}:amendment-{number}")
        add(entry, "title", f"Amendment {number} to the verdict rules")
        add(entry, "updated", f"{amendment.date}T00:00:00Z")
        moved = "; ".join(f"{c}: {old} to {new}" for c, (old, new) in amendment.verdicts.items())
        add(entry, "content", f"{amendment.change} Verdicts moved: {moved or 'none'}.")
        if base:
            add(entry, "link", href=f"{base}/book/data_and_methods.html")
    entry = add(root, "entry")
    add(entry, "id", f"{identity}:publication")
    add(entry, "title", f"{citation()['title']}, version {citation()['version']}")
    add(entry, "updated", f"{released()}T00:00:00Z")
    add(entry, "content", "The publication, with all verdicts by the rules as declared.")
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def sitemap(app: Sphinx, base: str) -> bytes:
    root = ElementTree.Element("urlset", xmlns=SITEMAP)
    others = sorted(set(app.env.all_docs) - {app.config.root_doc})
    places = ["", *map(app.builder.get_target_uri, others), "ru/"]
    for claim in entries(app.env):
        places += [f"claims/{claim}/", f"ru/claims/{claim}/"]
    for place in places:
        url = ElementTree.SubElement(root, "url")
        ElementTree.SubElement(url, "loc").text = f"{base}/{place}"
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height from the header of a PNG."""
    return struct.unpack(">II", path.read_bytes()[16:24])


def crate(out: Path) -> str:
    """RO-Crate 1.3: what the publication consists of."""
    kinds = {
        ".html": "text/html",
        ".ipynb": "application/x-ipynb+json",
        ".whl": "application/zip",
        ".json": "application/json",
        ".csv": "text/csv",
        ".pdf": "application/pdf",
    }
    paths = [
        p
        for pattern in ("book/*.html", "downloads/*", "claims.*", "data/**/*.csv")
        for p in sorted(out.glob(pattern))
        if p.is_file() and p.suffix in kinds
    ]
    parts = [
        {
            "@id": p.relative_to(out).as_posix(),
            "@type": "File",
            "name": p.name,
            "encodingFormat": kinds[p.suffix],
        }
        for p in paths
    ]
    people = [
        {"@id": f"#author-{n}", "@type": "Person", "name": a} for n, a in enumerate(authors(), 1)
    ]
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.3"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": citation()["title"],
            "description": " ".join(str(citation()["abstract"]).split()),
            "datePublished": released(),
            "license": {"@id": LICENCE},
            "author": [{"@id": p["@id"]} for p in people],
            "hasPart": [{"@id": p["@id"]} for p in parts],
        },
        {"@id": LICENCE, "@type": "CreativeWork", "name": "CC BY 4.0"},
        *people,
        *parts,
    ]
    context = "https://w3id.org/ro/crate/1.3/context"
    return json.dumps({"@context": context, "@graph": graph}, indent=1, ensure_ascii=False) + "\n"


def setup(app: Sphinx) -> dict:
    app.connect("doctree-read", keep_description)
    app.connect("html-page-context", add_tags)
    # After the other exports, which it lists.
    app.connect("build-finished", write, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
