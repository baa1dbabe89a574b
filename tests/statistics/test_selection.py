"""Selection: tipping points tip, bounds hold for random and adversarial weights."""

from itertools import product
from math import inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exile.errors import InputError
from exile.statistics.selection import (
    coverage_needed,
    coverage_needed_for_sign,
    data_defect_correlation,
    minimal_unsurveyed_share,
    tilt,
    tipping_ratio,
    weights_bound,
    worst_case,
)

share = st.floats(0.01, 0.99)
ratio = st.floats(0.05, 20)
coverage = st.floats(0.05, 1)


class TestCoverage:
    @given(share, coverage, st.floats(0, 1))
    def test_any_unsurveyed_share_lies_within_and_the_ends_are_attained(self, p, f, rest):
        region = worst_case(p, f)
        assert region.widen(1e-12).contains(f * p + (1 - f) * rest)
        assert region.low == pytest.approx(f * p)
        assert region.high == pytest.approx(f * p + (1 - f))

    @given(share, share)
    def test_at_the_needed_coverage_the_worst_case_touches_the_benchmark(self, p, b):
        region = worst_case(p, coverage_needed(p, b))
        assert (region.low if p >= b else region.high) == pytest.approx(b)

    @given(share, share)
    def test_for_the_sign_of_a_change(self, before, after):
        change = after - before
        f = coverage_needed_for_sign(change)
        # The uncovered may all change the other way.
        assert f * abs(change) - (1 - f) == pytest.approx(0, abs=1e-12)

    @given(share, share, st.floats(0.05, 0.99))
    def test_minimal_unsurveyed_share(self, p, b, f):
        rest = minimal_unsurveyed_share(p, b, f)
        whole = f * p + (1 - f) * rest
        assert whole == pytest.approx(b) if rest > 0 else whole >= b

    def test_full_coverage_leaves_nothing_to_ask(self):
        assert minimal_unsurveyed_share(0.8, 0.5, 1) == 0
        assert minimal_unsurveyed_share(0.3, 0.5, 1) == inf


class TestTilting:
    @given(share, share)
    def test_the_tipping_ratio_tips(self, p, b):
        assert tilt(p, tipping_ratio(p, b)) == pytest.approx(b)

    @given(share, ratio, ratio)
    def test_tilts_compose_by_multiplication(self, p, first, second):
        assert tilt(tilt(p, first), second) == pytest.approx(tilt(p, first * second))

    @given(share, ratio)
    def test_undoes_selection(self, p, lam):
        """Survey a population with share p at rates in ratio λ, then correct."""
        observed = p * lam / (p * lam + (1 - p))
        assert tilt(observed, lam) == pytest.approx(p)

    @given(share, share, coverage)
    def test_combined_with_coverage(self, p, b, f):
        lam = tipping_ratio(p, b, f)
        if b < f:
            assert f * tilt(p, lam) == pytest.approx(b)
        else:
            assert lam == 0 and f * tilt(p, 1e-9) < b + 1e-9


class TestWeights:
    @given(share, share, st.integers(0, 2**32 - 1))
    def test_random_weights_below_the_tipping_ratio_never_overturn(self, p, b, seed):
        assume(p > b + 0.01)
        lam = tipping_ratio(p, b)
        generator = np.random.default_rng(seed)
        y = np.arange(400) < round(400 * p)
        assume(0 < y.mean() < 1 and tipping_ratio(y.mean(), b) > 1)
        lam = tipping_ratio(y.mean(), b)
        weights = generator.uniform(1, lam, size=y.size)
        adversarial = np.where(y, 1, lam)
        for w in (weights, generator.permutation(weights), adversarial**0.999):
            assert np.average(y, weights=w) > b
        assert np.average(y, weights=np.where(y, 1, lam * 1.001)) < b

    @given(st.integers(1, 9), st.floats(0, 1), st.floats(1, 5))
    def test_bound_over_all_extreme_weights(self, yes, low, high):
        """With 10 people the extreme points have all weights but one at a limit."""
        y = np.arange(10) < yes
        region = weights_bound(yes / 10, low, high)
        found = []
        for at_high, free in product(range(10), range(10)):
            for order in (y, ~y):
                rank = np.argsort(~order, kind="stable")
                w = np.full(10, low)
                w[rank[:at_high]] = high
                w[rank[free]] = 0
                w[rank[free]] = 10 - w.sum()
                if low - 1e-12 <= w[rank[free]] <= high + 1e-12:
                    found.append(np.average(y, weights=w))
        assume(found)
        assert region.widen(1e-9).contains(min(found))
        assert region.widen(1e-9).contains(max(found))
        assert (min(found), max(found)) == pytest.approx((region.low, region.high), abs=1e-9)

    def test_weights_must_be_able_to_average_one(self):
        with pytest.raises(InputError, match="mean 1"):
            weights_bound(0.5, 1.2, 3)


class TestDataDefect:
    @given(st.integers(20, 200), st.integers(0, 2**32 - 1))
    def test_is_the_correlation_of_response_and_trait(self, size, seed):
        """Meng's identity, on a finite population with a selected sample."""
        generator = np.random.default_rng(seed)
        y = generator.random(size) < 0.4
        r = generator.random(size) < np.where(y, 0.7, 0.3)
        assume(0 < y.mean() < 1 and 0 < r.mean() < 1)
        expected = np.corrcoef(r, y)[0, 1]
        found = data_defect_correlation(y[r].mean(), y.mean(), r.mean())
        assert found == pytest.approx(expected, abs=1e-9)

    def test_a_census_has_none(self):
        with pytest.raises(InputError, match="fraction"):
            data_defect_correlation(0.5, 0.4, 1.0)


@pytest.mark.parametrize("bad", [0, -0.1, 1.1])
def test_coverage_out_of_range(bad):
    for call in (worst_case, lambda p, f: tipping_ratio(p, 0.3, f)):
        with pytest.raises(InputError, match="coverage"):
            call(0.5, bad)
