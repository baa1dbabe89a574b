"""A benchmark with the composition of another population.

Standardisation answers another question than the raw contrast (the same
composition instead of the actual ones), so show both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from exile.errors import InputError
from exile.statistics.intervals import Interval
from exile.statistics.survey import check_cells

# Below this effective size the target lies mostly outside the benchmark sample.
SMALLEST_N_EFF = 100


@dataclass(frozen=True)
class Reweighted:
    """Cells whose weights reproduce a target composition.

    ``share(result.cells, mask)`` gives a standardised share. Its variance
    takes the new weights as fixed, which overstates it.

    Attributes
    ----------
    cells : DataFrame
        The given cells with ``w`` and ``w2`` rescaled, those of weight 0 left out.
    iterations : int
        Rounds of fitting; 1 for a target known in full.
    smallest_cell : int
        Fewest respondents in a group of the composition.
    weight_ratio : float
        Largest over smallest factor by which a weight changed.
    n_eff : float
        (Σ w)²/Σ w² of the new weights (Kish 1965).
    """

    cells: pd.DataFrame
    iterations: int
    smallest_cell: int
    weight_ratio: float
    n_eff: float

    @property
    def extrapolates(self) -> bool:
        """Whether the effective size is too small for the point estimate to be used."""
        return self.n_eff < SMALLEST_N_EFF


def standardise(cells: pd.DataFrame, target: pd.Series) -> Reweighted:
    """Direct standardisation to a composition that is known in full.

    Parameters
    ----------
    cells : DataFrame
        See :mod:`exile.statistics.survey`.
    target : Series of float
        Shares that sum to 1, indexed by the groups; the names of the index
        are columns of the cells (a MultiIndex for several).

    Raises
    ------
    InputError
        If the target is no composition, has a group without respondents, or
        leaves out a group that respondents are in.
    """
    by = list(target.index.names)
    _check_composition("standardise", target)
    _check_cells_have(cells, by, "standardise")
    held = _weight_shares(cells, by)
    _check_overlap("standardise", target, held)
    factor = (target / held.reindex(target.index)).where(target > 0, 0.0)
    groups = _group_keys(cells, by)
    return _reweighted(cells, by, groups.map(factor).to_numpy(dtype=float), 1)


def rake(
    cells: pd.DataFrame,
    margins: Mapping[str, Mapping[str, float]],
    tolerance: float = 1e-10,
    most_iterations: int = 500,
) -> Reweighted:
    """Iterative proportional fitting to several margins (Deming & Stephan 1940).

    Of all compositions with these margins it takes the one nearest to the
    cells in relative entropy (Csiszár 1975). That is a choice:
    :func:`bound_standardised` shows how much depends on it.

    Parameters
    ----------
    margins : mapping of column to mapping of level to share
        Each sums to 1.

    Raises
    ------
    InputError
        If a margin is no composition, has a level without respondents, leaves
        out one that respondents are in, or the margins cannot be met together.
    """
    targets = {name: pd.Series(dict(levels), dtype=float) for name, levels in margins.items()}
    _check_cells_have(cells, list(targets), "rake")
    for name, target in targets.items():
        _check_composition(f"rake, {name}", target)
        _check_overlap(f"rake, {name}", target, _weight_shares(cells, [name]))
    start = cells["w"].to_numpy(dtype=float) / cells["w"].sum()
    weights = start.copy()
    for iteration in range(1, most_iterations + 1):
        error = 0.0
        for name, target in targets.items():
            held = pd.Series(weights).groupby(cells[name].to_numpy(), observed=True).sum()
            wanted = target.reindex(held.index)
            error = max(error, float((held - wanted).abs().max()))
            factor = (wanted / held.where(held > 0)).fillna(0.0)
            weights = weights * factor.loc[cells[name]].to_numpy()
        if error < tolerance:
            factors = np.divide(weights, start, out=np.zeros_like(start), where=start > 0)
            return _reweighted(cells, list(targets), factors, iteration)
    raise InputError(
        "rake",
        f"the margins are still {error:.2g} off after {most_iterations} rounds",
        "They contradict each other in groups without respondents; merge levels.",
    )


@dataclass(frozen=True)
class StandardisedBounds:
    """Bounds of a standardised share when only margins of the target are known.

    Attributes
    ----------
    low, high : float
    low_joint, high_joint : Series
        Compositions that attain them, indexed by group.
    smallest_cell : int
        Fewest respondents in a group that has any.
    unobserved : list of tuple
        Groups without respondents; their share is taken to be anything in [0, 1].
    """

    low: float
    high: float
    low_joint: pd.Series
    high_joint: pd.Series
    smallest_cell: int
    unobserved: list[tuple]

    @property
    def interval(self) -> Interval:
        return Interval(self.low, max(self.low, self.high))


def bound_standardised(
    cells: pd.DataFrame,
    where: pd.Series,
    margins: Mapping[str, Mapping[str, float | Interval]],
) -> StandardisedBounds:
    """Least and greatest Σ t_g·p_g over all joint compositions t with the given margins.

    Linear programs over the groups g. The shares p_g are estimates: the
    bounds cover the unknown composition, not their sampling error.

    Parameters
    ----------
    where : Series of bool
        The cells that count as yes.
    margins : mapping of column to mapping of level to share
        Shares, or intervals where they are rounded.

    Raises
    ------
    InputError
        If a margin cannot sum to 1.
    """
    names = list(margins)
    _check_cells_have(cells, names, "bound_standardised")
    check_cells(cells, where, "bound_standardised")
    ranges = {
        name: {
            level: value if isinstance(value, Interval) else Interval.point(value)
            for level, value in levels.items()
        }
        for name, levels in margins.items()
    }
    for name, levels in ranges.items():
        least = sum(r.low for r in levels.values())
        most = sum(r.high for r in levels.values())
        if not least <= 1 + 1e-9 or not most >= 1 - 1e-9:
            raise InputError(
                f"bound_standardised, {name}",
                f"the shares sum to between {least:g} and {most:g}",
                "Give shares that sum to 1, or intervals that allow it.",
            )

    groups = list(product(*(ranges[name] for name in names)))
    keys = pd.Series(list(cells[names].itertuples(index=False, name=None)), index=cells.index)
    low_share, high_share, sizes = np.zeros(len(groups)), np.ones(len(groups)), {}
    for g, group in enumerate(groups):
        members = cells[keys == group]
        weight = members["w"].sum()
        if weight > 0:
            sizes[group] = int(members["n"].sum())
            p = members.loc[where.loc[members.index], "w"].sum() / weight
            low_share[g] = high_share[g] = p

    rows, limits = [], []
    for position, name in enumerate(names):
        for level, allowed in ranges[name].items():
            row = np.array([group[position] == level for group in groups], dtype=float)
            rows += [row, -row]
            limits += [allowed.high, -allowed.low]

    def extreme(cost: np.ndarray) -> np.ndarray:
        found = linprog(cost, rows, limits, np.ones((1, len(groups))), [1.0], method="highs")
        if found.status != 0:
            raise RuntimeError(f"HiGHS stopped with status {found.status}: {found.message}")
        return found.x

    lowest, highest = extreme(low_share), extreme(-high_share)
    index = pd.MultiIndex.from_tuples(groups, names=names)
    return StandardisedBounds(
        low=float(low_share @ lowest),
        high=float(high_share @ highest),
        low_joint=pd.Series(lowest, index),
        high_joint=pd.Series(highest, index),
        smallest_cell=min(sizes.values(), default=0),
        unobserved=[group for group in groups if group not in sizes],
    )


@dataclass(frozen=True)
class Kitagawa:
    """A difference of two shares, split (Kitagawa 1955).

    Attributes
    ----------
    within : float
        First share minus the standardised second: what remains at equal composition.
    composition : float
        Standardised minus crude second share: what the composition makes.
    """

    within: float
    composition: float


def kitagawa(first: float, standardised: float, second: float) -> Kitagawa:
    """Split ``first − second`` by the second share standardised to the first's composition."""
    return Kitagawa(first - standardised, standardised - second)


def density_ratio_bound(share: float, ratio: float) -> float:
    """Upper bound of a share standardised with no group weighted up more than ``ratio`` times."""
    return min(1.0, ratio * share)


def density_ratio_needed(first: float, second: float) -> float:
    """R*: how many times over-represented a group must be for composition to explain all."""
    return first / second


def _check_composition(where: str, target: pd.Series) -> None:
    if target.isna().any() or (target < 0).any() or abs(target.sum() - 1) > 1e-6:
        raise InputError(
            where, f"the target sums to {target.sum():g}", "Give shares >= 0 that sum to 1."
        )


def _check_overlap(where: str, target: pd.Series, held: pd.Series) -> None:
    """Refuse groups with a target and no respondents, and the reverse."""
    held = held[held > 0]
    without = target[target > 0].index.difference(held.index)
    if len(without):
        raise InputError(
            where, f"nobody in the cells is in {list(without)}", "Merge groups, or bound instead."
        )
    unnamed = held.index.difference(target.index)
    if len(unnamed):
        raise InputError(
            where,
            f"the target says nothing of {list(unnamed)}",
            "Give each group a share, 0 to leave it out.",
        )


def _check_cells_have(cells: pd.DataFrame, by: Sequence[str], function: str) -> None:
    check_cells(cells, None, function)
    missing = [name for name in by if name not in cells]
    if missing or not by:
        raise InputError(
            function, f"the cells have no column {missing or by}", f"They have {list(cells)}."
        )


def _group_keys(cells: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    """The group of each cell, as it stands in an index by ``by``."""
    if len(by) == 1:
        return cells[by[0]].astype(object)
    return pd.Series(list(cells[list(by)].itertuples(index=False, name=None)), index=cells.index)


def _weight_shares(cells: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    return cells.groupby(list(by), observed=True)["w"].sum() / cells["w"].sum()


def _reweighted(
    cells: pd.DataFrame, by: Sequence[str], factors: np.ndarray, iterations: int
) -> Reweighted:
    kept = cells.assign(w=cells["w"] * factors, w2=cells["w2"] * factors**2)[
        (factors > 0) & (cells["w"] > 0).to_numpy()
    ]
    used = factors[factors > 0]
    return Reweighted(
        cells=kept,
        iterations=iterations,
        smallest_cell=int(kept.groupby(list(by), observed=True)["n"].sum().min()),
        weight_ratio=float(used.max() / used.min()),
        n_eff=float(kept["w"].sum() ** 2 / kept["w2"].sum()),
    )
