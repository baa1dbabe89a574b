"""The search for cells to hide, so that no hidden one can be narrowed down too far.

Zeros are treated like small cells: that nobody of a group did something, or that everybody
did, is a statement about each of its members (group disclosure). Zeros by definition, as
an impossible combination of levels, are declared and known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from exile.custody.release.joint import Coarser, Programme, Published
from exile.custody.release.rules import Profile
from exile.custody.release.tables import Table

# What is known of a table's cells beyond what is shown: (smallest, largest) counts.
Bounds = Mapping[str, tuple[np.ndarray, np.ndarray]]


class Suppression:
    """The cells to hide in one component of linked tables; the profile's promise is kept."""

    def __init__(self, exact: Mapping[str, Table], profile: Profile, coarser: Coarser):
        self.exact, self.profile, self.coarser = exact, profile, coarser
        self.views: dict[tuple[str, bytes], Published] = {}
        self.counted = {name: t.counts for name, t in exact.items() if t.counts is not None}
        self.total = int(next(iter(self.counted.values())).sum())
        self.sensitive = {name: _sensitive(table, profile) for name, table in exact.items()}
        self.programme = Programme({n: t.layout for n, t in exact.items()}, self.total, coarser)
        self.programme.start_from(
            {
                name: Published(t.counts, t.counts)
                if t.counts is not None
                else _attacker_view(t, ~t.impossible, profile)
                for name, t in exact.items()
            }
        )

    def run(self) -> dict[str, np.ndarray]:
        """Masks of hidden cells, by table.

        Tables are let out in the order in which they were asked for. What a later one would
        give away is hidden in that one, so that it takes nothing from those before it.
        """
        masks = {name: ~table.impossible for name, table in self.exact.items()}
        if self.total >= self.profile.min_cell:
            for name, table in self.exact.items():
                if table.shown:
                    self.let_out(name, masks)
        return masks

    def let_out(self, name: str, masks: dict[str, np.ndarray]) -> None:
        """Show of one table what may be shown beside all that is shown already."""
        masks[name] = self.sensitive[name].copy()
        while True:
            # The last word is in whole people, and dear.
            narrow = self._narrowest(masks, name) or self._narrowest(masks, name, whole=True)
            partners = [(name, cell) for cell in self.partners(masks, name, narrow)]
            if not partners:
                break
            for _, cell in partners:
                masks[name][cell] = True
        self._show_again(name, masks)

    def _narrowest(
        self, masks: Mapping[str, np.ndarray], name: str, *, whole: bool = False
    ) -> list[tuple[str, tuple]]:
        """The least protected cell of each table that has any."""
        worst: dict[str, tuple] = {}
        for table, cell, width in self.unsafe(masks, name, whole=whole):
            rank = (width, self._count(table, cell), cell)
            worst[table] = min(worst.get(table, rank), rank)
        return [(table, cell) for table, (_, _, cell) in worst.items()]

    def _show_again(self, name: str, masks: dict[str, np.ndarray]) -> None:
        """Show what the others' protection does not need after all, the largest first."""
        spare = _cells(masks[name] & ~self.sensitive[name])
        for cell in sorted(spare, key=lambda cell: -self._count(name, cell)):
            masks[name][cell] = False
            if any(self.unsafe(masks, name)) or any(self.unsafe(masks, name, whole=True)):
                masks[name][cell] = True

    def holds(self, masks: Mapping[str, np.ndarray], also: Bounds) -> bool:
        """Whether all stays protected if more is known of some cells than is shown."""
        return not any(self.unsafe(masks, whole=True, also=also))

    def unsafe(
        self,
        masks: Mapping[str, np.ndarray],
        first: str | None = None,
        *,
        whole: bool = False,
        also: Bounds | None = None,
    ) -> Iterator[tuple[str, tuple, int]]:
        """(table, cell, width) of hidden cells that can be narrowed down too far.

        Cells of the table ``first`` come first, where a change to it shows soonest.
        """
        published = {name: self.view(name, mask) for name, mask in masks.items()}
        for name, (low, high) in (also or {}).items():
            known = published[name]
            published[name] = Published(np.maximum(known.low, low), np.minimum(known.high, high))
        # Of a withheld table only the sensitive cells need protection from the others.
        targets = {
            name: self.sensitive[name] if _nothing_left(self.exact[name], mask) else mask
            for name, mask in sorted(masks.items(), key=lambda item: item[0] != first)
        }
        return self.programme.unprotected(
            published,
            targets,
            self.profile.protection_width,
            self.profile.protection_maximum,
            whole=whole,
        )

    def view(self, name: str, mask: np.ndarray) -> Published:
        key = name, mask.tobytes()
        if key not in self.views:
            self.views[key] = _attacker_view(self.exact[name], mask, self.profile)
        return self.views[key]

    def partners(
        self, masks: Mapping[str, np.ndarray], name: str, narrow: list[tuple[str, tuple]]
    ) -> list[tuple]:
        """The cheapest cells of a table whose hiding may protect these; none if none is left."""
        shown = ~masks[name] & ~self.exact[name].impossible
        found: list[tuple] = []
        for other, cell in narrow:
            corners = (
                self._rectangle(name, shown, cell) if other == name and shown.ndim == 2 else []
            )
            if corners:
                found += corners
                continue
            line = []
            if other == name:
                line = [
                    c
                    for c in _cells(shown)
                    if sum(a != b for a, b in zip(c, cell, strict=True)) == 1
                ]
            candidates = line or self._overlapping(name, shown, other, cell)
            if candidates:
                found.append(min(candidates, key=lambda c: (self._count(name, c), c)))
        return found

    def _rectangle(self, name: str, shown: np.ndarray, cell: tuple) -> list[tuple]:
        """Shown corners of the cheapest rectangle through the cell that has any.

        An impossible cell cannot be a corner: everyone knows its count. If a complete
        rectangle exists and the cell is still unsafe, another is needed.
        """
        counts, impossible = self.exact[name].counts, self.exact[name].impossible
        assert counts is not None, "every table of the audit is counted"
        best: tuple[int, list[tuple]] | None = None
        for row, column in product(range(shown.shape[0]), range(shown.shape[1])):
            corners = [(row, column), (row, cell[1]), (cell[0], column)]
            if row == cell[0] or column == cell[1] or any(impossible[c] for c in corners):
                continue
            new = [corner for corner in corners if shown[corner]]
            cost = sum(int(counts[corner]) for corner in new)
            if new and (best is None or cost < best[0]):
                best = cost, new
        return best[1] if best else []

    def _overlapping(self, name: str, shown: np.ndarray, other: str, cell: tuple) -> list[tuple]:
        """Shown cells of a table that may hold the same people as another's cell, else all."""
        own, alike = self._groups(other, cell), []
        for c in _cells(shown):
            theirs = self._groups(name, c)
            shared = own.keys() & theirs.keys()
            if shared and all(own[v] & theirs[v] for v in shared):
                alike.append(c)
        return alike or _cells(shown)

    def _groups(self, name: str, cell: tuple) -> dict[str, set]:
        """By variable in its finest form, the levels that a cell takes together."""
        layout, groups = self.exact[name].layout, {}
        for variable, own, i in zip(layout.variables, layout.levels, cell, strict=True):
            base, recoding = self.coarser.get(variable, (variable, {own[i]: own[i]}))
            groups[base] = {finer for finer, level in recoding.items() if level == own[i]}
        return groups

    def _count(self, name: str, cell: tuple) -> int:
        return int(self.counted[name][cell]) if name in self.counted else 0


def _sensitive(table: Table, profile: Profile) -> np.ndarray:
    """Small cells, empty ones among them, and all cells of dominated rows and columns.

    Of groups that no table shows, the small ones: who knows none of a row learns nothing
    from its being dominated.
    """
    possible = ~table.impossible
    if table.counts is None:
        return np.zeros_like(possible)
    small = (table.counts < profile.min_cell) & possible
    for axis in range(table.counts.ndim if table.shown else 0):
        whole = table.counts.sum(axis, keepdims=True)
        several = possible.sum(axis, keepdims=True) > 1
        dominated = several & (table.counts.max(axis, keepdims=True) > profile.dominance * whole)
        small |= dominated & possible
    return small


def _cells(mask: np.ndarray) -> list[tuple]:
    return [tuple(int(i) for i in cell) for cell in np.argwhere(mask)]


def _nothing_left(table: Table, mask: np.ndarray) -> bool:
    return not (~mask & ~table.impossible).any()


def rounded(counts: np.ndarray, profile: Profile) -> np.ndarray:
    """Nearest multiple of the step, halves up."""
    step = profile.count_step
    return (2 * counts + step) // (2 * step) * step


def behind(shown: np.ndarray, profile: Profile) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and largest counts that are shown as these."""
    step = profile.count_step
    return np.maximum(shown - step // 2, profile.min_cell), shown + (step - 1) // 2


def _attacker_view(table: Table, mask: np.ndarray, profile: Profile) -> Published:
    """What a release of the table with these cells hidden tells."""
    counts = np.zeros(table.layout.shape) if table.counts is None else table.counts
    low, high = behind(rounded(counts, profile), profile)
    low, high = np.where(mask, 0, low), np.where(mask, np.inf, high)
    low[table.impossible] = high[table.impossible] = 0
    return Published(low, high)
