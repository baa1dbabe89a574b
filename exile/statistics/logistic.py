"""Weighted logistic regression from survey cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from patsy import DesignInfo, build_design_matrices
from scipy.special import expit

from exile.errors import InputError
from exile.statistics.regression import categories, design_matrix, inference
from exile.statistics.survey import check_cells


@dataclass(frozen=True)
class LogitResult:
    """A fitted model.

    Attributes
    ----------
    coefficients : DataFrame
        Log odds ratios by term: estimate, se, z, p, low, high (95 %).
    covariance : DataFrame
        Sandwich (HC0) covariance of the coefficients.
    n : int
        Respondents, unweighted.
    """

    coefficients: pd.DataFrame
    covariance: pd.DataFrame
    n: int
    _effects: Callable[[], pd.DataFrame] = field(repr=False, compare=False)

    @cached_property
    def marginal_effects(self) -> pd.DataFrame:
        """What a level adds to the probability, on average.

        The difference to the reference level of its variable, by the delta method with the
        composition of the sample held fixed: columns variable, level, reference, effect, se,
        z, p, low, high.
        """
        return self._effects()

    @property
    def odds_ratios(self) -> pd.DataFrame:
        """Exponentiated coefficients and their 95 % limits, without the intercept."""
        terms = self.coefficients.drop(index="Intercept", errors="ignore")
        table = np.exp(terms[["estimate", "low", "high"]]).rename(
            columns={"estimate": "odds_ratio"}
        )
        return table.assign(p=terms["p"])


def logit(cells: pd.DataFrame, formula: str, success: pd.Series) -> LogitResult:
    """Weighted logit with heteroskedasticity-robust errors, exactly as from the respondents.

    Within a cell all respondents share predictors and answer, so the sum of
    weights gives the estimates and the sum of squared weights the meat
    Σ w²(y − μ)²xx′ of the sandwich (HC0, no small-sample factor).

    Parameters
    ----------
    cells : DataFrame
        One row per cell with n, w, w2 and the predictors, see
        :mod:`exile.statistics.survey`.
    formula : str
        Right-hand side, for example ``"sex + age_group"``; categories only.
        Every variable is a column of the cells. Its reference level is the
        first category, or the first in alphabetical order.
    success : Series of bool, same index
        The cells that count as yes.

    Raises
    ------
    InputError
        If the cells do not fit, the formula cannot be read, a predictor is a
        number or missing, a combination of answers and predictors separates
        perfectly, or the predictors are collinear.
    """
    check_cells(cells, success, "logit")
    used = cells[cells["w"] > 0]
    y = success.loc[used.index].to_numpy(dtype=float)
    # The estimates do not depend on the scale of the weights, the convergence does.
    scale = used["n"].sum() / used["w"].sum()
    w = used["w"].to_numpy(dtype=float) * scale
    w2 = used["w2"].to_numpy(dtype=float) * scale**2
    predictors = categories(used, formula, "logit")
    x, design = design_matrix(predictors, formula, "logit")
    names = design.column_names

    beta = _most_likely(x, y, w)
    # No share in a survey is within e^-15 of 0 or 1 unless a category is empty.
    if beta is None or np.abs(beta).max() > 15:
        raise _separated(formula)

    mu = expit(x @ beta)
    bread = np.linalg.inv((x * (w * mu * (1 - mu))[:, None]).T @ x)
    meat = (x * (w2 * (y - mu) ** 2)[:, None]).T @ x
    covariance = bread @ meat @ bread

    coefficients = inference(pd.DataFrame({"estimate": beta}, index=names), np.diag(covariance))
    return LogitResult(
        coefficients=coefficients.rename_axis("term"),
        covariance=pd.DataFrame(covariance, names, names),
        n=int(used["n"].sum()),
        _effects=lambda: _marginal_effects(predictors, design, beta, covariance, w),
    )


def _most_likely(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray | None:
    """Weighted maximum likelihood by Fisher's scoring; None if it runs off to infinity.

    Green (1984), Iteratively reweighted least squares, J. R. Statist. Soc. B 46. The
    start, every mean half-way to 1/2, is the one that generalised linear models use.
    """
    mu = (y + 0.5) / 2
    eta = np.log(mu / (1 - mu))
    beta = np.full(x.shape[1], np.inf)
    for _ in range(50):
        information = w * mu * (1 - mu)
        if not information.min() > 0:
            return None
        weighted = x * information[:, None]
        try:
            new = np.linalg.solve(weighted.T @ x, weighted.T @ (eta + (y - mu) * w / information))
        except np.linalg.LinAlgError:
            return None
        eta = x @ new
        mu = expit(eta)
        if np.allclose(new, beta, rtol=0, atol=1e-10):
            return new
        beta = new
    return None


def _separated(formula: str) -> InputError:
    return InputError(
        f"logit, {formula}",
        "the model has no finite estimate: some category has only yes or only no",
        "Merge it with another or leave the predictor out.",
    )


def _marginal_effects(
    predictors: pd.DataFrame,
    design: DesignInfo,
    beta: np.ndarray,
    covariance: np.ndarray,
    weights: np.ndarray,
) -> pd.DataFrame:
    rows, variances = [], []
    for name in predictors:
        levels = predictors[name].cat.categories
        means, gradients = [], []
        for level in levels:
            everybody = pd.Categorical([level] * len(predictors), categories=levels)
            (x,) = build_design_matrices([design], predictors.assign(**{name: everybody}))
            mu = expit(np.asarray(x) @ beta)
            means.append(np.average(mu, weights=weights))
            gradients.append(weights * mu * (1 - mu) @ np.asarray(x) / weights.sum())
        for level, mean, gradient in zip(levels[1:], means[1:], gradients[1:], strict=True):
            slope = gradient - gradients[0]
            rows.append((name, level, levels[0], mean - means[0]))
            variances.append(slope @ covariance @ slope)
    table = pd.DataFrame(rows, columns=["variable", "level", "reference", "effect"])
    return inference(table, np.array(variances))
