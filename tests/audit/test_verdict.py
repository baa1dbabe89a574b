"""The rules of METHODS, section 9, one law a test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exile.audit import Evidence, Finding, Interval, judge
from exile.audit.claims import Stated
from exile.audit.rules import load_rules
from exile.audit.verdict import judge_all
from exile.errors import InputError

RULES = load_rules(Path(__file__).parents[2] / "data" / "rules.toml")
IN_FAMILY, OUTSIDE_FAMILY = RULES.family[0], "one-million-left"

# From nothing decided to fully supported; "contradicted" stands apart from this order.
STRENGTH = {
    "not_identified": 0,
    "inconclusive": 1,
    "direction_only": 2,
    "corroborated": 3,
}


def evidence(low: float, high: float, **changes) -> Evidence:
    fields = {
        "label": "a quantity",
        "grade": "B",
        "scope": "respondents",
        "unit": "share_difference",
        "region": Interval(low, high),
        "sources": ("article",),
        "method": "made up for this test",
    }
    return Evidence(**fields | changes)


def finding(*items: Evidence, **changes) -> Finding:
    fields = {
        "claim": OUTSIDE_FAMILY,
        "scope": "respondents",
        "true_if": Interval.above(0),
        "evidence": items,
        "summary": "a summary",
        "settled_by": "a number",
    }
    return Finding(**fields | changes)


def code(item: Finding, **kwargs) -> str:
    return judge(item, RULES, **kwargs).code


def test_no_estimand_is_not_empirical():
    assert code(finding(true_if=None)) == "not_empirical"


def test_no_figure_is_not_identified():
    nothing = evidence(0, 0, grade="E", region=None)
    assert code(finding(nothing)) == "not_identified"


def test_a_region_on_both_sides_is_not_identified_however_the_interval_lies():
    assert code(finding(evidence(-0.1, 0.4))) == "not_identified"
    assert code(finding(evidence(0.0, 0.4))) == "not_identified"  # the null is not in T


def test_an_interval_wholly_outside_contradicts():
    assert code(finding(evidence(-0.4, -0.2))) == "contradicted"
    assert code(finding(evidence(-0.3, -0.3, interval=Interval(-0.4, -0.2)))) == "contradicted"


@pytest.mark.parametrize("point", [0.1, -0.1])
def test_chance_on_either_side_is_inconclusive(point):
    assert code(finding(evidence(point, point, interval=Interval(-0.2, 0.2)))) == "inconclusive"


def test_the_articles_own_figures_entail_but_never_corroborate():
    assert code(finding(evidence(0.2, 0.3, grade="D"))) == "entailed"


def test_own_data_reproduce_within_half_a_unit():
    published = Interval(0.265, 0.275)
    for share, expected in ((0.271, "reproduced"), (0.281, "direction_only")):
        item = evidence(share, share, grade="A", unit="share", interval=Interval(0.25, 0.30))
        assert code(finding(item, published=published)) == expected


def test_size_must_agree_within_five_points_for_corroboration():
    near = evidence(0.50, 0.50, interval=Interval(0.44, 0.56), interval_90=Interval(0.49, 0.57))
    far = replace(near, interval_90=Interval(0.44, 0.56))
    assert code(finding(near, published=Interval.point(0.53))) == "corroborated"
    assert code(finding(far, published=Interval.point(0.53))) == "direction_only"


@pytest.mark.parametrize(("low", "expected"), [(0.031, "corroborated"), (0.029, "direction_only")])
def test_without_a_published_number_three_points_tell_a_size_from_a_sign(low, expected):
    assert code(finding(evidence(low, 0.2))) == expected
    mirrored = finding(evidence(-0.2, -low), true_if=Interval.below(0))
    assert code(mirrored) == expected


@pytest.mark.parametrize(("low", "expected"), [(1.21, "corroborated"), (1.19, "direction_only")])
def test_without_a_published_number_an_odds_ratio_of_1_2_does(low, expected):
    item = evidence(low, 3, unit="odds_ratio")
    assert code(finding(item, true_if=Interval.above(1))) == expected


def test_only_the_best_grade_decides():
    strong, weak = evidence(0.2, 0.3), evidence(-0.9, 0.9, grade="C")
    assert code(finding(strong, weak)) == code(finding(strong)) == "corroborated"


def test_evidence_of_one_grade_that_disagrees_leaves_the_claim_open():
    assert code(finding(evidence(0.2, 0.3), evidence(-0.3, -0.2))) == "not_identified"


@pytest.mark.parametrize(
    ("factor", "word"), [(1.99, "fragile"), (2, "moderate"), (4.99, "moderate"), (5, "strong")]
)
def test_robustness_words(factor, word):
    assert judge(finding(evidence(0.2, 0.3, robustness=factor)), RULES).robustness == word


def test_the_least_robust_evidence_speaks():
    items = evidence(0.2, 0.3, robustness=9), evidence(0.2, 0.3, robustness=1.5)
    assert judge(finding(*items), RULES).robustness == "fragile"


def test_holm_moves_a_verdict_and_only_inside_the_family():
    p = RULES.alpha / (len(RULES.family) / 2)
    inside = finding(evidence(0.2, 0.3, p_value=p), claim=IN_FAMILY)
    outside = replace(inside, claim=OUTSIDE_FAMILY)
    verdicts = judge_all([inside, outside], RULES)
    assert verdicts[inside.key].code == "inconclusive"
    assert verdicts[outside.key].code == "corroborated"


def test_holm_agrees_with_its_definition():
    p_values = [0.001, 0.004, 0.006]
    family = RULES.family[:3]
    items = [
        finding(evidence(0.2, 0.3, p_value=p), claim=c)
        for p, c in zip(p_values, family, strict=True)
    ]
    m = len(RULES.family)
    expected, running = [], 0.0
    for rank, p in enumerate(p_values):
        running = max(running, (m - rank) * p)
        expected.append(running)
    got = [v.p_value for v in judge_all(items, RULES).values()]
    assert got == pytest.approx(expected)


@given(st.floats(0, 1), st.integers(0, 11))
def test_a_chapter_alone_never_says_more_than_the_book(p, others):
    item = finding(evidence(0.2, 0.3, p_value=p), claim=IN_FAMILY)
    rest = [finding(evidence(0.2, 0.3, p_value=0.0), claim=c) for c in RULES.family[1 : others + 1]]
    together = judge_all([item, *rest], RULES)[item.key]
    if judge(item, RULES).code == "corroborated":
        assert together.code == "corroborated"


bounds = st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(sorted)


@given(bounds, bounds, st.sampled_from("BCD"))
def test_a_wider_region_never_upgrades(inner, outer, grade):
    narrow = finding(evidence(*inner, grade=grade))
    hull = min(inner[0], outer[0]), max(inner[1], outer[1])
    wide = finding(evidence(*hull, grade=grade))
    order = STRENGTH | {"entailed": 3}
    before, after = code(narrow), code(wide)
    if before == "contradicted" or after == "contradicted":
        # Widening may reopen a contradiction; it never creates one.
        assert before == "contradicted"
        assert after in ("contradicted", "not_identified")
    else:
        assert order[after] <= order[before]


def test_what_is_not_evidence_gets_no_verdict():
    class SyntheticTable:
        pass

    with pytest.raises(TypeError, match="synthetic data"):
        finding(SyntheticTable())
    with pytest.raises(TypeError, match="needs a finding"):
        judge(SyntheticTable(), RULES)


def test_scopes_do_not_borrow_evidence():
    with pytest.raises(InputError, match="another scope"):
        finding(evidence(0.2, 0.3), scope="all_2022_migrants")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sources": ()}, "no source"),
        ({"unit": "apples"}, "'apples' is not known"),
        ({"p_value": 1.2}, "p-value 1.2 is impossible"),
        ({"interval": Interval(0.21, 0.3)}, "does not hold the region"),
        ({"grade": "E"}, "grade E means no figure"),
    ],
)
def test_bad_evidence_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        evidence(0.2, 0.3, **changes)


@pytest.mark.parametrize(
    ("stated", "inside", "outside"),
    [
        (Stated(27, "percent"), [0.265, 0.275], [0.264, 0.276]),
        (Stated(80, "percent", "more_than"), [0.801, 1.0], [0.80]),
        (Stated(700_000, hedge="at_least"), [700_000, 9e9], [699_999]),
        (Stated(1_000_000, hedge="about"), [800_000, 1_250_000], [799_999, 1_250_001]),
        (Stated(50, "percent", "almost"), [0.45, 0.499], [0.449, 0.5]),
    ],
)
def test_what_makes_a_stated_figure_true(stated, inside, outside):
    truth = RULES.truth(stated)
    assert all(truth.contains(x) for x in inside)
    assert not any(truth.contains(x) for x in outside)
