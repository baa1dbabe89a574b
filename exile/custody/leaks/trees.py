"""JSON: rows of objects, of arrays, by columns; single keys; words within."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from exile.custody.leaks import patterns
from exile.custody.leaks.pieces import Checks, Pieces, Spot
from exile.limits import MAX_ROWS


class Trees(Checks):
    """Scans JSON of any origin."""

    def json_text(self, text: str, spot: Spot) -> None:
        """Scan JSON, or JSON by lines; what is neither is scanned as text."""
        tree = parsed(text)
        if tree is None:
            by_line = [parsed(line) for line in text.splitlines() if line.strip()]
            if None in by_line:
                self.text(text, spot)
                return
            tree = by_line
        self.tree(tree, spot)

    def tree(self, tree: object, spot: Spot) -> None:
        """Scan parsed JSON."""
        pieces: Pieces = []
        self._node(tree, "$", spot, pieces)
        self.prose(pieces, spot)

    def _node(self, node: object, path: str, spot: Spot, pieces: Pieces) -> None:
        if isinstance(node, str):
            pieces.append((path, node))
            self._string(node, spot.at(path))
        elif isinstance(node, dict):
            self._object(node, path, spot, pieces)
        elif isinstance(node, list) and node:
            self._array(node, path, spot)
            for number, child in enumerate(node):
                if isinstance(child, (dict, list, str)):
                    self._node(child, f"{path}[{number}]", spot, pieces)

    def _object(self, node: dict, path: str, spot: Spot, pieces: Pieces) -> None:
        if node.get("grade") == "A" and not spot.restricted:
            held: Pieces = []
            # A verdict of grade A stands beside public evidence, which has its own grade.
            own = {key: child for key, child in node.items() if key != "evidence"}
            self._object(own, path, replace(spot, restricted=True), held)
            self.prose(held, replace(spot, restricted=True))
            if "evidence" in node:
                self._node(node["evidence"], f"{path}.evidence", spot, pieces)
            return
        here = spot.at(path)
        if node.get("type") in ("Point", "MultiPoint") and "coordinates" in node:
            self.report(here, "coordinates", "a point on a map")
        self._columnar(node, here)
        for key, child in node.items():
            if not re.fullmatch(r"[A-Za-z_$@-]{1,40}", key):
                pieces.append((path, key))
            told = key if re.fullmatch(r"[A-Za-z_$@-]{1,40}", key) else "*"
            inner = f"{path}.{told}"
            if isinstance(child, (dict, list, str)):
                self._node(child, inner, spot, pieces)
            if isinstance(child, (str, int, float)) and not isinstance(child, bool):
                self._scalar(key, child, spot.at(inner))

    def _scalar(self, key: str, value: object, spot: Spot) -> None:
        what = patterns.singles_out(key, [value])
        if not patterns.telling(value):
            what = ""
        # Weak names (an id, a region) say something of people only in tables.
        if what and what not in ("a person or a small place", "a name"):
            self.report(spot, "column that singles out a person", what)
        if what and self.secrets and self.secrets.named(str(value), under_id=True):
            self.report(spot, "respondent's id", "an id")
        if spot.restricted:
            self._cell(key, value, spot)

    def _array(self, node: list, path: str, spot: Spot) -> None:
        here = spot.at(path)
        records = [entry for entry in node if isinstance(entry, dict)]
        if len(records) >= 2 and len(records) == len(node):
            columns = list(dict.fromkeys(key for entry in records for key in entry))
            self.table(columns, [[entry.get(c) for c in columns] for entry in records], here)
        elif len(node) > MAX_ROWS and not _outline(node):
            self.report(here, "rows of respondents", f"an array of {len(node)}")

    def _columnar(self, node: dict, spot: Spot) -> None:
        """Tables by columns, by columns and index, or split from their heading."""
        values = list(node.values())
        columns, data = node.get("columns"), node.get("data")
        if isinstance(columns, list) and isinstance(data, list):
            if all(isinstance(row, list) for row in data):
                self.table([str(c) for c in columns], data, spot)
        elif len(values) >= 2 and all(isinstance(v, list) and len(v) >= 3 for v in values):
            if len({len(v) for v in values}) == 1:
                rows = [list(row) for row in zip(*values, strict=True)]
                self.table(list(node), rows, spot)
        elif len(values) >= 2 and all(isinstance(v, dict) and len(v) >= 2 for v in values):
            if all(key.isdigit() for v in values for key in v):
                rows = [[v.get(key) for v in values] for key in values[0]]
                self.table(list(node), rows, spot)
            elif len({tuple(v) for v in values}) == 1:
                self.table(list(values[0]), [list(v.values()) for v in values], spot)

    def _string(self, text: str, spot: Spot) -> None:
        if len(text) < 24:
            return
        if text.lstrip()[:1] in "{[" and isinstance(tree := parsed(text), (dict, list)):
            self.tree(tree, spot)
        elif re.search(r"<(table|script|svg|tr)\b", text):
            self.html(text, spot)
        else:
            self.printed(text, spot)
        self.embedded(text, spot)

    def text(self, text: str, spot: Spot) -> None:
        """Scan text that has no markup."""
        raise NotImplementedError

    def html(self, text: str, spot: Spot) -> None:
        """Scan a page or a fragment of one."""
        raise NotImplementedError


def parsed(text: str) -> object | None:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _outline(node: list) -> bool:
    """Whether an array is the outline of a shape: a ring of points that closes."""
    return isinstance(node[0], list) and node[0] == node[-1] and len(node[0]) == 2
