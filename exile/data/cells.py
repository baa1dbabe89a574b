"""Counts and sums of weights of respondents who share attributes and an answer.

Tables of this kind carry every weighted share, and every weighted logit on the
attributes with its robust covariance, without carrying a respondent: the sum of
squared weights is all that the sandwich needs beyond counts and sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import fsum

import pandas as pd

from exile.errors import InputError


def recode(column: pd.Series, codes: Mapping[str, str], where: str) -> pd.Series:
    """Codes to words.

    Parameters
    ----------
    column : Series of float
        Codes as read; an empty cell is looked up as "missing".
    codes : mapping
        Words by code.
    where : str
        File and column, for the message.

    Raises
    ------
    InputError
        If a code occurs that is not declared: dropping it would change every share.
    """
    keys = column.map(lambda code: f"{code:g}", na_action="ignore").fillna("missing")
    unknown = sorted(set(keys) - set(codes))
    if unknown:
        raise InputError(
            where, f"codes {unknown} are not declared", "Declare them in the survey's .toml file."
        )
    return keys.map(codes)


def age_groups(age: pd.Series, lowest: Sequence[int]) -> pd.Series:
    """Ages in years to groups named by their bounds, for example "18-34", "55+".

    Parameters
    ----------
    lowest : sequence of int
        First year of each group, ascending; the last group is open.
    """
    names = [f"{low}-{high - 1}" for low, high in pairwise(lowest)]
    bounds = [*lowest, float("inf")]
    groups = pd.cut(age, bounds, right=False, labels=[*names, f"{lowest[-1]}+"])
    return groups.astype("str").where(groups.notna(), "unknown")


def count(respondents: pd.DataFrame, by: Sequence[str], weight: str) -> pd.DataFrame:
    """Cells of respondents.

    Returns
    -------
    DataFrame
        Columns ``by``, then n (respondents), w (sum of weights) and w2 (sum of squared
        weights), each sum correctly rounded and so independent of the order of rows.
    """
    rows = [
        (*key, len(weights), fsum(weights), fsum(weights * weights))
        for key, weights in respondents.groupby(list(by), sort=True)[weight]
    ]
    return pd.DataFrame(rows, columns=[*by, "n", "w", "w2"])
