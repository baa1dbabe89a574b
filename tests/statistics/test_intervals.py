"""An interval is a set of numbers: its methods agree with its members, ends included.

All intervals with ends among a few whole numbers, and probes at every half: two of these sets
are equal, nested or apart if and only if their probes are.
"""

from __future__ import annotations

from itertools import product
from math import inf, nan

import pytest

from exile.statistics.intervals import Interval

ENDS = range(4)
PROBES = [n / 2 for n in range(-1, 8)]
# Every interval has ends of its own: equal numbers need not be the same object.
INTERVALS = [
    Interval(low + 0.0, high + 0.0, low_open, high_open)
    for low, high, low_open, high_open in product(ENDS, ENDS, (False, True), (False, True))
    if low < high or (low == high and not (low_open or high_open))
]
PAIRS = list(product(INTERVALS, INTERVALS))


def members(interval: Interval) -> set[float]:
    """Straight from the definition: between the ends, and at those that are not open."""
    inside = {p for p in PROBES if interval.low < p < interval.high}
    closed = {interval.low} - ({interval.low} if interval.low_open else set())
    closed |= {interval.high} - ({interval.high} if interval.high_open else set())
    return inside | {float(end) for end in closed}


def test_there_are_intervals_of_every_kind():
    assert len(INTERVALS) == len(ENDS) + 4 * 6
    assert all(members(i) for i in INTERVALS)


def test_it_contains_its_members():
    for interval in INTERVALS:
        assert {p for p in PROBES if interval.contains(p)} == members(interval)


def test_within_is_being_a_subset():
    for one, other in PAIRS:
        assert one.within(other) == (members(one) <= members(other)), f"{one} in {other}"


def test_meeting_is_sharing_a_member():
    for one, other in PAIRS:
        assert one.meets(other) == bool(members(one) & members(other)), f"{one} and {other}"


def test_the_hull_is_the_least_interval_that_holds_both():
    for one, other in PAIRS:
        union = members(one) | members(other)
        between = {p for p in PROBES if min(union) <= p <= max(union)}
        assert members(Interval.hull(one, other)) == between, f"hull of {one} and {other}"


def test_the_hull_of_three_and_of_one():
    for one, other in PAIRS[:200]:
        third = Interval(1, 2, high_open=True)
        assert Interval.hull(one, other, third) == Interval.hull(Interval.hull(one, other), third)
        assert Interval.hull(one) == one


def test_width_is_the_distance_of_the_ends():
    for interval in INTERVALS:
        assert interval.width == interval.high - interval.low


def test_widening_moves_both_ends_out_and_keeps_them_open_or_closed():
    for interval in INTERVALS:
        wide = interval.widen(0.25)
        assert (wide.low, wide.high) == (interval.low - 0.25, interval.high + 0.25)
        assert (wide.low_open, wide.high_open) == (interval.low_open, interval.high_open)


def test_half_lines_leave_out_their_end():
    above, below = Interval.above(1), Interval.below(1)
    assert not above.contains(1) and above.contains(1.5) and above.contains(1e300)
    assert not below.contains(1) and below.contains(0.5) and below.contains(-1e300)
    assert (above.high, below.low) == (inf, -inf)
    assert not above.meets(below)
    assert above.width == below.width == inf


def test_a_point_contains_itself_alone():
    point = Interval.point(2)
    assert members(point) == {2.0}
    assert point.width == 0


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ((nan, 1), "must be numbers"),
        ((0, nan), "must be numbers"),
        ((2, 1), "empty interval"),
        ((1, 1, True, False), "empty interval"),
        ((1, 1, False, True), "empty interval"),
        ((1, 1, True, True), "empty interval"),
    ],
)
def test_what_is_no_interval_is_refused(ends, message):
    with pytest.raises(ValueError, match=message):
        Interval(*ends)


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(0, 1), "[0, 1]"),
        (Interval(0, 1, low_open=True), "(0, 1]"),
        (Interval(0, 1, high_open=True), "[0, 1)"),
        (Interval.above(0.25), "(0.25, inf]"),
    ],
)
def test_it_says_which_ends_are_open(interval, text):
    assert str(interval) == text


def test_it_cannot_be_changed_and_equals_what_has_the_same_ends():
    interval = Interval(0, 1)
    with pytest.raises(AttributeError):
        interval.low = 2
    assert interval == Interval(0, 1, False, False) != Interval(0, 1, low_open=True)
    assert len({interval, Interval(0, 1)}) == 1
