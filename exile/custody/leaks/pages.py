"""What a reader opens: pages with their scripts, and notebooks."""

from __future__ import annotations

import base64
import binascii
import bisect
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import unquote_to_bytes

from exile.custody.leaks import files, markup
from exile.custody.leaks.leak import shape
from exile.custody.leaks.pieces import Pieces, Spot, by_line
from exile.custody.leaks.trees import Trees, parsed

_STRING = re.compile(
    r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`((?:[^`\\]|\\.)*)`', re.DOTALL
)
_REMARK = re.compile(r"/\*.*?\*/|(?<![:\w\\])//[^\n]*", re.DOTALL)


class Pages(Trees):
    """Scans notebooks, scripts and markup."""

    def notebook(self, book: dict, spot: Spot) -> None:
        """Scan sources, outputs, attachments and metadata of a notebook."""
        tags = [set(cell.get("metadata", {}).get("tags", ())) for cell in book["cells"]]
        self.notebooks[spot.file] = any(markup.RESTRICTED & held for held in tags)
        facts = dict(book.get("metadata", {}))
        if facts.pop("widgets", None):
            self.report(spot.at("metadata"), "widget state", "state of widgets")
        self.tree(facts, spot.at("metadata"))
        for number, cell in enumerate(book["cells"]):
            facts = cell.get("metadata", {})
            marked = bool(markup.RESTRICTED & set(facts.get("tags", ())))
            here = replace(spot.at(f"cell {number}"), restricted=marked)
            source = _joined(cell.get("source", ""))
            if cell["cell_type"] == "code":
                self.prose(by_line(source), here, code=True)
                self._literals(source, here)
                self.embedded(source, here)
            else:
                self.text(source, here)
                if "<" in source:
                    self.html(source, here)
            self.tree(facts, here.at("metadata"))
            for bundle in cell.get("attachments", {}).values():
                self._bundle(bundle, here.at("attachment"))
            for output in cell.get("outputs", ()):
                self._output(output, here)

    def _output(self, output: dict, spot: Spot) -> None:
        if output["output_type"] == "error":
            self.report(spot, "traceback", shape(_joined(output.get("traceback", ""))))
        if "text" in output:
            self.text(_joined(output["text"]), spot)
        self.tree(output.get("metadata", {}), spot)
        self._bundle(output.get("data", {}), spot)

    def _bundle(self, bundle: dict, spot: Spot) -> None:
        for mime, held in bundle.items():
            if "widget" in mime:
                self.report(spot, "widget state", "a widget")
            if isinstance(held, (dict, list)) and "json" in mime:
                self.tree(held, spot)
                continue
            text = _joined(held)
            if mime in ("text/html", "image/svg+xml"):
                self.html(text, spot)
            elif mime.startswith(("image/", "application/pdf")):
                content = from_base64("".join(text.split()))
                inner = replace(spot, file=f"{spot.file}!{mime.replace('/', '.')}")
                self.content(content or b"", inner)
            elif mime == "text/csv":
                self.delimited(text, replace(spot, made=True))
            elif mime in ("application/javascript", "text/javascript"):
                self.script(text, spot)
            else:
                self.text(text, spot)

    def script(self, text: str, spot: Spot) -> None:
        """Scan a script: JSON in it, arrays and keys written out, words, remarks."""
        ends = [found.start() for found in re.finditer("\n", text)]
        decoder = json.JSONDecoder()
        at = 0
        for found in re.finditer(r'\[\s*[\[{"]|\{\s*"', text):
            if found.start() < at:
                continue
            try:
                tree, at = decoder.raw_decode(text, found.start())
            except (ValueError, RecursionError):
                continue
            self.tree(tree, spot.at(f"line {bisect.bisect(ends, found.start()) + 1}"))
        self._literals(text, spot)
        words: Pieces = []
        for found in _STRING.finditer(text):
            said = "".join(found.groups(""))
            if len(said) > 5:
                place = f"line {bisect.bisect(ends, found.start()) + 1}"
                words.append((place, said))
                if said[0] in "[{" and (tree := parsed(said.replace('\\"', '"'))) is not None:
                    self.tree(tree, spot.at(place))
        self.prose(words, spot)
        self.prose([("a remark", found[0]) for found in _REMARK.finditer(text)], spot, code=True)
        self.secret(text, by_line(text), spot)
        self.embedded(text, spot)

    def html(self, text: str, spot: Spot) -> None:
        """Scan a page, a picture in SVG, or a fragment of either."""
        parts = markup.take_apart(text)
        if parts.restricted:
            self.marked.add(spot.file)
        for restricted in (False, True):
            inner = replace(spot, restricted=spot.restricted or restricted)
            for code in (False, True):
                held = [(f"line {w[0]}", w[3]) for w in parts.words if w[1:3] == (restricted, code)]
                self.prose(held, inner, code=code)
            held = [(f"line {a[0]}", a[3]) for a in parts.attributes if a[1] == restricted]
            self.prose(held, inner)
            self.embedded("\n".join(w[3] for w in parts.words if w[1] == restricted), inner)
        within = self._within(spot)
        for line, restricted, printed in parts.printed:
            self.printed(printed, within(line, restricted))
        for line, restricted, name, value in parts.attributes:
            if name == "content" or len(value) > 24:
                self._string(value, within(line, restricted))
        for table in parts.tables:
            self._html_table(table, within(table.line, table.restricted))
        for script in parts.scripts:
            here = within(script.line, script.restricted)
            if "json" in script.kind:
                self.json_text(script.text, here)
            else:
                self.script(script.text, here)
        for line, restricted, remark in parts.comments:
            here = within(line, restricted)
            if here.restricted:
                self.report(here, "hidden remark", shape(remark))
            if re.search(r"<\w+[^>]*>", remark) and spot.depth < files.DEEPEST:
                self.html(remark, replace(here, depth=spot.depth + 1))
            self.text(re.sub(r"<[^>]*>", " ", remark), here)

    @staticmethod
    def _within(spot: Spot) -> Callable[[int, bool], Spot]:
        def within(line: int, restricted: bool) -> Spot:
            return replace(spot.at(f"line {line}"), restricted=spot.restricted or restricted)

        return within

    def _html_table(self, table: markup.Table, spot: Spot) -> None:
        rows = [row for row in table.rows if row]
        if not rows:
            return
        top = max(1, table.headings)
        width = max(map(len, rows))
        head = [""] * width
        for row in rows[:top]:
            for number, cell in enumerate(row):
                head[number] = cell or head[number]
        body = rows[top:]
        running = len(body) >= 3 and [row[0] for row in body[:3]] == ["0", "1", "2"]
        self.table(head, body, spot, running=running)
        for row in rows:
            for value in row[1:]:
                # A heading may also stand at the left of its row.
                if spot.restricted:
                    self._cell(row[0], value, spot)

    def content(self, content: bytes, spot: Spot) -> None:
        """Scan the content of a file of any form."""
        raise NotImplementedError


def _joined(held: str | Iterable[str]) -> str:
    return held if isinstance(held, str) else "".join(map(str, held))


def from_base64(text: str) -> bytes | None:
    text = unquote_to_bytes(text).decode("latin-1").rstrip("=")
    text = text.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
