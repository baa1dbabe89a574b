"""Shares against the answers themselves, and the gap against another library."""

from __future__ import annotations

import pytest
from statsmodels.stats.weightstats import DescrStatsW

from exile.data import table


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("interest_and_information")


def number(phrase: str) -> float:
    return float(phrase.strip("'").split("\\u202f")[0])


@pytest.mark.parametrize(("essround", "phrase"), [("5", "ii_russia_low"), ("8", "ii_russia_high")])
def test_interest_in_russia_is_the_weighted_mean(run, essround, phrase):
    cells = table("ess").query(
        "item == 'polintr' and cntry == 'RU' and birth_group == 'native' "
        "and essround == @essround and answer != 'no_answer'"
    )
    mean = DescrStatsW(cells["answer"].isin(["very", "quite"]).astype(float), cells["w"]).mean
    assert number(run.phrases[phrase]) == round(100 * mean)


def test_levada_and_the_european_social_survey_agree_on_russia(run):
    """Two organisations, four years apart: 10 + 39 per cent, and very or quite interested."""
    assert abs(number(run.phrases["ii_russia_high"]) - (10 + 39)) <= 2


def test_the_gap_is_taken_where_it_is_smallest(run):
    evidence = run.findings["interest-in-politics", "more politicised", "respondents"].evidence[0]
    highest_in_russia = 0.494
    assert evidence.region.low == pytest.approx(0.9 * 0.8 - highest_in_russia, abs=0.001)


def test_women_and_men_together_are_the_whole(run):
    """The cells by sex add up to the survey's own count of respondents."""
    cells = table("ess").query("item == 'polintr' and cntry == 'RU' and essround == '8'")
    rounds = table("ess_rounds").query("cntry == 'RU' and essround == '8'")
    small = rounds["respondents"].item() - cells["n"].sum()
    assert 0 <= small <= 6  # groups of fewer than 30 are left out


def test_had_the_migrants_been_like_russia_the_verdict_would_be_another(
    run, run_chapter, changed_data
):
    row = "interest_in_politics,all,percent,90,"
    data = changed_data("published/migrant_surveys.csv", row, row.replace("90", "50"))
    key = ("interest-in-politics", "respondents", "more politicised")
    assert run_chapter("interest_and_information", data=data).verdict(*key) != run.verdict(*key)
