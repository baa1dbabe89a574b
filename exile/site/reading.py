"""Aids to reading: how long a page takes, when it last changed, terms explained on the spot."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from functools import cache
from math import ceil
from pathlib import Path

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

WORDS_PER_MINUTE = 230
# Stands for the number until the whole page, with its cards and lists, can be counted.
MINUTES = "%minutes%"
# What is folded, drawn or looked up: nobody reads a table from its first cell to its last, nor the
# sources under a chart.
UNREAD = "details, script, svg, pre, template, nav, table, .chart-source, .claim-steps"
GLOSSARY = "book/glossary"
# Nobody reads them from end to end.
LOOKED_UP = (GLOSSARY, "book/sources", "book/ledger")
# Where a term stays as it is: headings, links, code, and what is not prose.
CLOSED = (
    nodes.title,
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.raw,
    addnodes.glossary,
    nodes.caption,
)


def introduce(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """On ``doctree-resolved``: a line under the title of each page that is prose."""
    title = next(iter(doctree.findall(nodes.title)), None)
    words = sum(len(p.astext().split()) for p in doctree.findall(nodes.paragraph) if _prose(p))
    if title is None or words < WORDS_PER_MINUTE or docname in LOOKED_UP:
        return
    said = f"About {MINUTES} min to read"
    changed = last_changed(Path(app.srcdir), docname)
    if changed:
        said += f" · last changed {changed.day} {changed:%B %Y}"
    line = nodes.paragraph("", said, classes=["page-line"])
    title.parent.insert(title.parent.index(title) + 1, line)


def count_words(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """On ``html-page-context``: how long the prose takes, with its cards, without its tables."""
    body = context.get("body", "")
    if MINUTES in body:
        page = BeautifulSoup(body, "html.parser")
        for part in page.select(UNREAD):
            part.decompose()
        words = re.findall(r"\w[\w’'-]*", page.get_text(" "))
        minutes = ceil(len(words) / WORDS_PER_MINUTE)
        context["body"] = body.replace(MINUTES, str(minutes))


def _prose(node: nodes.Node) -> bool:
    while node is not None:
        if isinstance(node, nodes.container) and "cell" in node.get("classes", ()):
            return False
        node = node.parent
    return True


@cache
def last_changed(root: Path, docname: str) -> date | None:
    """Day of the last commit to a page; None where git does not know.

    In a shallow checkout every file seems to come from the oldest commit that is there.
    """
    if _git(root, "rev-parse", "--is-shallow-repository") != "false":
        return None
    said = _git(root, "log", "-1", "--format=%cs", "--", f"{docname}.md")
    return date.fromisoformat(said) if said else None


def _git(root: Path, *arguments: str) -> str:
    """What git says in a folder; nothing without git, or outside a checkout."""
    try:
        said = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return said.stdout.strip()


def explain_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """On ``doctree-resolved``: the first use of a term on a page shows its definition."""
    if docname == GLOSSARY or GLOSSARY not in app.env.all_docs:
        return
    terms = _terms(app)
    if not terms:
        return
    anywhere = re.compile(
        rf"\b({'|'.join(map(re.escape, sorted(terms, key=len, reverse=True)))})\b"
    )
    address = app.builder.get_relative_uri(docname, GLOSSARY)
    explained: set[str] = set()
    for paragraph in list(doctree.findall(nodes.paragraph)):
        if not _prose(paragraph):
            continue
        for text in list(paragraph.findall(nodes.Text)):
            if not _open(text, paragraph):
                continue
            parts, rest = [], str(text)
            while found := anywhere.search(rest):
                anchor, definition = terms[found[0]]
                before, rest = rest[: found.start()], rest[found.end() :]
                parts.append(nodes.Text(before))
                if anchor in explained:
                    parts.append(nodes.Text(found[0]))
                    continue
                explained.add(anchor)
                link = nodes.reference("", found[0], refuri=f"{address}#{anchor}", classes=["term"])
                link["reftitle"] = definition
                link["internal"] = True
                parts.append(link)
            if parts:
                text.parent.replace(text, [*parts, nodes.Text(rest)])


def _open(text: nodes.Text, paragraph: nodes.paragraph) -> bool:
    node = text.parent
    while node is not paragraph:
        # Nodes that other handlers put in may not know their parent.
        if node is None or isinstance(node, CLOSED):
            return False
        node = node.parent
    return not any(isinstance(p, CLOSED) for p in _ancestors(paragraph))


def _ancestors(node: nodes.Node):
    while node.parent is not None:
        node = node.parent
        yield node


def _terms(app: Sphinx) -> dict[str, tuple[str, str]]:
    """Anchor and definition by term, in each spelling with a small or capital initial."""
    terms: dict[str, tuple[str, str]] = {}
    for item in app.env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        definition = " ".join(next(iter(item.findall(nodes.definition))).astext().split())
        for term in item.findall(nodes.term):
            name = term.astext()
            entry = (term["ids"][0], definition)
            terms[name] = entry
            terms[name[0].upper() + name[1:]] = entry
    return terms


def follow_glossary(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """On ``env-updated``: a changed definition changes every page that may show it."""
    if GLOSSARY not in env.all_docs:
        return []
    terms = _terms(app)
    if terms == getattr(env, "exile_terms", None):
        return []
    env.__dict__["exile_terms"] = terms
    return sorted(env.all_docs)


class FoldCode(SphinxPostTransform):
    """Code stands folded: whoever came for the argument should not have to pass it."""

    default_priority = 198  # before myst-nb wraps what is to be hidden
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") != "cell_code" or cell.get("hide_mode") or not cell.children:
                continue
            if cell.children[0].get("nb_element") == "cell_code_source":
                cell["hide_mode"] = "input"
                cell["prompt_show"] = self.config.nb_code_prompt_show
                cell["prompt_hide"] = self.config.nb_code_prompt_hide


def setup(app: Sphinx) -> dict:
    app.add_post_transform(FoldCode)
    app.connect("env-updated", follow_glossary)
    app.connect("doctree-resolved", introduce)
    app.connect("html-page-context", count_words)
    app.connect("doctree-resolved", explain_terms, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
