"""Text files: delimiter, encoding and header are found or declared, never sampled away.

A file without quotation marks and with one kind of line end has one reading; DuckDB
streams it on all cores. Any other goes through Python's csv module, whose rows are the
measure: no row is lost, none is invented.
"""

from __future__ import annotations

import bz2
import codecs
import csv
import glob
import gzip
import io
import lzma
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import duckdb
import numpy as np

from exile.custody.source.columns import Answers, Column, Ids, Numbers, Sink
from exile.errors import InputError

MAX_LINE = 1_048_576
BLOCK = 50_000
SAMPLE = 20_000
MOST_TEXTS = 5_000
DELIMITERS = ",;\t|"
OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class Text:
    """A .csv or .tsv file, perhaps compressed.

    Parameters
    ----------
    encoding, delimiter
        As declared; a byte order mark and a first line ``sep=;`` go before.
    skip, header
        Lines before the names, and lines that the header takes; names stand in the first.
    """

    def __init__(self, path: Path, encoding: str, delimiter: str, skip: int, header: int):
        self.path, self._encoding, self._delimiter = path, encoding, delimiter
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise self._not_in_encoding() from None
        with self._binary() as file:
            start = file.read(4)
        self._encoding = next((e for m, e in MARKS.items() if start.startswith(m)), encoding)
        lines = list(islice(self._lines(), 400 + skip + header))
        if lines and lines[0].lower().startswith("sep=") and len(lines[0].rstrip("\r\n")) == 5:
            self._delimiter, skip = lines[0][4], skip + 1
        self.before = skip + header
        if len(lines) <= skip or not lines[skip].strip():
            raise InputError(f"survey {path.name}", "it is empty", "Export it again.")
        if "\0" in lines[skip]:
            raise InputError(
                f"survey {path.name}",
                "it holds binary data, or UTF-16 without its mark",
                "Name its encoding in the codebook: file: {encoding: utf-16}.",
            )
        self._delimiter = self._delimiter or _delimiter(
            lines[skip : skip + 1] + lines[self.before :]
        )
        names = next(csv.reader(lines[skip:], delimiter=self._delimiter))
        self.columns = [Column(name.strip()) for name in names]

    def read(self, sinks: Mapping[int, Sink]) -> int:
        """Pour the columns at these places into their sinks; the number of rows."""
        if all(isinstance(sink, Sink) for sink in sinks.values()) and self._plain():
            try:
                return self._stream(sinks)
            except duckdb.Error:
                # The slow way names the line.
                if any(sink._parts for sink in sinks.values()):
                    raise
        rows, width = 0, len(self.columns)
        records = enumerate(csv.reader(self._lines(), delimiter=self._delimiter), 1)
        for _ in range(self.before):
            next(records, None)
        try:
            while block := list(islice(records, BLOCK)):
                kept = [self._fitting(record, line, width) for line, record in block if record]
                rows += len(kept)
                for place, sink in sinks.items():
                    sink.texts([record[place] for record in kept])
        except csv.Error as problem:
            raise InputError(
                f"survey {self.path.name}", f"it is no table: {problem}", "Export it again."
            ) from None
        return rows

    def _fitting(self, record: list[str], line: int, width: int) -> list[str]:
        if len(record) == width or (len(record) > width and not any(record[width:])):
            return record
        raise InputError(
            f"survey {self.path.name}, record {line}",
            f"it has {len(record)} fields, the header {width}",
            "Export it again, or name the delimiter: file: {delimiter: ';'}.",
        )

    def _stream(self, sinks: Mapping[int, Sink]) -> int:
        """Read a file that has one reading; answers come as places among those seen so far."""
        with duckdb.connect() as connection, literal(self.path) as path:
            settings(connection)
            source = (
                f"read_csv({quoted(path)}, auto_detect = false, header = false, "
                f"skip = {self.before}, delim = {quoted(self._delimiter)}, quote = '', "
                f"escape = '', comment = '', max_line_size = {MAX_LINE}, null_padding = false, "
                f"columns = {{{', '.join(f'c{i}: VARCHAR' for i in range(len(self.columns)))}}})"
            )
            coded = [place for place, sink in sinks.items() if isinstance(sink, Answers)]
            first = connection.execute(
                f"SELECT {', '.join(f'c{p}' for p in coded) or '1'} FROM {source} LIMIT {SAMPLE}"
            ).fetchall()
            known = {
                place: dict.fromkeys(row[i] for row in first if row[i] is not None)
                for i, place in enumerate(coded)
            }
            while True:
                for place in coded:
                    sink = sinks[place]
                    # As a type of the database more texts than this take minutes.
                    if len(known[place]) > MOST_TEXTS and isinstance(sink, Answers):
                        raise sink.open_question(MOST_TEXTS)
                parts = [_part(place, sink, known.get(place, {})) for place, sink in sinks.items()]
                found = connection.execute(f"SELECT {', '.join(parts)} FROM {source}").fetchnumpy()
                unseen = [p for p in coded if (found[f"c{p}"] == _unseen(known[p])).any()]
                for place in unseen:
                    more = connection.execute(
                        f"SELECT DISTINCT c{place} FROM {source} WHERE c{place} IS NOT NULL "
                        f"AND {enum(f'c{place}', known[place])} IS NULL LIMIT {MOST_TEXTS + 1}"
                    ).fetchall()
                    known[place] |= dict.fromkeys(row[0] for row in more)
                if not unseen:
                    break
            for place, sink in sinks.items():
                cells = found.pop(f"c{place}")
                rows = len(cells)
                if isinstance(sink, Answers):
                    sink.coded(cells, [None, *known[place]])
                elif isinstance(sink, Ids) and np.ma.getmaskarray(cells).any():
                    texts = connection.execute(f"SELECT c{place} FROM {source}").fetchall()
                    sink.texts([row[0] for row in texts])
                else:
                    sink.numbers(cells)
        return rows

    def _plain(self) -> bool:
        """Whether the file has one reading: UTF-8, one kind of line end, no quotation mark."""
        packed = self.path.suffix.lower() in (*OPENERS, ".zip")
        if packed or codecs.lookup(self._encoding).name not in ("utf-8", "utf-8-sig"):
            return False
        ends: set[bytes] = set()
        last = b""
        with self.path.open("rb") as file:
            while piece := file.read(1 << 24):
                if b'"' in piece or b"\0" in piece:
                    return False
                if b"\r" in piece or last == b"\r":
                    lines = piece.count(b"\n")
                    if piece.count(b"\r") != lines or piece.count(b"\r\n") != lines:
                        return False
                    ends.add(b"\r\n")
                elif b"\n" in piece:
                    ends.add(b"\n")
                last = piece[-1:]
        return len(ends) == 1

    def _binary(self) -> IO[bytes]:
        """The file's bytes, unpacked."""
        suffix = self.path.suffix.lower()
        if suffix == ".zip":
            archive = zipfile.ZipFile(self.path)
            names = [n for n in archive.namelist() if not n.endswith("/")]
            if len(names) != 1:
                raise InputError(
                    f"survey {self.path.name}",
                    f"the archive holds {len(names)} files",
                    "Pack one file, or unpack it.",
                )
            return archive.open(names[0])
        return OPENERS.get(suffix, open)(self.path, "rb")

    def _lines(self) -> Iterator[str]:
        """Lines with their ends, none of which may be endless."""
        try:
            with self._binary() as raw, io.TextIOWrapper(raw, self._encoding, newline="") as file:
                while line := file.readline(MAX_LINE + 1):
                    if len(line) > MAX_LINE:
                        raise InputError(
                            f"survey {self.path.name}",
                            f"a line is longer than {MAX_LINE} characters",
                            "That is no survey with a line for each respondent; export it again.",
                        )
                    yield line
        except UnicodeError as problem:
            raise self._not_in_encoding(problem) from None

    def _not_in_encoding(self, problem: UnicodeError | None = None) -> InputError:
        place = getattr(problem, "start", None)
        at = f" at byte {place}" if place is not None else ""
        return InputError(
            f"survey {self.path.name}",
            f"it cannot be read as {self._encoding}{at}",
            "Name its encoding in the codebook, for example: file: {encoding: cp1251}.",
        )


def settings(connection: duckdb.DuckDBPyConnection) -> None:
    """Bounded memory, no file of its own, no extension and so no network."""
    connection.execute("SET memory_limit = '1GB'; SET threads = 2; SET temp_directory = ''")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET enable_progress_bar = false")


@contextmanager
def literal(path: Path) -> Iterator[str]:
    """A name for the file in which DuckDB sees no pattern."""
    if not glob.has_magic(str(path)):
        yield str(path)
        return
    with TemporaryDirectory(prefix="exile-") as folder:
        link = Path(folder, "survey" + path.suffix)
        link.symlink_to(path.resolve())
        yield str(link)


def quoted(text: str) -> str:
    """A text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def enum(column: str, known: Iterable[str]) -> str:
    """SQL for the place of a column's text among those known, from 0; null for others."""
    return f"enum_code(TRY_CAST({column} AS ENUM({', '.join(map(quoted, known))})))"


def _part(place: int, sink: Sink, known: Mapping[str, None]) -> str:
    column = f"c{place}"
    if isinstance(sink, Numbers):
        return f"TRY_CAST(replace(trim({column}), ',', '.') AS DOUBLE) AS {column}"
    if isinstance(sink, Ids):
        whole = f"TRY_CAST({column} AS BIGINT)"
        return f"CASE WHEN CAST({whole} AS VARCHAR) = {column} THEN {whole} END AS {column}"
    unseen = _unseen(known)
    if not known:
        return f"CASE WHEN {column} IS NULL THEN 0 ELSE {unseen} END::UTINYINT AS {column}"
    size = "UTINYINT" if unseen < 256 else "USMALLINT"
    return (
        f"CASE WHEN {column} IS NULL THEN 0 ELSE coalesce({enum(column, known)} + 1, {unseen}) "
        f"END::{size} AS {column}"
    )


def _unseen(known: Mapping[str, None]) -> int:
    """The place of a text that is not known."""
    return 255 if len(known) < 255 else 65_535


def _delimiter(lines: Sequence[str]) -> str:
    """The one that divides all lines of a sample alike; of several, into most fields."""
    scores = {}
    for delimiter in DELIMITERS:
        widths = [len(r) for r in csv.reader(lines, delimiter=delimiter) if r]
        # A sample may end within a quoted cell.
        (width, often), *_ = Counter(widths[:-1] or widths).most_common(1)
        if width > 1 and widths[0] >= width:
            scores[delimiter] = (often / len(widths), width)
    return max(scores, key=scores.__getitem__, default=",")
