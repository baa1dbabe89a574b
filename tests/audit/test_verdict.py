"""The rules for verdicts, one law a test."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exile.audit import Citation, Evidence, Finding, Interval, Scenario, judge
from exile.audit.claims import Bounds, Stated
from exile.audit.verdict import Choice
from exile.errors import InputError
from tests.audit.conftest import LEAD, aside, evidence, finding, register_of

ONE = register_of({"lead": LEAD})
SIZED = register_of({"lead": replace(LEAD, size=Bounds(states="x"))}, x=Stated(23, "percent"))


def code(rules, *items, register=ONE, choice=None, **kwargs) -> str:
    return judge(finding(*items, **kwargs), register, rules, choice or Choice()).code


def test_a_judgement_is_not_empirical(rules):
    part = replace(LEAD, kind="judgement", true_if=None)
    assert code(rules, register=register_of({"lead": part})) == "not_empirical"


def test_no_figure_leaves_it_open(rules):
    nothing = evidence(grade="E", region=None, figures=(), cited=(), search="S1")
    assert code(rules, nothing) == "not_identified"
    assert code(rules, aside(evidence())) == "not_identified"


@pytest.mark.parametrize("low", [-0.1, 0.0])
def test_a_region_on_both_sides_is_open_however_the_interval_lies(rules, low):
    assert code(rules, evidence(low, 0.4)) == "not_identified"


def test_an_interval_wholly_outside_contradicts_and_touching_does_not(rules):
    assert code(rules, evidence(-0.4, -0.2)) == "contradicted"
    assert code(rules, evidence(-0.2, interval=Interval(-0.4, 0.0))) == "contradicted"
    assert code(rules, evidence(-0.2, interval=Interval(-0.4, 0.01))) == "inconclusive"


def test_chance_that_reaches_the_null_is_inconclusive(rules):
    assert code(rules, evidence(0.1, interval=Interval(0.0, 0.3))) == "inconclusive"
    assert code(rules, evidence(0.1, interval=Interval(0.05, 0.3), p_value=0.06)) == "inconclusive"


def test_the_articles_own_figures_entail(rules):
    assert code(rules, evidence(grade="D")) == "entailed"


def test_an_existing_case_is_on_record_and_none_contradicts(rules):
    part = replace(LEAD, kind="existence", unit="count", true_if=Bounds(at_least=1))
    register = register_of({"lead": part})
    assert code(rules, evidence(2), register=register) == "on_record"
    assert code(rules, evidence(0), register=register) == "contradicted"
    assert code(rules, evidence(2, grade="D"), register=register) == "entailed"


@pytest.mark.parametrize(("low", "expected"), [(0.05, "supported"), (0.02, "direction_only")])
def test_without_a_size_only_more_than_a_trifle_supports(rules, low, expected):
    assert code(rules, evidence(low)) == expected


def test_without_a_size_nothing_is_corroborated(rules):
    codes = {code(rules, evidence(x / 50)) for x in range(-50, 51)}
    assert "corroborated" not in codes


@pytest.mark.parametrize(
    ("at", "ninety", "expected"),
    [(0.23, 0.05, "corroborated"), (0.23, 0.06, "direction_only"), (0.4, 0.01, "direction_only")],
)
def test_a_size_is_corroborated_within_the_margin_of_equivalence(rules, at, ninety, expected):
    around = Interval(at - ninety, at + ninety)
    item = evidence(at, interval=around, interval_90=around)
    assert code(rules, item, register=SIZED) == expected


@pytest.mark.parametrize("relation", ["same_team", "partner"])
def test_the_teams_own_figures_repeat_and_a_benchmark_lends_no_independence(rules, relation):
    own = Citation("o", "F1", relation=relation)
    benchmark = Citation("b", "B1", benchmark=True)
    item = evidence(0.23, cited=(own, benchmark))
    assert code(rules, item, register=SIZED) == "repeated"
    assert code(rules, item) == "repeated"
    other = replace(item, cited=(Citation("i", "F2"), benchmark))
    assert code(rules, other) == "supported"


@pytest.mark.parametrize(
    ("at", "register", "expected"),
    [(-0.3, ONE, "not_identified"), (0.23, SIZED, "direction_only")],
)
def test_one_second_hand_figure_alone_neither_contradicts_nor_corroborates(
    rules, at, register, expected
):
    report = Citation("s", "F1", second_hand=True)
    lone = evidence(at, cited=(report, Citation("b", "B", benchmark=True)))
    assert code(rules, lone, register=register) == expected
    two = replace(lone, cited=(report, Citation("t", "F2", second_hand=True)))
    assert code(rules, two, register=register) in ("contradicted", "corroborated")


def test_own_answers_reproduce_the_printed_size_or_give_a_direction(rules):
    within, off = evidence(0.231, grade="A"), evidence(0.31, grade="A")
    assert code(rules, within, register=SIZED) == "reproduced"
    assert code(rules, off, register=SIZED) == "direction_only"


def test_the_best_grade_decides_and_weaker_evidence_does_not(rules):
    best, weaker = evidence(0.2), evidence(-0.2, grade="C", label="weaker")
    assert code(rules, best, weaker) == code(rules, best)


def test_evidence_set_aside_changes_nothing_until_it_is_admitted(rules):
    for_it, against = evidence(0.2), aside(evidence(-0.2, label="against"))
    assert code(rules, for_it, against) == "supported"
    admitted = Choice(admit=frozenset(["against"]))
    assert code(rules, for_it, against, choice=admitted) == "not_identified"


def test_admitting_all_that_was_set_aside_is_judging_it_as_if_it_decided(rules):
    for_it, against = evidence(0.2), evidence(-0.2, label="against")
    admitted = Choice(admit=frozenset(["against"]))
    assert code(rules, for_it, aside(against), choice=admitted) == code(rules, for_it, against)


def test_a_sibling_never_changes_another_parts_verdict(rules):
    # The whole argument: a verdict is a function of one finding. What others find cannot
    # be handed in, and only how many parts are tested together counts.
    parts = {n: replace(LEAD, confirmatory=True) for n in ("donate", "help", "rally")}
    register = register_of(parts)
    for part, p in (("donate", 1e-20), ("help", 1e-14)):
        item = evidence(0.2, interval=Interval(0.1, 0.3), p_value=p)
        assert judge(finding(item, part=part), register, rules).code == "supported"
    unsure = evidence(0.2, interval=Interval(0.1, 0.3), p_value=0.5)
    assert judge(finding(unsure, part="rally"), register, rules).code == "inconclusive"


def test_p_values_are_multiplied_by_the_number_of_parts_tested_together(rules):
    parts = {str(i): replace(LEAD, confirmatory=i < 3) for i in range(4)}
    register = register_of(parts)
    item = evidence(0.2, interval=Interval(0.1, 0.3), p_value=0.02)
    tested = judge(finding(item, part="0"), register, rules)
    assert tested.p_value == pytest.approx(0.06) and tested.code == "inconclusive"
    assert judge(finding(item, part="3"), register, rules).p_value == 0.02
    uncorrected = judge(finding(item, part="0"), register, rules, Choice(corrected=False))
    assert uncorrected.code == "supported"


@given(x=st.floats(-0.9, 0.9), wider=st.floats(0, 0.5))
def test_widening_what_the_record_allows_never_strengthens_a_verdict(rules, x, wider):
    strength = {"not_identified": 0, "inconclusive": 1, "direction_only": 2, "supported": 3}
    narrow, wide = code(rules, evidence(x)), code(rules, evidence(x - wider, x + wider))
    if narrow == "contradicted":
        assert wide in ("contradicted", "not_identified")
    else:
        assert strength[wide] <= strength[narrow]


@pytest.mark.parametrize(
    ("factor", "word"),
    [(1.9, "fragile"), (2, "moderate"), (4.9, "moderate"), (5, "strong")],
)
def test_the_least_favourable_factor_gives_the_robustness(rules, factor, word):
    items = evidence(robustness=factor), evidence(robustness=50, label="other")
    assert judge(finding(*items), ONE, rules).robustness == word


def test_another_reading_puts_another_question(rules):
    assert code(rules, evidence(0.05), choice=Choice(reading="clear")) == "contradicted"
    tagged = evidence(0.3, label="tagged", readings=("clear",))
    # What answers the other reading counts there alone, and there in place of the rest.
    assert code(rules, evidence(-0.2), tagged, choice=Choice(reading="clear")) == "supported"
    assert code(rules, evidence(-0.2), tagged) == "contradicted"
    with pytest.raises(InputError, match="no reading 'claer'"):
        code(rules, evidence(), choice=Choice(reading="claer"))


def test_a_smaller_sample_or_a_stricter_level_can_undo_a_verdict(rules):
    small = Scenario(n=100, deff=2, interval=Interval(-0.1, 0.5))
    item = evidence(0.2, interval=Interval(0.04, 0.36), scenarios=(small,))
    assert code(rules, item) == "supported"
    assert code(rules, item, choice=Choice(scenario=small.name)) == "inconclusive"
    assert judge(finding(item), ONE, replace(rules, alpha=0.01)).code == "inconclusive"


def test_the_99_percent_interval_is_wider_by_the_normal_quantiles(rules):
    # 0.2 ± 0.15 at 95 % reaches 0 at 99 % only from a half-width of 0.2 · 1.960 / 2.576 on.
    stricter = replace(rules, alpha=0.01)
    for half, expected in ((0.1521, "direction_only"), (0.1523, "inconclusive")):
        item = evidence(0.2, interval=Interval(0.2 - half, 0.2 + half))
        assert judge(finding(item), ONE, stricter).code == expected


def test_without_second_hand_figures_what_rests_on_them_is_open(rules):
    reports = (Citation("s", "F1", second_hand=True), Citation("s", "F2", second_hand=True))
    item = evidence(0.2, cited=reports)
    assert code(rules, item) == "supported"
    assert code(rules, item, choice=Choice(second_hand=False)) == "not_identified"


def test_synthetic_data_get_no_verdict(rules):
    with pytest.raises(TypeError, match="a verdict needs a finding"):
        judge({"synthetic": True}, ONE, rules)
    with pytest.raises(TypeError, match="synthetic data verify code"):
        Finding(claim="a", part="lead", scope="respondents", evidence=({},), summary="s")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"claim": "b"}, "no such claim"),
        ({"part": "laed"}, "Did you mean 'lead'"),
        ({"scope": "context"}, "does not speak of 'context'"),
    ],
)
def test_what_the_register_does_not_know_is_refused(rules, changes, message):
    with pytest.raises(InputError, match=message):
        judge(replace(finding(evidence()), **changes), ONE, rules)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grade": "E"}, "grade E means no figure"),
        ({"region": None}, "grade E means no figure"),
        ({"search": "S1"}, "an absence stands on a search"),
        ({"figures": ()}, "no figure and no source"),
        ({"p_value": 1.2}, "impossible"),
        ({"interval": Interval(0.3, 0.4)}, "does not hold the region"),
    ],
)
def test_impossible_evidence_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        evidence(**changes)


def test_an_evidence_is_never_wider_than_its_interval():
    item = Evidence(label="l", grade="B", region=Interval(0, 1), sources=("s",), method="m")
    assert item.interval == item.region
