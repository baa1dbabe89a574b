"""One paired 2 × 2 table: the same people asked about before (X) and after (Y)."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log2, nan, sqrt

from scipy.optimize import brentq
from scipy.special import bdtr, betaincinv
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from exile.errors import InputError
from exile.statistics.intervals import Interval


def _ratio(numerator: float, denominator: float) -> float:
    """A quotient of non-negative numbers in which x/0 is infinite and 0/0 is not a number."""
    if denominator:
        return numerator / denominator
    return inf if numerator else nan


@dataclass(frozen=True)
class PairedTable:
    """Counts of people by what they did before and after.

    Conditional shares and measures of association are nan where the table
    leaves them undefined; an odds ratio or Γ may be 0 or infinite.

    Parameters
    ----------
    n11, n10, n01, n00 : int
        Stayers (did it before and after), droppers, newcomers, and neither.

    Raises
    ------
    InputError
        If a count is negative or the table is empty.
    """

    n11: int
    n10: int
    n01: int
    n00: int

    def __post_init__(self):
        if min(self.n11, self.n10, self.n01, self.n00) < 0 or self.n == 0:
            raise InputError(
                "PairedTable",
                f"{self.n11, self.n10, self.n01, self.n00} is not a table of counts",
                "Give four counts that are not negative and not all zero.",
            )

    @property
    def n(self) -> int:
        return self.n11 + self.n10 + self.n01 + self.n00

    @property
    def before(self) -> float:
        return (self.n11 + self.n10) / self.n

    @property
    def after(self) -> float:
        return (self.n11 + self.n01) / self.n

    @property
    def change(self) -> float:
        """Share after minus share before, which is also (n01 − n10)/n."""
        return (self.n01 - self.n10) / self.n

    @property
    def discordant(self) -> int:
        return self.n10 + self.n01

    @property
    def chi2(self) -> float:
        """McNemar's statistic without continuity correction (McNemar 1947); 0 if no pair differs."""
        if self.n01 == self.n10:
            return 0.0
        return (self.n01 - self.n10) ** 2 / self.discordant

    @property
    def p_exact(self) -> float:
        """Two-sided exact conditional (binomial) p-value of no change."""
        if self.n01 == self.n10:
            return 1.0
        return min(1.0, 2 * float(bdtr(min(self.n10, self.n01), self.discordant, 0.5)))

    @property
    def p_mid(self) -> float:
        """Two-sided mid-p: the exact p less the probability of the observed table.

        Fagerland, Lydersen & Laake (2013) recommend it over the exact test.
        """
        if self.n01 == self.n10:
            return 1.0
        fewer = min(self.n10, self.n01)
        # 2F(b) − f(b) = F(b) + F(b − 1), which loses no digits to subtraction.
        at_most = bdtr(fewer, self.discordant, 0.5)
        below = bdtr(fewer - 1, self.discordant, 0.5) if fewer else 0.0
        return float(at_most + below)

    @property
    def s_value(self) -> float:
        """Bits of evidence against no change, −log2 of the exact p (Greenland 2019).

        Infinite where p is smaller than a float can hold.
        """
        return abs(log2(self.p_exact)) if self.p_exact > 0 else inf

    @property
    def phi(self) -> float:
        """Correlation of X and Y."""
        variance = self._margin_product
        if not variance:
            return nan
        return self._determinant / sqrt(variance)

    @property
    def odds_ratio(self) -> float:
        """Association of Y with X: n11·n00 / (n10·n01)."""
        return _ratio(self.n11 * self.n00, self.n10 * self.n01)

    @property
    def retention(self) -> float:
        """P(Y = 1 | X = 1)."""
        return _share(self.n11, self.n11 + self.n10)

    @property
    def initiation(self) -> float:
        """P(Y = 1 | X = 0)."""
        return _share(self.n01, self.n01 + self.n00)

    @property
    def gamma(self) -> float:
        """Γ*: the selection ratio between the discordant cells at which the sign flips."""
        if self.n01 == self.n10:
            return 1.0
        return _ratio(max(self.n10, self.n01), min(self.n10, self.n01))

    @property
    def gamma_adjusted(self) -> float:
        """Γ* that also allows for sampling: the bound for McNemar's test (Rosenbaum 2002).

        The largest Γ ≥ 1 with P(B ≥ max(n10, n01)) ≤ 0.025 where B is binomial
        with ``discordant`` trials and success probability Γ/(1 + Γ). It is 1
        where the change is not significant even without selection. The limit
        is a lower Clopper–Pearson limit, hence the beta quantile.
        """
        more, fewer = max(self.n10, self.n01), min(self.n10, self.n01)
        if not more:
            return 1.0
        limit = float(betaincinv(more, fewer + 1, 0.025))
        return max(1.0, limit / (1 - limit))

    def newcombe(self, level: float = 0.95) -> Interval:
        """Interval of the change by square-and-add (Newcombe 1998, paired, method 10)."""
        x, y, n = self.n11 + self.n10, self.n11 + self.n01, self.n
        low_x, high_x = proportion_confint(x, n, 1 - level, method="wilson")
        low_y, high_y = proportion_confint(y, n, 1 - level, method="wilson")
        phi = self._corrected_phi
        below_x, above_x = x / n - low_x, high_x - x / n
        below_y, above_y = y / n - low_y, high_y - y / n
        down = sqrt(max(0.0, below_y**2 - 2 * phi * below_y * above_x + above_x**2))
        up = sqrt(max(0.0, above_y**2 - 2 * phi * above_y * below_x + below_x**2))
        return Interval(self.change - down, self.change + up)

    def bonett_price(self, level: float = 0.95) -> Interval:
        """Interval of the change by Wald with one pair added to n10 and n01 (Bonett & Price 2012)."""
        fell, rose = (self.n10 + 1) / (self.n + 2), (self.n01 + 1) / (self.n + 2)
        margin = norm.isf((1 - level) / 2) * sqrt((fell + rose - (rose - fell) ** 2) / (self.n + 2))
        centre = rose - fell
        return Interval(max(-1.0, centre - margin), min(1.0, centre + margin))

    def tango(self, level: float = 0.95) -> Interval:
        """Interval of the change by inverting the score test (Tango 1998)."""
        z = float(norm.isf((1 - level) / 2))
        change = self.change
        low = high = change
        # The statistic falls in the hypothesised change: each limit has one root.
        if change > -1:
            low = brentq(lambda d: self._score(d) - z, -1 + 1e-12, change, xtol=1e-12)
        if change < 1:
            high = brentq(lambda d: self._score(d) + z, change, 1 - 1e-12, xtol=1e-12)
        return Interval(low, high)

    def swapped(self) -> PairedTable:
        """The same people with before and after exchanged."""
        return PairedTable(self.n11, self.n01, self.n10, self.n00)

    def complemented(self) -> PairedTable:
        """The same people with both answers reversed."""
        return PairedTable(self.n00, self.n01, self.n10, self.n11)

    @property
    def _determinant(self) -> int:
        return self.n11 * self.n00 - self.n10 * self.n01

    @property
    def _margin_product(self) -> int:
        x, y = self.n11 + self.n10, self.n11 + self.n01
        return x * (self.n - x) * y * (self.n - y)

    @property
    def _corrected_phi(self) -> float:
        """Newcombe's φ: a positive determinant is drawn towards 0 by n/2; 0 where undefined."""
        if not self._margin_product:
            return 0.0
        determinant = float(self._determinant)
        if determinant > 0:
            determinant = max(0.0, determinant - self.n / 2)
        return determinant / sqrt(self._margin_product)

    def _score(self, d: float) -> float:
        """Tango's statistic for the hypothesis that the change is ``d``."""
        n, fell, rose = self.n, self.n10, self.n01
        # Maximum-likelihood P(dropper) under the hypothesis: a root of a quadratic.
        b = -rose - fell + (2 * n - rose + fell) * d
        c = -fell * d * (1 - d)
        dropper = (sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
        variance = n * (2 * dropper + d * (1 - d))
        gap = rose - fell - n * d
        if variance <= 0:
            return 0.0 if gap == 0 else (inf if gap > 0 else -inf)
        return gap / sqrt(variance)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else nan
