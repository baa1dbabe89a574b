"""Made-up tables, marked so that no one takes them for a survey."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from exile.audit import Evidence
from exile.data import data_directory
from exile.errors import InputError
from exile.statistics.intervals import Interval

SOURCE = "SYNTHETIC"
PREFIX = "SYNTHETIC_"

_FORM = re.compile(r"SYN-(\d{7,})-(\d)", re.IGNORECASE)
# What a verdict would ask of evidence, or of the region that evidence gives.
_ASKED_OF_EVIDENCE = {
    name
    for kind in (Evidence, Interval)
    for name in (*dir(kind), *(f.name for f in fields(kind)))
    if not name.startswith("_")
}


def synthetic_id(number: int) -> str:
    """The id of a made-up respondent, with a check digit."""
    return f"SYN-{number:07d}-{_check_digit(f'{number:07d}')}"


def is_synthetic_id(values: Iterable[object]) -> bool:
    """Whether any value is the id of a made-up respondent."""
    return any(
        (found := _FORM.search(str(value))) and found[2] == _check_digit(found[1])
        for value in values
    )


@dataclass(frozen=True)
class SyntheticTable:
    """A table that was made up: counts of cells, or one row for each respondent.

    It is no :class:`exile.audit.Evidence` and cannot stand for it: no grade
    exists for it, and asking it for one, or for anything else that a verdict
    needs, raises TypeError. Numbers copied out of it by hand carry no mark;
    they would still need the id of a source in ``data/sources.csv``, and none
    is synthetic.

    Parameters
    ----------
    frame : DataFrame
        Any columns. The table keeps a copy, marked in its column ``source``.
    assumptions : tuple of str
        What was assumed, each in a sentence; at least one.
    seed : int
        Of the random numbers, so that the table can be made again.

    Raises
    ------
    InputError
        If the assumptions or the seed are missing, or the frame names another source.
    """

    frame: pd.DataFrame
    assumptions: tuple[str, ...]
    seed: int

    def __post_init__(self):
        where = "SyntheticTable"
        stated = self.assumptions
        if (
            not isinstance(stated, tuple)
            or not stated
            or not all(isinstance(a, str) and a.strip() for a in stated)
        ):
            raise InputError(where, "no assumptions", "Give a tuple with a sentence for each.")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int):
            raise InputError(where, f"seed {self.seed!r}", "Give the whole number that was used.")
        if "source" in self.frame and not (self.frame["source"] == SOURCE).all():
            raise InputError(where, "the rows name another source", "Drop the column 'source'.")
        rest = self.frame.drop(columns="source", errors="ignore")
        marked = pd.concat([pd.Series(SOURCE, rest.index, name="source"), rest], axis=1)
        object.__setattr__(self, "frame", marked)

    def __getattr__(self, name: str):
        if name in _ASKED_OF_EVIDENCE:
            raise TypeError(
                f"a synthetic table has no '{name}': it was made up to verify code and to "
                "compute power, no grade of evidence exists for it, and no verdict rests on it"
            )
        raise AttributeError(name)

    def write(self, path: Path) -> None:
        """Write a CSV file whose name says that it is made up.

        Raises
        ------
        InputError
            If the name does not begin with ``SYNTHETIC_``, or the file would
            stand among the data of the book.
        """
        where = f"file '{path.name}'"
        if not path.name.startswith(PREFIX):
            raise InputError(
                where, "its name hides that it is made up", f"Begin it with '{PREFIX}'."
            )
        kept = {data_directory().resolve(), Path(__file__).resolve().parents[2] / "data"}
        if any(path.resolve().is_relative_to(folder) for folder in kept):
            raise InputError(
                where, "it would stand among real data", "Write it outside the folder 'data'."
            )
        self.frame.to_csv(path, index=False)


def _check_digit(digits: str) -> str:
    """Luhn's, which no ordinary numbering has by chance in all its ids."""
    doubled = (int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)
