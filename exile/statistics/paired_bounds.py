"""What two published percentages say about the change within the same people.

The margins of the paired table are known up to rounding and its inside is not,
so each quantity has bounds (Fréchet 1951; Duncan & Davis 1953) rather than a
value. Every quantity here is monotone in the number of stayers, and over the
margins it takes its extremes at a corner or where x + y = n or x = y, so a
handful of tables is enough however large the survey is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from math import copysign, inf, isnan, sqrt
from typing import Any

import pandas as pd
from scipy.stats import norm

from exile.errors import InputError
from exile.statistics.intervals import Interval
from exile.statistics.paired import PairedTable


def admissible_counts(percent: int, n: int) -> range:
    """Counts out of ``n`` that print as a whole percentage.

    A count x is admissible if |200x − 2·percent·n| ≤ n; the closed interval
    covers rounding half up and half to even. Integer arithmetic only.

    Raises
    ------
    InputError
        If an argument is not such a whole number, or no count out of ``n``
        rounds to ``percent``.
    """
    if not (isinstance(percent, int) and isinstance(n, int) and 0 <= percent <= 100 and n > 0):
        raise InputError(
            "admissible_counts",
            f"{percent!r} % of {n!r} is not a whole percentage of a number of people",
            "Give an integer between 0 and 100 and a positive integer.",
        )
    low = max(0, -(-(2 * percent - 1) * n // 200))
    high = min(n, (2 * percent + 1) * n // 200)
    if low > high:
        raise InputError(
            "admissible_counts",
            f"no count out of {n} rounds to {percent} %",
            "Check the percentage or the number of respondents.",
        )
    return range(low, high + 1)


@dataclass(frozen=True)
class Extreme:
    """An extreme value and a table that attains it."""

    value: float
    table: PairedTable


@dataclass(frozen=True)
class Bound:
    """The least and the greatest value of a quantity over all admissible tables."""

    low: Extreme
    high: Extreme

    @property
    def interval(self) -> Interval:
        return Interval(self.low.value, self.high.value)


@dataclass(frozen=True)
class PairedBounds:
    """Bounds over all paired tables with admissible margins.

    Each quantity is named as on :class:`PairedTable`. A quantity that is
    undefined in some tables is bounded over the others, and is None where it
    is undefined in all of them.

    Attributes
    ----------
    change_ci : Interval
        Union over the tables of Newcombe's 95 % interval of the change.
    before_counts, after_counts : range
        Admissible margins x and y.
    """

    n: int
    before_counts: range
    after_counts: range
    n11: Bound
    n10: Bound
    n01: Bound
    n00: Bound
    change: Bound
    chi2: Bound
    p_exact: Bound
    p_mid: Bound
    s_value: Bound
    gamma: Bound
    gamma_adjusted: Bound
    phi: Bound | None
    odds_ratio: Bound | None
    retention: Bound | None
    initiation: Bound | None
    change_ci: Interval

    @property
    def worst_p(self) -> float:
        """The largest exact p-value that an admissible table has."""
        return self.p_exact.high.value

    @property
    def sign_identified(self) -> bool:
        """Whether all admissible tables change in the same direction."""
        return not self.change.interval.contains(0.0)

    @property
    def retention_threshold(self) -> Interval:
        """Shares y/n: the odds ratio is above 1 if and only if retention is above y/n."""
        return Interval(self.after_counts[0] / self.n, self.after_counts[-1] / self.n)

    def table(self) -> pd.DataFrame:
        """One row per quantity: its bounds and the cells of the tables that attain them."""
        rows = {
            field.name: (bound.low.value, bound.high.value, *map(_cells, (bound.low, bound.high)))
            for field in fields(self)
            if isinstance(bound := getattr(self, field.name), Bound)
        }
        return pd.DataFrame.from_dict(
            rows, orient="index", columns=["low", "high", "table_at_low", "table_at_high"]
        ).rename_axis("quantity")


_QUANTITIES = tuple(f.name for f in fields(PairedBounds) if f.type in ("Bound", "Bound | None"))


def paired_bounds(before_percent: int, after_percent: int, n: int) -> PairedBounds:
    """Bounds from two whole percentages of the same ``n`` people.

    Raises
    ------
    InputError
        If a percentage cannot come from ``n`` people.
    """
    return bounds_from_counts(
        admissible_counts(before_percent, n), admissible_counts(after_percent, n), n
    )


def bounds_from_counts(before: range, after: range, n: int) -> PairedBounds:
    """Bounds when x is one of ``before`` and y one of ``after``, out of ``n`` people.

    Raises
    ------
    InputError
        If a range is empty, has gaps, or leaves 0..n.
    """
    for name, counts in (("before", before), ("after", after)):
        if not counts or counts.step != 1 or counts[0] < 0 or counts[-1] > n:
            raise InputError(
                "bounds_from_counts",
                f"{name} = {counts} are not consecutive counts out of {n}",
                "Give a range with step 1 within 0..n.",
            )
    tables = [
        PairedTable(stayers, x - stayers, y - stayers, n - x - y + stayers)
        for x, y in sorted(set(_margins(before, after, n)))
        for stayers in sorted({max(0, x + y - n), min(x, y)})
    ]
    # One undefined in every table is None.
    bounds: dict[str, Any] = {name: _bound(name, tables) for name in _QUANTITIES}
    return PairedBounds(
        n=n,
        before_counts=before,
        after_counts=after,
        change_ci=Interval.hull(*(table.newcombe() for table in tables)),
        **bounds,
    )


def _margins(before: range, after: range, n: int) -> Iterator[tuple[int, int]]:
    """Margins (x, y) at which some quantity can be extreme."""
    boxes = [(before[0], before[-1], after[0], after[-1])]
    # Association is undefined where everybody or nobody did it, so its extremes
    # may sit one count inside the box.
    inner = (max(before[0], 1), min(before[-1], n - 1), max(after[0], 1), min(after[-1], n - 1))
    if inner[0] <= inner[1] and inner[2] <= inner[3]:
        boxes.append(inner)
    for x_low, x_high, y_low, y_high in boxes:
        yield from ((x, y) for x in (x_low, x_high) for y in (y_low, y_high))
        equal = max(x_low, y_low), min(x_high, y_high)
        if equal[0] <= equal[1]:
            yield from ((x, x) for x in equal)
        opposite = max(x_low, n - y_high), min(x_high, n - y_low)
        if opposite[0] <= opposite[1]:
            yield from ((x, n - x) for x in opposite)


def _bound(quantity: str, tables: list[PairedTable]) -> Bound | None:
    extremes = [Extreme(value, t) for t in tables if not isnan(value := getattr(t, quantity))]
    if not extremes:
        return None
    return Bound(
        min(extremes, key=lambda e: e.value),
        max(extremes, key=lambda e: e.value),
    )


def _cells(extreme: Extreme) -> tuple[int, int, int, int]:
    table = extreme.table
    return table.n11, table.n10, table.n01, table.n00


@dataclass(frozen=True)
class JointBounds:
    """Bounds of the four joint shares, each sharp on its own."""

    p11: Interval
    p10: Interval
    p01: Interval
    p00: Interval


def joint_bounds(before: Interval, after: Interval) -> JointBounds:
    """Fréchet–Hoeffding bounds of the joint shares when the margins are known up to rounding.

    Parameters
    ----------
    before, after : Interval
        Shares, within [0, 1].
    """
    a, big_a, b, big_b = before.low, before.high, after.low, after.high
    return JointBounds(
        p11=_sharp(max(0.0, a + b - 1), min(big_a, big_b)),
        p10=_sharp(max(0.0, a - big_b), min(big_a, 1 - b)),
        p01=_sharp(max(0.0, b - big_a), min(big_b, 1 - a)),
        p00=_sharp(max(0.0, 1 - big_a - big_b), min(1 - a, 1 - b)),
    )


def _sharp(low: float, high: float) -> Interval:
    # The ends may cross by a rounding error where the joint share is determined.
    return Interval(min(low, high), high)


def odds_ratio_given_retention(
    before: float, after: float, retention: float, half_unit: float = 0.005
) -> Interval | None:
    """The odds ratios that are possible once retention is known.

    With r = P(Y|X=1) and q = P(Y|X=0) = (p2 − r·p1)/(1 − p1), the odds ratio
    is odds(r)/odds(q); q is monotone in each margin, so the rounding band is
    spanned by its corners.

    Parameters
    ----------
    before, after : float
        Shares as published.
    retention : float
        P(Y = 1 | X = 1), between 0 and 1.
    half_unit : float
        Half the unit that the shares are rounded to; 0 for exact shares.

    Returns
    -------
    Interval or None
        None where no joint table has these margins and this retention, or
        where the odds ratio is undefined in all that have.

    Raises
    ------
    InputError
        If an argument is no share.
    """
    _require_shares(before=before, after=after, retention=retention)
    firsts = {max(0.0, before - half_unit), min(1.0, before + half_unit)}
    seconds = {max(0.0, after - half_unit), min(1.0, after + half_unit)}
    corners = [
        (p2 - retention * p1) / (1 - p1) if p1 < 1 else copysign(inf, p2 - retention)
        for p1 in firsts
        for p2 in seconds
        if p1 < 1 or p2 != retention
    ]
    if not corners:
        return None
    low, high = max(0.0, min(corners)), min(1.0, max(corners))
    if low > high:
        return None
    if retention in (0.0, 1.0):
        # 0/0 where the other row is on the same side too, otherwise 0 or infinite.
        undefined = low == high == retention
        return None if undefined else Interval.point(inf if retention else 0.0)
    odds = retention / (1 - retention)
    return Interval(
        odds * (1 - high) / high if high > 0 else inf,
        odds * (1 - low) / low if low > 0 else inf,
    )


def retention_needed(
    before: float, after: float, n: int, deff: float = 1.0, alpha: float = 0.05
) -> float:
    """Least retention at which after is positively and significantly associated with before.

    Pearson's χ² = n·φ²/deff reaches its two-sided critical value when
    retention is p2 + z·√(p2(1 − p2)(1 − p1)·deff/(n·p1)).

    Returns
    -------
    float
        Infinite where no table with these margins attains it.

    Raises
    ------
    InputError
        If a margin is no share.
    """
    _require_shares(before=before, after=after)
    if before == 0:
        return inf
    z = float(norm.isf(alpha / 2))
    needed = after + z * sqrt(after * (1 - after) * (1 - before) * deff / (n * before))
    return needed if needed <= min(1.0, after / before) else inf


def _require_shares(**shares: float) -> None:
    for name, value in shares.items():
        if not 0 <= value <= 1:
            raise InputError(name, f"{value} is no share", "Give a fraction between 0 and 1.")
