"""Shares and comparisons of shares from weighted survey cells.

Cells are a table with one row per combination of categories and the columns

``n``
    respondents in the cell,
``w``
    sum of their weights,
``w2``
    sum of their squared weights,

beside the categories themselves. For answers in categories these sums
suffice: the weighted estimates and their linearised variances are the same
as from the respondents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from exile.errors import InputError
from exile.statistics.intervals import Interval

CELL_COLUMNS = ("n", "w", "w2")


@dataclass(frozen=True)
class ShareEstimate:
    """A share with its sampling error.

    Attributes
    ----------
    estimate : float
    n : int
        Respondents, unweighted.
    deff : float
        Design effect: variance over that of a simple random sample of ``n``.
    kish_deff : float
        1 + CV² of the weights (Kish 1965), a check on ``deff``.
    """

    estimate: float
    n: int
    deff: float
    kish_deff: float

    @property
    def n_eff(self) -> float:
        """Size of the simple random sample with the same variance."""
        return self.n / self.deff

    @property
    def variance(self) -> float:
        return self.estimate * (1 - self.estimate) / self.n_eff

    @property
    def se(self) -> float:
        return sqrt(self.variance)

    def interval(self, level: float = 0.95) -> Interval:
        """Wilson's interval on the effective sample size."""
        low, high = proportion_confint(
            self.estimate * self.n_eff, self.n_eff, 1 - level, method="wilson"
        )
        return Interval(low, high)

    @property
    def low(self) -> float:
        return self.interval().low

    @property
    def high(self) -> float:
        return self.interval().high


def share(cells: pd.DataFrame, where: pd.Series) -> ShareEstimate:
    """Weighted share of the respondents in ``cells`` who are in the cells ``where``.

    Hájek mean with the linearised variance n/(n − 1)·Σ w²(y − ȳ)²/(Σ w)², which
    equals weighted least squares with HC1 errors on the respondents. Where
    nobody or everybody is in the numerator that variance is 0 and says
    nothing, so the design effect is Kish's.

    Parameters
    ----------
    cells : DataFrame
        The denominator, one row per cell.
    where : Series of bool, same index
        The cells that count as yes.

    Raises
    ------
    InputError
        If a column is missing, the mask does not fit, or fewer than two
        respondents have weight.
    """
    check_cells(cells, where, "share")
    yes, w2 = where.to_numpy(dtype=bool), cells["w2"].to_numpy(dtype=float)
    weights = cells["w"].to_numpy(dtype=float)
    n, w = int(cells["n"].sum()), float(weights.sum())
    if n < 2 or w <= 0:
        raise InputError(
            "share", f"{n} respondents with weight {w}", "Give cells with two or more respondents."
        )
    kish = n * float(w2.sum()) / w**2
    p = float(weights[yes].sum()) / w
    if not 0 < p < 1:
        return ShareEstimate(p, n, kish, kish)
    squares = w2[~yes].sum() * p**2 + w2[yes].sum() * (1 - p) ** 2
    variance = n / (n - 1) * float(squares) / w**2
    return ShareEstimate(p, n, variance / (p * (1 - p) / n), kish)


def shares(cells: pd.DataFrame, where: pd.Series, by: str | list[str]) -> pd.DataFrame:
    """:func:`share` within each group.

    Returns
    -------
    DataFrame
        Indexed by the groups; columns estimate, se, low, high, n, n_eff, deff.
    """
    check_cells(cells, where, "shares")
    columns = ["estimate", "se", "low", "high", "n", "n_eff", "deff"]
    rows = {}
    for group, part in cells.groupby(by, observed=True):
        found = share(part, where.loc[part.index])
        rows[group] = [getattr(found, column) for column in columns]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    if isinstance(by, list):
        table.index = pd.MultiIndex.from_tuples(table.index, names=by)
        return table
    return table.rename_axis(by)


def published_share(share: float, n: int, deff: float = 1.0) -> ShareEstimate:
    """A share known only from a report, with a design effect that is assumed.

    Its error is nominal: it covers sampling at random, not self-selection.
    """
    if not (0 <= share <= 1 and n > 0 and deff > 0):
        raise InputError(
            "published_share",
            f"share {share}, n {n}, deff {deff}",
            "Give a share in [0, 1], and a positive n and deff.",
        )
    return ShareEstimate(share, n, deff, deff)


@dataclass(frozen=True)
class Contrast:
    """A comparison of two independent shares.

    Attributes
    ----------
    estimate : float
        The difference, ratio or odds ratio.
    se : float
        Standard error, of the logarithm if ``logarithmic``.
    logarithmic : bool
        Whether the error is normal on the log scale and 1 means no difference.
    """

    estimate: float
    se: float
    logarithmic: bool

    @property
    def z(self) -> float:
        """Distance from no difference in standard errors."""
        centre = self._centre
        if self.se == 0:
            return inf * centre if centre else 0.0
        return 0.0 if self.se == inf else centre / self.se

    @property
    def p_value(self) -> float:
        return float(2 * norm.sf(abs(self.z)))

    def interval(self, level: float = 0.95) -> Interval:
        """Normal interval; two one-sided tests at 5 % use ``level=0.90`` (Schuirmann 1987)."""
        if self.se == inf:
            return Interval(0, inf) if self.logarithmic else Interval(-1, 1)
        margin = float(norm.isf((1 - level) / 2)) * self.se
        low, high = self._centre - margin, self._centre + margin
        return Interval(exp(low), exp(high)) if self.logarithmic else Interval(low, high)

    @property
    def low(self) -> float:
        return self.interval().low

    @property
    def high(self) -> float:
        return self.interval().high

    @property
    def _centre(self) -> float:
        if not self.logarithmic:
            return self.estimate
        return log(self.estimate) if 0 < self.estimate < inf else 0.0


def difference(a: ShareEstimate, b: ShareEstimate) -> Contrast:
    """a − b."""
    return Contrast(a.estimate - b.estimate, sqrt(a.variance + b.variance), False)


def ratio(a: ShareEstimate, b: ShareEstimate) -> Contrast:
    """a / b, delta method on the log scale; no finite error where a share is 0."""
    return _logarithmic(
        a, b, lambda p: p, lambda s: s.variance / s.estimate**2, undefined=lambda p: p == 0
    )


def odds_ratio(a: ShareEstimate, b: ShareEstimate) -> Contrast:
    """odds(a) / odds(b), delta method on the log scale; no finite error where a share is 0 or 1."""
    return _logarithmic(
        a,
        b,
        lambda p: p / (1 - p) if p < 1 else inf,
        lambda s: 1 / (s.n_eff * s.estimate * (1 - s.estimate)),
        undefined=lambda p: p in (0, 1),
    )


def _logarithmic(
    a: ShareEstimate,
    b: ShareEstimate,
    scale: Callable[[float], float],
    variance: Callable[[ShareEstimate], float],
    undefined: Callable[[float], bool],
) -> Contrast:
    above, below = scale(a.estimate), scale(b.estimate)
    if above == below and above in (0, inf):
        raise InputError(
            "comparison of shares",
            f"shares {a.estimate} and {b.estimate} have no ratio",
            "Use the difference instead.",
        )
    if undefined(a.estimate) or undefined(b.estimate):
        return Contrast(inf if above == inf or below == 0 else 0.0, inf, True)
    return Contrast(above / below, sqrt(variance(a) + variance(b)), True)


@dataclass(frozen=True)
class ContrastRegion:
    """A comparison in which the shares themselves are known only up to rounding.

    Attributes
    ----------
    estimate : Interval
        The identified region: values of the contrast over the rounding.
    confidence : Interval
        Union of the confidence intervals over it.
    p_value : float
        The largest p-value of equal shares over it, by the z-test of their
        difference whatever the measure: a Wald test on the log scale loses
        power as a share nears 0 or 1. It is 1 if the shares may be equal.
    """

    estimate: Interval
    confidence: Interval
    p_value: float


def contrast_region(
    measure: Callable[[ShareEstimate, ShareEstimate], Contrast],
    first: Sequence[ShareEstimate],
    second: Sequence[ShareEstimate],
    level: float = 0.95,
) -> ContrastRegion:
    """Propagate rounding by corners.

    Parameters
    ----------
    measure : callable
        :func:`difference`, :func:`ratio` or :func:`odds_ratio`, all of which
        rise in the first share and fall in the second.
    first, second : sequences of ShareEstimate
        The estimate at the least and at the greatest share it may round from;
        one element if it is not rounded. An end of 1 for "more than" is legal.
    """
    first, second = (sorted(ends, key=lambda s: s.estimate) for ends in (first, second))
    lowest, highest = (first[0], second[-1]), (first[-1], second[0])
    least, greatest = measure(*lowest), measure(*highest)
    gaps = difference(*lowest), difference(*highest)
    if gaps[0].estimate <= 0 <= gaps[1].estimate:
        p_value = 1.0
    else:
        p_value = max(gap.p_value for gap in gaps)
    return ContrastRegion(
        Interval(least.estimate, greatest.estimate),
        Interval(least.interval(level).low, greatest.interval(level).high),
        p_value,
    )


def check_cells(cells: pd.DataFrame, where: pd.Series | None, function: str) -> None:
    """Refuse tables that are no cells, and masks that do not fit them.

    Raises
    ------
    InputError
        If a column is missing, a number is negative or missing, the index
        repeats, or ``where`` is no boolean Series on the same index.
    """
    missing = [column for column in CELL_COLUMNS if column not in cells]
    if missing:
        raise InputError(
            function, f"the cells have no column {missing}", f"Cells need {CELL_COLUMNS}."
        )
    if not cells.index.is_unique:
        raise InputError(function, "the index of the cells repeats", "Call reset_index(drop=True).")
    # A missing number is not at least 0 either.
    if not all((cells[c].to_numpy(dtype=float, na_value=np.nan) >= 0).all() for c in CELL_COLUMNS):
        raise InputError(
            function, "a cell has a negative or missing number", "Drop or correct the cell."
        )
    if where is not None and not (
        pd.api.types.is_bool_dtype(where)
        and not where.isna().any()
        and where.index.equals(cells.index)
    ):
        raise InputError(
            function,
            "the mask is not a boolean column of these cells",
            "Compare a column of the same table, for example cells['answer'] == 'yes'.",
        )
