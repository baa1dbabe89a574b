"""Weighted linear regression of a score from survey cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from exile.errors import InputError
from exile.statistics.regression import categories, design_matrix, inference
from exile.statistics.survey import check_cells


@dataclass(frozen=True)
class LinearResult:
    """A fitted model.

    Attributes
    ----------
    coefficients : DataFrame
        Differences in the score by term: estimate, se, z, p, low, high (95 %).
    covariance : DataFrame
        Sandwich (HC1) covariance of the coefficients.
    n : int
        Respondents with weight, unweighted.
    """

    coefficients: pd.DataFrame
    covariance: pd.DataFrame
    n: int


def linear(cells: pd.DataFrame, formula: str, score: pd.Series) -> LinearResult:
    """Weighted least squares with heteroskedasticity-robust errors, as from the respondents.

    Within a cell all respondents share predictors and answer, so the sum of
    weights gives the estimates and the sum of squared weights the meat
    Σ w²(y − ŷ)²xx′ of the sandwich (White 1980). The factor n/(n − k) makes it HC1
    (MacKinnon and White 1985); with an intercept alone it is the variance of
    :func:`exile.statistics.survey.share`. Clusters are not known to cells.

    Parameters
    ----------
    cells : DataFrame
        One row per cell with n, w, w2 and the predictors, see
        :mod:`exile.statistics.survey`. Every respondent of a cell gave the same answer.
    formula : str
        Right-hand side, for example ``"group + country"``; categories only. The
        reference level is the first category, or the first in alphabetical order.
    score : Series of float, same index
        The answer of each cell as a number, in any unit.

    Raises
    ------
    InputError
        If the cells or the score do not fit, the formula cannot be read, a predictor is
        a number or missing, the predictors are collinear, or no degree of freedom is left.
    """
    check_cells(cells, None, "linear")
    if not (
        pd.api.types.is_numeric_dtype(score)
        and score.index.equals(cells.index)
        and np.isfinite(score.to_numpy(dtype=float, na_value=np.nan)).all()
    ):
        raise InputError(
            "linear",
            "the score is not a column of finite numbers on these cells",
            "Drop the cells without an answer, then convert the answers to float.",
        )
    used = cells[cells["w"] > 0]
    y = score.loc[used.index].to_numpy(dtype=float)
    w, w2 = (used[column].to_numpy(dtype=float) for column in ("w", "w2"))
    n = int(used["n"].sum())
    x, design = design_matrix(categories(used, formula, "linear"), formula, "linear")
    terms = design.column_names
    if n <= len(terms):
        raise InputError(
            f"linear, {formula}",
            f"{n} respondents for {len(terms)} coefficients",
            "Use fewer predictors.",
        )
    bread = np.linalg.inv((x * w[:, None]).T @ x)
    beta = bread @ (x * w[:, None]).T @ y
    meat = (x * (w2 * (y - x @ beta) ** 2)[:, None]).T @ x
    covariance = bread @ meat @ bread * n / (n - len(terms))
    coefficients = inference(pd.DataFrame({"estimate": beta}, index=terms), np.diag(covariance))
    return LinearResult(
        coefficients=coefficients.rename_axis("term"),
        covariance=pd.DataFrame(covariance, terms, terms),
        n=n,
    )
