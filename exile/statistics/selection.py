"""How strongly respondents would have to be selected to overturn a claim."""

from __future__ import annotations

from math import inf, sqrt

from exile.errors import InputError
from exile.statistics.intervals import Interval


def worst_case(share: float, coverage: float) -> Interval:
    """The share among everybody when only a fraction ``coverage`` could be surveyed (Manski 1990).

    Nothing is assumed about the others, so it is also the mixture of a
    surveyed stream, with weight ``coverage``, and an unsurveyed one.
    """
    _require("worst_case, coverage", coverage, 0, 1)
    return Interval(coverage * share, coverage * share + (1 - coverage))


def coverage_needed(share: float, benchmark: float) -> float:
    """Least coverage w* at which the worst case stays on the same side of the benchmark.

    benchmark/share for a share above the benchmark, and its mirror image below.
    """
    if share == benchmark:
        return 1.0
    if share > benchmark:
        return benchmark / share
    return (1 - benchmark) / (1 - share)


def coverage_needed_for_sign(change: float) -> float:
    """Least coverage at which the worst case keeps the sign of a change: 1/(1 + |change|)."""
    return 1 / (1 + abs(change))


def minimal_unsurveyed_share(share: float, benchmark: float, coverage: float) -> float:
    """Share that the unsurveyed must reach for everybody to be at the benchmark.

    0 if the surveyed alone are enough, above 1 if nothing is.
    """
    _require("minimal_unsurveyed_share, coverage", coverage, 0, 1)
    if coverage == 1:
        return 0.0 if share >= benchmark else inf
    return max(0.0, (benchmark - coverage * share) / (1 - coverage))


def tilt(share: float, ratio: float) -> float:
    """The true share if those who have the trait were ``ratio`` times as likely to be surveyed.

    ratio = P(S|Y=1)/P(S|Y=0), the λ of odds tilting.
    """
    _require("tilt, ratio", ratio, 0, inf)
    return share / (share + ratio * (1 - share))


def tipping_ratio(share: float, benchmark: float, coverage: float = 1.0) -> float:
    """λ* at which ``coverage · tilt(share, λ*)`` equals the benchmark.

    With full coverage it is odds(share)/odds(benchmark). With less, the
    unsurveyed are supposed to have none of the trait. For a version that allows for
    sampling take the lower limit of the odds ratio instead.

    Returns
    -------
    float
        0 where no ratio brings the share up to the benchmark, infinite where
        none brings it down.
    """
    _require("tipping_ratio, coverage", coverage, 0, 1)
    target = benchmark / coverage
    if target >= 1:
        return 0.0
    if target == 0 or share == 1:
        return inf
    return share / (1 - share) * (1 - target) / target


def weights_bound(share: float, low: float, high: float) -> Interval:
    """Shares that weights with mean 1, each between ``low`` and ``high``, can produce.

    Covers every weighting scheme, raking included. A claim share > b cannot
    be overturned by weights with high/low below ``tipping_ratio(share, b)``.
    """
    if not 0 <= low <= 1 <= high:
        raise InputError(
            "weights_bound",
            f"weights in [{low}, {high}] cannot have mean 1",
            "Give 0 <= low <= 1 <= high.",
        )
    smallest = max(share * low, 1 - (1 - share) * high)
    largest = min(share * high, 1 - (1 - share) * low)
    # With all weights 1 the ends may cross by a rounding error.
    return Interval(min(smallest, largest), largest)


def data_defect_correlation(share: float, benchmark: float, sampling_fraction: float) -> float:
    """Correlation of being surveyed with the trait that would make share out of benchmark.

    Meng (2018). It depends on the size of the population through the sampling
    fraction f: (share − b)/√(b(1 − b)) ÷ √((1 − f)/f).
    """
    if not (0 < sampling_fraction < 1 and 0 < benchmark < 1):
        raise InputError(
            "data_defect_correlation",
            f"no correlation with fraction {sampling_fraction} and benchmark {benchmark}",
            "Give both strictly between 0 and 1.",
        )
    scale = sqrt((1 - sampling_fraction) / sampling_fraction)
    return (share - benchmark) / sqrt(benchmark * (1 - benchmark)) / scale


def _require(where: str, value: float, above: float, at_most: float):
    if not above < value <= at_most:
        raise InputError(
            where, f"{value} is out of range", f"Give a number in ({above}, {at_most}]."
        )
