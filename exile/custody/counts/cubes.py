"""From interviews to tables of counts, on which every analysis runs.

A topic counts persons by the attributes and the topic's variables, at each person's last
interview.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log2, prod

import numpy as np
import pandas as pd

from exile.custody.catalogue import AGE_BOUNDS, MISSING, catalogue
from exile.custody.counts.interviews import Interviews, different
from exile.custody.source.coding import levels

SLICE = 1 << 20
# More cells than that are sorted and not laid out.
DENSE = 1 << 22


@dataclass(frozen=True)
class Axis:
    """A variable: places in its words, for each interview."""

    places: np.ndarray
    words: tuple[str, ...]

    def __getitem__(self, rows: np.ndarray) -> Axis:
        return Axis(self.places[rows], self.words)


def axes(found: Interviews) -> dict[str, Axis]:
    """The variables of the interviews and what is made of them.

    An activity of several is "yes" if one is, "no" if all are answered with no, and
    missing otherwise.
    """
    made = {"wave": Axis(found.wave, tuple(map(str, range(int(found.wave.max(initial=1)) + 1))))}
    for name, item in found.items.items():
        if item.mapping.variable.kind == "years":
            made["age_group"] = _groups(item.places, bool(item.mapping.codes or item.mapping.cuts))
        elif name != "wave":
            made[name] = Axis(item.places, (MISSING, *levels(item.mapping.variable)))
    known = catalogue()
    for name in known.derived:
        sources = [made[s].places for s in known.sources(name, frozenset(made))]
        if sources and name != "age_group":
            yes, no = np.zeros(len(found.wave), bool), np.ones(len(found.wave), bool)
            for places in sources:
                yes |= places == 1
                no &= places == 2
            made[name] = Axis(yes + 2 * no.astype(np.uint8), (MISSING, "yes", "no"))
    return made


def tables(found: Interviews, made: dict[str, Axis]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and counts of each table that the interviews allow.

    Returns
    -------
    iterator of (str, DataFrame)
        Columns: the variables, then n (persons), w (sum of weights) and w2 (sum of
        squared weights), sorted by the variables.
    """
    known = catalogue()
    weights = _Weights(found.weight, len(found.wave))
    attributes = [a for a in known.attributes if a in made]
    topics = {
        topic: list(dict.fromkeys([*attributes, *together]))
        for topic, together in {"persons": (), **known.topics}.items()
        if set(together) <= set(made)
    }
    last = _last(found)
    at_last = {v: made[v][last] for v in {v for by in topics.values() for v in by}}
    for topic, cube in _counted(at_last, topics, attributes, weights[last]).items():
        yield topic, cube.frame()


def _last(found: Interviews) -> np.ndarray:
    """The interviews that are their person's last, in order."""
    last = np.full(int(found.person.max(initial=-1)) + 1, -1, np.int32)
    for wave in different(found.wave):
        at = np.flatnonzero(found.wave == wave)
        last[found.person[at]] = at
    last = last[last >= 0]
    last.sort()
    return last


class _Weights:
    """Weights in steps so fine, and so coarse, that every order of summing gives one sum."""

    def __init__(self, weight: np.ndarray | None, size: int):
        self.size, self.parts = size, None
        self.scales: tuple[float, ...] = (1.0, 1.0)
        if weight is not None and size:
            self.scales = tuple(
                2.0 ** floor(52 - ceil(log2(size + 1)) - ceil(log2(top)))
                for top in (float(weight.max()), float(weight.max()) ** 2)
            )
            self.parts = (weight, self.scales)

    def __getitem__(self, rows: np.ndarray) -> _Weights:
        one = _Weights(None, len(rows))
        if self.parts:
            one.scales = self.scales
            one.parts = (self.parts[0][rows], self.scales)
        return one

    def steps(self, here: slice) -> tuple[np.ndarray, np.ndarray] | None:
        if not self.parts:
            return None
        weight = self.parts[0][here]
        return np.rint(weight * self.scales[0]), np.rint(weight * weight * self.scales[1])


@dataclass(frozen=True)
class Cube:
    """Cells that occur: for each variable places in its words, and n, w and w2."""

    words: dict[str, tuple[str, ...]]
    places: dict[str, np.ndarray]
    sums: tuple[np.ndarray, ...]

    def margin(self, by: Sequence[str]) -> Cube:
        """Summed over all other variables."""
        words = {v: self.words[v] for v in by}
        sizes = [len(w) for w in words.values()]
        key = np.zeros(len(self.sums[0]), np.int64)
        for variable, size in zip(by, sizes, strict=True):
            key = key * size + self.places[variable]
        used, cell = np.unique(key, return_inverse=True)
        at = np.unravel_index(used, sizes) if by else ()
        sums = tuple(np.bincount(cell, weights=s, minlength=len(used)) for s in self.sums)
        return Cube(words, dict(zip(by, at, strict=True)), sums)

    def frame(self) -> pd.DataFrame:
        """As a table, sorted by the variables' words."""
        columns, ranks = {}, []
        for variable, words in self.words.items():
            rank = np.empty(len(words), np.int64)
            rank[sorted(range(len(words)), key=words.__getitem__)] = np.arange(len(words))
            ranks.append(rank[self.places[variable]])
            columns[variable] = np.array(words, dtype=object)[self.places[variable]]
        n, w, w2 = self.sums
        columns |= {"n": n.astype(np.int64), "w": w, "w2": w2}
        if ranks:
            order = np.lexsort(ranks[::-1])
            columns = {name: column[order] for name, column in columns.items()}
        return pd.DataFrame(columns)


def _counted(
    made: dict[str, Axis], tables_: dict[str, list[str]], shared: list[str], weights: _Weights
) -> dict[str, Cube]:
    """Counts of several tables that share variables; a table within another is its margin."""
    base = _joint([made[v] for v in shared])
    counted: dict[str, Cube] = {}
    for name, by in sorted(tables_.items(), key=lambda t: -len(t[1])):
        wider = next((w for w in counted if set(by) <= set(tables_[w])), None)
        counted[name] = (
            _cube(base, {v: made[v] for v in shared},
                  {v: made[v] for v in by if v not in shared}, weights)
            if wider is None else counted[wider].margin(by)
        )  # fmt: skip
    return counted


@dataclass(frozen=True)
class _Joint:
    """Several variables as one: each interview's combination, and the places in each."""

    cells: np.ndarray
    combinations: np.ndarray


def _joint(made: Sequence[Axis]) -> _Joint:
    if not made:
        return _Joint(np.zeros(0, np.int32), np.zeros((1, 0), int))
    sizes = [int(a.places.max(initial=0)) + 1 for a in made]
    if prod(sizes) > DENSE:
        # Two halves, each of the combinations that occur.
        left, right = _joint(made[: len(made) // 2]), _joint(made[len(made) // 2 :])
        key = left.cells.astype(np.int64) * len(right.combinations) + right.cells
        used, cells = np.unique(key, return_inverse=True)
        halves = divmod(used, len(right.combinations))
        return _Joint(
            cells.astype(np.int32),
            np.hstack([left.combinations[halves[0]], right.combinations[halves[1]]]),
        )
    key = np.zeros(len(made[0].places), np.int32)
    for axis, size in zip(made, sizes, strict=True):
        key *= size
        key += axis.places
    used = np.flatnonzero(np.bincount(key, minlength=1))
    to = np.zeros(prod(sizes), np.int32)
    to[used] = np.arange(len(used))
    return _Joint(to[key], np.stack(np.unravel_index(used, sizes), axis=1))


def _cube(base: _Joint, shared: dict[str, Axis], own: dict[str, Axis], weights: _Weights) -> Cube:
    sizes = [len(base.combinations), *(len(a.words) for a in own.values())]
    total, n = prod(sizes), weights.size
    if total > DENSE:
        key = _key(base, own, sizes, slice(0, n), np.int64)
        used, key = np.unique(key, return_inverse=True)
        sums = _sums(key, len(used), weights, slice(0, n))
    else:
        sums = [np.zeros(total) for _ in range(3)]
        for start in range(0, n, SLICE):
            here = slice(start, min(start + SLICE, n))
            key = _key(base, own, sizes, here, np.int32)
            for one, more in zip(sums, _sums(key, total, weights, here), strict=True):
                one += more
        used = np.flatnonzero(sums[0])
        sums = [s[used] for s in sums]
    combination, *places = np.unravel_index(used, sizes)
    at = {v: base.combinations[combination, i] for i, v in enumerate(shared)}
    words = {v: axis.words for v, axis in {**shared, **own}.items()}
    return Cube(words, {**at, **dict(zip(own, places, strict=True))}, tuple(sums))


def _key(
    base: _Joint, own: dict[str, Axis], sizes: list[int], here: slice, kind: type
) -> np.ndarray:
    count = here.stop - here.start
    key = base.cells[here].astype(kind) if len(base.cells) else np.zeros(count, kind)
    for axis, size in zip(own.values(), sizes[1:], strict=True):
        key *= size
        key += axis.places[here]
    return key


def _sums(key: np.ndarray, size: int, weights: _Weights, here: slice) -> list[np.ndarray]:
    n = np.bincount(key, minlength=size).astype(float)
    steps = weights.steps(here)
    if steps is None:
        return [n, n, n]
    return [n] + [
        np.bincount(key, weights=s, minlength=size) / scale
        for s, scale in zip(steps, weights.scales, strict=True)
    ]


def _groups(places: np.ndarray, banded: bool) -> Axis:
    """Ages in the book's groups; those under the lowest, like those unknown, are missing."""
    words = catalogue().derived["age_group"].levels
    if banded:
        return Axis(places, (MISSING, *words))
    group = np.searchsorted(AGE_BOUNDS, np.arange(256), side="right").astype(np.uint8)
    return Axis(group[places], (MISSING, *words))
