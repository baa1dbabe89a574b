"""The linear model from cells equals the one from respondents (synthetic, in memory only)."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from exile.errors import InputError
from exile.statistics.linear import linear
from exile.statistics.survey import share

seeds = st.integers(0, 2**32 - 1)
formulas = st.sampled_from(["1", "group", "group + country", "group * country"])


def synthetic_rows(seed: int, size: int = 400) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    group = generator.choice(["migrant", "native"], size)
    country = generator.choice(["A", "B", "C"], size)
    score = generator.binomial(10, 0.4 + 0.1 * (group == "native") + 0.1 * (country == "B"))
    weight = generator.lognormal(0, 0.6, size)
    return pd.DataFrame({"group": group, "country": country, "score": score, "weight": weight})


def cells_of(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(n=1, w=rows["weight"], w2=rows["weight"] ** 2)
    return rows.groupby(["group", "country", "score"], as_index=False)[["n", "w", "w2"]].sum()


@given(seeds, formulas)
@settings(max_examples=30)
def test_estimates_and_errors_equal_weighted_least_squares_on_the_rows(seed, formula):
    rows = synthetic_rows(seed)
    cells = cells_of(rows)
    found = linear(cells, formula, cells["score"])
    expected = smf.wls(f"score ~ {formula}", rows, weights=rows["weight"]).fit(
        cov_type="HC1", use_t=False
    )
    assert list(found.coefficients.index) == list(expected.params.index)
    np.testing.assert_allclose(found.coefficients["estimate"], expected.params, atol=1e-9)
    np.testing.assert_allclose(found.covariance, expected.cov_params(), rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(found.coefficients["p"], expected.pvalues, atol=1e-8)
    limits = found.coefficients[["low", "high"]]
    np.testing.assert_allclose(limits, expected.conf_int(), atol=1e-8)
    assert found.n == len(rows)


@given(seeds)
@settings(max_examples=15)
def test_of_a_yes_or_no_answer_the_intercept_is_the_share(seed):
    rows = synthetic_rows(seed)
    cells = cells_of(rows.assign(score=(rows["score"] > 5).astype(int)))
    found = linear(cells, "1", cells["score"]).coefficients.loc["Intercept"]
    expected = share(cells, cells["score"] == 1)
    assert found["estimate"] == pytest.approx(expected.estimate, rel=1e-9)
    assert found["se"] == pytest.approx(expected.se, rel=1e-9)


@given(seeds, st.floats(1e-3, 1e3), st.floats(-50, 50), st.floats(1e-3, 1e3))
@settings(max_examples=15)
def test_units_of_weight_and_score_carry_over(seed, factor, shift, unit):
    cells = cells_of(synthetic_rows(seed))
    score = cells["score"].astype(float)
    plain = linear(cells, "group", score).coefficients
    heavy = cells.assign(w=cells["w"] * factor, w2=cells["w2"] * factor**2)
    moved = linear(heavy, "group", score * unit + shift).coefficients
    assert moved.loc["group[T.native]", "estimate"] == pytest.approx(
        plain.loc["group[T.native]", "estimate"] * unit, rel=1e-6, abs=1e-9
    )
    np.testing.assert_allclose(moved["se"], plain["se"] * unit, rtol=1e-6)


def test_the_reference_is_the_first_category():
    cells = cells_of(synthetic_rows(1))
    ordered = cells.assign(group=pd.Categorical(cells["group"], ["native", "migrant"]))
    one, other = (linear(c, "group", c["score"]).coefficients for c in (cells, ordered))
    assert other.loc["group[T.migrant]", "estimate"] == pytest.approx(
        -one.loc["group[T.native]", "estimate"]
    )


def test_bad_input_is_refused():
    cells = cells_of(synthetic_rows(2))
    score = cells["score"].astype(float)
    twin = cells.assign(twin=cells["group"])
    with pytest.raises(InputError, match="collinear"):
        linear(twin, "group + twin", score)
    for bad in (
        score.where(score > 0),
        score.replace(0, np.inf),
        score.astype(str),
        score.reset_index(drop=True).iloc[1:],
    ):
        with pytest.raises(InputError, match="score"):
            linear(cells, "group", bad)
    with pytest.raises(InputError, match="number"):
        linear(cells, "score", score)
    with pytest.raises(InputError, match="no such column"):
        linear(cells, "colour", score)
    with pytest.raises(InputError, match="respondents for"):
        few = cells.head(1)
        linear(few, "1", score.head(1))
