"""Standardisation: targets are met, and bounds hold every composition with the margins."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exile.errors import InputError
from exile.statistics.intervals import Interval
from exile.statistics.standardisation import (
    bound_standardised,
    density_ratio_bound,
    density_ratio_needed,
    kitagawa,
    rake,
    standardise,
)
from exile.statistics.survey import share, shares

SEXES, AGES = ["female", "male"], ["18-29", "30-44", "45+"]


def synthetic_cells(seed: int) -> pd.DataFrame:
    """A complete sex × age × answer table with random counts and weights."""
    generator = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([SEXES, AGES, ["yes", "no"]])
    cells = index.to_frame(index=False, name=["sex", "age_group", "answer"])
    n = generator.integers(5, 80, len(cells))
    mean = generator.uniform(0.5, 2, len(cells))
    return cells.assign(n=n, w=n * mean, w2=n * mean**2)


def compositions(levels):
    return st.lists(st.floats(0.05, 1), min_size=len(levels), max_size=len(levels)).map(
        lambda raw: dict(zip(levels, np.array(raw) / sum(raw), strict=True))
    )


seeds = st.integers(0, 2**32 - 1)
margins_of = st.fixed_dictionaries({"sex": compositions(SEXES), "age_group": compositions(AGES)})


def held(cells: pd.DataFrame, by) -> pd.Series:
    return cells.groupby(by)["w"].sum() / cells["w"].sum()


def yes(cells: pd.DataFrame) -> pd.Series:
    return cells["answer"] == "yes"


@given(seeds, st.lists(st.floats(0.05, 1), min_size=6, max_size=6))
def test_the_standardised_share_is_the_weighted_mean_of_the_groups(seed, raw):
    cells = synthetic_cells(seed)
    index = pd.MultiIndex.from_product([SEXES, AGES], names=["sex", "age_group"])
    target = pd.Series(np.array(raw) / sum(raw), index)
    result = standardise(cells, target)
    groups = shares(cells, yes(cells), ["sex", "age_group"])["estimate"]
    expected = float((groups * target).sum())
    assert share(result.cells, yes(result.cells)).estimate == pytest.approx(expected)
    pd.testing.assert_series_equal(
        held(result.cells, ["sex", "age_group"]), target, check_names=False
    )
    assert result.smallest_cell == cells.groupby(["sex", "age_group"])["n"].sum().min()


@given(seeds, margins_of)
@settings(max_examples=40)
def test_raking_meets_the_margins_keeps_the_association_and_is_idempotent(seed, margins):
    cells = synthetic_cells(seed)
    once = rake(cells, margins)
    for name, levels in margins.items():
        found = held(once.cells, name)
        assert found.to_dict() == pytest.approx(levels, abs=1e-9)

    def log_odds_ratio(table):
        w = np.log(table.groupby(["sex", "age_group"])["w"].sum().unstack())
        return w.iloc[0, 0] - w.iloc[0, 1] - w.iloc[1, 0] + w.iloc[1, 1]

    assert log_odds_ratio(once.cells) == pytest.approx(log_odds_ratio(cells), abs=1e-7)
    again = rake(once.cells, margins)
    assert again.iterations == 1
    np.testing.assert_allclose(
        again.cells["w"] / again.cells["w"].sum(),
        once.cells["w"] / once.cells["w"].sum(),
        rtol=1e-8,
    )
    assert again.weight_ratio == pytest.approx(1)


@given(seeds)
def test_raking_to_its_own_margins_changes_nothing(seed):
    cells = synthetic_cells(seed)
    own = {name: held(cells, name).to_dict() for name in ("sex", "age_group")}
    result = rake(cells, own)
    assert result.weight_ratio == pytest.approx(1)
    assert share(result.cells, yes(result.cells)).estimate == pytest.approx(
        share(cells, yes(cells)).estimate
    )
    assert result.n_eff == pytest.approx(cells["w"].sum() ** 2 / cells["w2"].sum())


def test_one_margin_needs_no_iteration_and_equals_standardisation():
    cells = synthetic_cells(4)
    target = {"18-29": 0.5, "30-44": 0.4, "45+": 0.1}
    raked = rake(cells, {"age_group": target})
    direct = standardise(cells, pd.Series(target).rename_axis("age_group"))
    assert share(raked.cells, yes(raked.cells)).estimate == pytest.approx(
        share(direct.cells, yes(direct.cells)).estimate
    )
    assert raked.n_eff == pytest.approx(direct.n_eff)


def test_deming_and_stephan_on_a_two_by_two_table_with_a_known_answer():
    """Odds ratio 1 and margins 1/2, 1/4 leave only the product of the margins."""
    cells = pd.DataFrame(
        {"a": ["x", "x", "y", "y"], "b": ["u", "v", "u", "v"], "n": [10, 20, 30, 60]}
    ).assign(w=[10.0, 20, 30, 60], w2=[10.0, 20, 30, 60])
    raked = rake(cells, {"a": {"x": 0.5, "y": 0.5}, "b": {"u": 0.25, "v": 0.75}}).cells
    np.testing.assert_allclose(raked["w"] / raked["w"].sum(), [0.125, 0.375, 0.125, 0.375])


@given(seeds, margins_of, seeds)
@settings(max_examples=30)
def test_bounds_hold_raked_and_random_compositions_and_are_attained(seed, margins, other):
    cells = synthetic_cells(seed)
    bounds = bound_standardised(cells, yes(cells), margins)
    tolerant = bounds.interval.widen(1e-7)
    raked = rake(cells, margins)
    assert tolerant.contains(share(raked.cells, yes(raked.cells)).estimate)
    # Any other start for the fitting gives another composition with the same margins.
    start = synthetic_cells(other)
    joint = held(rake(start, margins).cells, ["sex", "age_group"])
    groups = shares(cells, yes(cells), ["sex", "age_group"])["estimate"]
    assert tolerant.contains(float((groups * joint).sum()))
    for value, attained in ((bounds.low, bounds.low_joint), (bounds.high, bounds.high_joint)):
        assert float((groups * attained).sum()) == pytest.approx(value, abs=1e-6)
        for name, levels in margins.items():
            assert attained.groupby(name).sum().to_dict() == pytest.approx(levels, abs=1e-6)


@given(seeds, margins_of)
@settings(max_examples=20)
def test_two_by_two_bounds_have_their_closed_form_and_nest(seed, margins):
    cells = synthetic_cells(seed)
    cells = cells[cells["age_group"] != "45+"].reset_index(drop=True)
    young = margins["age_group"]["18-29"] / (1 - margins["age_group"]["45+"])
    two = {"sex": margins["sex"], "age_group": {"18-29": young, "30-44": 1 - young}}
    bounds = bound_standardised(cells, yes(cells), two)
    p = shares(cells, yes(cells), ["sex", "age_group"])["estimate"].unstack()
    a, b = two["sex"]["female"], young
    # One number t = P(female, young) in its Fréchet bounds; the share is linear in it.
    ends = [
        t * p.loc["female", "18-29"]
        + (a - t) * p.loc["female", "30-44"]
        + (b - t) * p.loc["male", "18-29"]
        + (1 - a - b + t) * p.loc["male", "30-44"]
        for t in (max(0, a + b - 1), min(a, b))
    ]
    assert (bounds.low, bounds.high) == pytest.approx((min(ends), max(ends)), abs=1e-6)
    rounded = {
        name: {k: Interval(max(0, v - 0.005), min(1, v + 0.005)) for k, v in levels.items()}
        for name, levels in two.items()
    }
    wider = bound_standardised(cells, yes(cells), rounded)
    assert bounds.interval.within(wider.interval.widen(1e-7))


@given(seeds)
@settings(max_examples=10)
def test_rounded_shares_of_one_margin_go_to_the_extreme_groups(seed):
    """Every group gets its least share; what is left over goes to the extreme group."""
    cells = synthetic_cells(seed)
    least = {"18-29": 0.3, "30-44": 0.2, "45+": 0.1}
    margins = {"age_group": {level: Interval(low, 0.9) for level, low in least.items()}}
    bounds = bound_standardised(cells, yes(cells), margins)
    p = shares(cells, yes(cells), "age_group")["estimate"]
    fixed = sum(low * p[level] for level, low in least.items())
    expected = fixed + 0.4 * p.min(), fixed + 0.4 * p.max()
    assert (bounds.low, bounds.high) == pytest.approx(expected, abs=1e-6)


def test_a_group_without_respondents_may_have_any_share():
    cells = synthetic_cells(1)
    cells = cells[~((cells["sex"] == "male") & (cells["age_group"] == "45+"))]
    target = {"sex": {"male": 1.0, "female": 0.0}, "age_group": {"45+": 1.0}}
    bounds = bound_standardised(cells, yes(cells), target)
    assert (bounds.low, bounds.high) == pytest.approx((0, 1))
    assert bounds.unobserved == [("male", "45+")]


def test_extrapolation_is_flagged():
    cells = synthetic_cells(2)
    own = {"age_group": held(cells, "age_group").to_dict()}
    assert not rake(cells, own).extrapolates
    lopsided = pd.Series({"18-29": 1.0, "30-44": 0.0, "45+": 0.0}).rename_axis("age_group")
    result = standardise(cells.assign(n=1, w=1.0, w2=1.0), lopsided)
    assert result.n_eff == pytest.approx(4) and result.extrapolates


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_two_parts_add_up(first, standardised, second):
    parts = kitagawa(first, standardised, second)
    assert parts.within + parts.composition == pytest.approx(first - second, abs=1e-12)


@given(seeds, margins_of)
@settings(max_examples=20)
def test_no_standardised_share_passes_the_density_ratio_bound(seed, margins):
    cells = synthetic_cells(seed)
    raked = rake(cells, margins)
    crude = share(cells, yes(cells)).estimate
    largest = (raked.cells["w"] / cells["w"]).max() * cells["w"].sum() / raked.cells["w"].sum()
    found = share(raked.cells, yes(raked.cells)).estimate
    assert found <= density_ratio_bound(crude, largest) + 1e-12
    assert largest >= density_ratio_needed(found, crude) - 1e-9


@pytest.mark.parametrize(
    "margins, problem",
    [
        ({"sex": {"female": 0.5, "male": 0.4}}, "sums to 0.9"),
        ({"sex": {"female": 0.4, "male": 0.5, "other": 0.1}}, "nobody"),
        ({"sex": {"female": 1.0}}, "says nothing"),
        ({"income": {"low": 1.0}}, "no column"),
    ],
)
def test_bad_margins_are_refused(margins, problem):
    with pytest.raises(InputError, match=problem):
        rake(synthetic_cells(1), margins)


def test_contradicting_margins_are_refused():
    """All women young and all men old cannot have half women and 10 % young."""
    cells = synthetic_cells(1)
    diagonal = cells[(cells["sex"] == "female") == (cells["age_group"] == "18-29")]
    diagonal = diagonal[diagonal["age_group"] != "30-44"]
    margins = {"sex": {"female": 0.5, "male": 0.5}, "age_group": {"18-29": 0.1, "45+": 0.9}}
    with pytest.raises(InputError, match="off after"):
        rake(diagonal, margins)


def test_a_target_group_nobody_is_in_is_refused():
    cells = synthetic_cells(1)
    target = pd.Series({"18-29": 0.5, "80+": 0.5}).rename_axis("age_group")
    with pytest.raises(InputError, match="nobody"):
        standardise(cells, target)
    with pytest.raises(InputError, match="sum to between"):
        bound_standardised(cells, yes(cells), {"sex": {"female": 0.2, "male": 0.2}})
