"""Tipping points of measurement: applied to a true null they reproduce the observed change."""

from math import exp, log

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exile.errors import InputError
from exile.statistics.measurement import misclassification_tipping, reference_period_tipping

share = st.floats(0.01, 0.99)


@given(st.floats(0.01, 3), st.floats(0.1, 60), st.floats(0.1, 60))
def test_equal_rates_seen_through_two_periods(rate, months_before, months_after):
    before, after = 1 - exp(-rate * months_before / 12), 1 - exp(-rate * months_after / 12)
    assume(0 < before < 1 - 1e-9 and 0 < after < 1 - 1e-9)
    assert reference_period_tipping(before, after) == pytest.approx(
        months_before / months_after, rel=1e-4
    )


def test_half_against_three_quarters():
    """Surviving two half-lives instead of one takes twice the time."""
    assert reference_period_tipping(0.5, 0.75) == pytest.approx(log(2) / log(4))


@pytest.mark.parametrize("before, after", [(0, 0.5), (0.5, 1)])
def test_a_rate_needs_a_share_inside(before, after):
    with pytest.raises(InputError, match="rate"):
        reference_period_tipping(before, after)


@given(share, share)
def test_either_error_rate_makes_the_change_from_nothing(before, after):
    tipping = misclassification_tipping(before, after)
    small, large = min(before, after), max(before, after)
    # No true change at the smaller share; some of the inactive say yes in one period.
    assert small + (1 - small) * tipping.false_positive == pytest.approx(large)
    # No true change at the larger share; some of the active say no in the other.
    assert large * (1 - tipping.false_negative) == pytest.approx(small)
    assert 0 <= tipping.false_positive < 1 and 0 <= tipping.false_negative < 1
    assert misclassification_tipping(after, before) == tipping
