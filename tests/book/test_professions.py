"""The chapter's numbers against closed forms, enumeration and the cells themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from exile.audit import judge
from exile.audit.verdict import Choice
from exile.case import register, rules, stated
from exile.data import figure, table
from exile.statistics.selection import tilt

IT = ["OKR-03", "OR1-12", "ZO1-08", "ZO1-09", "CRC-23", "OR4-19"]
FIRST_WAVE = IT[:4]
DESIGN_EFFECT, SMALLEST = 2, 611
AT_LARGE = ("it-third-to-half", "share", "surveyed_stream")
EMPLOYER = ("mobile-skills-networks", "skills", "respondents")
MEANS = ("means-to-stay-afloat", "most_for_months", "respondents")
MEANS_OF_ALL = (*MEANS[:2], "all_2022_migrants")


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("professions")


def number(phrase: str) -> float:
    return float(phrase.strip("'").split("\\u202f")[0].split(" ")[0].replace(",", ""))


@pytest.fixture(scope="module")
def random_effects():
    """Mean and variances by the formulas of DerSimonian and Laird (1986), written out."""
    p = np.array([figure(f).share for f in IT])
    n = np.array([figure(f).base_n or SMALLEST for f in IT])
    y, v = np.log(p / (1 - p)), DESIGN_EFFECT / (n * p * (1 - p))
    w = 1 / v
    q = np.sum(w * (y - np.sum(w * y) / w.sum()) ** 2)
    excess = q - (len(y) - 1)
    tau2 = max(0.0, excess / (w.sum() - np.sum(w**2) / w.sum()))
    weights = 1 / (v + tau2)
    return np.sum(weights * y) / weights.sum(), 1 / weights.sum(), tau2, max(0.0, excess / q)


def as_share(log_odds):
    return 1 / (1 + np.exp(-log_odds))


def test_heterogeneity_is_the_excess_of_cochrans_q(run, random_effects):
    assert number(run.phrases["pr_i2"]) == round(100 * random_effects[3])


def test_the_prediction_interval_is_that_of_higgins_and_others(run, random_effects):
    """Mean ± t with k - 2 degrees of freedom × √(τ² + variance of the mean) (2009)."""
    centre, variance, tau2, _ = random_effects
    reach = t.ppf(0.975, len(IT) - 2) * np.sqrt(tau2 + variance)
    low, high = as_share(centre - reach), as_share(centre + reach)
    assert number(run.phrases["pr_next_low"]) == round(100 * low)
    assert number(run.phrases["pr_next_high"]) == round(100 * high)


def test_at_the_stated_ease_of_finding_the_mean_shrinks_to_the_count(run, random_effects):
    counted = (
        figure("EX066").high / stated("three-hundred-thousand-spring", "people_left_spring").number
    )
    ratio = number(run.phrases["pr_easier"])
    assert tilt(as_share(random_effects[0]), ratio) == pytest.approx(counted, abs=0.01)


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


def test_every_base_and_every_count_lies_in_the_region(run):
    """Of 1,000 people, some at work, some of those in IT; a survey prints either share."""
    at_work = number(run.phrases["pr_in_work"]) / 100
    region = run.findings[AT_LARGE].evidence[0].region
    for printed in (figure(f).share for f in FIRST_WAVE):
        for workers in range(round(1000 * at_work) + 5, 1001, 5):
            of_all, of_workers = printed * workers / 1000, printed * 1000 / workers
            assert region.contains(of_all)
            assert region.contains(of_workers)
    assert region.contains(figure("EX090").value / 300_000)
    assert region.contains(figure("EX066").high / 300_000)


def test_what_the_prose_says_of_the_counts(run):
    total = stated("three-hundred-thousand-spring", "people_left_spring").number
    assert figure("EX066").high / total < min(figure(f).share for f in IT)
    third = rules().truth(stated("it-third-to-half", "share_low"))
    half = stated("it-third-to-half", "share_high").number
    assert third.low <= figure("EX066").low / figure("EX005").value < half
    assert figure("EX066").high / figure("EX005").value < half


def test_the_share_that_left_a_russian_employer_is_the_least_possible(run):
    """Over every panel of 200 whose shares round to those printed, and every overlap."""
    n = 200
    before, now = (
        range(2 * int(figure(f).value) - 1, 2 * int(figure(f).value) + 2)
        for f in ("OR2-19", "OR2-17")
    )
    least = min(
        (b - both) / b
        for b in before
        for a in now
        for both in range(max(0, a + b - n), min(a, b) + 1)
    )
    assert run.findings[EMPLOYER].evidence[0].region.low == pytest.approx(least)


def test_savings_of_russians_are_all_answers_of_three_months_or_more():
    answers = [figure(f"RP{i}").value for i in range(209, 215)]
    assert sum(answers) == 100


def test_what_the_later_leavers_would_need_makes_exactly_half(run):
    early, late = (figure(f).value for f in ("ART-02", "ART-03"))
    needed = run.answer_values["means-to-stay-afloat"]["needed"]
    for later, surveyed in ((needed["high"], figure("OKR-08").share), (needed["low"], 1.0)):
        assert (early * surveyed + late * later) / (early + late) == pytest.approx(0.5)


def test_with_what_tips_it_exactly_half_of_the_respondents_have_means(run):
    on_income = run.findings[MEANS].tipping.value
    saved = figure("OKR-08").share
    assert saved + (1 - saved) * on_income == pytest.approx(0.5)


def test_with_savings_for_more_than_half_the_respondents_would_have_means(
    run, run_chapter, changed_data
):
    """By a partner's survey: repeated, and of everyone nothing follows."""
    row = "savings_three_months,all,percent,49,"
    data = changed_data("published/migrant_surveys.csv", row, row.replace("49", "60"))
    changed = run_chapter("professions", data=data)
    assert run.verdict(*MEANS) == "not_identified"
    assert changed.verdict(*MEANS) == "repeated"
    assert changed.verdict(*MEANS_OF_ALL) == "not_identified"


def test_a_common_trade_in_russia_would_not_count_as_more_common_among_migrants(
    run, run_chapter, changed_data
):
    """Were IT as rare among migrants in Georgia as among Russia's workers."""
    key = ("first-wave-professions", "it_above_russia", "respondents")
    row = "employed_in_it,Georgia,percent,27,"
    data = changed_data("published/migrant_surveys.csv", row, row.replace("27", "5"))
    assert run.verdict(*key) == "supported"
    assert run_chapter("professions", data=data).verdict(*key) == "not_identified"


def test_every_reading_without_values_of_its_own_has_evidence_of_its_own(run):
    for (claim, part, scope), finding in run.findings.items():
        tagged = {r for e in finding.evidence for r in e.readings}
        named = register().claims[claim].parts[part].readings
        assert {n for n, r in named.items() if r.true_if is None} <= tagged, (claim, part, scope)
        for reading in named:
            judge(finding, register(), rules(), Choice(reading=reading))


def test_what_is_open_says_what_would_tip_it(run):
    for key, finding in run.findings.items():
        if run.verdict(*key) in ("not_identified", "inconclusive"):
            assert finding.tipping, key
