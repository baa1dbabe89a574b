"""What a file is, told from its first bytes, and what it holds, within bounds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

import pypdf
from pypdf.generic import DecodedStreamObject, NameObject

LARGEST = 64 * 2**20  # bytes of one file, packed or not
RATIO = 200  # a file that unpacks to more than this many times its size is a bomb
DEEPEST = 2  # archives within archives

_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"%PDF", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"\x00\x00\x01\x00", "picture"),
    (b"wOF2", "font"),
    (b"wOFF", "font"),
    (b"\x00\x01\x00\x00", "font"),
    (b"OTTO", "font"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"PAR1", "data file"),
    (b"ARROW1", "data file"),
    (b"FEA1", "data file"),
    (b"$FL2", "data file"),
    (b"$FL3", "data file"),
    (b"<stata_dta>", "data file"),
    (b"\x89HDF", "data file"),
    (b"\x93NUMPY", "data file"),
    (b"RDX", "data file"),
    (b"RDA", "data file"),
    (b"\xd0\xcf\x11\xe0", "data file"),
    (b"HEADER RECORD", "data file"),
    (b"# Sphinx inventory", "inventory"),
)
_DATA_SUFFIXES = frozenset(
    [
        ".parquet",
        ".pq",
        ".sav",
        ".zsav",
        ".por",
        ".dta",
        ".sas7bdat",
        ".xpt",
        ".pkl",
        ".pickle",
        ".joblib",
        ".feather",
        ".arrow",
        ".npz",
        ".npy",
        ".h5",
        ".hdf5",
        ".rds",
        ".rda",
        ".rdata",
        ".xls",
        ".xlsx",
        ".xlsm",
        ".ods",
        ".db",
        ".sqlite",
        ".sqlite3",
        ".duckdb",
        ".mdb",
        ".accdb",
        ".dbf",
        ".shp",
    ]
)
_MARKUP = frozenset((".html", ".htm", ".xhtml", ".svg", ".xml", ".rss", ".atom"))


def form(name: str, content: bytes) -> str:
    """One word for what a file is; content counts for more than the name.

    Words are ``text``, ``markup``, ``json``, ``notebook``, ``script``, ``code``,
    ``table``, ``source map``, and those of the binary forms; ``unknown`` otherwise.
    """
    suffix = PurePosixPath(name.lower()).suffix
    if re.match(rb"\x80[\x02-\x05]", content) or suffix in (".pkl", ".pickle", ".joblib"):
        return "pickle"
    for magic, word in _MAGIC:
        if content.startswith(magic):
            return word
    if content[4:8] == b"ftyp" or content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "picture"
    if content[257:262] == b"ustar":
        return "tar"
    if suffix in _DATA_SUFFIXES:
        return "data file"
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not wide and b"\x00" in content[:8192]:
        return "unknown"
    match suffix:
        case ".map":
            return "source map"
        case ".ipynb":
            return "notebook"
        case ".json" | ".jsonl" | ".ndjson" | ".geojson" | ".webmanifest":
            return "json"
        case ".csv" | ".tsv" | ".tab":
            return "table"
        case ".js" | ".mjs" | ".cjs" | ".ts":
            return "script"
        case ".py" | ".css" | ".r" | ".sps" | ".do" | ".toml" | ".yaml" | ".yml" | ".cff":
            return "code"
    if suffix in _MARKUP or re.match(
        rb"\s*(<\?xml|<!doctype|<html|<svg)", content[:200], re.IGNORECASE
    ):
        return "markup"
    return "text"


class TooLargeError(ValueError):
    """A member unpacks to more than the bounds allow."""


def members(word: str, name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and contents of what a packed file holds.

    Raises
    ------
    TooLargeError
        Before memory fills, whatever sizes the archive states.
    ValueError, OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError
        If the file is broken or locked.
    """
    bound = min(LARGEST, max(2**20, RATIO * len(content)))
    budget = [bound]

    def take(stream) -> bytes:
        held = stream.read(budget[0] + 1)
        if len(held) > budget[0]:
            raise TooLargeError
        budget[0] -= len(held)
        return held

    stem = PurePosixPath(name).stem
    match word:
        case "zip":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for info in archive.infolist():
                    if info.flag_bits & 1:
                        raise ValueError("locked")
                    if not info.is_dir():
                        with archive.open(info) as stream:
                            yield info.filename, take(stream)
                if archive.comment:
                    yield "comment.txt", archive.comment
        case "tar":
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                for entry in archive:
                    if entry.isfile():
                        yield entry.name, take(archive.extractfile(entry))
        case "gzip":
            with gzip.open(io.BytesIO(content)) as stream:
                yield stem, take(stream)
        case "bzip2":
            with bz2.open(io.BytesIO(content)) as stream:
                yield stem, take(stream)
        case "xz":
            with lzma.open(io.BytesIO(content)) as stream:
                yield stem, take(stream)
        case "inventory":
            packed = content.split(b"zlib.\n", 1)[1]
            inflate = zlib.decompressobj()
            held = inflate.decompress(packed, budget[0])
            if inflate.unconsumed_tail:
                raise TooLargeError
            yield "names.txt", held
        case _:
            raise ValueError(word)


def png_texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Keywords and texts in a PNG, and what follows its end.

    Raises
    ------
    ValueError, struct.error, zlib.error
        If the picture is broken.
    """
    at = 8
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IEND":
            if content[at:]:
                yield "after the end", content[at:].decode("utf-8", "replace")
            return
        if kind == b"eXIf":
            yield "eXIf", body.decode("latin-1")
        if kind not in (b"tEXt", b"zTXt", b"iTXt"):
            continue
        keyword, _, rest = body.partition(b"\0")
        if kind == b"zTXt":
            rest = zlib.decompressobj().decompress(rest[1:], 2**20)
        if kind == b"iTXt":
            packed, rest = rest[0], rest[2:].split(b"\0", 2)[2]
            rest = zlib.decompressobj().decompress(rest, 2**20) if packed else rest
        coding = "utf-8" if kind == b"iTXt" else "latin-1"
        yield keyword.decode("latin-1"), rest.decode(coding, "replace")
    raise ValueError("no end")


# Operators that lay out a path, as drawings need them by the ten thousand.
_PATH = re.compile(rb"^[-\d. ]+ (?:[mlcvy]|re)\n", re.MULTILINE)


def page_text(page: pypdf.PageObject) -> str:
    """The text of a page of a PDF; its lines and curves are dropped first, to save time."""
    held = page.get("/Contents")
    streams = held.get_object() if held is not None else []
    streams = streams if isinstance(streams, list) else [streams]
    drawn = b"\n".join(stream.get_object().get_data() for stream in streams)
    # Between brackets stands text, which may itself look like an operator.
    if b"(" not in drawn:
        slim = DecodedStreamObject()
        slim.set_data(_PATH.sub(b"", drawn))
        page[NameObject("/Contents")] = slim
    return page.extract_text()


def printable(content: bytes) -> str:
    """The runs of letters in binary content, as ``strings`` gives them."""
    runs = re.findall(rb"[\x20-\x7e\x80-\xff]{8,}", content)
    return "\n".join(run.decode("utf-8", "ignore") for run in runs)
