"""A column of a file: what the file says of it, and what its cells hold.

A cell becomes a text of one form, whatever format stored it, and a column a whole number
for each row, which points to the column's few different texts. All that is decided about
answers is decided once for each text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from exile.errors import InputError

# More different texts than that are no codes of a question.
MOST_CODES = 60_000
# Whole numbers beyond that are rounded where a format stores them as floats.
EXACT = 2**53

_WHOLE = re.compile(r"[+-]?\d+(\.0*|,0{1,2})?")


@dataclass(frozen=True)
class Column:
    """A column as the file describes it.

    ``codes`` maps codes, in their canonical form, to labels; ``missing`` holds what the
    file declares missing, as ranges of numbers or texts, both ends included.
    """

    name: str
    label: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    missing: tuple[tuple[float | str, float | str], ...] = ()
    text: bool = True

    def declared_missing(self, code: str) -> bool:
        """Whether the file itself says that this code stands for no answer."""
        return any(within(code, low, high) for low, high in self.missing)


def canonical(value: object) -> str:
    """A cell as one text: ``1``, ``1.0`` and ``" 1 "`` are "1", ``TRUE`` is "true".

    SPSS and Stata keep numbers as floats, CSV as text; the same survey must read alike.
    """
    match value:
        case None:
            return ""
        case bool() | np.bool_():
            return "true" if value else "false"
        case float() | np.floating():
            number = float(value)
            if isnan(number):
                return ""
            whole = number.is_integer() and abs(number) < EXACT
            return str(int(number)) if whole else repr(number)
        case datetime():
            clock = value.strftime(" %H:%M:%S")
            return value.date().isoformat() + ("" if clock == " 00:00:00" else clock)
        case date():
            return value.isoformat()
    if value is pd.NaT or value is pd.NA:
        return ""
    text = unicodedata.normalize("NFC", str(value)).strip()
    if _WHOLE.fullmatch(text):
        return str(int(re.split("[.,]", text)[0]))
    return text.lower() if text.lower() in ("true", "false") else text


def number(code: str) -> float | None:
    """A text as a number, with a point or a comma before the decimals; None if it is none."""
    try:
        return float(code if "." in code else code.replace(",", ".", 1))
    except ValueError:
        return None


def within(code: str, low: float | str, high: float | str) -> bool:
    """Whether a code lies in a range; texts only equal one of its ends."""
    if isinstance(low, str) or isinstance(high, str):
        return code in (canonical(low), canonical(high))
    value = number(code)
    return value is not None and low <= value <= high


class Answers:
    """The cells of a column of codes: ``rows`` points into ``values``; values[0] is blank."""

    def __init__(self, column: str):
        self.column = column
        self.values = [""]
        self._places = {"": 0}
        self._parts: list[np.ndarray] = []

    @property
    def rows(self) -> np.ndarray:
        if len(self._parts) != 1:
            self._parts = [np.concatenate(self._parts or [np.zeros(0, np.uint8)])]
        return self._parts[0]

    def forget(self) -> None:
        """Give the memory back."""
        self._parts = [np.zeros(0, np.uint8)]

    def texts(self, cells: Sequence[object]) -> None:
        """Add cells of any kind."""
        places, found = pd.factorize(np.array([*cells, None], dtype=object)[:-1])
        self.coded(places + 1, [None, *found])

    def open_question(self, most: int = MOST_CODES) -> InputError:
        """What is said of a column with too many different answers."""
        return InputError(
            f"survey, column '{self.column}'",
            f"it holds more than {most:,} different answers",
            "That is no closed question; map another column.",
        )

    def coded(self, places: np.ndarray, found: Sequence[object]) -> None:
        """Add cells that point into ``found``."""
        used = np.flatnonzero(np.bincount(places, minlength=len(found)))
        if len(self.values) + len(used) > MOST_CODES:
            raise self.open_question()
        to = np.zeros(len(found), np.uint16)
        for place in used:
            text = canonical(found[int(place)])
            to[place] = self._places.setdefault(text, len(self.values))
            if to[place] == len(self.values):
                self.values.append(text)
        small = to.astype(np.uint8) if len(self.values) <= 256 else to
        self._parts.append(small[places])

    def numbers(self, cells: np.ndarray, convert: Callable[[float], object] | None = None) -> None:
        """Add numbers, some of which may be masked or no number."""
        blank = np.ma.getmaskarray(cells)
        data = np.ma.getdata(cells)
        if data.dtype.kind == "f":
            blank = blank | np.isnan(data)
        kept = data[~blank] if blank.any() else data
        low, high = (float(kept.min()), float(kept.max())) if len(kept) else (0.0, 0.0)
        places = np.zeros(len(data), np.int64)
        found: list[Any]
        if high - low < MOST_CODES and (data.dtype.kind != "f" or (kept == np.floor(kept)).all()):
            places[~blank] = (kept - kept.dtype.type(low)).astype(np.int64) + 1 if len(kept) else 0
            found = [None, *(low + k for k in range(int(high - low) + 1))]
        else:
            different, inverse = np.unique(kept, return_inverse=True)
            places[~blank] = inverse + 1
            found = [None, *different[: MOST_CODES + 2].tolist()]
            if len(found) > MOST_CODES + 1:
                found += [None] * (len(different) - len(found) + 1)
        if convert:
            found = [None if f is None else convert(f) for f in found]
        self.coded(places, found)


class Numbers:
    """The cells of a column of weights, as floats; what is no number is not a number."""

    def __init__(self, column: str):
        self.column = column
        self._parts: list[np.ndarray] = []

    @property
    def rows(self) -> np.ndarray:
        return np.concatenate(self._parts or [np.zeros(0)])

    def texts(self, cells: Sequence[object]) -> None:
        found = (number(canonical(cell)) for cell in cells)
        self._parts.append(np.array([np.nan if f is None else f for f in found], float))

    def numbers(self, cells: np.ndarray, convert: object = None) -> None:
        self._parts.append(np.ma.filled(np.ma.asarray(cells, dtype=float), np.nan))


class Ids:
    """The cells of a column of ids: texts, kept as whole numbers only where none changes."""

    def __init__(self, column: str):
        self.column = column
        self._parts: list[np.ndarray] = []

    def forget(self) -> None:
        """Give the memory back."""
        self._parts = []

    def texts(self, cells: Sequence[object]) -> None:
        if any(isinstance(cell, float) for cell in cells):
            cells = [_unrounded(self.column, cell) for cell in cells]
        texts = ["" if c is None or c is pd.NaT else str(c).strip() for c in cells]
        # What a program wrote as 12.0, it read as 12.
        if all(re.fullmatch(r"\d+\.0|", t) for t in texts):
            texts = [t.removesuffix(".0") for t in texts]
        if texts and all(re.fullmatch(r"0|[1-9]\d{0,17}", t) for t in texts):
            self._parts.append(np.array(texts, dtype=np.int64))
        else:
            self._parts.append(np.array([*texts, None], dtype=object)[:-1])

    def numbers(self, cells: np.ndarray, convert: object = None) -> None:
        if np.ma.getmaskarray(cells).any() or cells.dtype.kind != "i":
            if cells.dtype.kind == "f" and (np.abs(np.ma.getdata(cells)) >= EXACT).any():
                _unrounded(self.column, float(EXACT))
            if cells.dtype.kind == "f" and not np.ma.getmaskarray(cells).any():
                data = np.ma.getdata(cells)
                if np.isfinite(data).all() and (data == np.floor(data)).all():
                    self._parts.append(data.astype(np.int64))
                    return
            self.texts([canonical(c) for c in np.ma.filled(cells.astype(object), None)])
        else:
            self._parts.append(np.ma.getdata(cells).astype(np.int64))

    def persons(self) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """A whole number for each row's person, which rows have no id, and some ids."""
        if all(p.dtype.kind == "i" for p in self._parts):
            ids = np.concatenate(self._parts or [np.zeros(0, np.int64)])
            blank = np.zeros(len(ids), bool)
        else:
            ids = np.concatenate([p.astype(str).astype(object) for p in self._parts])
            blank = ids == ""
        sample = [str(i) for i in ids[:1000]]
        if ids.dtype.kind == "i" and len(ids) and (ids[1:] >= ids[:-1]).all():
            # Already in order, as most files are.
            return np.cumsum(np.append(False, ids[1:] != ids[:-1]), dtype=np.int32), blank, sample
        return pd.factorize(ids)[0], blank, sample


Sink = Answers | Numbers | Ids


def _unrounded(column: str, cell: object) -> object:
    if isinstance(cell, float) and abs(cell) >= EXACT:
        raise InputError(
            f"survey, column '{column}'",
            "ids of more than 15 digits were stored as numbers, which rounds them",
            "Export the ids as text.",
        )
    return canonical(cell) if isinstance(cell, float) else cell
