"""Bounds from two percentages against full enumeration of the tables behind them."""

from fractions import Fraction
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from exile.errors import InputError
from exile.statistics.intervals import Interval
from exile.statistics.paired import PairedTable
from exile.statistics.paired_bounds import (
    admissible_counts,
    bounds_from_counts,
    joint_bounds,
    odds_ratio_given_retention,
    paired_bounds,
    retention_needed,
)

# The article's three pairs of percentages, a fall, a tie, and extreme margins.
PAIRS = [(49, 26), (10, 32), (4, 29), (80, 70), (30, 30), (0, 1), (99, 100), (50, 50)]


def enumerate_tables(before: range, after: range, n: int) -> dict[str, np.ndarray]:
    """Every quantity of every table, computed here without PairedTable.

    Arrays over all (x, y, k) with x in ``before``, y in ``after``; nan where undefined.
    """
    x, y, k = np.array(
        [(x, y, k) for x in before for y in after for k in range(max(0, x + y - n), min(x, y) + 1)]
    ).T
    n10, n01, n00 = x - k, y - k, n - x - y + k
    m, d, fewer = n10 + n01, y - x, np.minimum(n10, n01)
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = binom.cdf(fewer, m, 0.5)
        exact = np.where(d == 0, 1.0, np.minimum(1, 2 * tail))
        found = {
            "n11": k,
            "n10": n10,
            "n01": n01,
            "n00": n00,
            "change": d / n,
            "chi2": np.where(d == 0, 0.0, d**2 / m),
            "p_exact": exact,
            "p_mid": np.where(d == 0, 1.0, 2 * tail - binom.pmf(fewer, m, 0.5)),
            "s_value": -np.log2(exact),
            "gamma": np.where(d == 0, 1.0, np.maximum(n10, n01) / fewer),
            "phi": (n * k - x * y) / np.sqrt(1.0 * x * (n - x) * y * (n - y)),
            "odds_ratio": (k * n00) / (n10 * n01),
            "retention": k / x,
            "initiation": n01 / (n - x),
        }
    return found


def assert_bounds_are_sharp(before: range, after: range, n: int):
    """Each bound equals the extreme of the enumeration and is attained by its own table."""
    bounds = bounds_from_counts(before, after, n)
    for name, values in enumerate_tables(before, after, n).items():
        defined = values[~np.isnan(values)]
        bound = getattr(bounds, name)
        if not defined.size:
            assert bound is None, name
            continue
        # p-values reach 1e-150, so only the s-value, a logarithm, gets an absolute tolerance.
        tolerance = 1e-9 if name == "s_value" else 1e-300
        expected = pytest.approx((defined.min(), defined.max()), rel=1e-9, abs=tolerance)
        assert (bound.low.value, bound.high.value) == expected, (name, before, after, n)
        for extreme in (bound.low, bound.high):
            table = extreme.table
            assert table.n == n
            assert table.n11 + table.n10 in before and table.n11 + table.n01 in after
            assert getattr(table, name) == extreme.value


@pytest.mark.parametrize("n", [*range(1, 16), 30, 60])
def test_sharp_for_every_pair_of_margins(n):
    step = max(1, n // 15)
    for x in range(0, n + 1, step):
        for y in range(0, n + 1, step):
            assert_bounds_are_sharp(range(x, x + 1), range(y, y + 1), n)


@st.composite
def boxes(draw):
    n = draw(st.integers(1, 60))
    ends = [sorted(draw(st.tuples(st.integers(0, n), st.integers(0, n)))) for _ in range(2)]
    return *(range(a, min(b, a + 6) + 1) for a, b in ends), n


@given(boxes())
def test_sharp_for_ranges_of_margins(box):
    assert_bounds_are_sharp(*box)


@pytest.mark.parametrize("n", [611, 2000])
@pytest.mark.parametrize("before, after", PAIRS)
def test_sharp_for_every_admissible_table_of_the_survey(before, after, n):
    assert_bounds_are_sharp(admissible_counts(before, n), admissible_counts(after, n), n)


def tables_in(before: range, after: range, n: int):
    for x in before:
        for y in after:
            for k in range(max(0, x + y - n), min(x, y) + 1):
                yield PairedTable(k, x - k, y - k, n - x - y + k)


@given(boxes())
@settings(max_examples=25)
def test_union_interval_and_adjusted_gamma_against_all_tables(box):
    bounds = bounds_from_counts(*box)
    tables = list(tables_in(*box))
    intervals = [table.newcombe() for table in tables]
    assert bounds.change_ci.low == pytest.approx(min(i.low for i in intervals), abs=1e-12)
    assert bounds.change_ci.high == pytest.approx(max(i.high for i in intervals), abs=1e-12)
    gammas = [table.gamma_adjusted for table in tables]
    found = bounds.gamma_adjusted.low.value, bounds.gamma_adjusted.high.value
    assert found == pytest.approx((min(gammas), max(gammas)))


def newcombe_limits(x: np.ndarray, y: np.ndarray, k: np.ndarray, n: int) -> tuple:
    """Newcombe's limits for arrays of tables, as a second implementation."""
    z = norm.isf(0.025)

    def reach(count):
        p = count / n
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return p - (centre - half), centre + half - p

    determinant = (k * (n - x - y + k) - (x - k) * (y - k)).astype(float)
    determinant = np.where(determinant > 0, np.maximum(0, determinant - n / 2), determinant)
    product = (x * (n - x)).astype(float) * (y * (n - y))
    phi = np.where(product > 0, determinant / np.sqrt(np.where(product > 0, product, 1)), 0)
    (below_x, above_x), (below_y, above_y) = reach(x), reach(y)
    down = below_y**2 - 2 * phi * below_y * above_x + above_x**2
    up = above_y**2 - 2 * phi * above_y * below_x + below_x**2
    low, high = (y - x) / n - np.sqrt(np.maximum(0, down)), (y - x) / n + np.sqrt(np.maximum(0, up))
    return low, high


@pytest.mark.parametrize("n", [*range(1, 61), 611, 2000])
def test_why_corners_suffice_for_the_union_interval(n):
    """At the least number of stayers both limits rise in y and fall in x, for all margins."""
    x, y = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    for limit in newcombe_limits(x, y, np.maximum(0, x + y - n), n):
        assert np.diff(limit, axis=0).max() <= 1e-12
        assert np.diff(limit, axis=1).min() >= -1e-12


@pytest.mark.parametrize("n", [611, 2000])
@pytest.mark.parametrize("before, after", PAIRS)
def test_union_interval_over_every_admissible_table_of_the_survey(before, after, n):
    bounds = paired_bounds(before, after, n)
    x, y, k = (
        np.array(column)
        for column in zip(
            *(
                (x, y, k)
                for x in bounds.before_counts
                for y in bounds.after_counts
                for k in range(max(0, x + y - n), min(x, y) + 1)
            ),
            strict=True,
        )
    )
    low, high = newcombe_limits(x, y, k, n)
    assert bounds.change_ci.low == pytest.approx(low.min(), abs=1e-12)
    assert bounds.change_ci.high == pytest.approx(high.max(), abs=1e-12)


def test_the_work_does_not_grow_with_the_survey(monkeypatch):
    built = []
    check = PairedTable.__post_init__
    monkeypatch.setattr(
        PairedTable, "__post_init__", lambda table: (built.append(table), check(table))[1]
    )
    work = {}
    for n in (611, 2000, 100_000, 10_000_000):
        built.clear()
        for before, after in PAIRS:
            paired_bounds(before, after, n)
        work[n] = len(built) / len(PAIRS)
    assert max(work.values()) <= 40
    assert work[10_000_000] <= work[2000]


@given(boxes(), st.data())
def test_bounds_nest_in_the_rounding(box, data):
    before, after, n = box
    x, y = data.draw(st.sampled_from(before)), data.draw(st.sampled_from(after))
    wide = bounds_from_counts(before, after, n)
    narrow = bounds_from_counts(range(x, x + 1), range(y, y + 1), n)
    assert narrow.change_ci.within(wide.change_ci.widen(1e-12))
    for name in ("n11", "n10", "n01", "n00", "change", "chi2", "p_exact", "gamma", "phi"):
        inner, outer = getattr(narrow, name), getattr(wide, name)
        if inner is not None:
            assert outer.low.value <= inner.low.value <= inner.high.value <= outer.high.value


def test_an_overlap_of_the_rounding_leaves_the_sign_open():
    tie = paired_bounds(30, 30, 611)
    assert tie.worst_p == 1 and not tie.sign_identified
    assert paired_bounds(49, 26, 611).sign_identified


class TestAdmissibleCounts:
    @given(st.integers(0, 100), st.integers(1, 5000))
    def test_exactly_the_counts_within_half_a_point(self, percent, n):
        half = Fraction(1, 2)
        expected = [x for x in range(n + 1) if abs(Fraction(100 * x, n) - percent) <= half]
        if expected:
            assert list(admissible_counts(percent, n)) == expected
        else:
            with pytest.raises(InputError, match="rounds to"):
                admissible_counts(percent, n)

    @pytest.mark.parametrize("percent, n", [(101, 50), (-1, 50), (33.3, 50), (5, 0)])
    def test_what_is_no_percentage_is_refused(self, percent, n):
        with pytest.raises(InputError, match="whole percentage"):
            admissible_counts(percent, n)


class TestJointShares:
    @given(boxes())
    def test_hold_the_share_of_every_table_and_are_attained(self, box):
        before, after, n = box
        margin = [Interval(r[0] / n, r[-1] / n) for r in (before, after)]
        shares = joint_bounds(*margin)
        bounds = bounds_from_counts(before, after, n)
        for name in ("11", "10", "01", "00"):
            region, counted = getattr(shares, f"p{name}"), getattr(bounds, f"n{name}")
            assert region.low * n == pytest.approx(counted.low.value, abs=1e-9)
            assert region.high * n == pytest.approx(counted.high.value, abs=1e-9)


class TestRetention:
    @given(st.integers(2, 60), st.data())
    def test_the_odds_ratio_of_a_table_follows_from_its_retention(self, n, data):
        x = data.draw(st.integers(1, n - 1))
        y = data.draw(st.integers(1, n - 1))
        k = data.draw(st.integers(max(0, x + y - n), min(x, y)))
        table = PairedTable(k, x - k, y - k, n - x - y + k)
        for half_unit in (1e-9, 0.005, 0.05):
            region = odds_ratio_given_retention(x / n, y / n, table.retention, half_unit)
            tolerant = Interval(region.low * (1 - 1e-6), region.high * (1 + 1e-6))
            assert tolerant.contains(table.odds_ratio)

    @given(st.floats(0.02, 0.98), st.floats(0.02, 0.98), st.floats(0.01, 0.99))
    def test_regions_nest_in_the_rounding(self, before, after, retention):
        narrow = odds_ratio_given_retention(before, after, retention, 0.005)
        wide = odds_ratio_given_retention(before, after, retention, 0.01)
        if narrow is not None:
            assert narrow.within(wide)

    @given(st.floats(0.02, 0.98), st.floats(0.02, 0.98))
    def test_retention_equal_to_the_share_after_is_independence(self, before, after):
        region = odds_ratio_given_retention(before, after, after, 0)
        assert (region.low, region.high) == pytest.approx((1, 1))

    def test_impossible_retention_has_no_odds_ratio(self):
        # 4 % did it after: at most 4/49 of those who did it before.
        assert odds_ratio_given_retention(0.49, 0.04, 0.5) is None
        # 90 % and 90 %: at least 80/90 kept doing it.
        assert odds_ratio_given_retention(0.90, 0.90, 0.5) is None

    def test_ends(self):
        assert odds_ratio_given_retention(0.3, 0.3, 0.0) == Interval(0, 0)
        assert odds_ratio_given_retention(0.3, 0.4, 1.0).low == inf

    @pytest.mark.parametrize("n", [611, 2000])
    @pytest.mark.parametrize("before, after", [(0.49, 0.26), (0.10, 0.32), (0.04, 0.29)])
    def test_the_retention_needed_is_where_pearson_becomes_significant(self, before, after, n):
        needed = retention_needed(before, after, n)
        for retention, significant in ((needed - 1e-6, False), (needed + 1e-6, True)):
            p11 = retention * before
            variance = before * (1 - before) * after * (1 - after)
            z = (p11 - before * after) * (n / variance) ** 0.5
            assert (z > norm.isf(0.025)) == significant

    def test_not_attainable(self):
        assert retention_needed(0.5, 0.001, 30) == inf
        assert retention_needed(0.0, 0.5, 30) == inf

    def test_percentages_are_not_shares(self):
        with pytest.raises(InputError, match="no share"):
            retention_needed(49, 26, 611)
        with pytest.raises(InputError, match="no share"):
            odds_ratio_given_retention(49, 26, 0.3)


def test_the_table_for_readers_names_every_quantity():
    table = paired_bounds(49, 26, 611).table()
    assert {"n11", "chi2", "odds_ratio", "retention", "gamma_adjusted"} <= set(table.index)
    assert not any(isnan(value) for value in table[["low", "high"]].to_numpy().ravel())
    assert all(sum(cells) == 611 for cells in table["table_at_low"])
