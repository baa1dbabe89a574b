"""Mends the markup of page bodies that readers with a keyboard or a screen reader stumble over.

Each mend is for something that the builder's own writers produce and no setting changes;
what the book's own code writes is right at its source.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx

# What can be wider than a phone must scroll by keyboard, so it must take the focus. A group,
# not a region: a page with thirty landmarks has none.
TABLE = ' tabindex="0" role="group" aria-label="Table, scrolls sideways"'
MENDS = (
    (re.compile(r'<div class="table-scroll"'), rf"\g<0>{TABLE}"),
    (re.compile(r'<div class="output text_html"(?=>\s*<(?:div|style|table))'), rf"\g<0>{TABLE}"),
    # The picture as a whole has its text; its hundred parts have none.
    (re.compile(r'<div class="chart-picture"[^>]*><svg'), r'\g<0> aria-hidden="true"'),
    (re.compile(r"<pre(?=[\s>])"), '<pre tabindex="0"'),
    # A name that contradicts the words on display: "Show the code".
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    # A header cell that heads nothing, over the index of a data frame.
    (re.compile(r"<th([^>]*)>(?:\s|&nbsp;|&#160;)*</th>"), r"<td\1></td>"),
    # A retired role, in a list of which it is no item.
    (re.compile(r' role="doc-biblioentry"'), ' role="listitem"'),
)


def mend(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """On ``html-page-context``."""
    body = context.get("body", "")
    for wrong, right in MENDS:
        body = wrong.sub(right, body)
    context["body"] = body


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
