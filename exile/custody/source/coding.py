"""What becomes of each different text of a column: a level, or one kind of missing."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from typing import Any

from exile.custody.catalogue import Variable
from exile.custody.source.codebook import Mapping
from exile.custody.source.columns import Column, number
from exile.custody.source.countries import ISO
from exile.errors import InputError

AGES = (14, 110)
YEARS = (1900, 2015)
# Kinds of missing, as the report words them.
BLANK, DECLARED, NAMED = "blank", "declared missing in the file", "missing by the codebook"
UNDECLARED, IMPOSSIBLE = "in no line of the codebook", "impossible"
# The places of a variable's levels in its array; the levels follow from 1.
NONE, FAULTY = 0, 255


@dataclass(frozen=True)
class Fate:
    """``level`` is a level, an age, a year of birth or a wave, as text; "" if missing."""

    level: str
    kind: str = ""


def levels(variable: Variable) -> tuple[str, ...]:
    """The words whose places stand in a variable's array, from 1."""
    return tuple(sorted(ISO)) if variable.kind == "country" else variable.levels


def fate(mapping: Mapping, column: Column, code: str) -> Fate:
    """What becomes of a code, in its canonical form.

    Raises
    ------
    InputError
        If the codebook gives a level to what the file declares missing.
    """
    if not code:
        return Fate("", BLANK)
    if column.declared_missing(code):
        if code in mapping.codes:
            raise InputError(
                f"survey, column '{column.name}'",
                f"the file declares code {code} missing, and the codebook maps it "
                f"to '{mapping.codes[code]}'",
                "Take it out of the codes, or undo the declaration in the file.",
            )
        return Fate("", DECLARED)
    value = number(code)
    if code in mapping.missing or any(
        value is not None and low <= value <= high for low, high in mapping.ranges
    ):
        return Fate("", NAMED)
    if mapping.codes:
        return Fate(mapping.codes[code]) if code in mapping.codes else Fate("", UNDECLARED)
    if mapping.cuts:
        level = _cut(mapping.cuts, code, value)
        return Fate(level) if level else Fate("", UNDECLARED)
    match mapping.variable.kind:
        case "years":
            low, high = YEARS if mapping.born else AGES
            if value is not None and low <= value < high + 1:
                return Fate(str(int(value)))
            return Fate("", IMPOSSIBLE)
        case "country" if code in ISO:
            return Fate(code)
        case "wave" if value is not None and value.is_integer() and 1 <= value <= 99:
            return Fate(str(int(value)))
    return Fate("", UNDECLARED)


def place(mapping: Mapping, found: Fate) -> int:
    """Where a fate stands in the variable's array."""
    if not found.level:
        return FAULTY if found.kind in (UNDECLARED, IMPOSSIBLE) else NONE
    if found.level.isdigit():
        return int(found.level)
    return levels(mapping.variable).index(found.level) + 1


def _cut(cuts: tuple[tuple[float | str, str], ...], code: str, value: float | None) -> str:
    """The level in whose span a value lies as a whole; "" if in none."""
    span: tuple[Any, Any] | None
    if isinstance(cuts[-1][0], float | int):
        span = None if value is None else (value, value)
    else:
        span = _days(code)
    if span is None:
        return ""
    # Cuts are all numbers or all days, and so is the span.
    starts: list[tuple[Any, str]] = list(reversed(cuts))
    first, last = (next((v for start, v in starts if start <= end), "") for end in span)
    return first if first == last else ""


def _days(code: str) -> tuple[str, str] | None:
    """The first and last day of a date as text: a day, a month or a year."""
    parts = code.split(" ")[0].split("T")[0].split("-")
    if "." in parts[0]:
        parts = parts[0].split(".")[::-1]
    if not all(p.isdigit() for p in parts) or len(parts[0]) != 4 or len(parts) > 3:
        return None
    year, *rest = map(int, parts)
    low, high = [*rest, 1, 1][:2], [*rest, 12, 31][:2]
    if len(rest) == 1:
        if not 1 <= rest[0] <= 12:
            return None
        high[1] = monthrange(year, rest[0])[1]
    first, last = (f"{year:04d}-{month:02d}-{day:02d}" for month, day in (low, high))
    return first, last
