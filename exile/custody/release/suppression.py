"""Release of count tables: merge, suppress, audit together, round.

Every table of a run goes through one call of `release`, before anything is drawn or
stored, since tables that are harmless one by one can give a person away by subtraction.

Zeros are treated like small cells: that nobody of a group did something, or that everybody
did, is a statement about each of its members (group disclosure). Zeros by definition, as
an impossible combination of levels, are declared and stay.

A merged level stands for levels with few respondents, and says so; it hides what they did,
not that they are few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations, product
from typing import Any

import numpy as np
import pandas as pd

from exile.custody.release.joint import Coarser, Layout, Programme, Published, components
from exile.custody.release.profile import Profile
from exile.errors import InputError

TOO_FEW = "fewer respondents than the smallest cell"
NOTHING_LEFT = "nothing is left once small cells are protected"


@dataclass(frozen=True)
class Released:
    """What may be shown of one table; it holds no exact count.

    ``counts``: rounded, NaN where suppressed. ``suppressed``: which cells are, and all of
    a withheld table. ``withheld``: why nothing is shown, or "". ``total``: rounded, NaN if
    below the smallest cell. ``fractions``: by the variables held fixed, see `shares`.
    """

    counts: pd.Series
    suppressed: pd.Series
    withheld: str
    total: float
    fractions: Mapping[tuple[str, ...], pd.Series]

    def shares(self, over: str | Sequence[str] = ()) -> pd.Series:
        """Fraction of each cell in its group, the respondents alike on ``over``.

        Rounded to whole steps; NaN where the cell, or all else in its group, is suppressed.

        Raises
        ------
        InputError
            Where ``over`` is not some, and not all, of the table's variables.
        """
        wanted = {over} if isinstance(over, str) else set(over)
        variables = tuple(v for v in self.counts.index.names if v in wanted)
        if len(variables) != len(wanted) or variables not in self.fractions:
            raise InputError(
                f"shares over {sorted(wanted)}",
                f"the table holds {list(self.counts.index.names)}",
                "Name some, but not all, of its variables.",
            )
        return self.fractions[variables].copy()


@dataclass(frozen=True)
class _Table:
    """Exact counts; never leaves this module. Arrays have the layout's shape."""

    layout: Layout
    counts: np.ndarray
    impossible: np.ndarray

    def margin(self, variables: Sequence[str]) -> np.ndarray:
        """Counts summed over all other variables, axes in the order given."""
        names = self.layout.variables
        away = tuple(i for i, v in enumerate(names) if v not in variables)
        left = [v for v in names if v in variables]
        return self.counts.sum(axis=away).transpose([left.index(v) for v in variables])


def release(
    tables: Mapping[str, pd.Series],
    profile: Profile,
    *,
    merge_into: Mapping[str, Any] | None = None,
    coarser: Coarser | None = None,
    impossible: Mapping[str, Sequence] | None = None,
) -> dict[str, Released]:
    """Everything that may be shown of all tables of a run.

    Parameters
    ----------
    tables : mapping
        By name: unweighted integer counts of the same respondents, one index level per
        variable. Missing combinations count 0. Missing answers are a level like others.
    profile : Profile
    merge_into : mapping, optional
        Variable to the level that takes in its levels with fewer than ``min_cell``
        respondents, in all tables alike.
    coarser : mapping, optional
        Variable to the finer variable that it recodes, and that one's levels to its own,
        so that subtraction across the two is audited.
    impossible : mapping, optional
        By table, keys of cells that are empty by definition.

    Raises
    ------
    InputError
        Where a table is malformed or holds a forbidden combination, where tables differ
        in respondents, or where they are linked into too large a table.
    """
    coarser = coarser or {}
    exact = _read(tables, impossible or {})
    for name, table in exact.items():
        _refuse_forbidden(name, table.layout.variables, coarser, profile)
    _refuse_second_recoding(exact, coarser)
    _require_same_respondents(exact)
    for variable, rest in (merge_into or {}).items():
        if variable in coarser or variable in {finer for finer, _ in coarser.values()}:
            raise InputError(
                variable, "it is both merged and recoded", "Recode it before it is counted."
            )
        exact = _merge(exact, variable, rest, profile.min_cell)
    released = {}
    layouts = {name: table.layout for name, table in exact.items()}
    for members in components(layouts, coarser):
        component = {name: exact[name] for name in members}
        masks = _Suppression(component, profile, coarser).run()
        for name in members:
            released[name] = _released(component[name], masks[name], profile)
    return {name: released[name] for name in tables}


def safe_share(k: int, n: int, profile: Profile) -> float | None:
    """``k / n`` rounded to whole steps; None where k, n - k or n is below the smallest cell."""
    if min(k, n - k, n) < profile.min_cell:
        return None
    return float(_rounded_shares(np.array([k]), np.array([n]), profile)[0])


def residual_df_ok(n: int, parameters: int, patterns: int, profile: Profile) -> bool:
    """Whether a model's coefficients may be released.

    ``patterns`` is the number of distinct combinations of the predictors: with as many
    parameters as patterns the model is saturated, and its coefficients are the counts.
    """
    return n - parameters >= profile.residual_df and parameters < patterns


def _read(tables: Mapping[str, pd.Series], impossible: Mapping[str, Sequence]) -> dict[str, _Table]:
    """Complete, checked tables; a variable has the levels of all tables that hold it."""
    levels: dict[str, dict] = {}
    for name, series in tables.items():
        names = series.index.names
        if None in names or len(set(names)) < len(names):
            raise InputError(
                name, "index levels without a name of their own", "Name each by its variable."
            )
        if not series.index.is_unique or series.empty:
            raise InputError(name, "cells repeated or none", "Give each combination once.")
        if not pd.api.types.is_integer_dtype(series.dtype) or (series < 0).any():
            raise InputError(name, "not counts", "Give unweighted whole numbers of respondents.")
        for i, variable in enumerate(names):
            own = series.index.get_level_values(i)
            if own.isna().any():
                raise InputError(
                    name, f"'{variable}' has a missing level", "Name missing answers as a level."
                )
            levels.setdefault(variable, {}).update(dict.fromkeys(own))
    for name in impossible:
        if name not in tables:
            raise InputError(name, "impossible cells of a table not given", "Correct the name.")
    exact = {}
    for name, series in tables.items():
        variables = tuple(series.index.names)
        layout = Layout(variables, tuple(tuple(levels[v]) for v in variables))
        counts = series.reindex(_index(layout), fill_value=0)
        empty = pd.Series(False, index=counts.index)
        for key in impossible.get(name, ()):
            if key not in empty.index or counts[key] != 0:
                raise InputError(
                    name, f"cell {key} is not an empty cell", "Declare only impossible cells."
                )
            empty[key] = True
        exact[name] = _Table(
            layout,
            counts.to_numpy(dtype=np.int64).reshape(layout.shape),
            empty.to_numpy().reshape(layout.shape),
        )
    return exact


def _index(layout: Layout) -> pd.Index:
    if len(layout.variables) == 1:
        return pd.Index(layout.levels[0], name=layout.variables[0])
    return pd.MultiIndex.from_product(layout.levels, names=layout.variables)


def _refuse_forbidden(
    name: str, variables: Sequence[str], coarser: Coarser, profile: Profile
) -> None:
    """A recoded variable counts as what it is made of."""

    def begins(variable: str, start: str) -> bool:
        return variable.startswith(start) or (
            variable in coarser and coarser[variable][0].startswith(start)
        )

    for combination in profile.forbidden:
        if any(
            all(map(begins, chosen, combination))
            for chosen in permutations(variables, len(combination))
        ):
            raise InputError(
                name,
                f"it holds {', '.join(combination)} together",
                "Leave one of these variables out.",
            )


def _refuse_second_recoding(exact: Mapping[str, _Table], coarser: Coarser) -> None:
    """Two recodings differ by groups that are in no table, whose size cannot be checked."""
    held = {v for table in exact.values() for v in table.layout.variables if v in coarser}
    for first, second in combinations(sorted(held), 2):
        if coarser[first][0] == coarser[second][0]:
            raise InputError(
                f"'{first}' and '{second}'",
                f"they are two recodings of '{coarser[first][0]}'",
                "Release one of them, with or without the variable itself.",
            )


def _merge(exact: dict[str, _Table], variable: str, rest: Any, min_cell: int) -> dict[str, _Table]:
    """Tables with the variable's rare levels in ``rest``, in all alike.

    While ``rest`` itself is too small, the next smallest level joins it.
    """
    holding = [name for name, table in exact.items() if variable in table.layout.variables]
    if not holding:
        return exact
    first = exact[holding[0]]
    levels = first.layout.levels[first.layout.variables.index(variable)]
    sizes = dict(zip(levels, first.margin([variable]).tolist(), strict=True))
    others = sorted((v for v in levels if v != rest), key=lambda v: sizes[v])
    merged = [v for v in others if sizes[v] < min_cell]
    if not merged:
        return exact
    while sizes.get(rest, 0) + sum(sizes[v] for v in merged) < min_cell and len(merged) < len(
        others
    ):
        merged.append(others[len(merged)])
    kept = tuple(v for v in levels if v not in merged and v != rest) + (rest,)
    place = np.array([kept.index(rest if v in merged else v) for v in levels])
    result = dict(exact)
    for name in holding:
        table = exact[name]
        axis = table.layout.variables.index(variable)
        groups = [np.flatnonzero(place == i) for i in range(len(kept))]
        all_levels = list(table.layout.levels)
        all_levels[axis] = kept
        result[name] = _Table(
            replace(table.layout, levels=tuple(all_levels)),
            np.stack([table.counts.take(g, axis).sum(axis) for g in groups], axis),
            np.stack([table.impossible.take(g, axis).all(axis) for g in groups], axis),
        )
    return result


def _require_same_respondents(exact: Mapping[str, _Table]) -> None:
    for (first, a), (second, b) in combinations(exact.items(), 2):
        shared = [v for v in a.layout.variables if v in b.layout.variables]
        if not np.array_equal(a.margin(shared), b.margin(shared)):
            raise InputError(
                f"tables '{first}' and '{second}'",
                f"they differ in respondents by {', '.join(shared) or 'number'}",
                "Count the same respondents in both, missing answers as a level.",
            )


class _Suppression:
    """The search for cells to suppress in one component of linked tables."""

    def __init__(self, exact: Mapping[str, _Table], profile: Profile, coarser: Coarser):
        self.exact, self.profile = exact, profile
        self.views: dict[tuple[str, bytes], Published] = {}
        self.total = int(next(iter(exact.values())).counts.sum())
        self.sensitive = {name: _sensitive(table, profile) for name, table in exact.items()}
        self.programme = Programme({n: t.layout for n, t in exact.items()}, self.total, coarser)
        self.programme.start_from({name: table.counts for name, table in exact.items()})

    def run(self) -> dict[str, np.ndarray]:
        """Masks of suppressed cells, by table."""
        if self.total < self.profile.min_cell:
            return {name: ~table.impossible for name, table in self.exact.items()}
        return self.prune(self.complete(self.sensitive))

    def complete(self, masks: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Add the cheapest cells, a table's least protected cell at a time, until all is safe."""
        masks = {name: mask.copy() for name, mask in masks.items()}
        while True:
            worst: dict[str, tuple] = {}
            for name, cell, width in self.unsafe(masks):
                rank = (width, self.exact[name].counts[cell], cell)
                worst[name] = min(worst.get(name, rank), rank)
            added = False
            for name, (_, _, cell) in worst.items():
                for other, partner in self.partners(masks, name, cell):
                    masks[other][partner] = added = True
            if not added:
                return masks

    def prune(self, masks: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Publish again what the others' protection does not need, the largest first."""
        masks = {name: mask.copy() for name, mask in masks.items()}
        spare = [
            (int(self.exact[name].counts[cell]), name, cell)
            for name, mask in masks.items()
            for cell in _cells(mask & ~self.sensitive[name])
        ]
        for _, name, cell in sorted(spare, key=lambda entry: -entry[0]):
            masks[name][cell] = False
            if any(self.unsafe(masks, first=name)):
                masks[name][cell] = True
        return masks

    def unsafe(
        self, masks: Mapping[str, np.ndarray], first: str | None = None
    ) -> Iterator[tuple[str, tuple, int]]:
        """(table, cell, width) of suppressed cells that can be narrowed down too far.

        Cells of the table ``first`` come first, where a change to it shows soonest.
        """
        published = {name: self.view(name, mask) for name, mask in masks.items()}
        # Of a withheld table only the sensitive cells need protection from the others.
        targets = {
            name: self.sensitive[name] if _nothing_left(self.exact[name], mask) else mask
            for name, mask in sorted(masks.items(), key=lambda item: item[0] != first)
        }
        return self.programme.unprotected(
            published, targets, self.profile.protection_width, self.profile.protection_maximum
        )

    def view(self, name: str, mask: np.ndarray) -> Published:
        key = name, mask.tobytes()
        if key not in self.views:
            self.views[key] = _attacker_view(self.exact[name], mask, self.profile)
        return self.views[key]

    def partners(
        self, masks: Mapping[str, np.ndarray], name: str, cell: tuple
    ) -> list[tuple[str, tuple]]:
        """The cheapest cells whose suppression may protect this one; none if none is left."""
        shown = ~masks[name] & ~self.exact[name].impossible
        if shown.ndim == 2:
            corners = self._rectangle(name, shown, cell)
            if corners:
                return [(name, corner) for corner in corners]
        line = [c for c in _cells(shown) if sum(a != b for a, b in zip(c, cell, strict=True)) == 1]
        for candidates in (
            [(name, c) for c in line],
            [(name, c) for c in _cells(shown)],
            list(self._overlapping(masks, name, cell)),
        ):
            if candidates:
                return [min(candidates, key=lambda c: (self.exact[c[0]].counts[c[1]], c))]
        return []

    def _rectangle(self, name: str, shown: np.ndarray, cell: tuple) -> list[tuple]:
        """Shown corners of the cheapest rectangle through the cell that has any.

        An impossible cell cannot be a corner: everyone knows its count. If a complete
        rectangle exists and the cell is still unsafe, another is needed.
        """
        counts, impossible = self.exact[name].counts, self.exact[name].impossible
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

    def _overlapping(self, masks: Mapping[str, np.ndarray], name: str, cell: tuple):
        """Shown cells of other tables: those that may hold the same people, else all."""
        own = self._levels(name, cell)
        shown = [
            (other, c)
            for other, mask in masks.items()
            for c in _cells(~mask & ~self.exact[other].impossible)
        ]
        alike = []
        for other, c in shown:
            theirs = self._levels(other, c)
            shared = own.keys() & theirs.keys()
            if shared and all(own[v] == theirs[v] for v in shared):
                alike.append((other, c))
        return alike or shown

    def _levels(self, name: str, cell: tuple) -> dict[str, Any]:
        layout = self.exact[name].layout
        return {
            variable: own[i]
            for variable, own, i in zip(layout.variables, layout.levels, cell, strict=True)
        }


def _sensitive(table: _Table, profile: Profile) -> np.ndarray:
    """Small cells, empty ones among them, and all cells of dominated rows and columns."""
    possible = ~table.impossible
    small = (table.counts < profile.min_cell) & possible
    for axis in range(table.counts.ndim):
        whole = table.counts.sum(axis, keepdims=True)
        several = possible.sum(axis, keepdims=True) > 1
        dominated = several & (table.counts.max(axis, keepdims=True) > profile.dominance * whole)
        small |= dominated & possible
    return small


def _cells(mask: np.ndarray) -> list[tuple]:
    return [tuple(int(i) for i in cell) for cell in np.argwhere(mask)]


def _nothing_left(table: _Table, mask: np.ndarray) -> bool:
    return not (~mask & ~table.impossible).any()


def _rounded_counts(counts: np.ndarray, profile: Profile) -> np.ndarray:
    """Nearest multiple of the step, halves up."""
    step = profile.count_step
    return (2 * counts + step) // (2 * step) * step


def _rounded_shares(cells: np.ndarray, groups: np.ndarray, profile: Profile) -> np.ndarray:
    """Fractions to whole steps of percent, halves up, in whole-number arithmetic."""
    step = profile.percent_step
    steps = (200 * cells + step * groups) // (2 * step * groups)
    return steps * step / 100


def _shares(table: _Table, mask: np.ndarray, profile: Profile) -> dict[tuple[int, ...], np.ndarray]:
    """By axes held fixed: rounded fractions of the group, NaN where not given.

    Given exactly where the cell and another of its group are shown. Both have at least
    ``min_cell`` respondents, hence so have the group and the rest of it; and since the
    pattern alone decides, a missing share tells nothing more.
    """
    shown = ~mask & ~table.impossible
    axes = range(table.counts.ndim)
    shares = {}
    for size in axes:
        for kept in combinations(axes, size):
            away = tuple(axis for axis in axes if axis not in kept)
            group = np.broadcast_to(table.counts.sum(away, keepdims=True), shown.shape)
            given = shown & (shown.sum(away, keepdims=True) > 1)
            fractions = np.full(shown.shape, np.nan)
            fractions[given] = _rounded_shares(table.counts[given], group[given], profile)
            shares[kept] = fractions
    return shares


def _attacker_view(table: _Table, mask: np.ndarray, profile: Profile) -> Published:
    """What the release of the table under this pattern tells."""
    rounded = _rounded_counts(table.counts, profile)
    below, above = profile.count_step // 2, (profile.count_step - 1) // 2
    low = np.where(mask, 0, np.maximum(rounded - below, profile.min_cell))
    high = np.where(mask, np.inf, rounded + above)
    low[table.impossible] = high[table.impossible] = 0
    return Published(
        table.layout, low, high, _shares(table, mask, profile), profile.percent_step / 200
    )


def _released(table: _Table, mask: np.ndarray, profile: Profile) -> Released:
    """The public form; everything exact stays behind."""
    index, total = _index(table.layout), int(table.counts.sum())
    withheld = ""
    if _nothing_left(table, mask):
        withheld = TOO_FEW if total < profile.min_cell else NOTHING_LEFT
        mask = np.ones_like(mask)
    counts = np.where(mask, np.nan, _rounded_counts(table.counts, profile))
    names = table.layout.variables
    return Released(
        counts=pd.Series(counts.ravel(), index=index, name="count"),
        suppressed=pd.Series(mask.ravel(), index=index, name="suppressed"),
        withheld=withheld,
        total=float(_rounded_counts(np.array(total), profile))
        if total >= profile.min_cell
        else float("nan"),
        fractions={
            tuple(names[axis] for axis in kept): pd.Series(
                fractions.ravel(), index=index, name="share"
            )
            for kept, fractions in _shares(table, mask, profile).items()
        },
    )
