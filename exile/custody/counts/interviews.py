"""A file's rows as interviews of persons: one place for each answer, however it was laid out.

A file may hold a row an interview (with a variable ``wave``), a row a person with columns
for each wave, or come as one file a wave. All become the same arrays.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np

from exile.custody.source.codebook import Codebook, Mapping
from exile.custody.source.coding import NONE, Fate, fate, place
from exile.custody.source.columns import Answers, Column, Ids, Numbers, Sink
from exile.custody.source.reading import files, open_source, read
from exile.custody.source.reading import place as position
from exile.errors import InputError


@dataclass
class Coded:
    """One variable: its answers as places among its levels, and how they came about.

    ``tally`` counts by (code, label, fate) and wave; it is for the custodian alone.
    """

    mapping: Mapping
    places: np.ndarray
    tally: dict[tuple[str, str, Fate], Counter[int]] = field(default_factory=dict)


@dataclass
class Interviews:
    """All interviews; ``person`` counts from 0, ``wave`` is 0 where it is unknown."""

    person: np.ndarray
    wave: np.ndarray
    weight: np.ndarray | None
    items: dict[str, Coded]
    rows: int
    nameless: int
    ids: list[str]
    marked: bool
    digest: str
    notes: dict[str, int] = field(default_factory=dict)

    def keep(self, which: np.ndarray) -> None:
        """Leave only the interviews marked."""
        self.person, self.wave = self.person[which], self.wave[which]
        self.weight = None if self.weight is None else self.weight[which]
        for item in self.items.values():
            item.places = item.places[which]


@dataclass
class _Part:
    """A file, or one wave of a file that holds a row a person."""

    wave: str
    columns: list[Column]
    sinks: dict[int, Sink]
    at: dict[str, int]
    rows: int
    kept: np.ndarray | None = None

    @property
    def size(self) -> int:
        """Interviews."""
        return self.rows if self.kept is None else int(self.kept.sum())

    def answers(self, variable: str) -> Answers:
        """The sink of an item that is coded by its different answers."""
        sink = self.sinks[self.at[variable]]
        assert isinstance(sink, Answers)
        return sink

    def cells(self, variable: str) -> np.ndarray:
        sink = self.sinks[self.at[variable]]
        assert not isinstance(sink, Ids)
        return sink.rows if self.kept is None else sink.rows[self.kept]


def gather(path: Path, codebook: Codebook) -> Interviews:
    """Read a survey by its codebook, once.

    Raises
    ------
    InputError
        For a file that cannot be read, a column that is not there, a layout in which a
        wave is given twice or not at all.
    """
    mappings = codebook.mappings
    if "wave" in mappings and codebook.waves:
        raise InputError(
            f"codebook {codebook.path.name}, variables.wave",
            "the waves have columns or files of their own already", "Delete the variable 'wave'.",
        )  # fmt: skip
    ids = Ids(mappings["respondent"].column)
    digest, parts, people, rows, marked = sha256(), [], [], 0, False
    for wave, file in files(path, codebook.form):
        source = open_source(file, codebook.form)
        waves = [wave] if wave else codebook.waves or [""]
        laid = [_layout(file, source.columns, mappings, w) for w in waves]
        sinks: dict[int, Sink] = {}
        for at in laid:
            for variable, spot in at.items():
                if spot not in sinks:
                    sinks[spot] = _sink(mappings[variable], source.columns[spot], ids)
        marks = [i for i, c in enumerate(source.columns) if c.name.casefold() == "source"]
        for spot in marks:
            if spot not in sinks:
                sinks[spot] = Answers(source.columns[spot].name)
        read_rows = read(file, source, sinks)
        marked |= any(
            "SYNTHETIC" in value.upper()
            for spot in marks if isinstance(sink := sinks[spot], Answers) for value in sink.values
        )  # fmt: skip
        for w, at in zip(waves, laid, strict=True):
            part = _Part(w, source.columns, sinks, at, read_rows)
            if not wave and w:
                part.kept = _interviewed(part, mappings)
            parts.append(part)
            everyone = np.arange(rows, rows + read_rows, dtype=np.int32)
            people.append(everyone if part.kept is None else everyone[part.kept])
        rows += read_rows
        _hash(file, digest)
    persons, blank, sample = ids.persons()
    ids.forget()
    if len(parts) > 1 or parts[0].kept is not None:
        everybody = np.concatenate(people)
        persons, blank = persons[everybody], blank[everybody]
    found = Interviews(
        persons.astype(np.int32, copy=False), _waves(parts, mappings), _weights(parts, mappings), {},
        rows, int(blank.sum()), sample, marked, digest.hexdigest(),
    )  # fmt: skip
    for variable, mapping in mappings.items():
        if mapping.variable.kind not in ("id", "weight", "wave"):
            found.items[variable] = _coded(variable, mapping, parts, found.wave)
    if "wave" in mappings:
        found.items["wave"] = _coded("wave", mappings["wave"], parts, found.wave)
    return found


def _layout(
    file: Path, columns: list[Column], mappings: dict[str, Mapping], wave: str
) -> dict[str, int]:
    """Which column holds which variable in a wave; what a wave did not ask is left out."""
    at = {}
    for variable, mapping in mappings.items():
        wanted = mapping.in_wave(wave)
        if wanted is not None:
            at[variable] = position(file, columns, wanted)
    if "respondent" not in at:
        raise InputError(
            f"survey {file.name}", f"no column of ids is named for wave {wave}",
            "Name one: respondent: {column: ID}.",
        )  # fmt: skip
    spots = Counter(at.values())
    for variable, spot in at.items():
        if spots[spot] > 1:
            raise InputError(
                f"{file.name}, column {spot + 1}", f"it serves '{variable}' and another variable",
                "A column holds one variable.",
            )  # fmt: skip
    return at


def _sink(mapping: Mapping, column: Column, ids: Ids) -> Sink:
    match mapping.variable.kind:
        case "id":
            return ids
        case "weight":
            return Numbers(column.name)
    return Answers(column.name)


def _interviewed(part: _Part, mappings: dict[str, Mapping]) -> np.ndarray:
    """In a file with a row a person: whether any column of the wave alone holds something."""
    own = [
        v for v, m in mappings.items()
        if part.wave in m.columns and m.variable.kind not in ("id", "weight")
    ]  # fmt: skip
    there = np.zeros(part.rows, bool)
    for variable in own:
        there |= part.cells(variable) > 0
    return there if own else np.ones(part.rows, bool)


def _waves(parts: list[_Part], mappings: dict[str, Mapping]) -> np.ndarray:
    found = []
    for part in parts:
        if "wave" in part.at:
            table = _table(mappings["wave"], part)
            found.append(table[part.cells("wave")].astype(np.uint8))
        else:
            found.append(np.full(part.size, int(part.wave or 1), np.uint8))
    return np.concatenate(found)


def _weights(parts: list[_Part], mappings: dict[str, Mapping]) -> np.ndarray | None:
    if "weight" not in mappings:
        return None
    return np.concatenate([
        part.cells("weight") if "weight" in part.at else np.full(part.size, np.nan)
        for part in parts
    ])  # fmt: skip


def _fates(mapping: Mapping, part: _Part) -> list[Fate]:
    spot = part.at[mapping.variable.name]
    return [
        fate(mapping, part.columns[spot], value)
        for value in part.answers(mapping.variable.name).values
    ]


def _table(mapping: Mapping, part: _Part) -> np.ndarray:
    """For each different answer its place among the levels."""
    return np.array([place(mapping, f) for f in _fates(mapping, part)], np.int16)


def _coded(variable: str, mapping: Mapping, parts: list[_Part], wave: np.ndarray) -> Coded:
    """An item's answers from all parts.

    A blank means what ``blank`` says only in waves in which somebody ticked it: in the
    others it was not asked.
    """
    item = Coded(mapping, np.zeros(len(wave), np.int16 if mapping.born else np.uint8))
    start = 0
    for part in parts:
        here = slice(start, start := start + part.size)
        if variable not in part.at:
            continue
        cells, column = part.cells(variable), part.columns[part.at[variable]]
        found, values = _fates(mapping, part), part.answers(variable).values
        item.places[here] = _table(mapping, part).astype(item.places.dtype)[cells]
        key = wave[here].astype(np.int32) * len(values) + cells
        span = int(wave.max(initial=0)) + 1
        counts = np.bincount(key, minlength=span * len(values)).reshape(span, len(values))
        for w, row in enumerate(counts):
            blank = found[0]
            if mapping.blank and row[1:].any():
                blank = Fate(mapping.blank)
                item.places[here][(cells == 0) & (wave[here] == w)] = place(mapping, blank)
            for code in np.flatnonzero(row):
                what = blank if code == 0 else found[code]
                key_ = (values[code], column.codes.get(values[code], ""), what)
                item.tally.setdefault(key_, Counter())[w] += int(row[code])
    for part in parts:
        if variable in part.at:
            part.answers(variable).forget()
    return item


def different(places: np.ndarray) -> list[int]:
    """The small whole numbers that occur, in order."""
    return np.flatnonzero(np.bincount(places)).tolist()


def settle(found: Interviews) -> None:
    """Take what cannot change from whichever interview has it, and ages from birth years.

    Where interviews differ, the earliest counts; ``notes`` says for how many persons.
    """
    persons = int(found.person.max(initial=-1)) + 1
    waves = different(found.wave)
    if persons < len(found.person):
        for name, item in found.items.items():
            if item.mapping.variable.constant or item.mapping.born:
                _settle(found, name, item, persons, waves)
    for name, item in found.items.items():
        born = item.mapping.born
        if born:
            year = np.zeros(max(waves) + 1, np.int16)
            for wave in waves:
                year[wave] = born.get(str(wave), born.get("", 0))
            age = year[found.wave] - item.places
            known = item.places > NONE
            item.places = np.where(known & (age >= 14) & (age <= 110), age, NONE).astype(np.uint8)
            found.notes[f"{name}: impossible"] = int((known & (item.places == NONE)).sum())
        if item.mapping.variable.kind == "years" and persons < len(found.person):
            last = np.zeros(persons, np.uint8)
            for wave in waves:
                rows = np.flatnonzero(found.wave == wave)
                here = found.person[rows]
                silent = item.places[rows] == NONE
                if silent.any():
                    item.places[rows[silent]] = last[here[silent]]
                    carried = int((last[here[silent]] > NONE).sum())
                    found.notes[f"{name}: carried"] = (
                        found.notes.get(f"{name}: carried", 0) + carried
                    )
                last[here] = item.places[rows]


def _settle(found: Interviews, name: str, item: Coded, persons: int, waves: list[int]) -> None:
    said = np.zeros(persons, item.places.dtype)
    for wave in reversed(waves):
        rows = np.flatnonzero((found.wave == wave) & (item.places != NONE))
        said[found.person[rows]] = item.places[rows]
    for_all = said[found.person]
    differ = (item.places != NONE) & (item.places != for_all)
    if differ.any():
        found.notes[f"{name}: differ"] = len(np.unique(found.person[differ]))
    twice = np.bincount(found.person[item.places != NONE], minlength=persons) > 1
    found.notes[f"{name}: asked twice"] = int(twice.sum())
    item.places = for_all


def _hash(file: Path, digest) -> None:
    with file.open("rb") as content:
        while piece := content.read(1 << 20):
            digest.update(piece)
