"""Shares, balances and bounds against other libraries, closed forms and enumeration."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import multinomial

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
    found = evidence(run, "those who left and those who stayed")
    assert found.region.low == pytest.approx(float(fit.params[0]), abs=1e-12)
    assert (
        found.n == len(people) == table("chronicles_waves").query("wave == '12'")["usable"].item()
    )


@pytest.mark.parametrize(
    ("host", "against", "favour"), [("Georgia", "HT001", "HT002"), ("Armenia", "HT040", "HT011")]
)
def test_the_balance_of_a_poll_has_the_error_of_one_sample(run, host, against, favour):
    """The covariance of two answers of one sample, from the multinomial's own."""
    found = evidence(run, f"hosts and newcomers: {host}")
    n = found.n / found.deff
    p, q = figure(against).share, figure(favour).share
    covariance = multinomial.cov(round(n), [p, q, 1 - p - q]) / round(n) ** 2
    error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert found.interval.width / 2 == pytest.approx(1.96 * error, rel=1e-3)


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
    part = "some took up abroad what they had not done in Russia"
    region = evidence(run, part, "school-of-democracy", "respondents").region
    assert (region.low, region.high) == pytest.approx((min(admissible), max(admissible)))


def test_had_armenians_not_welcomed_them_the_verdict_would_be_another(
    run, run_chapter, changed_data
):
    row = "Armenia,ARM,2022-04-02/2022-04-06,86.6,"
    data = changed_data("benchmarks/host_tensions.csv", row, row.replace("86.6", "6.6"))
    key = ("tensions", "context", "hosts and newcomers: Armenia")
    assert run_chapter("consequences", data=data).verdict(*key) != run.verdict(*key)
