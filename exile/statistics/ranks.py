"""Places in a ranking, where what is ranked is known only up to chance or up to a range.

Both kinds of ignorance come down to one table, "ahead": whether the item of a row is
ahead of the item of a column for certain. Every ranking that the table leaves open
respects it, so places and the place of a group follow from counting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt

import pandas as pd
from scipy.stats import norm

from exile.errors import InputError
from exile.statistics.intervals import Interval


def ahead_by_share(
    shares: Mapping[str, float], n: int, deff: float = 1.0, level: float = 0.95
) -> pd.DataFrame:
    """Which of several answers to one question is more frequent, beyond chance.

    Two shares of one multinomial sample differ with variance
    (p + q − (p − q)²)·deff/n. All pairs are tested two-sided at once by Bonferroni's
    method, so all places that follow hold together at ``level`` (Mogstad, Romano,
    Shaikh and Wilhelm 2024).

    Parameters
    ----------
    shares : mapping
        Fractions of the same ``n`` respondents; they need not sum to 1.

    Returns
    -------
    DataFrame of bool
        True where the row is ahead of the column.

    Raises
    ------
    InputError
        If fewer than two shares are given, or they are not parts of one whole.
    """
    values = pd.Series(shares, dtype=float)
    # Printed shares are rounded, so their sum may pass 1 by a little.
    if len(values) < 2 or values.min() < 0 or values.sum() > 1.01:
        raise InputError(
            "ahead_by_share",
            f"{len(values)} shares that sum to {values.sum():.3f}",
            "Give two or more shares of one sample.",
        )
    pairs = len(values) * (len(values) - 1) / 2
    critical = norm.ppf(1 - (1 - level) / 2 / pairs)

    def ahead(p: float, q: float) -> bool:
        return p > q and p - q > critical * sqrt((p + q - (p - q) ** 2) * deff / n)

    return _table(values.index, lambda i, j: ahead(values[i], values[j]))


def ahead_by_range(ranges: Mapping[str, Interval]) -> pd.DataFrame:
    """Which of several numbers is the larger one, whatever values the ranges allow.

    Returns
    -------
    DataFrame of bool
        True where the row is ahead of the column.
    """
    return _table(ranges, lambda i, j: ranges[i].low > ranges[j].high)


def places(ahead: pd.DataFrame) -> pd.DataFrame:
    """The best and the worst place that each item can have; 1 is the first place."""
    first = 1 + ahead.sum(axis=0)
    last = len(ahead) - ahead.sum(axis=1)
    return pd.DataFrame({"first": first, "last": last})


def group_place(ahead: pd.DataFrame, group: Iterable[str]) -> Interval:
    """The place of the lowest member of a group: its size if nobody else is among them.

    Every item outside that is ahead of some member moves that place down by one.

    Raises
    ------
    InputError
        If a member is not in the table, or the group is empty.
    """
    members = list(group)
    if not members or set(members) - set(ahead.index):
        raise InputError(
            "group_place",
            f"{members} are not all among {list(ahead.index)}",
            "Name items of the table.",
        )
    others = ahead.index.difference(members)
    surely = ahead.loc[others, members].any(axis=1).sum()
    possibly = len(others) - ahead.loc[members, others].all(axis=0).sum()
    return Interval(len(members) + int(surely), len(members) + int(possibly))


def _table(names: Iterable[str], ahead) -> pd.DataFrame:
    items = list(names)
    return pd.DataFrame(
        [[i != j and bool(ahead(i, j)) for j in items] for i in items], index=items, columns=items
    )
