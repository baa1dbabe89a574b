"""Power against simulation, statsmodels and published sample sizes; its laws."""

from __future__ import annotations

from math import ceil, inf, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, norm
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import power_proportions_2indep

from exile.errors import InputError
from exile.power.design import (
    NOTICED,
    against_bound,
    detectable_change,
    detectable_odds_ratio,
    detectable_share,
    paired_change,
    two_groups,
)

inner = st.floats(0.05, 0.95)
ratios = st.floats(0.05, 20)
sizes = st.floats(50, 5000)
SIMULATIONS = 20_000


def monte_carlo(power, rejected):
    """Within the 99.9 % error of the simulation, and the error of the normal limit."""
    error = norm.isf(0.0005) * sqrt(max(power * (1 - power), 0.01) / SIMULATIONS)
    assert rejected == pytest.approx(power, abs=error + 0.015)


class TestSimulation:
    """Each test is run on samples drawn from the alternative."""

    @pytest.mark.parametrize("n", [611, 2000])
    @pytest.mark.parametrize("ratio", [0.5, 1.0, 1.5, 2.0])
    def test_two_groups(self, n, ratio):
        g, y = 0.49, 0.26
        a = two_groups(g, y, ratio)
        inside = y + (1 - g) * a.effect
        p = [g * inside, g * (1 - inside), y - g * inside, 1 - g - y + g * inside]
        n11, n10, n01, n00 = np.random.default_rng(n).multinomial(n, p, SIMULATIONS).T
        x, m = n11 + n10, n11 + n01
        z = (n11 * n00 - n10 * n01) * np.sqrt(n) / np.sqrt(1.0 * x * (n - x) * m * (n - m))
        monte_carlo(a.power(n), np.mean(np.abs(z) > norm.isf(0.025)))

    @pytest.mark.parametrize(("before", "change"), [(0.49, -0.1), (0.1, 0.04), (0.49, 0.0)])
    def test_paired_change(self, before, change):
        n, after = 611, before + change
        # The least favourable table: nobody is in both unless the margins force it.
        both = max(0.0, before + after - 1)
        p = [both, before - both, after - both, 1 - before - after + both]
        _, n10, n01, _ = np.random.default_rng(1).multinomial(n, p, SIMULATIONS).T
        z = (n01 - n10) / np.sqrt(np.maximum(n01 + n10, 1))
        monte_carlo(paired_change(before, change).power(n), np.mean(np.abs(z) > norm.isf(0.025)))

    def test_against_bound(self):
        """Not simulated but exact: the binomial probability of the region of rejection."""
        for n, bound, p in [(611, 0.5, 0.56), (611, 0.8, 0.84), (2000, 0.5, 0.47)]:
            k = np.arange(n + 1)
            z = (k / n - bound) / sqrt(bound * (1 - bound) / n)
            exact = binom.pmf(k, n, p)[np.abs(z) > norm.isf(0.025)].sum()
            assert against_bound(bound, p).power(n) == pytest.approx(exact, abs=0.015)


class TestKnownValues:
    @pytest.mark.parametrize(
        ("p1", "p2", "n"), [(0.6, 0.5, 388), (0.25, 0.15, 250), (0.5, 0.35, 170)]
    )
    def test_textbook_sample_sizes(self, p1, p2, n):
        """n per group for 80 % power, no continuity correction (Fleiss, Levin & Paik 2003, 4.14)."""
        pooled = (p1 + p2) / 2
        ratio = p1 / (1 - p1) * (1 - p2) / p2
        a = two_groups(0.5, pooled, ratio)
        assert a.effect == pytest.approx(p1 - p2)
        assert a.power(2 * n) >= 0.8 > a.power(2 * (n - 2))

    @given(inner, inner, st.floats(30, 3000), st.sampled_from([0.05, 0.05 / 12]))
    def test_two_groups_agree_with_statsmodels(self, p1, p2, n, alpha):
        ratio = p1 / (1 - p1) * (1 - p2) / p2
        ours = two_groups(0.5, (p1 + p2) / 2, ratio).power(2 * n, alpha=alpha)
        theirs = power_proportions_2indep(p1 - p2, p2, n, alpha=alpha).power
        # statsmodels counts only rejections on the right side.
        assert theirs - 1e-6 <= ours <= theirs + alpha / 2 + 1e-6

    @given(inner, st.floats(0.01, 0.04), sizes)
    def test_one_share_agrees_with_statsmodels(self, bound, distance, n):
        a = against_bound(bound, bound + distance)
        known = NormalIndPower(ddof=0).power(
            a.effect / a.sd, n, 0.05 * 1, ratio=0, alternative="two-sided"
        )
        # Statsmodels has one spread for both hypotheses; with equal ones they agree.
        same = type(a)(a.effect, a.sd, a.sd)
        assert same.power(n) == pytest.approx(known)

    def test_connors_sample_size(self):
        """n = (z_a √ψ + z_b √(ψ − d²))² / d² (Connor 1987), in the least favourable table."""
        before, d = 0.3, 0.1
        psi = 2 * before + d
        n = (norm.isf(0.025) * sqrt(psi) + norm.isf(0.2) * sqrt(psi - d * d)) ** 2 / d**2
        assert paired_change(before, d).power(ceil(n)) == pytest.approx(0.8, abs=2e-3)


class TestLaws:
    @given(inner, inner, sizes, st.floats(1, 3), st.sampled_from([0.05, 0.05 / 12]))
    def test_no_effect_is_reported_at_the_level(self, g, y, n, deff, alpha):
        assert two_groups(g, y, 1.0).power(n, deff, alpha) == pytest.approx(alpha)
        assert against_bound(y, y).power(n, deff, alpha) == pytest.approx(alpha)
        assert paired_change(y, 0.0).power(n, deff, alpha) == pytest.approx(alpha)

    @given(inner, inner, ratios, sizes)
    def test_more_people_never_see_less(self, g, y, ratio, n):
        a = two_groups(g, y, ratio)
        assert a.power(1.5 * n) >= a.power(n) - 1e-9
        assert a.power(n, deff=2.0) == pytest.approx(a.power(n / 2))

    @given(inner, inner, sizes, st.floats(1, 10), st.floats(1.05, 2), st.booleans())
    def test_power_above_one_half_rises_with_the_effect(self, g, y, n, ratio, more, below):
        """Also where a cell empties, where a Wald test would lose it again.

        Near no effect it may dip under the level, because unequal groups change the spread.
        """
        nearer, farther = ratio, ratio * more
        if below:
            nearer, farther = 1 / nearer, 1 / farther
        power = two_groups(g, y, nearer).power(n)
        assume(power >= 0.5)
        assert two_groups(g, y, farther).power(n) >= power - 1e-9

    @given(inner, inner, ratios)
    def test_the_table_has_its_margins_and_its_odds_ratio(self, g, y, ratio):
        gap = two_groups(g, y, ratio).effect
        outside = y - g * gap
        inside = outside + gap
        odds = inside * (1 - outside) / ((1 - inside) * outside)
        assert odds == pytest.approx(ratio, rel=1e-6)

    @given(inner, inner, ratios)
    def test_swapping_group_and_outcome_keeps_the_power(self, g, y, ratio):
        """Pearson's statistic under the null has no direction; so has the effect's size."""
        a, b = two_groups(g, y, ratio), two_groups(y, g, ratio)
        assert a.effect / a.sd_null == pytest.approx(b.effect / b.sd_null)

    @given(inner, inner, st.sampled_from([611, 2000]), st.sampled_from([1.0, 2.0]), st.booleans())
    def test_the_least_effect_has_the_power_asked_for(self, g, y, n, deff, below):
        found = detectable_odds_ratio(g, y, n, deff, 0.05 / 12, below)
        end = two_groups(g, y, 0.0 if below else inf)
        if found is None:
            assert end.power(n, deff, 0.05 / 12) < NOTICED
        else:
            assert (found < 1) == below
            assert two_groups(g, y, found).power(n, deff, 0.05 / 12) == pytest.approx(
                NOTICED, abs=1e-4
            )

    @given(inner, st.booleans())
    def test_more_people_see_smaller_effects(self, p, down):
        for least in (
            lambda n, d: detectable_share(p, n, d, below=down),
            lambda n, d: detectable_change(p, n, d, fall=down),
        ):
            found = [least(2000, 1), least(2000, 2), least(611, 2)]
            found = [inf if f is None else f for f in found]
            assert found == sorted(found)


class TestNotAttainable:
    def test_few_in_the_group(self):
        """4 % and 29 %: even if nobody did both, a panel sees no negative association."""
        assert detectable_odds_ratio(0.04, 0.29, 611, 2, 0.05 / 12, below=True) is None
        assert detectable_odds_ratio(0.04, 0.29, 2000, 1, 0.05, below=True) is not None

    def test_no_room(self):
        assert detectable_share(0.99, 611, 2) is None
        assert detectable_change(0.004, 611, 2, fall=True) is None

    @pytest.mark.parametrize(
        "call",
        [
            lambda: two_groups(0.0, 0.5, 2),
            lambda: two_groups(0.5, 0.5, -1),
            lambda: paired_change(0.5, 0.6),
            lambda: against_bound(1.2, 0.5),
            lambda: two_groups(0.5, 0.5, 2).power(0),
            lambda: two_groups(0.5, 0.5, 2).power(10, alpha=1.5),
        ],
    )
    def test_impossible_questions_are_refused(self, call):
        with pytest.raises(InputError):
            call()
