"""Bounds of a functional of several yes/no items of which only the margins are published.

K items have 2^K answer patterns (atoms). Any joint distribution of the items
is a vector of atom probabilities that meets the margins, so the least and the
greatest mean of a function of the pattern are linear programs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf, sqrt

import numpy as np
from scipy.optimize import OptimizeResult, linprog, minimize_scalar
from scipy.stats import norm

from exile.errors import InputError
from exile.statistics.intervals import Interval

Pattern = tuple[int, ...]

# 2^14 atoms solve in about a second; beyond that the caller has merged too few items.
MOST_ITEMS = 14
# The feasibility tolerance of HiGHS.
TOLERANCE = 1e-7


@dataclass(frozen=True)
class FunctionalBounds:
    """The least and greatest value, and the joint distributions that attain them.

    Attributes
    ----------
    low, high : float
    low_atoms, high_atoms : dict of pattern to float
        Probabilities of the answer patterns; those of zero are left out.
    """

    low: float
    high: float
    low_atoms: dict[Pattern, float]
    high_atoms: dict[Pattern, float]

    @property
    def interval(self) -> Interval:
        return Interval(self.low, max(self.low, self.high))


def bound_functional(
    margins: Sequence[Interval], g: Callable[[Pattern], float]
) -> FunctionalBounds:
    """Sharp bounds of E[g] given the share of yes to each item, up to rounding.

    Parameters
    ----------
    margins : sequence of Interval, length K
        Shares within [0, 1]; ends are taken as closed.
    g : callable
        Function of a tuple of K zeros and ones, for example ``max`` for "any".

    Raises
    ------
    InputError
        If there are no items or too many, or a margin leaves [0, 1].
    """
    program = _Program(margins)
    values = program.values(g)
    low, high = program.solve(values), program.solve(-values)
    # A mean lies among the values; the solver may end a rounding error outside.
    least, most = np.clip([low.fun, -high.fun], values.min(), values.max())
    return FunctionalBounds(float(least), float(most), program.atoms(low.x), program.atoms(high.x))


def bound_ratio(
    margins: Sequence[Interval],
    numerator: Callable[[Pattern], float],
    denominator: Callable[[Pattern], float],
) -> FunctionalBounds:
    """Sharp bounds of E[numerator]/E[denominator], by the transformation of Charnes & Cooper (1962).

    Distributions in which the denominator's mean is zero have no ratio and are left out.

    Raises
    ------
    InputError
        As :func:`bound_functional`; and if the denominator is negative
        somewhere, zero everywhere, or lets the ratio grow without limit.
    """
    program = _Program(margins)
    above, below = program.values(numerator), program.values(denominator)
    if below.min() < 0 or -program.solve(-below).fun < TOLERANCE:
        raise InputError(
            "bound_ratio",
            "the mean of the denominator must be positive",
            "Use a denominator that is never negative and not zero for all patterns.",
        )
    low, high = program.solve_ratio(above, below), program.solve_ratio(-above, below)
    return FunctionalBounds(
        low.fun,
        -high.fun,
        program.atoms(low.x[:-1] / low.x[-1]),
        program.atoms(high.x[:-1] / high.x[-1]),
    )


@dataclass(frozen=True)
class WorstCaseContrast:
    """Significance of a contrast under the least favourable joint distribution.

    Attributes
    ----------
    mean : Interval
        Values that E[g] can take.
    mean_at_worst, se : float
        The mean with the smallest |z|, and its largest standard error.
    z, p_value : float
        Their quotient (0 where the mean may be 0) and its two-sided normal p-value.
    n_needed : float
        Smallest effective sample size at which the contrast is significant.
    deff_allowed : float
        Largest design effect at which it is.
    """

    mean: Interval
    mean_at_worst: float
    se: float
    z: float
    p_value: float
    n_needed: float
    deff_allowed: float


def worst_case_contrast(
    margins: Sequence[Interval],
    g: Callable[[Pattern], float],
    n: int,
    deff: float = 1.0,
    alpha: float = 0.05,
) -> WorstCaseContrast:
    """The weakest evidence that E[g] differs from 0 in a sample of ``n`` people.

    For a mean μ the largest E[g²] = V(μ) is a linear program and the standard
    error is √((V(μ) − μ²)·deff/n). V is concave, so with u = 1/μ the quantity
    u²V(1/u), which orders |z|, is log-concave: one bounded search finds the
    least |z|.
    """
    program = _Program(margins)
    values = program.values(g)
    mean = bound_functional(margins, g).interval

    def second_moment(mu: float) -> float:
        return -program.solve(-(values**2), mean_of=(values, mu)).fun

    if mean.low <= TOLERANCE and mean.high >= -TOLERANCE:
        worst = min(max(0.0, mean.low), mean.high)
    else:
        candidates = [mean.low, mean.high]
        if mean.width > TOLERANCE:
            search = minimize_scalar(
                lambda u: -(u**2) * second_moment(1 / u),
                bounds=sorted((1 / mean.low, 1 / mean.high)),
                method="bounded",
                options={"xatol": 1e-9},
            )
            candidates.append(1 / search.x)
        worst = max(candidates, key=lambda mu: second_moment(mu) / mu**2)

    variance = max(0.0, second_moment(worst) - worst**2)
    se = sqrt(variance * deff / n)
    critical = float(norm.isf(alpha / 2))
    if abs(worst) <= TOLERANCE:
        z, needed = 0.0, inf
    elif variance <= TOLERANCE:
        z, needed = float(np.copysign(inf, worst)), 0.0
    else:
        z, needed = worst / se, critical**2 * variance / worst**2
    return WorstCaseContrast(
        mean=mean,
        mean_at_worst=worst,
        se=se,
        z=z,
        p_value=float(2 * norm.sf(abs(z))),
        n_needed=needed,
        deff_allowed=n / needed if needed else inf,
    )


class _Program:
    """Linear programs over the atoms of given margins."""

    def __init__(self, margins: Sequence[Interval]):
        if not 1 <= len(margins) <= MOST_ITEMS:
            raise InputError(
                "margins",
                f"{len(margins)} items were given",
                f"Give between 1 and {MOST_ITEMS}; merge or drop items.",
            )
        for j, margin in enumerate(margins):
            if margin.low < 0 or margin.high > 1:
                raise InputError(
                    f"margins[{j}]", f"{margin} is no share", "Give shares within [0, 1]."
                )
        self.patterns: list[Pattern] = list(product((0, 1), repeat=len(margins)))
        items = np.array(self.patterns, dtype=float).T
        self._rows = np.vstack([items, -items])
        self._limits = np.array([m.high for m in margins] + [-m.low for m in margins])

    def values(self, g: Callable[[Pattern], float]) -> np.ndarray:
        return np.array([g(pattern) for pattern in self.patterns], dtype=float)

    def solve(
        self, cost: np.ndarray, mean_of: tuple[np.ndarray, float] | None = None
    ) -> OptimizeResult:
        """Minimise the mean of ``cost``, if asked with the mean of another function held fixed."""
        rows, limits = self._rows, self._limits
        if mean_of is not None:
            values, mean = mean_of
            # A band, because a mean at the end of its own range may be infeasible by rounding.
            rows = np.vstack([rows, values, -values])
            limits = np.append(limits, [mean + TOLERANCE, -mean + TOLERANCE])
        return _checked(linprog(cost, rows, limits, np.ones((1, len(cost))), [1.0], method="highs"))

    def solve_ratio(self, numerator: np.ndarray, denominator: np.ndarray) -> OptimizeResult:
        """Minimise a ratio of means; the last variable is the scale t = 1/E[denominator]."""
        margins = np.column_stack([self._rows, -self._limits])
        scaled = np.array([[*denominator, 0.0], [*np.ones(len(numerator)), -1.0]])
        cost = [*numerator, 0.0]
        return _checked(
            linprog(cost, margins, np.zeros(len(margins)), scaled, [1.0, 0.0], method="highs")
        )

    def atoms(self, probabilities: np.ndarray) -> dict[Pattern, float]:
        return {
            pattern: float(p)
            for pattern, p in zip(self.patterns, probabilities, strict=True)
            if p > TOLERANCE
        }


def _checked(result: OptimizeResult) -> OptimizeResult:
    if result.status in (2, 3):
        raise InputError(
            "linear program",
            "infeasible" if result.status == 2 else "the functional has no bound",
            "Check the margins and the function.",
        )
    if result.status != 0:
        raise RuntimeError(f"HiGHS stopped with status {result.status}: {result.message}")
    return result
