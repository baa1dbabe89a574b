"""Scan of a built site for what would give respondents away.

Everything that a reader can fetch is opened: pages with their scripts, attributes and
comments, data, notebooks, archives, pictures and PDFs, and whatever is encoded inside
them. Three grades of material are held to three measures:

*Public before the run.* Files that are, byte for byte, tables which
``data/datapackage.json`` declares with a checksum, or files that a theme brings. They
are not read further.

*The rest of the site.* No rows or columns of single people, no identifiers, no open
answers. Counts may be small, because the book counts historical cases; but not in a
data file (a record with a count) that the build itself made.

*Made from the restricted file.* Elements of the class ``respondents`` (or
``tag_respondents``, which a tagged cell becomes) with the charts within them, notebook
cells tagged ``respondents``, and records of evidence of grade A. Here small counts,
shares finer than whole points, exact dates and comments are leaks too.

What it cannot see: words drawn as pixels or curves, what is enciphered, ciphers other
than base64 and percent signs, an answer in other words or in translation, and counts in
PDFs, whose parts bear no mark; the pages from which they are printed are scanned.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from lzma import LZMAError
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pypdf
from pypdf.errors import PyPdfError

import exile
from exile.custody.leaks import files, markup
from exile.custody.leaks.leak import Leak, shape
from exile.custody.leaks.pages import Pages, from_base64
from exile.custody.leaks.pieces import Pieces, Spot, by_line
from exile.custody.leaks.public import Public
from exile.custody.leaks.raw import Secrets, decoded
from exile.custody.leaks.trees import parsed
from exile.errors import InputError

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
_BASE64 = re.compile(r"(?<![\w+/])[A-Za-z0-9+/_-]{48,}={0,2}")
# Tables in which jupyter-cache keeps where its notebooks lie.
_CACHE_TABLES = {"nbcache", "nbproject", "nbstage", "settings"}
_WORDED = {".csv", ".html", ".ipynb", ".js", ".json", ".md", ".xml"}
_WORTH_SHARING = 2**23  # bytes
_NOISE = ("unknown", "text", "markup", "font")
_HARMLESS_PNG = {"Software"}


@dataclass
class Scanner(Pages):
    """Opens files and sends what they hold to the rule for its form."""

    def compare_marks(self) -> None:
        """Report notebooks that lost the tags which their pages show.

        Without them the measure for restricted material would silently not apply.
        """
        pages = {Path(name).stem for name in self.marked if Path(name).parent.name == "book"}
        for name, tagged in self.notebooks.items():
            if not tagged and Path(name).stem in pages:
                self.report(Spot(name), "mark missing", "no cell is tagged respondents")

    def file(self, path: Path, name: str) -> None:
        """Scan a file of the site; ``name`` is its path within the site."""
        spot = Spot(name)
        self.prose([("its name", Path(name).stem), ("its name", name)], spot)
        try:
            if path.is_symlink():
                self.report(spot, "not readable", "a link, whose target may change")
            elif path.stat().st_size > files.LARGEST:
                self.report(spot, "not readable", f"{path.stat().st_size} bytes")
            else:
                self.content(path.read_bytes(), spot)
        except OSError:
            self.report(spot, "not readable", "it cannot be opened")

    def content(self, content: bytes, spot: Spot) -> None:
        """Scan the content of a file or of a member of an archive."""
        name = spot.file.rpartition("!")[2]
        word = files.form(name, content)
        if self.public.has(name, content):
            self.read["public before"] += 1
            return
        self.read[word] += 1
        try:
            self._open(word, content, spot)
        except files.TooLargeError:
            self.report(spot, "not readable", "it unpacks to more than the bounds allow")
        except BROKEN:
            self.report(spot, "not readable", f"broken or locked {word}")

    def _open(self, word: str, content: bytes, spot: Spot) -> None:
        match word:
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
            case "unknown" | "font":
                self.report(spot, "not readable", f"{len(content)} bytes of no known form")
            case _:
                text = _decode(content).lstrip("\ufeff")
                before = len(self.leaks)
                self._text_file(word, text, spot)
                # Names of elements, keys and attributes are read by no rule but this.
                if len(self.leaks) == before:
                    self.secret(text, by_line(text), spot)

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
                self.prose(by_line(text), spot, code=True)
                self._literals(text, spot)
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
            self.text(files.page_text(page), here)
            for note in page.get("/Annots", ()) or ():
                held = note.get_object()
                said = [held.get("/Contents"), held.get("/A", {}).get("/URI")]
                self.prose([("a note or link", str(s)) for s in said if s], here)

    def text(self, text: str, spot: Spot) -> None:
        """Scan text that has no markup: prose, printed output, or data without a name."""
        lines = by_line(text)
        self.secret(text, lines, spot)  # a quotation runs on over the ends of lines
        fenced = _fenced(lines)
        self.prose([piece for piece, code in zip(lines, fenced, strict=True) if not code], spot)
        self.prose(
            [piece for piece, code in zip(lines, fenced, strict=True) if code], spot, code=True
        )
        self.printed(text, spot)
        self.embedded(text, spot)
        if text.lstrip()[:1] in "{[" and (tree := parsed(text)) is not None:
            self.tree(tree, spot)
        elif "<table" in text or "<script" in text:
            self.html(text, spot)

    def embedded(self, text: str, spot: Spot) -> None:
        """Scan what is encoded inside a text: data addresses and runs of base64."""
        if spot.depth > files.DEEPEST + 2:
            return
        inner = replace(spot, depth=spot.depth + 1)
        for found in _DATA_URI.finditer(text):
            here = replace(inner.at("a data address"), file=f"{spot.file}!data")
            if "base64" in found[2]:
                content = from_base64(found[3])
            else:
                content = unquote_to_bytes(found[3])
            suffix = found[1].rpartition("/")[2].partition("+")[0]
            if content:
                self.content(content, replace(here, file=f"{here.file}.{suffix or 'txt'}"))
        if "base64" in text:
            text = _DATA_URI.sub("", text)
        for found in _BASE64.finditer(text):
            if (content := from_base64(found[0])) is None:
                continue
            word = files.form("", content)
            # Long words of a script decode to noise, which is neither text nor a known form.
            words = decoded(found[0])
            if "".join(words.split()).isprintable() if words else word not in _NOISE:
                self.content(content, replace(inner, file=f"{spot.file}!base64"))


def _decode(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8", "replace")


def _fenced(lines: Pieces) -> list[bool]:
    """Which lines of Markdown are code between fences; a fence that stays open is prose."""
    at = [n for n, (_, line) in enumerate(lines) if re.match(r"\s*(```|~~~)", line)]
    inside = [False] * len(lines)
    for begin, end in zip(at[::2], at[1::2], strict=False):
        if "code" in lines[begin][1] or "python" in lines[begin][1]:
            inside[begin : end + 1] = [True] * (end + 1 - begin)
    return inside


def scan(
    folder: Path, *, min_cell: int, secrets: Secrets | None = None, before: Path | None = None
) -> list[Leak]:
    """Leaks in every file of a folder, in order of files; see ``scanned``."""
    return sorted(scanned(folder, min_cell=min_cell, secrets=secrets, before=before).leaks)


@cache
def _public() -> Public:
    return Public(Path(exile.__file__).parents[1])


def scanned(
    folder: Path, *, min_cell: int, secrets: Secrets | None = None, before: Path | None = None
) -> Scanner:
    """The scanner after its work, with what it read.

    Parameters
    ----------
    folder : Path
        A built site, or a folder of notebooks.
    min_cell : int
        Smallest count of people that may be published, unweighted.
    secrets : Secrets, optional
        Ids and open answers of the restricted file.
    before : Path, optional
        The site as built without the restricted file. Short turns of phrase that stand
        in it are no quotations; among thousands of answers some are in any prose.

    Raises
    ------
    InputError
        If a folder is missing or empty.
    """
    paths = _paths(folder)
    public = _public()
    if secrets is not None:
        secrets.allow_for(public.texts)
        if before is not None:
            secrets.allow_for([text for path in _paths(before) for text in _words(path)])
    whole = Scanner(min_cell, public, secrets)
    for part in _in_parts(whole, paths, folder):
        whole.leaks |= part.leaks
        whole.read += part.read
        whole.marked |= part.marked
        whole.notebooks |= part.notebooks
    whole.compare_marks()
    return whole


def _in_parts(whole: Scanner, paths: list[Path], folder: Path) -> Iterator[Scanner]:
    """Scan each file by itself, on all processors where PDFs make that worth their start."""
    by_size = sorted(paths, key=lambda path: path.lstat().st_size, reverse=True)
    settings = (whole.min_cell, whole.secrets, folder)
    if sum(path.lstat().st_size for path in paths) < _WORTH_SHARING:
        _begin(*settings)
        yield from map(_part, by_size)
        _settings.clear()
        return
    with ProcessPoolExecutor(
        mp_context=get_context("spawn"), initializer=_begin, initargs=settings
    ) as pool:
        yield from pool.map(_part, by_size)


# What a process scans for; passed once, because the secrets are many megabytes.
_settings: dict[str, object] = {}


def _begin(min_cell: int, secrets: Secrets | None, folder: Path) -> None:
    _settings.update(min_cell=min_cell, secrets=secrets, folder=folder)


def _part(path: Path) -> Scanner:
    part = Scanner(_settings["min_cell"], _public(), _settings["secrets"])
    part.file(path, path.relative_to(_settings["folder"]).as_posix())
    # Neither comes back with the leaks: one is large, the other secret.
    part.public, part.secrets = None, None
    return part


def _paths(folder: Path) -> list[Path]:
    found = [p for p in sorted(folder.rglob("*")) if p.is_symlink() or not p.is_dir()]
    if not found:
        raise InputError(str(folder), "no files are there", "Build the book first: make book.")
    return found


def _words(path: Path) -> list[str]:
    """What a page or text says, markup taken off."""
    if path.suffix not in _WORDED:
        return []
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        parts = markup.take_apart(text)
        return [text, "\n".join(words for *_, words in parts.words)]
    return [text]
