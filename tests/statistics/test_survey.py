"""Estimates from cells equal those from respondents (synthetic, in memory only)."""

from math import inf, log, sqrt

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import proportion_confint, test_proportions_2indep

from exile.errors import InputError
from exile.statistics.intervals import Interval
from exile.statistics.survey import (
    contrast_region,
    difference,
    odds_ratio,
    published_share,
    ratio,
    share,
    shares,
)

# statsmodels names a function test_*, which pytest would collect.
compare_proportions = test_proportions_2indep
del test_proportions_2indep


def synthetic_rows(seed: int, size: int = 300) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "wave": generator.choice(["1", "2"], size),
            "sex": generator.choice(["female", "male"], size),
            "answer": generator.choice(["yes", "no", "hard to say"], size, p=[0.3, 0.6, 0.1]),
            "weight": generator.lognormal(0, 0.5, size),
        }
    )


def cells_of(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    rows = rows.assign(n=1, w=rows["weight"], w2=rows["weight"] ** 2)
    return rows.groupby(by, as_index=False)[["n", "w", "w2"]].sum()


seeds = st.integers(0, 2**32 - 1)


class TestShare:
    @given(seeds)
    def test_equals_weighted_least_squares_with_hc1_errors_on_rows(self, seed):
        rows = synthetic_rows(seed)
        y = (rows["answer"] == "yes").astype(float)
        fit = sm.WLS(y, np.ones(len(y)), weights=rows["weight"]).fit(cov_type="HC1")
        cells = cells_of(rows, ["wave", "sex", "answer"])
        found = share(cells, cells["answer"] == "yes")
        assert found.estimate == pytest.approx(fit.params.iloc[0])
        assert found.se == pytest.approx(fit.bse.iloc[0])
        kish = 1 + rows["weight"].var(ddof=0) / rows["weight"].mean() ** 2
        assert found.kish_deff == pytest.approx(kish)

    @given(seeds, st.floats(0.001, 1000))
    def test_does_not_depend_on_the_scale_of_weights_or_on_the_cells(self, seed, scale):
        rows = synthetic_rows(seed)
        fine = cells_of(rows, ["wave", "sex", "answer"])
        coarse = cells_of(rows.assign(weight=rows["weight"] * scale), ["answer"])
        a = share(fine, fine["answer"] == "yes")
        b = share(coarse, coarse["answer"] == "yes")
        assert (a.estimate, a.se, a.n) == pytest.approx((b.estimate, b.se, b.n))

    @given(seeds)
    def test_the_complement_has_the_same_error(self, seed):
        cells = cells_of(synthetic_rows(seed), ["answer"])
        yes, other = (share(cells, mask) for mask in _yes_and_not(cells))
        assert yes.estimate + other.estimate == pytest.approx(1)
        assert (yes.se, yes.deff) == pytest.approx((other.se, other.deff))
        assert yes.low == pytest.approx(1 - other.high)

    def test_equal_weights_are_a_simple_random_sample(self):
        cells = pd.DataFrame({"y": [1, 0], "n": [30, 70], "w": [60.0, 140], "w2": [120.0, 280]})
        found = share(cells, cells["y"] == 1)
        # n − 1 in the variance: the usual s²/n.
        assert found.variance == pytest.approx(0.3 * 0.7 / 99)
        assert found.deff == pytest.approx(100 / 99)
        expected = proportion_confint(0.3 * 99, 99, method="wilson")
        assert (found.low, found.high) == pytest.approx(expected)

    def test_nobody_in_the_numerator_still_has_an_upper_limit(self):
        cells = pd.DataFrame({"y": [1, 0], "n": [0, 50], "w": [0.0, 50], "w2": [0.0, 100]})
        found = share(cells, cells["y"] == 1)
        assert (found.estimate, found.low) == pytest.approx((0, 0), abs=1e-15)
        assert found.n_eff == pytest.approx(25)
        assert found.high == pytest.approx(proportion_confint(0, 25, method="wilson")[1])

    @pytest.mark.parametrize("by", ["wave", ["wave"], ["wave", "sex"]])
    def test_by_group(self, by):
        cells = cells_of(synthetic_rows(5), ["wave", "sex", "answer"])
        yes = cells["answer"] == "yes"
        table = shares(cells, yes, by)
        assert table.index.names == ([by] if isinstance(by, str) else by)
        for key, part in cells.groupby(by):
            found = share(part, yes.loc[part.index])
            assert table.loc[key, "estimate"] == found.estimate
            assert table.loc[key, "n_eff"] == found.n_eff

    @pytest.mark.parametrize(
        "spoil, problem",
        [
            (lambda c: c.drop(columns="w2"), "no column"),
            (lambda c: c.assign(w=-1.0), "negative or missing"),
            (lambda c: c.set_axis([0] * len(c)), "repeats"),
            (lambda c: c.iloc[:0], "respondents"),
        ],
    )
    def test_bad_cells_are_refused(self, spoil, problem):
        cells = spoil(cells_of(synthetic_rows(1), ["answer"]))
        with pytest.raises(InputError, match=problem):
            share(cells, cells["answer"] == "yes")

    def test_a_mask_from_another_table_is_refused(self):
        cells = cells_of(synthetic_rows(1), ["answer"])
        with pytest.raises(InputError, match="mask"):
            share(cells, cells["answer"].iloc[:1] == "yes")
        with pytest.raises(InputError, match="mask"):
            share(cells, cells["n"])
        with pytest.raises(InputError, match="mask"):
            share(cells, cells["n"].astype("Int64").where(cells["n"] > 50) > 100)


inner = st.floats(0.02, 0.98)
sizes = st.integers(20, 5000)
estimates = st.builds(published_share, inner, sizes, st.sampled_from([1.0, 1.5, 2.0]))


class TestComparisons:
    @given(st.integers(1, 99), st.integers(1, 99))
    def test_odds_ratio_equals_statsmodels(self, a, b):
        found = odds_ratio(published_share(a / 100, 100), published_share(b / 100, 100))
        table = Table2x2([[a, 100 - a], [b, 100 - b]], shift_zeros=False)
        assert log(found.estimate) == pytest.approx(table.log_oddsratio, abs=1e-9)
        assert found.se == pytest.approx(table.log_oddsratio_se)
        assert (found.low, found.high) == pytest.approx(table.oddsratio_confint())
        risk = ratio(published_share(a / 100, 100), published_share(b / 100, 100))
        assert (risk.low, risk.high) == pytest.approx(table.riskratio_confint())

    @given(st.integers(1, 99), st.integers(1, 149))
    def test_difference_equals_statsmodels(self, a, b):
        found = difference(published_share(a / 100, 100), published_share(b / 150, 150))
        wald = compare_proportions(a, 100, b, 150, compare="diff", method="wald")
        assert found.z == pytest.approx(wald.statistic, abs=1e-9)
        assert found.p_value == pytest.approx(wald.pvalue)

    @given(estimates, estimates)
    def test_exchanging_the_shares_inverts_the_comparison(self, a, b):
        assert difference(a, b).low == pytest.approx(-difference(b, a).high)
        for measure in (ratio, odds_ratio):
            there, back = measure(a, b), measure(b, a)
            assert there.estimate == pytest.approx(1 / back.estimate)
            assert there.low == pytest.approx(1 / back.high)
            assert there.p_value == pytest.approx(back.p_value)

    @given(estimates, estimates)
    def test_the_design_effect_only_scales_the_error(self, a, b):
        for measure in (difference, ratio, odds_ratio):
            base = measure(a, b)
            doubled = measure(*(published_share(s.estimate, s.n, 2 * s.deff) for s in (a, b)))
            assert doubled.estimate == base.estimate
            assert doubled.se == pytest.approx(base.se * sqrt(2))

    @given(estimates, estimates)
    def test_equivalence_uses_the_90_per_cent_interval(self, a, b):
        """Two one-sided tests at 5 % reject exactly when the 90 % interval is inside."""
        found, margin = difference(a, b), 0.05
        upper = norm.cdf((found.estimate - margin) / found.se)
        lower = norm.sf((found.estimate + margin) / found.se)
        inside = found.interval(0.90).within(Interval(-margin, margin))
        assert inside == (max(upper, lower) <= 0.05)

    def test_a_share_of_one_has_infinite_odds_and_no_finite_error(self):
        found = odds_ratio(published_share(1.0, 100), published_share(0.3, 100))
        assert found.estimate == inf
        assert found.interval() == Interval(0, inf)
        assert found.p_value == 1

    def test_two_empty_shares_have_no_ratio(self):
        empty = published_share(0.0, 100)
        for measure in (ratio, odds_ratio):
            with pytest.raises(InputError, match="no ratio"):
                measure(empty, empty)


class TestRounding:
    # Shares and sizes such as the article's: n·p well above 1.
    rounded = st.tuples(st.integers(3, 97), st.integers(300, 3000))

    @given(rounded, rounded, st.sampled_from([difference, ratio, odds_ratio]))
    def test_corners_hold_everything_in_between(self, first, second, measure):
        def around(percent, n, points):
            return [published_share((percent + q) / 100, n) for q in points]

        region = contrast_region(measure, around(*first, (-0.5, 0.5)), around(*second, (-0.5, 0.5)))
        grid = np.linspace(-0.5, 0.5, 7)
        every = [measure(a, b) for a in around(*first, grid) for b in around(*second, grid)]
        assert region.estimate.low == pytest.approx(min(c.estimate for c in every))
        assert region.estimate.high == pytest.approx(max(c.estimate for c in every))
        assert region.confidence.low == pytest.approx(min(c.low for c in every))
        assert region.confidence.high == pytest.approx(max(c.high for c in every))
        gaps = [
            difference(a, b).p_value for a in around(*first, grid) for b in around(*second, grid)
        ]
        assert region.p_value >= max(gaps) * (1 - 1e-9)

    def test_more_than_80_per_cent_against_27(self):
        first = [published_share(0.80, 2000), published_share(1.0, 2000)]
        second = [published_share(0.265, 1600), published_share(0.275, 1600)]
        region = contrast_region(odds_ratio, first, second)
        assert region.estimate.low == pytest.approx(0.8 / 0.2 * 0.725 / 0.275)
        assert region.estimate.high == region.confidence.high == inf
        assert 1 < region.confidence.low < region.estimate.low
        assert region.p_value < 1e-6

    def test_overlapping_rounding_is_no_evidence(self):
        ends = [published_share(0.295, 10**6), published_share(0.305, 10**6)]
        assert contrast_region(difference, ends, ends).p_value == 1


def _yes_and_not(cells):
    yes = cells["answer"] == "yes"
    return yes, ~yes
