"""The chapter on activism, recomputed by enumeration, closed forms and another library."""

from __future__ import annotations

from math import ceil, floor

import pytest
from scipy.stats import binom
from statsmodels.stats.contingency_tables import mcnemar

from exile.audit import judge
from exile.audit.verdict import Choice
from exile.case import register, rules
from exile.data import figure
from exile.statistics.functionals import bound_functional
from exile.statistics.intervals import Interval

PAIRS = {
    "rallies-49-26": (49, 26),
    "volunteer-compatriots-10-32": (10, 32),
    "volunteer-ukrainians-4-29": (4, 29),
}
PART = {"rallies-49-26": "fall", "format-changed": "mix"}
ASKED = (611, 2000)
# The panel, whose answers may tell half as much as those drawn by lot.
EFFECTIVE = [round(min(ASKED) / deff) for deff in (1, 1.5, 2)]


@pytest.fixture(scope="module")
def chapter(run_chapter):
    return run_chapter("activism")


def evidence(chapter, claim, part="", scope="respondents"):
    (item,) = chapter.findings[claim, part or PART.get(claim, "rise"), scope].deciding
    return item


def smallest_total(chapter):
    """From the survey's parts, which stand first."""
    finding = chapter.findings["survey-size", "all_surveys", "respondents"]
    return finding.deciding[0].region.low


def admissible_tables(before, after, n):
    """Every (n11, n10, n01, n00) whose margins print as the two percentages."""
    for x in range(ceil((before - 0.5) * n / 100), floor((before + 0.5) * n / 100) + 1):
        for y in range(ceil((after - 0.5) * n / 100), floor((after + 0.5) * n / 100) + 1):
            for stayers in range(max(0, x + y - n), min(x, y) + 1):
                yield stayers, x - stayers, y - stayers, n - x - y + stayers


@pytest.mark.parametrize("claim", PAIRS)
def test_the_worst_p_is_that_of_mcnemar_over_all_tables(chapter, claim):
    """Enumeration with statsmodels for each number of people; the worst is the smallest's."""
    worst = {}
    for n in EFFECTIVE:
        # The exact p depends on the discordant cells alone.
        discordant = {(b, c) for _, b, c, _ in admissible_tables(*PAIRS[claim], n)}
        worst[n] = max(mcnemar([[0, b], [c, 0]], exact=True).pvalue for b, c in discordant)
    found = evidence(chapter, claim)
    assert max(worst, key=worst.get) == min(EFFECTIVE)
    # Two waves of other people may be weaker evidence still.
    assert found.p_value >= max(worst.values()) * (1 - 1e-6)
    paired = {s.p_value for s in found.scenarios} | {found.p_value}
    for p in worst.values():
        assert any(p == pytest.approx(x, rel=1e-6) for x in paired)


@pytest.mark.parametrize("claim", PAIRS)
def test_the_selection_ratio_is_rosenbaums_bound(chapter, claim):
    """At the reported Γ the tail probability is 2.5 % in some table, and less in none."""
    gamma = evidence(chapter, claim).robustness
    tails = [
        binom.sf(max(b, c) - 1, b + c, gamma / (1 + gamma))
        for _, b, c, _ in admissible_tables(*PAIRS[claim], min(EFFECTIVE))
    ]
    assert max(tails) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize("claim", PAIRS)
def test_every_table_lies_within_the_finding(chapter, claim):
    found = evidence(chapter, claim)
    changes = [(c - b) / n for n in ASKED for _, b, c, _ in admissible_tables(*PAIRS[claim], n)]
    assert found.region.low <= min(changes) and max(changes) <= found.region.high
    assert found.region.within(found.interval)


@pytest.mark.parametrize("period", [slice(0, 3), slice(3, 6)], ids=["before", "after"])
def test_any_activity_has_frechets_bounds(chapter, period):
    """max of the shares ≤ P(any) ≤ min(1, their sum): the program against the closed form."""
    ids = ["ART-05", "ART-07", "ART-09", "ART-06", "ART-08", "ART-10"][period]
    margins = [Interval(figure(i).share - 0.005, figure(i).share + 0.005) for i in ids]
    low = max(m.low for m in margins)
    high = min(1.0, sum(m.high for m in margins))
    program = bound_functional(margins, max).interval
    assert (program.low, program.high) == pytest.approx((low, high), abs=1e-7)
    if period.start:
        region = evidence(chapter, "remain-active", "many").region
        assert (region.low, region.high) == pytest.approx((low, high), abs=1e-7)


def test_the_change_in_active_people_is_the_difference_of_the_two_periods(chapter):
    """Nothing links the periods, so the extremes of each can be had together."""
    region = evidence(chapter, "remain-active", "as_many").region
    assert region.low == pytest.approx(0.315 - (0.495 + 0.105 + 0.045), abs=1e-7)
    assert region.high == pytest.approx((0.265 + 0.325 + 0.295) - 0.485, abs=1e-7)


def test_the_change_of_form_is_a_sum_of_margins(chapter):
    """−23 − (22 + 25)/2 points, plus or minus the rounding of six percentages."""
    region = evidence(chapter, "format-changed").region
    assert region.low == pytest.approx(-0.465 - 0.02, abs=1e-6)
    assert region.high == pytest.approx(-0.465 + 0.02, abs=1e-6)


@pytest.mark.parametrize("claim", [*PAIRS, "format-changed"])
def test_nobody_who_left_later_could_be_asked(chapter, claim):
    """Whatever holds for respondents, the record leaves the sign for all who left open."""
    part = PART.get(claim, "rise")
    assert chapter.verdict(claim, part, "respondents") == "entailed"
    assert chapter.verdict(claim, part, "all_2022_migrants") == "not_identified"


@pytest.mark.parametrize("claim", [*PAIRS, "format-changed"])
def test_at_the_coverage_that_tips_the_least_change_is_cancelled(chapter, claim):
    """A share w fell by d and the others rose as far as they can: w·d = (1 − w)·most."""
    part = PART.get(claim, "rise")
    w = chapter.findings[claim, part, "all_2022_migrants"].tipping.value
    before, after = PAIRS.get(claim, (0, 0))
    least, most = (0.445, 2) if claim == "format-changed" else (abs(after - before) / 100, 1)
    assert w * least == pytest.approx((1 - w) * most, abs=1e-6)


def test_the_third_wave_is_shown_and_does_not_decide(chapter):
    """Its baseline is not stated; admitted, it would make the fall one that authors repeat."""
    finding = chapter.findings["rallies-49-26", "fall", "respondents"]
    (beside,) = (e for e in finding.evidence if e.label.startswith("Peaceful"))
    assert beside.set_aside and beside.region.high < 0
    choice = Choice(admit=frozenset([beside.label]))
    assert judge(finding, register(), rules(), choice).code == "repeated"


def test_the_two_waves_counted_by_inclusion_and_exclusion(chapter):
    """The least reported first wave and the newcomers: 1,500 + 2,111 − 611."""
    assert smallest_total(chapter) == 1500 + 2111 - 611


def test_with_fewer_newcomers_the_claim_of_size_would_not_follow(run_chapter, changed_data):
    old = "new_respondents,first answered in wave 2,count,1500,"
    data = changed_data("published/migrant_surveys.csv", old, old.replace("1500", "400"))
    changed = run_chapter("activism", data=data)
    assert smallest_total(changed) == 1500 + 400
    assert changed.verdict("survey-size", "all_surveys", "respondents") == "not_identified"
