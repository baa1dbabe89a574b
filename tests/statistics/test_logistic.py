"""The logit from cells equals the logit from respondents (synthetic, in memory only)."""

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from patsy import build_design_matrices
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.tools.sm_exceptions import SpecificationWarning

from exile.errors import InputError
from exile.statistics.logistic import logit


def synthetic_rows(seed: int, size: int = 500) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    sex = generator.choice(["female", "male"], size)
    age = generator.choice(["18-29", "30-44", "45+"], size)
    eta = -0.5 + 0.6 * (sex == "male") - 0.4 * (age == "45+")
    return pd.DataFrame(
        {
            "sex": sex,
            "age_group": age,
            "y": generator.random(size) < 1 / (1 + np.exp(-eta)),
            "weight": generator.lognormal(0, 0.6, size),
        }
    )


def cells_of(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(n=1, w=rows["weight"], w2=rows["weight"] ** 2)
    by = ["sex", "age_group", "y"]
    return rows.groupby(by, as_index=False)[["n", "w", "w2"]].sum()


def fit_rows(rows: pd.DataFrame, formula: str):
    with warnings.catch_warnings():
        # statsmodels doubts robust errors with var_weights; the sandwich below is by hand.
        warnings.simplefilter("ignore", SpecificationWarning)
        return smf.glm(
            f"y ~ {formula}",
            rows.assign(y=rows["y"].astype(float)),
            family=sm.families.Binomial(),
            var_weights=rows["weight"],
        ).fit(cov_type="HC0", tol=1e-12)


seeds = st.integers(0, 2**32 - 1)
formulas = st.sampled_from(["sex", "sex + age_group", "sex * age_group"])


@given(seeds, formulas)
@settings(max_examples=25)
def test_coefficients_and_sandwich_equal_those_of_the_rows(seed, formula):
    rows = synthetic_rows(seed)
    cells = cells_of(rows)
    found, expected = logit(cells, formula, cells["y"]), fit_rows(rows, formula)
    assert list(found.coefficients.index) == list(expected.params.index)
    np.testing.assert_allclose(found.coefficients["estimate"], expected.params, atol=1e-6)
    np.testing.assert_allclose(found.coefficients["se"], expected.bse, rtol=1e-5)
    np.testing.assert_allclose(found.coefficients["p"], expected.pvalues, atol=1e-6)
    limits = found.coefficients[["low", "high"]]
    np.testing.assert_allclose(limits, expected.conf_int(), atol=1e-5)
    assert found.n == len(rows)


@given(seeds)
@settings(max_examples=15)
def test_the_sandwich_by_hand_on_rows(seed):
    rows = synthetic_rows(seed)
    cells = cells_of(rows)
    found = logit(cells, "sex", cells["y"])
    x = np.column_stack([np.ones(len(rows)), rows["sex"] == "male"]).astype(float)
    mu = 1 / (1 + np.exp(-x @ found.coefficients["estimate"].to_numpy()))
    w = rows["weight"].to_numpy()
    score = x * (w * (rows["y"] - mu).to_numpy())[:, None]
    assert np.abs(score.sum(axis=0)).max() < 1e-6 * w.sum()
    bread = np.linalg.inv((x * (w * mu * (1 - mu))[:, None]).T @ x)
    by_hand = bread @ (score.T @ score) @ bread
    np.testing.assert_allclose(found.covariance, by_hand, rtol=1e-6)


@given(seeds, st.sampled_from(["sex + age_group", "sex * age_group"]))
@settings(max_examples=15)
def test_marginal_effects_equal_predictions_and_their_numerical_gradient(seed, formula):
    rows = synthetic_rows(seed)
    cells = cells_of(rows)
    found = logit(cells, formula, cells["y"])
    fit = fit_rows(rows, formula)

    def effect(params, variable, level, reference):
        both = [
            fit.model.predict(params, _matrix(fit, rows.assign(**{variable: value})))
            for value in (level, reference)
        ]
        return np.average(both[0] - both[1], weights=rows["weight"])

    params = fit.params.to_numpy()
    for row in found.marginal_effects.itertuples():
        at = row.variable, row.level, row.reference
        assert row.effect == pytest.approx(effect(params, *at), abs=1e-6)
        step = 1e-5 * np.eye(len(params))
        gradient = np.array(
            [(effect(params + h, *at) - effect(params - h, *at)) / 2e-5 for h in step]
        )
        variance = gradient @ fit.cov_params().to_numpy() @ gradient
        assert row.se == pytest.approx(variance**0.5, rel=1e-4)


def _matrix(fit, rows):
    return np.asarray(build_design_matrices([fit.model.data.model_spec], rows)[0])


@given(*[st.integers(5, 200)] * 4)
def test_one_binary_predictor_is_the_two_by_two_table(a, b, c, d):
    counts = np.array([a, b, c, d], dtype=float)
    cells = pd.DataFrame({"x": ["no", "no", "yes", "yes"], "y": [True, False, True, False]}).assign(
        n=counts, w=counts, w2=counts
    )
    found = logit(cells, "x", cells["y"])
    table = Table2x2([[c, d], [a, b]], shift_zeros=False)
    row = found.odds_ratios.loc["x[T.yes]"]
    assert row["odds_ratio"] == pytest.approx(table.oddsratio, rel=1e-6)
    # For a saturated model HC0 is the classical variance.
    assert (row["low"], row["high"]) == pytest.approx(table.oddsratio_confint(), rel=1e-5)
    (effect,) = found.marginal_effects["effect"]
    assert effect == pytest.approx(c / (c + d) - a / (a + b), abs=1e-8)


@given(seeds, st.floats(1e-3, 1e4))
@settings(max_examples=10)
def test_the_scale_of_the_weights_does_not_matter(seed, scale):
    rows = synthetic_rows(seed)
    small, large = (cells_of(rows.assign(weight=rows["weight"] * k)) for k in (1, scale))
    a, b = (logit(cells, "sex + age_group", cells["y"]) for cells in (small, large))
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-6)


def test_the_first_category_is_the_reference():
    cells = cells_of(synthetic_rows(3))
    ordered = cells.assign(sex=pd.Categorical(cells["sex"], ["male", "female"]))
    there, back = (logit(c, "sex", c["y"]) for c in (cells, ordered))
    assert there.odds_ratios.loc["sex[T.male]", "odds_ratio"] == pytest.approx(
        1 / back.odds_ratios.loc["sex[T.female]", "odds_ratio"]
    )
    assert back.marginal_effects["reference"].tolist() == ["male"]


@pytest.mark.parametrize(
    "spoil, formula, problem",
    [
        (lambda c: c, "sex + height", "no such column"),
        (lambda c: c, "sex +* age_group", "cannot be read"),
        (lambda c: c.assign(wave=1), "wave", "number"),
        (lambda c: c.assign(sex=c["sex"].where(c["sex"] == "male")), "sex", "missing"),
        (lambda c: c.assign(twin=c["sex"]), "sex + twin", "collinear"),
        (lambda c: c[~(c["y"] & (c["sex"] == "male"))], "sex", "only yes or only no"),
        (lambda c: c[c["y"]], "sex", "only yes or only no"),
    ],
)
def test_bad_models_are_refused(spoil, formula, problem):
    cells = spoil(cells_of(synthetic_rows(2)))
    with pytest.raises(InputError, match=problem):
        logit(cells, formula, cells["y"])
