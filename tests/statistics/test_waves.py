"""Overlapping waves: bounds against randomly drawn overlaps and joint distributions."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exile.errors import InputError
from exile.statistics.intervals import Interval
from exile.statistics.waves import subset_share, wave_change

share = st.floats(0.02, 0.98)
size = st.integers(30, 3000)
unit = st.floats(0, 1)


def between(interval: Interval, position: float) -> float:
    return interval.low + position * interval.width


@given(share, share, size, size, st.tuples(unit, unit, unit, unit), st.floats(0, 0.01))
def test_every_overlap_and_joint_distribution_lies_within(first, second, n1, n2, at, half):
    a, b = (Interval(p - half, p + half) for p in (first, second))
    bounds = wave_change(a, b, n1, n2)
    p1, p2 = between(a, at[0]), between(b, at[1])
    both = between(Interval(max(0.0, p1 + p2 - 1), max(min(p1, p2), p1 + p2 - 1)), at[2])
    overlap = at[3] * min(n1, n2)
    variance = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2 - 2 * overlap * (both - p1 * p2) / (n1 * n2)
    if variance > 1e-12:
        z = abs(p2 - p1) / sqrt(variance)
        assert bounds.z_min * (1 - 1e-9) <= z
        # The greatest |z| is at the corner of the largest change.
        assert z <= bounds.z_max * (1 + 1e-9) + 1e-9


@given(share, share, size, size)
def test_swapping_the_waves_keeps_z(first, second, n1, n2):
    a, b = Interval.point(first), Interval.point(second)
    there, back = wave_change(a, b, n1, n2), wave_change(b, a, n2, n1)
    assert (there.z_min, there.z_max) == pytest.approx((back.z_min, back.z_max))
    assert there.change.low == -back.change.low


def test_without_overlap_z_lies_between():
    """Two independent samples of 611: the two-sample z."""
    p1, p2, n = 0.49, 0.26, 611
    independent = (p1 - p2) / sqrt((p1 * (1 - p1) + p2 * (1 - p2)) / n)
    bounds = wave_change(Interval.point(p1), Interval.point(p2), n, n)
    assert bounds.z_min < independent < bounds.z_max


@pytest.mark.parametrize("p1, p2", [(0.49, 0.26), (0.10, 0.32), (0.80, 0.70), (0.95, 0.99)])
def test_a_panel_of_the_same_people_attains_both_ends(p1, p2):
    """With complete overlap the change is paired: its variance is (p10 + p01 − d²)/n."""
    n, d = 611, p2 - p1
    bounds = wave_change(Interval.point(p1), Interval.point(p2), n, n)
    for z, p11 in ((bounds.z_min, max(0.0, p1 + p2 - 1)), (bounds.z_max, min(p1, p2))):
        assert z == pytest.approx(abs(d) / sqrt((p1 + p2 - 2 * p11 - d**2) / n))


@pytest.mark.parametrize("n", range(1, 13))
def test_subset_share_over_all_subsets(n):
    for count in range(n + 1):
        for m in range(1, n + 1):
            chosen = [j for j in range(m + 1) if j <= count and m - j <= n - count]
            region = subset_share(count / n, n, m)
            expected = min(chosen) / m, max(chosen) / m
            assert (region.low, region.high) == pytest.approx(expected, abs=1e-12)


def test_no_subset_is_larger_than_the_whole():
    with pytest.raises(InputError, match="subset"):
        subset_share(0.5, 100, 101)
