"""Shares, balances and bounds against other libraries, closed forms and enumeration."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from exile.data import figure, table


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("consequences")


def evidence(run, part: str, claim: str = "tensions", scope: str = "context"):
    return run.findings[claim, part, scope].evidence[0]


def test_the_share_that_condemns_is_that_of_weighted_least_squares(run):
    cells = table("chronicles").query("item == 'attitude_to_leavers'")
    # Within these cells weights differ by district, so only the mean can be had from equal ones.
    people = cells.loc[cells.index.repeat(cells["n"])]
    fit = sm.WLS(
        (people["answer"] == "condemns").astype(float).to_numpy(),
        np.ones(len(people)),
        weights=(people["w"] / people["n"]).to_numpy(),
    ).fit()
    found = evidence(run, "stayers")
    assert found.region.low == pytest.approx(float(fit.params[0]), abs=1e-12)
    assert (
        found.n == len(people) == table("chronicles_waves").query("wave == '12'")["usable"].item()
    )


@pytest.mark.parametrize(
    ("part", "against"), [("hosts_georgia", "HT001"), ("hosts_armenia", "HT041")]
)
def test_a_poll_has_wilsons_interval_on_half_its_sample(run, part, against):
    found = evidence(run, part)
    low, high = proportion_confint(
        figure(against).share * found.n / 2, found.n / 2, method="wilson"
    )
    assert found.n == figure(against).base_n
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))


def test_the_share_newly_active_is_what_enumeration_of_all_tables_gives(run):
    """Every table of 400 people whose shares print as 4 % and 29 %."""
    n = 400
    admissible = [
        (y - both) / n
        for x in range(n + 1)
        for y in range(n + 1)
        if abs(100 * x / n - 4) <= 0.5 and abs(100 * y / n - 29) <= 0.5
        for both in range(max(0, x + y - n), min(x, y) + 1)
    ]
    region = evidence(run, "took_up_new", "school-of-democracy", "respondents").region
    assert (region.low, region.high) == pytest.approx((min(admissible), max(admissible)))


def test_without_the_poll_of_december_armenia_could_be_chance(run, run_chapter, changed_data):
    row = "Armenia,ARM,2022-12-05/2022-12-10,22.2,"
    data = changed_data("benchmarks/host_tensions.csv", row, row.replace("22.2", "11.8"))
    key = ("tensions", "hosts_armenia", "context")
    assert run.verdict(*key) == "supported"
    assert run_chapter("consequences", data=data).verdict(*key) == "inconclusive"
