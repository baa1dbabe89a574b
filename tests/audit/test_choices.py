"""How far a verdict depends on declared choices."""

from __future__ import annotations

from dataclasses import replace

from exile.audit import Citation, Interval, Scenario
from exile.audit.choices import combinations, dependence
from tests.audit.conftest import LEAD, aside, evidence, finding, register_of

ONE = register_of({"lead": LEAD})
PLAIN = register_of({"lead": replace(LEAD, readings={})})


def test_every_dimension_multiplies_the_combinations(rules):
    item = evidence(0.2)
    base = len(rules.alternatives.trifle_points)
    assert dependence(finding(item), PLAIN, rules).total == base
    assert dependence(finding(item), ONE, rules).total == base * 2  # another reading
    other = aside(evidence(-0.2, label="against"))
    assert dependence(finding(item, other), PLAIN, rules).total == base * 2
    second = replace(item, cited=(Citation("s", "F1", second_hand=True),))
    assert dependence(finding(second), PLAIN, rules).total == base * 2
    chance = replace(item, interval=Interval(0.1, 0.3))
    assert dependence(finding(chance), PLAIN, rules).total == base * 2  # 5 or 1 %
    small = Scenario(n=100, deff=2, interval=Interval(-0.1, 0.5))
    assert dependence(finding(replace(item, scenarios=(small,))), PLAIN, rules).total == base * 2


def test_the_published_choice_is_among_them_and_each_stands_once(rules):
    found = finding(evidence(0.2), aside(evidence(-0.2, label="against")))
    every = [(c, r.trifle, r.alpha) for _, c, r in combinations(found, ONE, rules)]
    assert len(set(every)) == len(every)
    assert sum(1 for names, _, _ in combinations(found, ONE, rules) if not any(names)) == 1


def test_what_moves_the_verdict_is_named(rules):
    found = finding(evidence(0.2), aside(evidence(-0.2, label="against")))
    depends = dependence(found, PLAIN, rules)
    assert depends.leading == "admit “against”"
    assert depends.stands == depends.total / 2
    assert sum(depends.verdicts.values()) == depends.total


def test_a_verdict_that_nothing_moves_stands_in_all(rules):
    depends = dependence(finding(evidence(0.9)), PLAIN, rules)
    assert (depends.stands, depends.leading) == (depends.total, "")
