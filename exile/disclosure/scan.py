"""Scan of a built site for what would give respondents away.

Everything that a reader can fetch is opened: pages with their scripts, attributes and
comments, data, notebooks, archives, pictures and PDFs, and whatever is encoded inside
them. Three grades of material are held to three measures:

*Public before the run.* Files that are, byte for byte, tables which
``data/datapackage.json`` declares with a checksum, files of the package, or files that
a theme brings. They are searched only for what the restricted file alone holds.

*The rest of the site.* No rows or columns of single people, no identifiers, no open
answers. Counts may be small, because the book counts historical cases; but not in a
data file (a record with a count) that the build itself made.

*Made from the restricted file.* Elements of the class ``respondents`` (or
``tag_respondents``, which a tagged cell becomes) with the charts within them, notebook
cells tagged ``respondents``, and records of evidence of grade A. Here small counts,
shares finer than whole points, exact dates and comments are leaks too.
"""

from __future__ import annotations

import base64
import binascii
import bisect
import csv
import io
import json
import math
import re
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cache
from lzma import LZMAError
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pypdf
from pypdf.errors import PyPdfError

import exile
from exile.disclosure import files, markup, patterns
from exile.disclosure.leaks import REMEDIES, Leak, shape
from exile.disclosure.public import Public
from exile.disclosure.restricted import Secrets, decoded
from exile.errors import InputError
from exile.publish import MAX_ROWS

BROKEN = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    IndexError,
    NotImplementedError,
    RuntimeError,
    RecursionError,
    zipfile.BadZipFile,
    tarfile.TarError,
    LZMAError,
    zlib.error,
    struct.error,
    sqlite3.Error,
    PyPdfError,
)
_DATA_URI = re.compile(r"data:([\w.+/-]*)((?:;[\w=.-]+)*),([A-Za-z0-9+/=%_.!~*'()\-]*)")
_BASE64 = re.compile(r"(?<![\w+/])[A-Za-z0-9+/]{48,}={0,2}")
_STRING = re.compile(
    r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`((?:[^`\\]|\\.)*)`', re.DOTALL
)
_REMARK = re.compile(r"/\*.*?\*/|(?<![:\w\\])//[^\n]*", re.DOTALL)
# Tables in which jupyter-cache keeps where its notebooks lie.
_CACHE_TABLES = {"nbcache", "nbproject", "nbstage", "settings"}
_NOISE = ("unknown", "text", "markup", "font")
_HARMLESS_PNG = {"Software"}


@dataclass(frozen=True)
class Spot:
    """Where the scanner reads."""

    file: str
    place: str = ""
    restricted: bool = False
    made: bool = False
    """Whether it stands in a data file that the build made."""
    depth: int = 0

    def at(self, place: str) -> Spot:
        return replace(self, place=f"{self.place}, {place}" if self.place else place)


Pieces = list[tuple[str, str]]
"""Places, and the text that stands in each."""


@dataclass
class Scanner:
    """Reads files and collects leaks; ``read`` counts files by form."""

    min_cell: int
    public: Public
    secrets: Secrets | None = None
    leaks: dict[Leak, None] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)

    def report(self, spot: Spot, kind: str, excerpt: str) -> None:
        self.leaks[
            Leak(self._safe(spot.file), self._safe(spot.place), kind, excerpt, REMEDIES[kind])
        ] = None

    def _safe(self, where: str) -> str:
        """A path that holds no identifier or secret itself."""
        return "/".join(
            "(name withheld)" if self._tells(part) else part for part in where.split("/")
        )

    def _tells(self, part: str) -> bool:
        held = any(not self.public.names(m[0]) for _, m in patterns.identifiers(part, code=False))
        secrets = self.secrets
        return held or bool(secrets and (secrets.quoted(part) or secrets.named(part)))

    # Files

    def file(self, path: Path, name: str) -> None:
        """Scan a file of the site; ``name`` is its path within the site."""
        spot = Spot(name)
        self.prose([("its name", Path(name).stem), ("its name", name)], spot)
        if path.is_symlink() and not path.exists():
            self.report(spot, "not readable", "a link to nowhere")
        elif path.stat().st_size > files.LARGEST:
            self.report(spot, "not readable", f"{path.stat().st_size} bytes")
        else:
            self.content(path.read_bytes(), spot)

    def content(self, content: bytes, spot: Spot) -> None:
        """Scan the content of a file or of a member of an archive."""
        name = spot.file.rpartition("!")[2]
        word = files.form(name, content)
        if self.public.has(name, content):
            self.read["public before"] = self.read.get("public before", 0) + 1
            return
        self.read[word] = self.read.get(word, 0) + 1
        try:
            self._open(word, content, spot)
        except files.TooLargeError:
            self.report(spot, "not readable", "it unpacks to more than the bounds allow")
        except BROKEN:
            self.report(spot, "not readable", f"broken or locked {word}")

    def _open(self, word: str, content: bytes, spot: Spot) -> None:
        match word:
            case "font":
                return
            case "pickle":
                self.report(spot, "pickled object", f"{len(content)} bytes")
            case "data file":
                self.report(spot, "data file", f"{len(content)} bytes")
            case "sqlite":
                self._sqlite(content, spot)
            case "zip" | "tar" | "gzip" | "bzip2" | "xz" | "inventory":
                self._archive(word, content, spot)
            case "pdf":
                self._pdf(content, spot)
            case "png":
                for keyword, text in files.png_texts(content):
                    if keyword not in _HARMLESS_PNG:
                        self.report(spot, "metadata", f"text of {len(text)} characters")
                    self.text(text, spot.at("metadata"))
            case "picture":
                self.prose([("", files.printable(content))], spot, code=True)
            case "unknown":
                self.report(spot, "not readable", f"{len(content)} bytes of no known form")
            case _:
                self._text_file(word, _decode(content), spot)

    def _text_file(self, word: str, text: str, spot: Spot) -> None:
        match word:
            case "source map":
                self.report(spot, "source map", shape(text))
                self.json_text(text, spot)
            case "markup":
                self.html(text, spot)
            case "json":
                self.json_text(text, replace(spot, made=True))
            case "notebook":
                self.notebook(json.loads(text), spot)
            case "table":
                self.delimited(text, replace(spot, made=True))
            case "script":
                self.script(text, spot)
            case "code":
                self.prose(_lines(text), spot, code=True)
                self.embedded(text, spot)
            case _:
                self.text(text, spot)

    def _archive(self, word: str, content: bytes, spot: Spot) -> None:
        if spot.depth == files.DEEPEST:
            self.report(spot, "not readable", "an archive within archives within archives")
            return
        for name, held in files.members(word, spot.file.rpartition("!")[2], content):
            if re.match(r"(xl|word|ppt)/|mimetype$", name) and word == "zip":
                self.report(spot, "data file", "a workbook or document")
                return
            inner = replace(spot, file=f"{spot.file}!{name}", depth=spot.depth + 1)
            self.prose([("its name", name)], inner)
            self.content(held, inner)

    def _sqlite(self, content: bytes, spot: Spot) -> None:
        with closing(sqlite3.connect(":memory:")) as base:
            base.deserialize(content)
            names = {
                n for (n,) in base.execute("select name from sqlite_master where type='table'")
            }
            if not names <= _CACHE_TABLES:
                self.report(spot, "data file", f"{len(content)} bytes")
                return
            for name in sorted(names):
                found = base.execute(f"select * from {name}")
                rows = [[v for v in row if not isinstance(v, bytes)] for row in found]
                pieces = [(name, str(value)) for row in rows for value in row if value is not None]
                self.prose(pieces, spot, code=True)

    def _pdf(self, content: bytes, spot: Spot) -> None:
        reader = pypdf.PdfReader(io.BytesIO(content))
        facts = [
            ("metadata", str(v)) for k, v in (reader.metadata or {}).items() if "Date" not in k
        ]
        self.prose(facts, spot)
        for key in ("/Author", "/Keywords", "/Subject"):
            if (reader.metadata or {}).get(key):
                self.report(spot, "metadata", f"the field {key[1:]}")
        if reader.xmp_metadata is not None:
            self.html(_decode(reader.xmp_metadata.stream.get_data()), spot.at("metadata"))
        for name, versions in reader.attachments.items():
            for held in versions:
                inner = replace(spot, file=f"{spot.file}!{name}", depth=spot.depth + 1)
                self.report(inner, "data file", "attached to a PDF")
                self.content(held, inner)
        for number, page in enumerate(reader.pages, 1):
            here = spot.at(f"page {number}")
            self.text(page.extract_text(), here)
            for note in page.get("/Annots", ()) or ():
                held = note.get_object()
                said = [held.get("/Contents"), held.get("/A", {}).get("/URI")]
                self.prose([("a note or link", str(s)) for s in said if s], here)

    # Text

    def text(self, text: str, spot: Spot) -> None:
        """Scan text that has no markup: prose, printed output, or data without a name."""
        lines = _lines(text)
        fenced = _fenced(lines)
        self.prose([piece for piece, code in zip(lines, fenced, strict=True) if not code], spot)
        self.prose(
            [piece for piece, code in zip(lines, fenced, strict=True) if code], spot, code=True
        )
        self.printed(text, spot)
        self.embedded(text, spot)
        if text.lstrip()[:1] in "{[" and (tree := _parsed(text)) is not None:
            self.tree(tree, spot)
        elif "<table" in text or "<script" in text:
            self.html(text, spot)

    def prose(self, pieces: Pieces, spot: Spot, *, code: bool = False) -> None:
        """Look for identifiers and secrets, and in restricted material for counts and dates."""
        if not pieces:
            return
        starts, at = [], 0
        for _, text in pieces:
            starts.append(at)
            at += len(text) + 1
        joined = "\n".join(text for _, text in pieces)

        def here(found: re.Match) -> Spot:
            place = pieces[bisect.bisect_right(starts, found.start()) - 1][0]
            return spot.at(place) if place else spot

        for kind, found in patterns.identifiers(joined, code=code):
            if not self.public.names(found[0]):
                self.report(here(found), kind, shape(found[0]))
        if spot.restricted and not code:
            for found in patterns.small_counts(joined, self.min_cell):
                self.report(here(found), "small cell", "a count in words or digits")
            for found in patterns.FINE_SHARE.finditer(joined):
                self.report(here(found), "share too fine", "a percentage with decimals")
            for found in patterns.EXACT_DATE.finditer(joined):
                self.report(here(found), "exact date", "a day")
        self._secret(joined, pieces, spot)

    def _secret(self, joined: str, pieces: Pieces, spot: Spot) -> None:
        secrets = self.secrets
        if secrets is None:
            return
        for kind, tells, word in (
            ("open answer", secrets.quoted, "a quotation"),
            ("respondent's id", secrets.named, "an id"),
        ):
            if tells(joined):
                places = [place for place, text in pieces if tells(text)] or ["over several places"]
                for place in dict.fromkeys(places):
                    self.report(spot.at(place) if place else spot, kind, word)

    def printed(self, text: str, spot: Spot) -> None:
        """Look for frames and records as Python prints them."""
        for pattern in (patterns.FOOTER, patterns.SERIES):
            for found in pattern.finditer(text):
                if int(found[1]) < patterns.PRINTED_ROWS and not spot.restricted:
                    continue
                self.report(spot, "rows of respondents", "the footer of a printed frame")
        for at, columns, rows in patterns.printed_tables(text):
            here = spot.at(f"line {text.count(chr(10), 0, at) + 1}")
            self.table(columns, rows, here, running=True)
        if "Traceback (most recent call last)" in text:
            self.report(spot, "traceback", shape(text))
        self._literals(text, spot)
        lines = text.strip().splitlines()
        for sign in ",\t;|":
            fields = [line.count(sign) for line in lines[:20]]
            if len(fields) >= 4 and min(fields) >= 2 and max(fields) == min(fields):
                self.delimited(text.strip(), replace(spot, made=True))
                break

    def delimited(self, text: str, spot: Spot) -> None:
        """Scan CSV or its kin; the first row is the heading."""
        head = text.lstrip("\ufeff").split("\n", 1)[0]
        sign = max(",\t;|", key=head.count)
        csv.field_size_limit(files.LARGEST)
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=sign))
        rows = [row for row in rows if row]
        if not rows:
            return
        self.table(rows[0], rows[1:], spot)
        lines = [(f"line {number}", "\n".join(row)) for number, row in enumerate(rows, 1)]
        self.prose(lines, spot)
        self.embedded(text, spot)

    def embedded(self, text: str, spot: Spot) -> None:
        """Scan what is encoded inside a text: data addresses and runs of base64."""
        if spot.depth > files.DEEPEST + 2:
            return
        inner = replace(spot, depth=spot.depth + 1)
        for found in _DATA_URI.finditer(text):
            here = replace(inner.at("a data address"), file=f"{spot.file}!data")
            if "base64" in found[2]:
                content = _from_base64(found[3])
            else:
                content = unquote_to_bytes(found[3])
            suffix = found[1].rpartition("/")[2].partition("+")[0]
            if content:
                self.content(content, replace(here, file=f"{here.file}.{suffix or 'txt'}"))
        if "base64" in text:
            text = _DATA_URI.sub("", text)
        for found in _BASE64.finditer(text):
            if (content := _from_base64(found[0])) is None:
                continue
            word = files.form("", content)
            # Long words of a script decode to noise, which is neither text nor a known form.
            words = decoded(found[0])
            if words.replace("\n", "").isprintable() if words else word not in _NOISE:
                self.content(content, replace(inner, file=f"{spot.file}!base64"))

    # Data

    def json_text(self, text: str, spot: Spot) -> None:
        """Scan JSON, or JSON by lines; what is neither is scanned as text."""
        tree = _parsed(text)
        if tree is None:
            by_line = [_parsed(line) for line in text.splitlines() if line.strip()]
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
            self._object(node, path, replace(spot, restricted=True), held)
            self.prose(held, replace(spot, restricted=True))
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

    def _cell(self, heading: str, value: object, spot: Spot) -> None:
        number = _number(value)
        if number is None:
            return
        if patterns.COUNT.match(heading.strip()) and 0 < number < self.min_cell:
            self.report(spot, "small cell", "a count below the threshold")
        if spot.restricted and patterns.SHARE.match(heading.strip()) and _fine(number):
            self.report(spot, "share too fine", "a share finer than whole points")

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
        if text.lstrip()[:1] in "{[" and isinstance(tree := _parsed(text), (dict, list)):
            self.tree(tree, spot)
        elif re.search(r"<(table|script|svg|tr)\b", text):
            self.html(text, spot)
        else:
            self.printed(text, spot)
        self.embedded(text, spot)

    def table(
        self, columns: list[str], rows: list[list], spot: Spot, *, running: bool = False
    ) -> None:
        """Scan a table of any origin; ``running`` where an index counts its rows from 0."""
        columns = [str(c) for c in columns]
        if len(rows) > MAX_ROWS:
            self.report(spot, "rows of respondents", f"{len(rows)} rows, {len(columns)} columns")
        if len(rows) >= 3 and patterns.of_single_people(columns):
            first = "the first rows of a frame" if running else f"{len(rows)} rows"
            self.report(spot, "rows of respondents", f"{first}, {len(columns)} columns")
        for number, column in enumerate(columns):
            values = [row[number] for row in rows if number < len(row)]
            self._column(column, values, spot)

    def _column(self, column: str, values: list, spot: Spot) -> None:
        said = [v for v in values if v is not None and str(v).strip()]
        what = patterns.singles_out(column, said)
        if what and not all(str(v) in self.public.ids for v in said):
            self.report(spot, "column that singles out a person", what)
        named = self.secrets.named if what and self.secrets else None
        if named and any(named(str(v), under_id=True) for v in said):
            self.report(spot, "respondent's id", "an id")
        moments = {v for v in said if isinstance(v, str) and patterns.MOMENT.match(v)}
        if len(moments) >= 3:
            self.report(spot, "exact date", f"{len(moments)} moments")
        if spot.restricted or spot.made:
            for value in said:
                self._cell(column, value, spot)

    # Notebooks, scripts, pages

    def notebook(self, book: dict, spot: Spot) -> None:
        """Scan sources, outputs, attachments and metadata of a notebook."""
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
                self.prose(_lines(source), here, code=True)
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
                content = _from_base64("".join(text.split()))
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
        decoder = json.JSONDecoder()
        at = 0
        for found in re.finditer(r'\[\s*[\[{"]|\{\s*"', text):
            if found.start() < at:
                continue
            try:
                tree, at = decoder.raw_decode(text, found.start())
            except (ValueError, RecursionError):
                continue
            self.tree(tree, spot.at(f"line {text.count(chr(10), 0, found.start()) + 1}"))
        self._literals(text, spot)
        words: Pieces = []
        for found in _STRING.finditer(text):
            said = "".join(found.groups(""))
            if len(said) > 5:
                place = f"line {text.count(chr(10), 0, found.start()) + 1}"
                words.append((place, said))
                if said[0] in "[{" and (tree := _parsed(said.replace('\\"', '"'))) is not None:
                    self.tree(tree, spot.at(place))
        self.prose(words, spot)
        self.prose([("a remark", found[0]) for found in _REMARK.finditer(text)], spot, code=True)
        self._secret(text, _lines(text), spot)
        self.embedded(text, spot)

    def _literals(self, text: str, spot: Spot) -> None:
        length, at = patterns.longest_run(text)
        if length > MAX_ROWS:
            place = f"line {text.count(chr(10), 0, at) + 1}"
            self.report(spot.at(place), "rows of respondents", f"an array of {length}")
        for key, count in patterns.literal_keys(text).items():
            what = patterns.singles_out(key, ["written out"])
            if what and count >= 3:
                self.report(spot, "column that singles out a person", what)

    def html(self, text: str, spot: Spot) -> None:
        """Scan a page, a picture in SVG, or a fragment of either."""
        parts = markup.take_apart(text)
        for restricted in (False, True):
            inner = replace(spot, restricted=spot.restricted or restricted)
            for code in (False, True):
                held = [(f"line {w[0]}", w[3]) for w in parts.words if w[1:3] == (restricted, code)]
                self.prose(held, inner, code=code)
            held = [(f"line {a[0]}", a[3]) for a in parts.attributes if a[1] == restricted]
            self.prose(held, inner)
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


def _decode(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8", "replace")


def _lines(text: str) -> Pieces:
    return [(f"line {number}", line) for number, line in enumerate(text.splitlines(), 1)]


def _fenced(lines: Pieces) -> list[bool]:
    """Which lines of Markdown are code between fences; a fence that stays open is prose."""
    at = [n for n, (_, line) in enumerate(lines) if re.match(r"\s*(```|~~~)", line)]
    inside = [False] * len(lines)
    for begin, end in zip(at[::2], at[1::2], strict=False):
        if "code" in lines[begin][1] or "python" in lines[begin][1]:
            inside[begin : end + 1] = [True] * (end + 1 - begin)
    return inside


def _joined(held: str | Iterable[str]) -> str:
    return held if isinstance(held, str) else "".join(map(str, held))


def _parsed(text: str) -> object | None:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _from_base64(text: str) -> bytes | None:
    text = unquote_to_bytes(text).decode("latin-1").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None


def _number(value: object) -> float | None:
    try:
        number = float(str(value).replace("%", "").replace(",", "").strip())
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _fine(share: float) -> bool:
    """Whether a fraction, or a percentage above 1, is finer than whole points."""
    points = share * 100 if abs(share) <= 1 else share
    return abs(points - round(points)) > 1e-6


def _outline(node: list) -> bool:
    """Whether an array is the outline of a shape: a ring of points that closes."""
    return isinstance(node[0], list) and node[0] == node[-1] and len(node[0]) == 2


def scan(folder: Path, *, min_cell: int, secrets: Secrets | None = None) -> list[Leak]:
    """Leaks in every file of a folder, in order of files.

    Parameters
    ----------
    folder : Path
        A built site, or a folder of notebooks.
    min_cell : int
        Smallest count of people that may be published, unweighted.
    secrets : Secrets, optional
        Ids and open answers of the restricted file.
    """
    return sorted(scanned(folder, min_cell=min_cell, secrets=secrets).leaks)


@cache
def _public() -> Public:
    return Public(Path(exile.__file__).parents[1])


def scanned(folder: Path, *, min_cell: int, secrets: Secrets | None = None) -> Scanner:
    """The scanner after its work, with what it read.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(str(folder), "it is no folder", "Build the book first: make book.")
    public = _public()
    if secrets is not None:
        secrets.allow_for(public.texts)
    scanner = Scanner(min_cell, public, secrets)
    for path in sorted(folder.rglob("*")):
        if path.is_file() or path.is_symlink():
            scanner.file(path, path.relative_to(folder).as_posix())
    return scanner
