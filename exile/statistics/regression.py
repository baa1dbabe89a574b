"""What weighted regressions from cells share: their predictors and their tables of estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from patsy import DesignInfo, ModelDesc, PatsyError, dmatrix
from scipy.stats import norm

from exile.errors import InputError

_designs: dict[tuple, tuple[np.ndarray, DesignInfo]] = {}


def categories(cells: pd.DataFrame, formula: str, model: str) -> pd.DataFrame:
    """The predictors in the formula, as categoricals without unused levels.

    Raises
    ------
    InputError
        If the formula cannot be read, or a predictor is absent, a number or missing.
    """
    try:
        terms = ModelDesc.from_formula(f"~ {formula}").rhs_termlist
    except PatsyError as error:
        raise InputError(
            f"{model}, {formula}", f"cannot be read ({error})", 'Write it as in "sex + age_group".'
        ) from None
    predictors = {}
    for name in dict.fromkeys(factor.name() for term in terms for factor in term.factors):
        if name not in cells:
            raise InputError(
                f"{model}, {name}", "the cells have no such column", f"They have {list(cells)}."
            )
        column = cells[name]
        if column.isna().any():
            raise InputError(
                f"{model}, {name}", "a value is missing", "Drop those cells, or name a category."
            )
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            raise InputError(
                f"{model}, {name}",
                "the predictor is a number",
                "Cells hold categories: convert it with astype(str).",
            )
        predictors[name] = column.astype("category").cat.remove_unused_categories()
    return pd.DataFrame(predictors, index=cells.index)


def design_matrix(
    predictors: pd.DataFrame, formula: str, model: str
) -> tuple[np.ndarray, DesignInfo]:
    """The matrix of a model and what its columns mean.

    Raises
    ------
    InputError
        If the predictors are collinear.
    """
    columns = tuple(
        (name, tuple(column.cat.categories), column.cat.codes.to_numpy().tobytes())
        for name, column in predictors.items()
    )
    known = (formula, len(predictors), columns)
    if known in _designs:
        return _designs[known]
    matrix = dmatrix(formula, predictors)
    x = np.asarray(matrix)
    # Cells with the same predictors have the same row: the different rows have the rank of all.
    # Without predictors all rows are alike, and pandas 2 looks at none.
    different = x[~predictors.duplicated().to_numpy()] if len(predictors.columns) else x
    if np.linalg.matrix_rank(different) < x.shape[1]:
        raise InputError(
            f"{model}, {formula}", "the predictors are collinear", "Drop or merge categories."
        )
    # Samples that are drawn again and again from the same cells have the same design.
    if len(_designs) >= 16:
        _designs.clear()
    _designs[known] = x, matrix.design_info
    return _designs[known]


def inference(table: pd.DataFrame, variances: np.ndarray) -> pd.DataFrame:
    """Add se, z, p and 95 % limits to a table whose last column is the estimate."""
    estimate, se = table.iloc[:, -1].to_numpy(), np.sqrt(variances)
    margin, z = norm.isf(0.025) * se, estimate / se
    more = {"se": se, "z": z, "p": 2 * norm.sf(np.abs(z))}
    ends = {"low": estimate - margin, "high": estimate + margin}
    return pd.concat([table, pd.DataFrame({**more, **ends}, index=table.index)], axis=1)
