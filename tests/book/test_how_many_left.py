"""How many left: regions against published sums, enumeration, and the rules that admit."""

from __future__ import annotations

import pytest

from exile.case import truth
from exile.data import figure
from exile.statistics.intervals import Interval

SPRING = ("three-hundred-thousand-spring", "spring", "all_2022_migrants")
AUTUMN = ("seven-hundred-thousand-autumn", "autumn", "all_2022_migrants")
TOTAL = ("one-million-left", "total", "all_2022_migrants")
BIGGEST = ("biggest-exodus", "largest", "context")
TABLE = "benchmarks/exodus_estimates.csv"


def deciding(run, key) -> list:
    return [e for e in run.findings[key].deciding if not e.readings]


def test_the_demographers_autumn_is_their_total_less_their_spring(run_chapter):
    """Florinskaya and Raksha published all three; each follows from the other two."""
    total, spring = figure("EX031"), figure("EX030")
    (theirs,) = [e for e in deciding(run_chapter("how_many_left"), AUTUMN) if "EX029" in e.figures]
    assert theirs.region == Interval(total.low - spring.value, total.high - spring.value)


def test_the_article_adds_its_parts_and_gives_nobody_to_the_summer():
    assert figure("ART-01").value == figure("ART-02").value + figure("ART-03").value


def test_robustness_is_the_factor_that_reaches_the_claim(run_chapter):
    needed = truth(*AUTUMN[:2]).low
    short = [e for e in deciding(run_chapter("how_many_left"), AUTUMN) if e.region.high < needed]
    assert short
    assert all(e.region.high * e.robustness == pytest.approx(needed) for e in short)


def test_every_split_of_the_two_years_lies_in_the_ratio_and_its_ends_are_attained(run_chapter):
    run = run_chapter("how_many_left")
    total = Interval.hull(*(e.region for e in deciding(run, TOTAL)))
    both = figure("EH006").value
    largest = [max(first, both - first) for first in (both * k / 1000 for k in range(1001))]
    ratios = [end / year for end in (total.low, total.high) for year in largest]
    (against_year,) = deciding(run, BIGGEST)
    (against_both,) = [e for e in run.findings[BIGGEST].evidence if e.readings == ("whole_wave",)]
    assert min(ratios) == pytest.approx(against_year.region.low)
    assert max(ratios) == pytest.approx(against_year.region.high)
    assert against_both.region.within(against_year.region)


@pytest.mark.parametrize("key", [SPRING, AUTUMN, TOTAL], ids=lambda k: k[1])
def test_no_unnamed_tertiary_or_one_sided_figure_decides(run_chapter, key):
    used = [f for e in deciding(run_chapter("how_many_left"), key) for f in e.figures]
    assert used
    for figure_id in used:
        row = figure(figure_id).row
        assert row.get("bound") != "at_least"
        assert row.get("attribution") not in ("anonymous_official", "tertiary")


@pytest.mark.parametrize("key", [SPRING, AUTUMN, TOTAL], ids=lambda k: k[1])
def test_every_estimate_of_the_table_is_on_its_card(run_chapter, key):
    """Nothing is dropped in silence: what does not decide says why."""
    from exile.data import table

    held = table("exodus_estimates")
    named = {"spring": "left_spring", "autumn": "left_autumn", "total": "left_total"}[key[1]]
    estimates = set(held.loc[held["estimand"] == named, "figure_id"])
    evidence = run_chapter("how_many_left").findings[key].evidence
    assert estimates <= {f for e in evidence for f in e.figures}


def changed(changed_data, *edits):
    """Committed data with each estimate's line changed."""
    first, *rest = edits
    data = changed_data(TABLE, *first)
    path = data / TABLE
    text = path.read_text(encoding="utf-8")
    for old, new in rest:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return data


OTHERS = ["355000,{},left_autumn", "300000,{},left_autumn,range,research_team"]


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [((690000, 690000), "contradicted"), ((700000, 690000), "not_identified")],
    ids=["all end below", "one touches"],
)
def test_the_autumn_turns_where_a_signed_estimate_reaches_it(
    run_chapter, changed_data, ends, verdict
):
    edits = [
        (text.format(700000), text.format(end)) for text, end in zip(OTHERS, ends, strict=True)
    ]
    run = run_chapter("how_many_left", data=changed(changed_data, *edits))
    assert run.verdict(*AUTUMN) == verdict
