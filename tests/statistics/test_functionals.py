"""Linear programs against closed forms and integer enumeration."""

from itertools import combinations, product
from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from exile.errors import InputError
from exile.statistics.functionals import bound_functional, bound_ratio, worst_case_contrast
from exile.statistics.intervals import Interval
from exile.statistics.paired_bounds import joint_bounds

CLOSE = 1e-6
margins_of = st.tuples(st.floats(0.01, 0.99), st.floats(0.0, 0.1)).map(
    lambda pair: Interval(pair[0], min(1.0, pair[0] + pair[1]))
)


def ends(bounds):
    return bounds.low, bounds.high


class TestTwoItems:
    """K = 2 has closed forms (Fréchet–Hoeffding)."""

    @given(margins_of, margins_of)
    def test_each_joint_share(self, before, after):
        closed = joint_bounds(before, after)
        for name, pattern in (("p11", (1, 1)), ("p10", (1, 0)), ("p01", (0, 1)), ("p00", (0, 0))):
            found = bound_functional([before, after], lambda a, p=pattern: a == p)
            region = getattr(closed, name)
            assert ends(found) == pytest.approx((region.low, region.high), abs=CLOSE)

    @given(margins_of, margins_of)
    def test_retention(self, before, after):
        found = bound_ratio([before, after], lambda a: a[0] * a[1], lambda a: a[0])
        low = max(0.0, before.low + after.low - 1) / before.low
        high = min(1.0, after.high / before.low)
        assert ends(found) == pytest.approx((low, high), abs=CLOSE)

    @given(margins_of, margins_of)
    def test_a_functional_of_the_margins_is_known_up_to_rounding(self, before, after):
        found = bound_functional([before, after], lambda a: a[1] - a[0])
        expected = after.low - before.high, after.high - before.low
        assert ends(found) == pytest.approx(expected, abs=CLOSE)


PEOPLE = 12
PATTERNS = list(product((0, 1), repeat=3))
# Stars and bars: all vectors of 8 counts that add up to 12.
COUNTS = np.array(
    [np.diff([-1, *bars, PEOPLE + 7]) - 1 for bars in combinations(range(PEOPLE + 7), 7)]
)


class TestThreeItemsOfTwelvePeople:
    """Every way in which 12 people can answer three questions."""

    def tables(self, margins):
        totals = COUNTS @ np.array(PATTERNS)
        return COUNTS[(totals == margins).all(axis=1)]

    @pytest.mark.parametrize("margins", [(2, 4, 6), (6, 6, 6), (10, 3, 1), (11, 9, 10), (0, 5, 12)])
    @pytest.mark.parametrize(
        "g",
        [
            pytest.param(max, id="any"),
            pytest.param(min, id="all"),
            pytest.param(sum, id="how many"),
            pytest.param(lambda a: sum(a) >= 2, id="two or more"),
            pytest.param(lambda a: max(a[1:]) - a[0], id="any of two less one"),
        ],
    )
    def test_equals_the_integer_extremes(self, margins, g):
        values = self.tables(margins) @ np.array([g(p) for p in PATTERNS]) / PEOPLE
        found = bound_functional([Interval.point(m / PEOPLE) for m in margins], g)
        assert values.min() >= found.low - CLOSE and values.max() <= found.high + CLOSE
        for atoms, lp, brute in (
            (found.low_atoms, found.low, values.min()),
            (found.high_atoms, found.high, values.max()),
        ):
            people = np.array(list(atoms.values())) * PEOPLE
            if np.allclose(people, people.round(), atol=CLOSE):
                assert lp == pytest.approx(brute, abs=CLOSE)
            else:
                # Fractions of a person are feasible for the program only.
                assert abs(lp - brute) < 1 / PEOPLE

    @pytest.mark.parametrize("margins", [(2, 4, 6), (6, 6, 6), (10, 3, 1), (11, 9, 10)])
    def test_ratios(self, margins):
        tables = self.tables(margins)
        both = tables @ np.array([p[0] * max(p[1:]) for p in PATTERNS])
        some = tables @ np.array([max(p[1:]) for p in PATTERNS])
        found = bound_ratio(
            [Interval.point(m / PEOPLE) for m in margins],
            lambda a: a[0] * max(a[1:]),
            lambda a: max(a[1:]),
        )
        assert ends(found) == pytest.approx(((both / some).min(), (both / some).max()), abs=CLOSE)


@given(st.lists(margins_of, min_size=1, max_size=5))
@settings(max_examples=40)
def test_any_and_all_have_closed_forms(margins):
    any_item, all_items = bound_functional(margins, max), bound_functional(margins, min)
    lows, highs = [m.low for m in margins], [m.high for m in margins]
    assert ends(any_item) == pytest.approx((max(lows), min(1, sum(highs))), abs=CLOSE)
    floor = max(0.0, sum(lows) - len(margins) + 1)
    assert ends(all_items) == pytest.approx((floor, min(highs)), abs=CLOSE)


@given(st.lists(margins_of, min_size=2, max_size=4), st.floats(0, 0.05))
@settings(max_examples=40)
def test_bounds_are_attained_by_their_atoms_and_nest(margins, by):
    def g(a):
        return max(a) - a[0] / 2

    found = bound_functional(margins, g)
    for value, atoms in ((found.low, found.low_atoms), (found.high, found.high_atoms)):
        assert sum(p * g(a) for a, p in atoms.items()) == pytest.approx(value, abs=1e-5)
        assert sum(atoms.values()) == pytest.approx(1, abs=1e-5)
        for j, margin in enumerate(margins):
            total = sum(p for a, p in atoms.items() if a[j])
            assert margin.widen(1e-5).contains(total)
    wider = [Interval(max(0, m.low - by), min(1, m.high + by)) for m in margins]
    assert found.interval.within(bound_functional(wider, g).interval.widen(CLOSE))


class TestWorstCaseContrast:
    def test_a_paired_change_has_its_closed_form(self):
        """Var(Y − X) is largest with fewest stayers, when it is p1 + p2 − d² for p1 + p2 < 1."""
        before, after, n = 0.10, 0.32, 611
        contrast = worst_case_contrast(
            [Interval.point(before), Interval.point(after)], lambda a: a[1] - a[0], n, deff=1.5
        )
        d = after - before
        se = sqrt((before + after - d**2) * 1.5 / n)
        assert contrast.se == pytest.approx(se, rel=1e-5)
        assert contrast.z == pytest.approx(d / se, rel=1e-5)

    @given(st.lists(margins_of, min_size=2, max_size=3), st.integers(0, 2**32 - 1))
    @example([Interval.point(0.6170709384651054), Interval(0.5, 0.5000001)], 0)
    @settings(max_examples=40)
    def test_no_joint_distribution_has_a_smaller_z(self, margins, seed):
        n = 611

        def g(a):
            return max(a[1:]) - 0.3 * a[0] + 0.05

        contrast = worst_case_contrast(margins, g, n)
        generator = np.random.default_rng(seed)
        extremes = [
            bound_functional(margins, lambda a, w=w: w[_index(a)]).low_atoms
            for w in generator.normal(size=(6, 8))
        ]
        for _ in range(10):
            weights = generator.dirichlet(np.full(len(extremes), 0.5))
            mean = square = 0.0
            for weight, atoms in zip(weights, extremes, strict=True):
                mean += weight * sum(p * g(a) for a, p in atoms.items())
                square += weight * sum(p * g(a) ** 2 for a, p in atoms.items())
            spread = max(square - mean**2, 1e-12)
            assert abs(mean) * sqrt(n / spread) >= abs(contrast.z) * (1 - 1e-3) - 1e-3

    def test_limits_of_significance(self):
        margins = [Interval(0.095, 0.105), Interval(0.315, 0.325)]

        def g(a):
            return a[1] - a[0]

        contrast = worst_case_contrast(margins, g, 611)
        assert contrast.deff_allowed == pytest.approx(611 / contrast.n_needed)
        at_limit = worst_case_contrast(margins, g, 611, deff=contrast.deff_allowed)
        assert at_limit.z == pytest.approx(norm.isf(0.025), rel=1e-6)

    def test_a_fall_mirrors_a_rise(self):
        first, second = Interval(0.095, 0.105), Interval(0.315, 0.325)
        rise = worst_case_contrast([first, second], lambda a: a[1] - a[0], 611)
        fall = worst_case_contrast([second, first], lambda a: a[1] - a[0], 611)
        assert fall.z == pytest.approx(-rise.z)

    def test_a_mean_that_may_be_zero_is_no_evidence(self):
        margins = [Interval(0.29, 0.31), Interval(0.30, 0.32)]
        contrast = worst_case_contrast(margins, lambda a: a[1] - a[0], 2000)
        assert (contrast.z, contrast.p_value, contrast.n_needed) == (0, 1, inf)
        assert contrast.deff_allowed == 0


def _index(pattern):
    return int("".join(map(str, pattern)), 2)


@pytest.mark.parametrize("margins", [[], [Interval(0.1, 0.2)] * 30, [Interval(0.5, 1.2)]])
def test_bad_margins_are_refused(margins):
    with pytest.raises(InputError):
        bound_functional(margins, max)


def test_a_ratio_needs_a_positive_denominator():
    with pytest.raises(InputError, match="denominator"):
        bound_ratio([Interval.point(0.5)], lambda a: a[0], lambda a: a[0] - 1)
    with pytest.raises(InputError, match="denominator"):
        bound_ratio([Interval.point(0.0)], lambda a: 1, lambda a: a[0])
