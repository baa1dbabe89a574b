"""Weighted logistic regression from survey cells."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from patsy import DesignInfo, build_design_matrices
from scipy.special import expit
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

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
    marginal_effects : DataFrame
        Average difference in probability between a level and the reference
        level of its variable: columns variable, level, reference, effect, se,
        p, low, high. Delta method, the composition of the sample held fixed.
    n : int
        Respondents, unweighted.
    """

    coefficients: pd.DataFrame
    covariance: pd.DataFrame
    marginal_effects: pd.DataFrame
    n: int

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

    with warnings.catch_warnings():
        # Both mean that the estimate runs off to infinity, which is reported below.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = sm.GLM(y, x, family=sm.families.Binomial(), var_weights=w)
        fit = model.fit(maxiter=50, tol=1e-10, tol_criterion="params")
    # No share in a survey is within e^-15 of 0 or 1 unless a category is empty.
    if not fit.converged or np.abs(fit.params).max() > 15:
        raise _separated(formula)

    beta, mu = fit.params, fit.fittedvalues
    bread = np.linalg.inv((x * (w * mu * (1 - mu))[:, None]).T @ x)
    meat = (x * (w2 * (y - mu) ** 2)[:, None]).T @ x
    covariance = bread @ meat @ bread

    coefficients = inference(pd.DataFrame({"estimate": beta}, index=names), np.diag(covariance))
    return LogitResult(
        coefficients=coefficients.rename_axis("term"),
        covariance=pd.DataFrame(covariance, names, names),
        marginal_effects=_marginal_effects(predictors, design, beta, covariance, w),
        n=int(used["n"].sum()),
    )


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
