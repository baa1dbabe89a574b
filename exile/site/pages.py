"""Pages outside the theme's columns, written when the build has finished.

They are made from the ledger by templates, need no script for what they say, and carry their
own tags for machines.
"""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sphinx.application import Sphinx

from exile import case
from exile.audit.claims import Register
from exile.audit.ledger import Entry
from exile.audit.rules import Rules
from exile.site.collected import entries
from exile.site.themes import Themes, themes

TEMPLATES = Path(__file__).parent / "templates"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
MONTHS_RU = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
    "октября", "ноября", "декабря",
)  # fmt: skip
# Shape and tone of each headline, and of each verdict on a part.
HEADLINES = {
    "holds": "holds",
    "partly_shown": "shown",
    "holds_in_part": "inpart",
    "does_not_hold": "not",
    "rests_on_its_own_figures": "own",
    "open": "open",
    "not_a_matter_of_fact": "nmf",
}
TONES = {
    "holds": "shown", "shown": "shown", "inpart": "against", "not": "against", "own": "own",
    "open": "open", "nmf": "open",
}  # fmt: skip
VERDICTS = {
    "reproduced": "holds",
    "corroborated": "holds",
    "supported": "holds",
    "on_record": "holds",
    "direction_only": "shown",
    "repeated": "own",
    "entailed": "own",
    "contradicted": "not",
    "inconclusive": "open",
    "not_identified": "open",
    "not_empirical": "nmf",
}


@dataclass(frozen=True)
class Site:
    """What every page knows: the ledger, where things stand, and who speaks.

    ``base`` is the site's address with a slash at its end, empty where it is not known;
    ``chapters`` has address and title of each document.
    """

    out: Path
    ledger: dict[str, Entry]
    register: Register
    rules: Rules
    themes: Themes
    citation: dict
    base: str = ""
    repository: str = ""
    version: str = ""
    chapters: dict[str, tuple[str, str]] = field(default_factory=dict)
    pictures: bool = True

    @cached_property
    def environment(self) -> Environment:
        loader = FileSystemLoader(TEMPLATES)
        made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        made.filters["url"] = quote
        return made

    @property
    def bar(self) -> list[tuple[str, str, str]]:
        return bar({name: page for name, (page, _) in self.chapters.items()})

    @property
    def title(self) -> str:
        return str(self.citation["title"])

    @property
    def released(self) -> str:
        return str(self.citation["date-released"])

    def date(self, language: str) -> str:
        return said_date(self.released, language)

    def word(self, entry: Entry, language: str = "en") -> tuple[str, str, str]:
        """The headline's word, its meaning and its people."""
        if entry.headline is None:
            return ("Ещё не проверено", "", "") if language == "ru" else ("Not audited", "", "")
        words = next(r.words for r in self.rules.headlines if r.code == entry.headline.code)
        people = self.rules.scopes[entry.headline.scope].in_(language)
        meaning = words.meaning_ru if language == "ru" else words.meaning
        return words.in_(language), meaning, people

    def shape(self, entry: Entry) -> str:
        return HEADLINES[entry.headline.code] if entry.headline else "nmf"

    def address(self, path: str) -> str:
        """The full address of a page of the site, or its path where the site's is not known."""
        path = path.removesuffix("index.html") if self.base else path
        return self.base + path

    def report(self, title: str, path: str) -> str:
        return report(self.repository, title, self.address(path))

    def write(self, path: str, template: str, **context) -> None:
        """A page from a template; ``path`` from the root of the site."""
        root = "../" * path.count("/")
        language = context.setdefault("lang", "en")
        context.setdefault("current", "")
        context.setdefault("alternate", "")
        target = self.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = self.environment.get_template(template).render(
            root=root,
            sheet=f"site.css?v={self.version}",
            script=f"find.js?v={self.version}",
            bar_pages=self.bar,
            rules_digest=self.rules.digest[:12],
            date=self.date(language),
            base=self.base,
            report=self.report(context.get("title", ""), path),
            **context,
        )
        target.write_text(text, encoding="utf-8")

    def head(
        self,
        *,
        title: str,
        description: str,
        path: str,
        picture: str = "",
        language: str = "en",
        others: dict[str, str] | None = None,
        linked: dict | None = None,
    ) -> str:
        """Tags for machines. ``others`` are the page's other languages, by path."""
        tags = {
            "description": description,
            "citation_title": title,
            "citation_publication_date": self.released.replace("-", "/"),
            "citation_inbook_title": self.title,
            "citation_language": language,
            "twitter:card": "summary_large_image",
        }
        properties = {
            "og:type": "article",
            "og:title": title,
            "og:description": description,
            "og:site_name": self.title,
            "og:locale": "ru_RU" if language == "ru" else "en_GB",
        }
        links = []
        if self.base:
            properties["og:url"] = tags["citation_public_url"] = self.address(path)
            links.append(f'<link rel="canonical" href="{self.address(path)}">')
            if picture:
                properties |= {
                    "og:image": self.base + picture,
                    "og:image:width": "1200",
                    "og:image:height": "630",
                    "og:image:alt": title,
                }
        root = "../" * path.count("/")
        for other, place in (others or {}).items():
            href = self.address(place) if self.base else root + place
            links.append(f'<link rel="alternate" hreflang="{other}" href="{href}">')
        lines = [f'<meta name="{k}" content="{escape(v)}">' for k, v in tags.items()]
        for author in self.citation["authors"]:
            name = author.get("name") or author["family-names"]
            lines.append(f'<meta name="citation_author" content="{escape(name)}">')
        lines += [f'<meta property="{k}" content="{escape(v)}">' for k, v in properties.items()]
        lines += links
        if linked:
            text = json.dumps(linked, ensure_ascii=False).replace("</", "<\\/")
            lines.append(f'<script type="application/ld+json">{text}</script>')
        return "\n".join(lines)


def bar(chapters: dict[str, str]) -> list[tuple[str, str, str]]:
    """Key, address and word of what the bar at the top leads to, of the pages that exist."""
    first = next((p for n, p in chapters.items() if n == "book/how_many_left"), "")
    offered = [
        ("claims", "index.html", "Claims"),
        ("chapters", first, "Chapters"),
        ("synthesis", chapters.get("book/synthesis", ""), "Synthesis"),
        ("judge", chapters.get("book/judge", ""), "Judge it yourself"),
        ("ledger", chapters.get("book/ledger", ""), "Ledger"),
    ]
    return [(key, page, word) for key, page, word in offered if page]


def said_date(iso: str, language: str) -> str:
    year, month, day = iso.split("-")
    if language == "ru":
        return f"{int(day)} {MONTHS_RU[int(month) - 1]} {year}"
    names = "January February March April May June July August September October November December"
    return f"{int(day)} {names.split()[int(month) - 1]} {year}"


def report(repository: str, title: str, address: str) -> str:
    """Where to say that a page is wrong: an issue begun, or a mail begun."""
    body = f"Page: {address}\n\nWhat is wrong, and how do you know?\n"
    if repository:
        query = urlencode({"title": f"Error: {title}", "body": body}, quote_via=quote)
        return f"https://github.com/{repository}/issues/new?{query}"
    query = urlencode({"subject": f"Error: {title}", "body": body}, quote_via=quote)
    return f"mailto:?{query}"


def site(app: Sphinx) -> Site:
    """What the builder has collected."""
    from exile.site.metadata import citation

    env = app.env
    base = app.config.html_baseurl.rstrip("/")
    chapters = {
        doc: (app.builder.get_target_uri(doc), env.titles[doc].astext()) for doc in env.titles
    }
    return Site(
        out=Path(app.outdir),
        ledger=entries(env),
        register=case.register(),
        rules=case.rules(),
        themes=themes(),
        citation=citation(),
        base=f"{base}/" if base else "",
        repository=app.config.exile_repository,
        version=app.config.exile_static,
        chapters=chapters,
    )


def at_root(html: str, folder: str) -> str:
    """A page of a folder as it reads at the site's root: its addresses lead on."""

    def moved(found: re.Match) -> str:
        address = found[2]
        if not address or address.startswith(("#", "data:", "mailto:")) or "://" in address:
            return found[0]
        parts = re.fullmatch(r"([^?#]*)([?#]?)(.*)", address, re.DOTALL)
        assert parts, "every address is a path and a rest"
        path, mark, rest = parts.groups()
        return f'{found[1]}="{posixpath.normpath(posixpath.join(folder, path))}{mark}{rest}"'

    html = re.sub(r'\b(href|src|action|data-address)="([^"]*)"', moved, html)
    return html.replace('data-content_root="../"', 'data-content_root="./"')
