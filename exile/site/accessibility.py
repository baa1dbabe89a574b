"""Mends the markup of page bodies that readers with a keyboard or a screen reader stumble over.

Each mend is for something that the builder's own writers produce and no setting changes;
what the book's own code writes is right at its source.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from exile.site.pages import HEADLINES, VERDICTS

# What can be wider than a phone must scroll by keyboard, so it must take the focus. A group,
# not a region: a page with thirty landmarks has none.
TABLE = ' tabindex="0" role="group" aria-label="Table, scrolls sideways"'
MENDS = (
    (re.compile(r'<div class="table-scroll"'), rf"\g<0>{TABLE}"),
    (re.compile(r'<div class="output text_html"(?=>\s*<(?:div|style|table))'), rf"\g<0>{TABLE}"),
    (re.compile(r"<pre(?=[\s>])"), '<pre tabindex="0"'),
    # A name that contradicts the words on display: "Show the code".
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    # A header cell that heads nothing, over the index of a data frame.
    (re.compile(r"<th([^>]*)>(?:\s|&nbsp;|&#160;)*</th>"), r"<td\1></td>"),
    # A retired role, in a list of which it is no item.
    (re.compile(r' role="doc-biblioentry"'), ' role="listitem"'),
)


# A headline or verdict, told by its word, gets the shape that the whole site has for it.
SHAPED = re.compile(
    r'(<span class="(headline|verdict) (?:headline|verdict)-(\w+)"[^>]*>)'
    r'<span class="(?:headline|verdict)-shape" aria-hidden="true">[^<]*</span>'
)
CLAIM_ID = re.compile(r"<code>([a-z0-9-]+)</code>(?=<a class=\"headerlink\")")


def shaped(found: re.Match) -> str:
    shapes = HEADLINES if found[2] == "headline" else VERDICTS
    name = shapes.get(found[3], "nmf")
    return f'{found[1]}<svg class="g" aria-hidden="true"><use href="#g-{name}"/></svg>'


def mend(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """On ``html-page-context``."""
    body = context.get("body", "")
    for wrong, right in MENDS:
        body = wrong.sub(right, body)
    body = SHAPED.sub(shaped, body)
    # From a card to the claim's own page.
    root = "../" * pagename.count("/")
    body = CLAIM_ID.sub(rf'<a href="{root}claims/\1/index.html"><code>\1</code></a>', body)
    context["body"] = body


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
