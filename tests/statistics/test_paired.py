"""One paired table: published results, agreement with statsmodels, symmetries."""

import itertools
from math import inf, isnan, log

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.contingency_tables import SquareTable, Table2x2, mcnemar

from exile.errors import InputError
from exile.statistics.intervals import Interval
from exile.statistics.paired import PairedTable

counts = st.integers(0, 60)
tables = st.tuples(counts, counts, counts, counts).filter(any).map(lambda c: PairedTable(*c))


def mirrored(interval: Interval) -> Interval:
    return Interval(-interval.high, -interval.low)


def assert_same(a: Interval, b: Interval, tolerance: float = 1e-9):
    assert (a.low, a.high) == pytest.approx((b.low, b.high), abs=tolerance)


class TestPublishedResults:
    """Fagerland, Lydersen & Laake (2017), Statistical Analysis of Contingency Tables, chapter 8.

    They report the change as before − after, hence the signs.
    """

    # Complete response before and after consolidation therapy (Cavo et al. 2012).
    cavo = PairedTable(59, 6, 16, 80)

    def test_tests_of_no_change(self):
        assert self.cavo.chi2**0.5 == pytest.approx(2.132, abs=5e-4)
        assert self.cavo.p_exact == pytest.approx(0.052479, abs=5e-7)
        assert self.cavo.p_mid == pytest.approx(0.034690, abs=5e-7)

    @pytest.mark.parametrize(
        "method, low, high",
        [
            ("newcombe", 0.0046, 0.1186),
            ("tango", 0.0054, 0.1240),
            ("bonett_price", 0.0032, 0.1195),
        ],
    )
    def test_intervals_of_the_change(self, method, low, high):
        assert_same(getattr(self.cavo, method)(), Interval(low, high), tolerance=5e-5)

    def test_exact_lower_limit_of_the_ratio_of_discordant_pairs(self):
        # Floppy eyelid syndrome and sleep apnoea (Ezra et al. 2010), Clopper–Pearson.
        assert PairedTable(7, 25, 2, 68).gamma_adjusted == pytest.approx(3.1169, abs=5e-5)


class TestAgreementWithStatsmodels:
    @given(tables)
    def test_mcnemar(self, table):
        assume(table.discordant > 0)
        cells = np.array([[table.n11, table.n10], [table.n01, table.n00]])
        assert table.p_exact == pytest.approx(mcnemar(cells, exact=True).pvalue)
        asymptotic = mcnemar(cells, exact=False, correction=False)
        assert table.chi2 == pytest.approx(asymptotic.statistic)
        symmetry = SquareTable(cells, shift_zeros=False).symmetry()
        assert table.chi2 == pytest.approx(symmetry.statistic)

    @given(tables)
    def test_association(self, table):
        assume(min(table.n11, table.n10, table.n01, table.n00) > 0)
        other = Table2x2([[table.n11, table.n10], [table.n01, table.n00]], shift_zeros=False)
        assert log(table.odds_ratio) == pytest.approx(other.log_oddsratio)
        chi2 = other.test_nominal_association().statistic
        assert table.n * table.phi**2 == pytest.approx(chi2, abs=1e-9)


class TestLaws:
    @given(tables)
    def test_swapping_before_and_after_flips_signs_only(self, table):
        other = table.swapped()
        assert other.change == -table.change
        for name in ("chi2", "p_exact", "p_mid", "s_value", "gamma", "gamma_adjusted"):
            assert getattr(other, name) == getattr(table, name)
        for name in ("phi", "odds_ratio"):
            assert getattr(other, name) == pytest.approx(getattr(table, name), nan_ok=True)
        for name in ("newcombe", "bonett_price", "tango"):
            assert_same(getattr(other, name)(), mirrored(getattr(table, name)()))

    @given(tables)
    def test_complementing_permutes_cells(self, table):
        other = table.complemented()
        assert other.change == -table.change
        assert other.odds_ratio == pytest.approx(table.odds_ratio, nan_ok=True)
        assert other.retention == pytest.approx(1 - table.initiation, nan_ok=True)
        for name in ("newcombe", "bonett_price", "tango"):
            assert_same(getattr(other, name)(), mirrored(getattr(table, name)()))

    @given(tables)
    def test_the_mid_p_takes_off_the_point_probability(self, table):
        fewer = min(table.n10, table.n01)
        if table.n10 != table.n01:
            point = binom.pmf(fewer, table.discordant, 0.5)
            assert table.p_mid == pytest.approx(table.p_exact - point)
        assert table.p_mid <= table.p_exact <= 1

    @given(tables)
    def test_odds_ratio_above_one_iff_retention_above_the_share_after(self, table):
        assume(not isnan(table.odds_ratio) and not isnan(table.retention))
        assert (table.odds_ratio > 1) == (table.n11 * table.n > _x(table) * _y(table))
        assert (table.odds_ratio > 1) == (table.phi > 0)

    @given(st.integers(1, 400), st.integers(0, 400), st.integers(0, 400))
    def test_p_rises_as_stayers_become_switchers(self, rise, stayers, neither):
        moved = min(stayers, neither, 40)
        path = [PairedTable(stayers - j, j, rise + j, neither - j) for j in range(moved + 1)]
        for name, sign in (("p_exact", 1), ("p_mid", 1), ("chi2", -1), ("gamma", -1)):
            values = [sign * getattr(table, name) for table in path]
            # The tolerance is that of a sum of binomial terms, not of the law.
            assert all(b >= a - 1e-12 * abs(a) for a, b in itertools.pairwise(values)), name

    @given(tables)
    def test_selection_bound_at_one_is_the_one_sided_sign_test(self, table):
        """Rosenbaum: with Γ = 1 the bound is the ordinary test, so both agree on significance."""
        more = max(table.n10, table.n01)
        one_sided = binom.sf(more - 1, table.discordant, 0.5)
        if one_sided <= 0.025 * (1 - 1e-9):
            assert table.gamma_adjusted > 1
        elif one_sided > 0.025 * (1 + 1e-9):
            assert table.gamma_adjusted == 1

    @given(tables)
    def test_adjusted_gamma_is_the_largest_that_stays_significant(self, table):
        gamma = table.gamma_adjusted
        assume(gamma > 1)
        more, m = max(table.n10, table.n01), table.discordant
        tail = [binom.sf(more - 1, m, g / (1 + g)) for g in (0.999 * gamma, gamma, 1.001 * gamma)]
        assert tail[0] < 0.025 < tail[2]
        assert tail[1] == pytest.approx(0.025)
        assert gamma < table.gamma

    @given(tables)
    def test_intervals_hold_the_change_and_nest_in_level(self, table):
        for method in (table.newcombe, table.tango):
            narrow, wide = method(0.9), method(0.95)
            assert narrow.within(wide.widen(1e-9))
            assert wide.widen(1e-9).contains(table.change)
            assert wide.within(Interval(-1, 1).widen(1e-9))


def test_zero_and_infinite_ratios_are_legal():
    assert PairedTable(5, 0, 3, 9).odds_ratio == inf
    assert PairedTable(0, 4, 3, 9).odds_ratio == 0
    assert PairedTable(5, 0, 3, 9).gamma == inf
    assert isnan(PairedTable(0, 0, 3, 9).odds_ratio)
    assert isnan(PairedTable(0, 0, 3, 9).retention)


@pytest.mark.parametrize("cells", [(0, 0, 0, 0), (1, -1, 2, 3)])
def test_what_is_no_table_is_refused(cells):
    with pytest.raises(InputError, match="counts"):
        PairedTable(*cells)


def _x(table: PairedTable) -> int:
    return table.n11 + table.n10


def _y(table: PairedTable) -> int:
    return table.n11 + table.n01
