"""Opens a survey's file, whatever its format, and lets nothing else read it.

Each format gives its columns by position and pours those asked for into the sinks of
:mod:`exile.custody.source.columns`. Rows in equal rows out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyreadstat

from exile.audit.claims import STRICT
from exile.custody.source.columns import Column, Sink
from exile.errors import InputError
from exile.schema import nearest

TEXTS = (".csv", ".tsv", ".tab", ".txt")
PACKED = (".gz", ".bz2", ".xz", ".zip")
FORMATS = (".sav", ".zsav", ".por", ".dta", *TEXTS, ".xlsx", ".parquet", ".rds")
MAX_ROWS = 50_000_000
MAX_COLUMNS = 10_000


@dataclass(frozen=True)
class Form:
    """How a file is written, as far as it does not say so itself.

    ``header_lines`` counts the lines that the header takes, of which the first holds the
    names; ``skip_lines`` those above it; ``waves`` names one file for each wave, in the folder
    that is given as the survey.
    """

    __pydantic_config__ = STRICT

    encoding: str = "utf-8"
    delimiter: str = ""
    header_lines: int = 1
    skip_lines: int = 0
    sheet: str = ""
    waves: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        if len(self.delimiter) > 1:
            raise ValueError(f"delimiter {self.delimiter!r}; Give one character.")
        if self.header_lines < 1 or self.skip_lines < 0:
            raise ValueError("impossible header; header_lines is 1 or more, skip_lines 0 or more.")
        if lost := [w for w in self.waves if not re.fullmatch(r"[1-9]\d?", w)]:
            raise ValueError(f"'{lost[0]}' is no wave; Number the waves from 1.")


class Source(Protocol):
    """An open file."""

    columns: list[Column]

    def read(self, sinks: Mapping[int, Sink]) -> int: ...


def open_source(path: Path, form: Form = Form()) -> Source:
    """A survey's file with its columns described; no row has been read.

    Raises
    ------
    InputError
        For a missing file, an unknown format, a file that cannot be read as its format or
        encoding, and for one with too many rows or columns to be a survey.
    """
    where = f"survey {path.name}"
    if not path.is_file():
        raise InputError(where, "there is no such file", "Check the path.")
    suffix, packed = _suffix(path)
    if suffix not in FORMATS or (packed and suffix not in TEXTS):
        raise InputError(
            where,
            f"'{path.suffix or 'no suffix'}' is not a format that the book reads",
            "Unpack it." if packed else f"Save it as one of {', '.join(FORMATS)}.",
        )
    source = _guarded(path, lambda: _opened(path, suffix, form))
    if len(source.columns) > MAX_COLUMNS:
        raise InputError(
            where,
            f"it has {len(source.columns)} columns, more than {MAX_COLUMNS}",
            "Keep the columns that the codebook names.",
        )
    _check_rows(path, getattr(source, "claimed", None))
    return source


def read(path: Path, source: Source, sinks: Mapping[int, Sink]) -> int:
    """Pour columns, by position, into their sinks.

    Returns
    -------
    int
        The rows of the file.

    Raises
    ------
    InputError
        As :func:`open_source`.
    """
    rows = _guarded(path, lambda: source.read(sinks))
    _check_rows(path, rows)
    return rows


def place(path: Path, columns: Sequence[Column], wanted: str | int) -> int:
    """The position, from 0, of a column given by its name or, from 1, by its number.

    Raises
    ------
    InputError
        If there is none, or several have the name.
    """
    where = f"{path.name}, column '{wanted}'"
    names = [column.name for column in columns]
    if isinstance(wanted, int):
        if not 1 <= wanted <= len(names):
            raise InputError(where, "no such number", f"The file has {len(names)} columns.")
        return wanted - 1
    found = [i for i, name in enumerate(names) if name == wanted.strip()]
    if len(found) > 1:
        raise InputError(
            where,
            f"columns {', '.join(str(i + 1) for i in found)} have that name",
            f"Give the number of the one you mean: column: {found[0] + 1}.",
        )
    if not found:
        alike = [name for name in names if name.casefold() == wanted.strip().casefold()]
        remedy = (
            f"Did you mean '{alike[0]}'?"
            if alike
            else nearest(wanted, names, "Correct the codebook.")
        )
        raise InputError(where, "the file has no such column", remedy)
    return found[0]


def files(path: Path, form: Form) -> Iterator[tuple[str, Path]]:
    """The survey's files, each with its wave, or one for all waves ("").

    Raises
    ------
    InputError
        For a folder whose files the codebook does not name.
    """
    if not form.waves and path.is_dir():
        raise InputError(
            f"survey {path.name}",
            "it is a folder",
            "Name its files in the codebook: file: {waves: {1: first.sav, 2: second.sav}}.",
        )
    if not form.waves:
        yield "", path
    for wave in sorted(form.waves, key=int):
        yield wave, (path if path.is_dir() else path.parent) / form.waves[wave]


def _suffix(path: Path) -> tuple[str, bool]:
    """The format, and whether it is packed."""
    last = path.suffix.lower()
    if last not in PACKED:
        return last, False
    inner = Path(path.stem).suffix.lower()
    return (inner or ".csv") if last == ".zip" else inner, True


def _opened(path: Path, suffix: str, form: Form) -> Source:
    from exile.custody.source import formats, text

    match suffix:
        case ".xlsx":
            return formats.excel(path, form.sheet, form.skip_lines, form.header_lines)
        case ".parquet":
            return formats.Parquet(path)
        case ".rds":
            return formats.saved_by_r(path)
        case ".sav" | ".zsav" | ".por" | ".dta":
            return formats.Statistics(path, form.encoding)
    tabbed = form.delimiter or ("\t" if suffix in (".tsv", ".tab") else "")
    return text.Text(path, form.encoding, tabbed, form.skip_lines, form.header_lines)


def _guarded(path: Path, step):
    """What a step gives; whatever a reader raises over a broken file becomes one message."""
    try:
        return step()
    except InputError:
        raise
    except Exception as problem:  # noqa: BLE001 (readers raise anything over a broken file)
        # The reader's message may quote a line of the file, and so a person's answers.
        text = "its structure is broken"
        if isinstance(problem, (pyreadstat.ReadstatError, UnicodeError)):
            text = str(problem).splitlines()[0]
        elif isinstance(problem, MemoryError) or "Out of Memory" in str(problem):
            text = "it needs too much memory"
        raise InputError(
            f"survey {path.name}",
            f"it cannot be read as {path.suffix.lower()}: {text}",
            "Open it in the program that made it and export it again; a text file may need "
            "its encoding named in the codebook.",
        ) from None


def _check_rows(path: Path, rows: int | None) -> None:
    if rows is not None and rows > MAX_ROWS:
        raise InputError(
            f"survey {path.name}",
            f"it claims {rows:,} rows, more than {MAX_ROWS:,}",
            "No survey of emigrants has as many; check where the file comes from.",
        )
    if rows == 0:
        raise InputError(f"survey {path.name}", "it has no rows", "Export it again.")
