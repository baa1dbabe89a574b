"""Places: against every ranking that the ranges allow, and against simulated samples."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from exile.errors import InputError
from exile.statistics.intervals import Interval
from exile.statistics.ranks import ahead_by_range, ahead_by_share, group_place, places

# Even ends, so that an odd number always fits between two different ones.
end = st.integers(0, 6).map(lambda k: 2 * k)
ranges = st.lists(st.tuples(end, end).map(sorted), min_size=2, max_size=4).map(
    lambda found: {f"item {k}": Interval(*pair) for k, pair in enumerate(found)}
)


def rankings(known: dict[str, Interval]) -> list[tuple[str, ...]]:
    """Orders, best first, of some choice of whole numbers within the ranges; ties go both ways."""
    found = set()
    for values in product(*(range(int(r.low), int(r.high) + 1) for r in known.values())):
        value = dict(zip(known, values, strict=True))
        found |= {
            order
            for order in permutations(known)
            if all(value[a] >= value[b] for a, b in pairwise(order))
        }
    return list(found)


@given(ranges)
def test_places_are_those_of_all_rankings_that_the_ranges_allow(known):
    table = places(ahead_by_range(known))
    orders = rankings(known)
    for item in known:
        taken = [order.index(item) + 1 for order in orders]
        assert (min(taken), max(taken)) == tuple(table.loc[item])


@given(ranges, st.data())
def test_the_place_of_a_group_is_that_of_its_lowest_member_in_all_rankings(known, data):
    group = data.draw(st.sets(st.sampled_from(sorted(known)), min_size=1))
    taken = [max(order.index(m) + 1 for m in group) for order in rankings(known)]
    assert group_place(ahead_by_range(known), group) == Interval(min(taken), max(taken))


def test_the_error_of_a_difference_is_that_of_the_multinomial():
    """Two answers of n: ahead exactly when the sign of p - q is significant, variance known."""
    n, p, q = 400, 0.30, 0.22
    # Var(x - y) of a multinomial: npq terms and covariance, summed the long way.
    variance = (p * (1 - p) + q * (1 - q) + 2 * p * q) / n
    z = (p - q) / variance**0.5
    level = 1 - 2 * norm.sf(z)
    shares = {"a": p, "b": q}
    assert ahead_by_share(shares, n, level=level - 1e-6).loc["a", "b"]
    assert not ahead_by_share(shares, n, level=level + 1e-6).loc["a", "b"]


def test_all_places_hold_together_in_at_least_the_promised_share_of_samples():
    truth = np.array([0.25, 0.23, 0.15, 0.13, 0.12, 0.12])
    generator = np.random.default_rng(20220224)
    samples = generator.multinomial(750, truth, size=600) / 750
    names = [f"item {k}" for k in range(len(truth))]
    covered = 0
    for sample in samples:
        ahead = ahead_by_share(dict(zip(names, sample, strict=True)), 750).to_numpy()
        # A certain "ahead" of one that is not in truth ahead is a false statement.
        covered += not (ahead & (truth[:, None] <= truth[None, :])).any()
    assert covered / len(samples) >= 0.95


@given(st.lists(st.floats(0.01, 0.2), min_size=2, max_size=5), st.integers(50, 5000))
def test_a_larger_design_effect_never_settles_more(found, n):
    shares = {f"item {k}": p for k, p in enumerate(found)}
    plain, worse = ahead_by_share(shares, n), ahead_by_share(shares, n, deff=2)
    assert not (worse & ~plain).any(axis=None)


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="sum to 1.300"):
        ahead_by_share({"a": 0.9, "b": 0.4}, 100)
    with pytest.raises(InputError, match="not all among"):
        group_place(ahead_by_share({"a": 0.5, "b": 0.4}, 100), ["c"])
