"""The pooled shares against closed forms, and Russia's industry against the survey itself."""

from __future__ import annotations

import numpy as np
import pytest

from exile.data import figure, table
from exile.statistics.selection import tilt

IT = ["OKR-03", "OR1-12", "ZO1-08", "ZO1-09", "CRC-23", "OR4-19"]
DESIGN_EFFECT, SMALLEST = 2, 611


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("professions")


def number(phrase: str) -> float:
    return float(phrase.strip("'").split("\\u202f")[0])


def test_the_mean_and_the_heterogeneity_are_der_simonian_and_lairds(run):
    """By their formulas of 1986, written out."""
    p = np.array([figure(f).share for f in IT])
    n = np.array([figure(f).base_n or SMALLEST for f in IT])
    y, v = np.log(p / (1 - p)), DESIGN_EFFECT / (n * p * (1 - p))
    w = 1 / v
    q = np.sum(w * (y - np.sum(w * y) / w.sum()) ** 2)
    tau2 = max(0.0, (q - (len(y) - 1)) / (w.sum() - np.sum(w**2) / w.sum()))
    i2 = max(0.0, (q - (len(y) - 1)) / q)
    weights = 1 / (v + tau2)
    centre, error = np.sum(weights * y) / weights.sum(), weights.sum() ** -0.5
    low, high = 1 / (1 + np.exp(-(centre + np.array([-1.96, 1.96]) * error)))
    assert number(run.phrases["pr_i2"]) == round(100 * i2)
    assert number(run.phrases["pr_mean_low"]) == round(100 * low)
    assert number(run.phrases["pr_mean_high"]) == round(100 * high)
    middle = sum((figure("EX066").low, figure("EX066").high)) / 2 / 300_000
    ratio = float(run.phrases["pr_tilt"].strip("'"))
    assert tilt(1 / (1 + np.exp(-centre)), ratio) == pytest.approx(middle, abs=0.01)


@pytest.mark.parametrize(
    ("wave", "item", "answer", "end"),
    [
        ("14", "industry_it_telecommunications", "named", "low"),
        ("15", "industry", "it_communications_internet", "high"),
    ],
)
def test_russias_it_share_is_of_those_who_work(run, wave, item, answer, end):
    cells = table("chronicles").query("wave == @wave and item == @item and answer != 'not_asked'")
    share = cells.loc[cells["answer"] == answer, "w"].sum() / cells["w"].sum()
    assert number(run.phrases[f"pr_russia_{end}"]) == round(100 * share)


def test_the_share_that_left_a_russian_employer_is_the_least_possible():
    """Over all ways in which 43 of 100 before and 13 of 100 after can overlap."""
    before, after = (round(100 * figure(f).share) for f in ("OR3-12", "OR3-13"))
    stayed = range(max(0, before + after - 100), min(before, after) + 1)
    assert min((before - both) / before for both in stayed) == (before - after) / before


def test_if_every_survey_had_found_forty_percent_the_verdict_would_be_another(
    run, run_chapter, changed_data
):
    row = "employed_in_it,Georgia,percent,27,"
    data = changed_data("published/migrant_surveys.csv", row, row.replace("27", "40"))
    key = ("it-third-to-half", "respondents", "as surveys of the first wave report it")
    assert run_chapter("professions", data=data).verdict(*key) != run.verdict(*key)
