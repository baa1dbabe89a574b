"""The measures: what a text, a printed frame or a table must not hold.

What one form of file needs stands in the classes that build on these.
"""

from __future__ import annotations

import bisect
import csv
import io
import math
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import groupby

from exile.custody.leaks import files, patterns
from exile.custody.leaks.leak import REMEDIES, Leak, shape
from exile.custody.leaks.public import Public
from exile.custody.leaks.raw import Secrets
from exile.limits import MAX_ROWS

# A chart on respondents has a row for each cell that it draws; more rows are people.
RESTRICTED_ROWS = 100


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


# Stands between pieces, so that the end of one and the start of the next make no quotation.
BREAK = "\n\0\n"


@dataclass
class Checks:
    """Collects leaks; ``read`` counts files by form."""

    min_cell: int
    public: Public
    secrets: Secrets | None = None
    leaks: dict[Leak, None] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)
    marked: set[str] = field(default_factory=set)
    """Pages that hold material made from the restricted file."""
    notebooks: dict[str, bool] = field(default_factory=dict)
    """Notebooks, and whether a cell of theirs is tagged as such."""

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

    def prose(self, pieces: Pieces, spot: Spot, *, code: bool = False) -> None:
        """Look for identifiers and secrets, and in restricted material for counts and dates."""
        if not pieces:
            return
        starts, at = [], 0
        for _, text in pieces:
            starts.append(at)
            at += len(text) + len(BREAK)
        joined = BREAK.join(text for _, text in pieces)

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
        self.secret(joined, pieces, spot)

    def secret(self, joined: str, pieces: Pieces, spot: Spot) -> None:
        """Look for what the restricted file alone holds in a text and say in which piece."""
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
        if patterns.numbered(text, MAX_ROWS):
            self.report(spot, "rows of respondents", "lines of numbers in columns")
        for sign in ",\t;|":
            for fields, lines in groupby(text.splitlines(), key=lambda line: line.count(sign)):
                block = list(lines) if fields >= 2 else []
                if len(block) >= 4:
                    self.delimited("\n".join(block), spot, sign)

    def delimited(self, text: str, spot: Spot, sign: str = "") -> None:
        """Scan CSV or its kin; the first row is the heading."""
        sign = sign or max(",\t;|", key=text.split("\n", 1)[0].count)
        csv.field_size_limit(files.LARGEST)
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=sign)
        ]
        rows = [row for row in rows if row]
        if not rows:
            return
        self.table(rows[0], rows[1:], spot)
        lines = [(f"line {number}", "\n".join(row)) for number, row in enumerate(rows, 1)]
        self.prose(lines, spot)
        self.embedded(text, spot)

    def table(
        self, columns: list[str], rows: list[list], spot: Spot, *, running: bool = False
    ) -> None:
        """Scan a table of any origin; ``running`` where an index counts its rows from 0."""
        columns = [str(c) for c in columns]
        if len(rows) > (RESTRICTED_ROWS if spot.restricted else MAX_ROWS):
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

    def _cell(self, heading: str, value: object, spot: Spot) -> None:
        number = _number(value)
        if number is None:
            return
        if patterns.COUNT.match(heading.strip()) and 0 < number < self.min_cell:
            self.report(spot, "small cell", "a count below the threshold")
        if spot.restricted and patterns.SHARE.match(heading.strip()) and _fine(number):
            self.report(spot, "share too fine", "a share finer than whole points")

    def _literals(self, text: str, spot: Spot) -> None:
        length, at = patterns.longest_run(text)
        if length > MAX_ROWS:
            place = f"line {text.count(chr(10), 0, at) + 1}"
            self.report(spot.at(place), "rows of respondents", f"an array of {length}")
        for key, count in patterns.literal_keys(text).items():
            what = patterns.singles_out(key, ["written out"])
            if what and count >= 3:
                self.report(spot, "column that singles out a person", what)

    def embedded(self, text: str, spot: Spot) -> None:
        """Scan what is encoded inside a text; it takes all forms of files to do so."""
        raise NotImplementedError


def by_line(text: str) -> Pieces:
    return [(f"line {number}", line) for number, line in enumerate(text.splitlines(), 1)]


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
