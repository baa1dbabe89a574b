"""Estimates from cells equal those from respondents, and leave only rounded and safe."""

from __future__ import annotations

from math import exp, inf

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st

from exile.audit import Evidence
from exile.custody.release.estimates import (
    Measured,
    distance,
    measured_change,
    measured_gap,
    measured_odds_ratio,
    measured_share,
    paired_table,
)
from exile.statistics.intervals import Interval

BY = ["sex", "before", "after"]


def respondents(n: int = 900, seed: int = 1, weighted: bool = True) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    before = rng.random(n) < 0.4
    after = rng.random(n) < np.where(before, 0.55, 0.25)
    return pd.DataFrame(
        {
            "sex": rng.choice(["man", "woman"], n),
            "before": np.where(rng.random(n) < 0.03, "missing", np.where(before, "yes", "no")),
            "after": np.where(rng.random(n) < 0.04, "missing", np.where(after, "yes", "no")),
            "weight": rng.uniform(0.5, 2, n) if weighted else 1.0,
        }
    )


def cells(people: pd.DataFrame, by: list[str] = BY) -> pd.DataFrame:
    grouped = people.groupby(by)["weight"]
    return grouped.agg(n="count", w="sum", w2=lambda w: (w * w).sum()).reset_index()


def test_a_share_is_the_weighted_mean_of_those_who_answered():
    people = respondents()
    found = measured_share(cells(people), "after", "yes", label="x")
    valid = people[people["after"] != "missing"]
    expected = np.average(valid["after"] == "yes", weights=valid["weight"])
    assert found.estimate == pytest.approx(expected, abs=1e-12)
    assert found.missing == pytest.approx((people["after"] == "missing").mean(), abs=1e-12)


def test_the_bounds_are_what_any_answers_of_the_silent_could_give():
    people = respondents(weighted=False)
    found = measured_share(cells(people), "after", "yes", label="x")
    for answer, end in (("no", found.bounds.low), ("yes", found.bounds.high)):
        told = people["after"].replace({"missing": answer})
        assert (told == "yes").mean() == pytest.approx(end, abs=1e-12)


def test_an_unweighted_change_is_tested_exactly():
    people = respondents(weighted=False)
    found = measured_change(cells(people), "before", "after", label="x")
    valid = people[(people[["before", "after"]] != "missing").all(axis=1)]
    table = pd.crosstab(valid["before"], valid["after"]).loc[["yes", "no"], ["yes", "no"]]
    expected = sm.stats.mcnemar(table.to_numpy(), exact=True)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert paired_table(cells(people), "before", "after").n == len(valid)


def test_a_weighted_change_is_a_weighted_mean_with_its_linearised_error():
    people = respondents()
    found = measured_change(cells(people), "before", "after", label="x")
    valid = people[(people[["before", "after"]] != "missing").all(axis=1)]
    moved = (valid["after"] == "yes").astype(float) - (valid["before"] == "yes")
    fit = sm.WLS(moved, np.ones(len(moved)), weights=valid["weight"]).fit(cov_type="HC1")
    assert found.estimate == pytest.approx(fit.params.iloc[0], abs=1e-12)
    low, high = fit.conf_int().to_numpy()[0]
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=1e-6)


def test_odds_ratio_and_marginal_effect_are_those_of_the_respondents():
    people = respondents(weighted=False)
    odds, effect = measured_odds_ratio(cells(people), "after", "before", "yes", ("sex",), label="x")
    valid = people[(people[["before", "after"]] != "missing").all(axis=1)]
    y = (valid["after"] == "yes").astype(int)
    fit = smf.logit("y ~ before + sex", valid.assign(y=y)).fit(disp=0, cov_type="HC0")
    assert odds.estimate == pytest.approx(exp(fit.params["before[T.yes]"]), rel=1e-6)
    expected = [fit.predict(valid.assign(before=level)).mean() for level in ("yes", "no")]
    assert effect.estimate == pytest.approx(expected[0] - expected[1], abs=1e-6)


def test_a_gap_turns_with_its_groups():
    table = cells(respondents())
    there = measured_gap(table, "after", "yes", "sex", ("woman", "man"), label="x")
    back = measured_gap(table, "after", "yes", "sex", ("man", "woman"), label="x")
    assert there.estimate == pytest.approx(-back.estimate)
    assert there.p_value == pytest.approx(back.p_value)
    assert distance(there).estimate == pytest.approx(abs(back.estimate))


@pytest.mark.parametrize(
    ("low", "high", "folded"),
    [(-0.2, 0.1, (0, 0.2)), (-0.2, -0.1, (0.1, 0.2)), (0.1, 0.3, (0.1, 0.3))],
)
def test_a_distance_holds_nothing_below_zero(low, high, folded):
    gap = measured(estimate=(low + high) / 2, interval=Interval(low, high))
    out = distance(gap).interval
    assert (out.low, out.high) == pytest.approx(folded)


def measured(**changes) -> Measured:
    defaults = {
        "label": "x",
        "unit": "share",
        "method": "m",
        "estimate": 0.5,
        "interval": Interval(0.4, 0.6),
        "interval_90": Interval(0.42, 0.58),
        "n": 500,
    }
    return Measured(**{**defaults, **changes})


@given(
    estimate=st.floats(0, 1),
    margins=st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)),
    n=st.integers(20, 10_000),
)
def test_what_leaves_is_coarser_and_never_narrower(estimate, margins, n):
    exact = Interval(estimate - margins[0], estimate + margins[1])
    out = measured(estimate=estimate, interval=exact, interval_90=exact, n=n).printed()
    assert abs(out.estimate - estimate) <= 0.005 + 1e-9
    # Up to the sixth digit, below which floats are no information.
    assert out.interval.low <= exact.low + 1e-6 and out.interval.high >= exact.high - 1e-6
    for number in (out.estimate, out.interval.low, out.interval.high):
        assert 100 * number == pytest.approx(round(100 * number), abs=1e-6)
    Evidence(
        label="x", grade="A", scope="respondents", unit="share",
        region=Interval.point(out.estimate), interval=out.interval, sources=("article",), method="m",
    )  # fmt: skip


def test_rounding_does_not_change_whether_the_printed_figure_is_reproduced():
    """A whole point printed as 49 stands for 48.5 to 49.5, and so does what leaves."""
    printed = Interval(0.485, 0.495)
    for estimate in np.arange(0.47, 0.52, 0.0003):
        if abs((estimate * 100) % 1 - 0.5) < 1e-6:
            continue
        out = measured(estimate=float(estimate)).printed()
        assert printed.contains(out.estimate) == printed.contains(float(estimate))


def test_a_control_that_separates_is_left_out_and_the_method_says_so():
    people = respondents(weighted=False)
    people = people.assign(host="A")
    some = people["after"].isin(["no"]) & (people.index < 200)
    people.loc[some, "host"] = "B"  # nobody in B is active after
    odds, _ = measured_odds_ratio(
        cells(people, ["sex", "host", "before", "after"]), "after", "before", "yes",
        ("sex", "host"), label="x",
    )  # fmt: skip
    assert "sex" in odds.method and "host" not in odds.method


def test_an_empty_cell_gives_no_estimate():
    people = respondents(weighted=False)
    people.loc[people["before"] == "yes", "after"] = "no"
    odds, effect = measured_odds_ratio(cells(people), "after", "before", "yes", ("sex",), label="x")
    assert odds.interval == Interval(0, inf) and effect.interval == Interval(-1, 1)
