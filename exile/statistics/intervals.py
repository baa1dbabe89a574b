"""Intervals of the real line: identified regions, confidence intervals, sets of true values."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan


@dataclass(frozen=True)
class Interval:
    """All numbers between two ends, each end in the set unless declared open.

    Parameters
    ----------
    low, high : float
        Ends, ``low <= high``; infinite ends are allowed.
    low_open, high_open : bool
        Whether the end itself is left out.

    Raises
    ------
    ValueError
        If an end is not a number, the ends are in the wrong order, or the
        interval is empty.
    """

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self):
        if isnan(self.low) or isnan(self.high):
            raise ValueError(
                f"the ends of an interval must be numbers, got {self.low}, {self.high}"
            )
        if self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)):
            raise ValueError(f"empty interval: {self}")

    @classmethod
    def point(cls, value: float) -> Interval:
        return cls(value, value)

    @classmethod
    def above(cls, value: float) -> Interval:
        """Everything strictly above ``value``."""
        return cls(value, inf, low_open=True)

    @classmethod
    def below(cls, value: float) -> Interval:
        """Everything strictly below ``value``."""
        return cls(-inf, value, high_open=True)

    @classmethod
    def hull(cls, *intervals: Interval) -> Interval:
        """The smallest interval that holds all the given ones."""
        low = min(i.low for i in intervals)
        high = max(i.high for i in intervals)
        return cls(
            low,
            high,
            all(i.low_open for i in intervals if i.low == low),
            all(i.high_open for i in intervals if i.high == high),
        )

    @property
    def width(self) -> float:
        return self.high - self.low

    def contains(self, value: float) -> bool:
        above = value > self.low or (value == self.low and not self.low_open)
        below = value < self.high or (value == self.high and not self.high_open)
        return above and below

    def within(self, other: Interval) -> bool:
        """Whether every number of this interval lies in ``other``."""
        low = self.low > other.low or (
            self.low == other.low and (self.low_open or not other.low_open)
        )
        high = self.high < other.high or (
            self.high == other.high and (self.high_open or not other.high_open)
        )
        return low and high

    def meets(self, other: Interval) -> bool:
        """Whether the two intervals share at least one number."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low != high:
            return low < high
        return self.contains(low) and other.contains(low)

    def widen(self, by: float) -> Interval:
        return Interval(self.low - by, self.high + by, self.low_open, self.high_open)

    def __str__(self) -> str:
        left, right = "(" if self.low_open else "[", ")" if self.high_open else "]"
        return f"{left}{self.low:g}, {self.high:g}{right}"
