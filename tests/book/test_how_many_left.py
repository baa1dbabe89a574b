"""How many left: regions against published sums, enumeration, and the rules that admit."""

from __future__ import annotations

import pytest

from exile.case import rules, stated
from exile.data import figure
from exile.statistics.intervals import Interval

SPRING = ("three-hundred-thousand-spring", "", "all_2022_migrants")
AUTUMN = ("seven-hundred-thousand-autumn", "", "all_2022_migrants")
TOTAL = ("one-million-left", "", "all_2022_migrants")
BIGGEST = ("biggest-exodus", "", "context")
TABLE = "benchmarks/exodus_estimates.csv"


def test_the_autumn_is_the_demographers_total_less_their_spring(run_chapter):
    """Florinskaya and Raksha published all three; each follows from the other two."""
    total, spring = figure("EX031"), figure("EX030")
    (evidence,) = run_chapter("how_many_left").findings[AUTUMN].evidence
    assert evidence.region == Interval(total.low - spring.value, total.high - spring.value)


def test_the_article_adds_its_parts_and_gives_nobody_to_the_summer():
    assert figure("ART-01").value == figure("ART-02").value + figure("ART-03").value


def test_robustness_is_the_factor_that_reaches_the_claim(run_chapter):
    (evidence,) = run_chapter("how_many_left").findings[AUTUMN].evidence
    needed = rules().truth(stated("seven-hundred-thousand-autumn", "people_left_autumn"))
    assert evidence.region.high * evidence.robustness == pytest.approx(needed.low)


def test_every_split_of_the_two_years_lies_in_the_ratio_and_its_ends_are_attained(run_chapter):
    findings = run_chapter("how_many_left").findings
    (total,) = findings[TOTAL].evidence
    both = figure("EH006").value
    largest = [max(first, both - first) for first in (both * k / 1000 for k in range(1001))]
    ratios = [end / year for end in (total.region.low, total.region.high) for year in largest]
    against_year, against_both = findings[BIGGEST].evidence
    assert min(ratios) == pytest.approx(against_year.region.low)
    assert max(ratios) == pytest.approx(against_year.region.high)
    assert against_both.region.within(against_year.region)


def test_no_unnamed_tertiary_or_one_sided_figure_decides(run_chapter):
    findings = run_chapter("how_many_left").findings
    used = [f for key in (SPRING, AUTUMN, TOTAL) for e in findings[key].evidence for f in e.figures]
    assert used
    for figure_id in used:
        row = figure(figure_id).row
        assert row.get("bound") != "at_least"
        assert row.get("attribution") not in ("anonymous_official", "tertiary")


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("300000,600000,left_autumn", "300000,699999,left_autumn", "contradicted"),
        ("300000,600000,left_autumn", "300000,700000,left_autumn", "not_identified"),
        ("300000,600000,left_autumn", "700000,900000,left_autumn", "direction_only"),
        ("600000,700000,left_autumn", "700000,900000,left_autumn", "contradicted"),
    ],
    ids=["just below", "touches", "above", "only the unnamed official says more"],
)
def test_the_autumn_turns_where_a_signed_estimate_reaches_it(
    run_chapter, changed_data, old, new, verdict
):
    run = run_chapter("how_many_left", data=changed_data(TABLE, old, new))
    assert run.verdict("seven-hundred-thousand-autumn", "all_2022_migrants") == verdict
