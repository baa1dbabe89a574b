"""The one account of everything that a run would release, and its one joint audit.

What leaves is of three kinds. *Tables*: counts rounded to a step, small cells and whatever
would give them away hidden. *Estimates*: computed once more from released cells alone, and
only where every cell that they rest on is shown; whoever has the tables could compute them.
*Verdicts*: reached on exact counts. A verdict tells that the counts lie where it would be
the same, so it leaves only if all hidden cells stay protected from somebody who knows even
more: a box of counts around the true ones, throughout which the verdict is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import pandas as pd

from exile.custody.catalogue import MISSING
from exile.custody.release.estimates import Cells, Measured
from exile.custody.release.joint import components
from exile.custody.release.rules import Profile
from exile.custody.release.suppression import Suppression, behind, rounded
from exile.custody.release.tables import Counts, Form, Link, Prepared, Table, prepare, title
from exile.errors import InputError

DRAWS = 8  # corners of a box at which a verdict is tried, besides the telling ones
SPARE = 5  # people by which a box around a hidden count is wider than it must be


@dataclass(frozen=True)
class Estimate:
    """One estimate, and the cells that it rests on.

    Parameters
    ----------
    basis : tuple of str
        Forms of the table from which it can be computed.
    needs : mapping
        By form, the levels that must stand alone in that table.
    exact : DataFrame
        Counts n, w, w2, with a column for each form, and of a model its controls.
    compute : callable
        From such counts to what is measured.
    model : bool
        Whether it rests on finer cells than the basis has: then it is never shown.
    """

    label: str
    basis: tuple[str, ...]
    needs: Mapping[str, tuple[str, ...]]
    exact: Cells
    compute: Callable[[Cells], Measured]
    model: bool = False

    @property
    def table(self) -> str:
        return title(self.basis)


@dataclass(frozen=True)
class Released:
    """What may be shown of one table; it holds no exact count.

    ``counts``: rounded, NaN where hidden; its index has a level for each form. ``absorbed``:
    by form, the levels that took in rare ones.
    """

    counts: pd.Series
    absorbed: Mapping[str, frozenset[str]]


Judge = Callable[[list[Measured]], str]


@dataclass
class Account:
    """Everything asked for in a run; :meth:`settle` decides on all of it together."""

    profile: Profile
    counts: Counts
    forms: dict[str, Form] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    tables: list[tuple[str, ...]] = field(default_factory=list)

    def use(self, form: Form) -> str:
        """The name of a form, from now on known.

        Raises
        ------
        InputError
            If the name stands for another form.
        """
        if self.forms.setdefault(form.name, form) != form:
            raise InputError(f"form '{form.name}'", "it stands for two things", "Rename one.")
        return form.name

    def ask(self, *forms: str) -> None:
        """Put a table into the account."""
        if forms not in self.tables:
            self.tables.append(forms)

    def settle(self) -> Settled:
        """Which cells are hidden, given everything in the account."""
        prepared = prepare(self.tables, self.forms, self.counts, self.profile, self.links)
        return Settled(prepared, self.profile)


class Settled:
    """An account after its audit: released tables, and the ways to what rests on them."""

    def __init__(self, prepared: Prepared, profile: Profile):
        self.prepared, self.profile = prepared, profile
        self.known: dict[str, tuple[np.ndarray, np.ndarray]] = {}  # what verdicts tell
        self.part_of: dict[str, tuple[Suppression, dict[str, np.ndarray]]] = {}
        layouts = {name: table.layout for name, table in prepared.tables.items()}
        for members in components(layouts, prepared.coarser):
            own = Suppression(
                {name: t for name, t in prepared.tables.items() if name in members},
                profile,
                prepared.coarser,
            )
            masks = own.run()
            self.part_of |= {name: (own, masks) for name in members}
        self.released = {
            name: self._released(name) for name, t in prepared.tables.items() if t.shown
        }

    def _released(self, name: str) -> Released:
        table, (_, masks) = self.prepared.tables[name], self.part_of[name]
        assert table.counts is not None, "a table that is shown is counted"
        layout = table.layout
        index = pd.MultiIndex.from_product(layout.levels, names=layout.variables)
        hidden = masks[name] | table.impossible
        shown = np.where(hidden, np.nan, rounded(table.counts, self.profile))
        absorbed = {v: self.prepared.forms[v].absorbed for v in layout.variables}
        return Released(pd.Series(shown.ravel(), index=index, name="about"), absorbed)

    def public(self, estimate: Estimate) -> Measured | None:
        """The estimate from released cells alone; None if one that it rests on is hidden."""
        released = self.released[estimate.table]
        if estimate.model or not self._stand_alone(estimate):
            return None
        if not all(
            released.counts[key] > 0
            for key in product(*(estimate.needs[f] for f in estimate.basis))
        ):
            return None
        frame = (
            self._placed(estimate)
            .groupby(list(estimate.basis), as_index=False)[["n", "w", "w2"]]
            .sum()
        )
        about = np.array(
            [released.counts[tuple(key)] for key in frame[list(estimate.basis)].to_numpy()]
        )
        blank = (frame[list(estimate.basis)] == MISSING).any(axis=1).to_numpy()
        merged = any(MISSING in released.absorbed[f] for f in estimate.basis)
        if merged or np.isnan(about).any():
            # The share without an answer is told only where all of it can be.
            about = np.where(blank, np.nan, about)
        # Mean weights are facts about weights; how many people they stand for is released.
        frame = frame.assign(
            n=about, w=about * frame["w"] / frame["n"], w2=about * frame["w2"] / frame["n"]
        )
        return estimate.compute(frame[~np.isnan(about)].reset_index(drop=True))

    def verdict(self, estimates: list[Estimate], judge: Judge) -> str | None:
        """The verdict on exact counts; None if it would tell too much of a hidden cell."""
        try:
            code = judge([e.compute(e.exact) for e in estimates])
        except InputError:
            return None  # nobody answered
        full = [self._box(e) for e in estimates]
        try:
            signs = [self._signs(e, box) for e, box in zip(estimates, full, strict=True)]
        except InputError:
            return None
        for boxes in _smaller(full, signs):
            if self._same(code, estimates, boxes, signs, judge) and self._admits(boxes):
                return code
        return None

    def _same(
        self,
        code: str,
        estimates: list[Estimate],
        boxes: list[_Box],
        signs: list[np.ndarray],
        judge: Judge,
    ) -> bool:
        """Whether the verdict is the same at corners of the boxes."""
        draw = np.random.default_rng(0)
        sizes = [len(box.cells) for box in boxes]
        ways = [[way * sign > 0 for sign in signs] for way in (1, -1)]
        ways += [[np.full(size, end) for size in sizes] for end in (True, False)]
        ways += [[draw.random(size) < 0.5 for size in sizes] for _ in range(DRAWS)]
        try:
            return all(
                judge(
                    [
                        e.compute(box.scaled(e.exact, np.where(up, box.high, box.low)))
                        for e, box, up in zip(estimates, boxes, way, strict=True)
                    ]
                )
                == code
                for way in ways
            )
        except InputError:
            return False  # at some corner there is nothing to estimate

    def _stand_alone(self, estimate: Estimate) -> bool:
        return all(
            set(levels) <= set(self.prepared.forms[name].levels)
            for name, levels in estimate.needs.items()
        )

    def _placed(self, estimate: Estimate) -> Cells:
        """Exact counts with the levels of their forms as released."""
        return estimate.exact.assign(
            **{f: estimate.exact[f].map(self.prepared.onto(f)) for f in estimate.basis}
        )

    def _box(self, estimate: Estimate) -> _Box:
        table, (_, masks) = self.prepared.tables[estimate.table], self.part_of[estimate.table]
        assert table.counts is not None, "an estimate rests on a table that is counted"
        placed = self._placed(estimate)
        asked = np.ones(len(placed), dtype=bool)
        for name, levels in estimate.needs.items():
            asked &= estimate.exact[name].isin(levels).to_numpy()
        keys = placed[list(estimate.basis)].apply(tuple, axis=1)
        layout = table.layout
        cells = [
            tuple(own.index(level) for own, level in zip(layout.levels, key, strict=True))
            for key in dict.fromkeys(keys[asked])
        ]
        true = np.array([table.counts[cell] for cell in cells])
        wide = self.profile.protection_width + SPARE
        low, high = behind(rounded(true, self.profile), self.profile)
        hidden = np.array([masks[estimate.table][cell] for cell in cells])
        low = np.where(hidden, np.maximum(true - wide, 0), low)
        high = np.where(hidden, true + wide, high)
        cell_of = {key: i for i, key in enumerate(dict.fromkeys(keys[asked]))}
        rows = np.array([cell_of.get(key, -1) for key in keys])
        return _Box(estimate.table, cells, rows, true, low, high, hidden)

    def _signs(self, estimate: Estimate, box: _Box) -> np.ndarray:
        """Whether the estimate rises (1) or falls (-1) with each cell."""
        middle = estimate.compute(estimate.exact).estimate
        found = []
        for i in range(len(box.cells)):
            more = box.true.astype(float)
            more[i] += 1
            found.append(
                np.sign(estimate.compute(box.scaled(estimate.exact, more)).estimate - middle)
            )
        return np.array(found)

    def _admits(self, boxes: list[_Box]) -> bool:
        """Whether hidden cells stay protected if these boxes were known; then they are."""
        also, telling = dict(self.known), False
        for box in boxes:
            low, high = box.bounds(self.prepared.tables[box.table])
            view = behind(rounded(box.true, self.profile), self.profile)
            telling |= bool(
                box.hidden.any() or (box.low > view[0]).any() or (box.high < view[1]).any()
            )
            if box.table in also:
                low = np.maximum(low, also[box.table][0])
                high = np.minimum(high, also[box.table][1])
            also[box.table] = low, high
        if telling:
            for own, masks in {id(p[0]): p for p in map(self.part_of.__getitem__, also)}.values():
                mine = {name: known for name, known in also.items() if name in masks}
                if not own.holds(masks, mine):
                    return False
            self.known = also
        return True


def _smaller(full: list[_Box], signs: list[np.ndarray]) -> Iterator[list[_Box]]:
    """Ever smaller boxes around the true counts, to try one after the other."""
    for boxes in (full, [box.certain() for box in full]):
        yield boxes
        for way in (1, -1):
            yield [box.towards(way * sign) for box, sign in zip(boxes, signs, strict=True)]


@dataclass(frozen=True)
class _Box:
    """Counts that some cells of a table may have, around the true ones.

    ``rows``: for each row of the exact counts its cell here, -1 for none.
    """

    table: str
    cells: list[tuple[int, ...]]
    rows: np.ndarray
    true: np.ndarray
    low: np.ndarray
    high: np.ndarray
    hidden: np.ndarray

    def towards(self, sign: np.ndarray) -> _Box:
        """The half in which the estimate is at most as far in the other direction."""
        low = np.where(sign > 0, self.true, self.low)
        return replace(self, low=low, high=np.where(sign < 0, self.true, self.high))

    def certain(self) -> _Box:
        """The same with shown cells known exactly: rounding is no promise, hiding is."""
        low = np.where(self.hidden, self.low, self.true)
        return replace(self, low=low, high=np.where(self.hidden, self.high, self.true))

    def scaled(self, exact: Cells, counts: np.ndarray) -> Cells:
        """The exact counts, each cell's people made as many as ``counts`` says."""
        times = np.divide(counts, self.true, out=np.ones(len(self.true)), where=self.true > 0)
        factor = np.where(self.rows >= 0, times[self.rows], 1.0)
        changed = exact.assign(**{c: exact[c].to_numpy() * factor for c in ("n", "w", "w2")})
        return changed[changed["n"] > 0].reset_index(drop=True)

    def bounds(self, table: Table) -> tuple[np.ndarray, np.ndarray]:
        low, high = np.zeros(table.layout.shape), np.full(table.layout.shape, np.inf)
        for cell, least, most in zip(self.cells, self.low, self.high, strict=True):
            low[cell], high[cell] = least, most
        return low, high
