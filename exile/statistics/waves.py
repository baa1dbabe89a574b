"""Change between two survey waves whose overlap is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

from exile.errors import InputError
from exile.statistics.intervals import Interval


@dataclass(frozen=True)
class WaveChange:
    """Change of a share between waves; not the change within persons.

    Attributes
    ----------
    change : Interval
        Second share minus first, over the rounding of both.
    z_min, z_max : float
        Least and greatest |z| over rounding, overlap, and joint distribution of the
        people asked twice; ``z_min`` is 0 where the change may be 0.
    """

    change: Interval
    z_min: float
    z_max: float


def wave_change(
    first: Interval, second: Interval, n_first: int, n_second: int, deff: float = 1.0
) -> WaveChange:
    """Bounds of |z| when between 0 and min(n_first, n_second) people answered both waves.

    The variance is p1q1/n1 + p2q2/n2 − 2·n12·c/(n1·n2), where the covariance c
    of the two answers of a person lies within its Fréchet bounds. It is linear
    in n12·c, so both extremes have the largest overlap.

    Parameters
    ----------
    first, second : Interval
        Shares of the two waves up to rounding, within [0, 1].
    n_first, n_second : int
        Respondents of each wave.
    deff : float
        Design effect, applied to the whole variance.
    """
    change = Interval(second.low - first.high, second.high - first.low)
    least = (first.high, second.low), (first.low, second.high)
    if change.contains(0.0):
        z_min = 0.0
    else:
        p1, p2 = min(least, key=lambda pair: abs(pair[1] - pair[0]))
        z_min = _z(p1, p2, n_first, n_second, deff, max(0.0, p1 + p2 - 1))
    z_max = max(_z(p1, p2, n_first, n_second, deff, min(p1, p2)) for p1, p2 in least)
    return WaveChange(change, z_min, z_max)


def _z(p1: float, p2: float, n1: int, n2: int, deff: float, both: float) -> float:
    """|z| with the largest overlap, ``both`` being the share who said yes twice."""
    shared = 2 * min(n1, n2) * (both - p1 * p2) / (n1 * n2)
    variance = deff * (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2 - shared)
    # Rounding errors of a variance that is exactly 0 must not decide.
    if variance <= 1e-15:
        return inf if p1 != p2 else 0.0
    return abs(p2 - p1) / sqrt(variance)


def subset_share(share: float, n: int, m: int) -> Interval:
    """What share ``m`` of ``n`` respondents can have when all together have ``share``.

    Wide where m is small: the total of a wave may say nothing about the panel within it.
    """
    if not 0 < m <= n:
        raise InputError("subset_share", f"{m} of {n} is no subset", "Give 0 < m <= n.")
    return Interval(max(0.0, (share * n - n + m) / m), min(1.0, share * n / m))
