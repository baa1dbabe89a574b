"""A page or picture in markup taken apart: text, tables, scripts, attributes, comments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# Elements without an end tag.
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
# Elements that stand within a line of text.
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
    ]
)
_CODE = frozenset(("code", "pre", "style", "kbd"))
# Attributes that draw, style or name and hold no words.
_DRAWING = re.compile(r"^(d|points|transform|viewbox|class|style|x|y|x1|x2|y1|y2|id|integrity)$")
RESTRICTED = frozenset(("respondents", "tag_respondents"))


@dataclass
class Table:
    line: int
    restricted: bool
    rows: list[list[str]] = field(default_factory=list)
    headings: int = 0
    """Rows at the top that are headings."""


@dataclass
class Script:
    line: int
    kind: str
    restricted: bool
    text: str = ""


@dataclass
class Parts:
    """What a page holds; ``words`` are (line, restricted, is code, text)."""

    words: list[tuple[int, bool, bool, str]] = field(default_factory=list)
    printed: list[tuple[int, bool, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    attributes: list[tuple[int, bool, str, str]] = field(default_factory=list)
    comments: list[tuple[int, bool, str]] = field(default_factory=list)
    restricted: bool = False


def take_apart(text: str) -> Parts:
    """The parts of HTML, SVG or XML."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.finish()
    return reader.parts


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts = Parts()
        self.open: list[tuple[str, bool, bool]] = []
        self.tables: list[Table] = []
        self.script: Script | None = None
        self.words: list[str] = []
        self.words_line = 1
        self.printed: list[str] | None = None
        self.cell: list[str] | None = None
        self.in_head = False

    @property
    def restricted(self) -> bool:
        return bool(self.open) and self.open[-1][1]

    @property
    def code(self) -> bool:
        return bool(self.open) and self.open[-1][2]

    def handle_starttag(self, tag, attrs):
        if tag not in _INLINE:
            self.flush()
        given = dict(attrs)
        marked = bool(RESTRICTED & set((given.get("class") or "").split()))
        restricted = self.restricted or marked
        self.parts.restricted |= restricted
        if tag not in _VOID:
            if tag == "pre":
                self.printed = []
            self.open.append((tag, restricted, self.code or tag in _CODE))
        line = self.getpos()[0]
        for name, value in attrs:
            if value and len(value) > 2 and not _DRAWING.match(name) or value and "data:" in value:
                self.parts.attributes.append((line, restricted, name, value))
        match tag:
            case "table":
                self.tables.append(Table(line, restricted))
            case "thead":
                self.in_head = True
            case "tr" if self.tables:
                self.tables[-1].rows.append([])
                self.tables[-1].headings += self.in_head
            case "td" | "th" if self.tables:
                self.cell = []
            case "script":
                self.script = Script(line, given.get("type") or "", restricted)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag not in _INLINE:
            self.flush()
        match tag:
            case "table" if self.tables:
                self.parts.tables.append(self.tables.pop())
            case "thead":
                self.in_head = False
            case "td" | "th" if self.tables and self.cell is not None:
                if not self.tables[-1].rows:
                    self.tables[-1].rows.append([])
                self.tables[-1].rows[-1].append(" ".join("".join(self.cell).split()))
                self.cell = None
            case "script" if self.script:
                self.parts.scripts.append(self.script)
                self.script = None
            case "pre" if self.printed is not None:
                held = (self.getpos()[0], self.restricted, "".join(self.printed))
                self.parts.printed.append(held)
                self.printed = None
        for at in range(len(self.open) - 1, -1, -1):
            if self.open[at][0] == tag:
                del self.open[at:]
                break

    def handle_data(self, data):
        if self.script is not None:
            self.script.text += data
            return
        if self.printed is not None:
            self.printed.append(data)
        if self.cell is not None:
            self.cell.append(data)
        if not self.words:
            self.words_line = self.getpos()[0]
        self.words.append(data)

    def handle_comment(self, data):
        self.parts.comments.append((self.getpos()[0], self.restricted, data))

    def handle_decl(self, decl):
        self.parts.comments.append((self.getpos()[0], self.restricted, decl))

    def handle_pi(self, data):
        self.handle_decl(data)

    def unknown_decl(self, data):
        # CDATA of a feed is text.
        self.handle_data(data.removeprefix("CDATA["))

    def finish(self):
        """Keep what the page leaves open."""
        if self.rawdata:
            self.handle_data(self.rawdata)
        self.flush()
        self.parts.tables += self.tables
        if self.script is not None:
            self.parts.scripts.append(self.script)
        if self.printed is not None:
            self.parts.printed.append((self.getpos()[0], self.restricted, "".join(self.printed)))

    def flush(self):
        """End a block of text."""
        text = " ".join("".join(self.words).split())
        if text:
            self.parts.words.append((self.words_line, self.restricted, self.code, text))
        self.words = []
