"""One word for a claim: the table is total, and each word means what it says."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement

import pytest

from exile.audit.claims import Claim
from exile.audit.headline import Headline, headline, word
from exile.audit.verdict import Verdict
from tests.audit.conftest import LEAD

BACKED = {"supported", "corroborated", "reproduced", "on_record"}
OWN = {"entailed", "repeated"}
OPEN = {"not_identified", "inconclusive"}


def meant(codes: tuple[str, ...]) -> str:
    """The words' meaning, said another way than the table says it."""
    core, judgement = set(codes) - {"not_empirical"}, "not_empirical" in codes
    if not core:
        return "not_a_matter_of_fact"
    if "contradicted" in core:
        return "does_not_hold" if core <= {"contradicted", *OPEN} else "holds_in_part"
    if core <= BACKED and not judgement:
        return "holds"
    if core & (BACKED | {"direction_only"}):
        return "partly_shown"
    return "rests_on_its_own_figures" if core & OWN else "open"


def test_every_combination_of_verdicts_has_the_headline_that_its_words_mean(rules):
    for size in range(1, 5):
        for codes in combinations_with_replacement(rules.verdicts, size):
            assert word(codes, rules) == meant(codes), codes


def claim(**parts) -> Claim:
    return Claim(id="a", paragraph=1, kind="comparison", statement="A.", parts=parts)


WIDE = ("respondents", "all_2022_migrants")


@pytest.mark.parametrize(
    ("narrow", "wide", "expected"),
    [
        ("supported", "not_identified", ("holds", "respondents")),
        ("supported", "contradicted", ("does_not_hold", "all_2022_migrants")),
        ("entailed", "supported", ("holds", "all_2022_migrants")),
        ("not_identified", "not_identified", ("open", "respondents")),
    ],
)
def test_the_headline_is_for_the_widest_people_for_whom_something_is_decided(
    rules, narrow, wide, expected
):
    verdicts = {("lead", s): Verdict(c) for s, c in zip(WIDE, (narrow, wide), strict=True)}
    assert headline(claim(lead=LEAD), verdicts, rules) == Headline(*expected)


def test_a_fact_about_the_world_joins_any_people(rules):
    world = replace(LEAD, of=("context",))
    verdicts = {
        ("lead", "respondents"): Verdict("supported"),
        ("world", "context"): Verdict("contradicted"),
    }
    both = claim(lead=LEAD, world=world)
    assert headline(both, verdicts, rules) == Headline("holds_in_part", "respondents")


def test_a_side_part_never_moves_the_headline(rules):
    side = replace(LEAD, core=False)
    verdicts = {("lead", "respondents"): Verdict("supported")}
    for code in rules.verdicts:
        with_side = verdicts | {("side", "respondents"): Verdict(code)}
        assert headline(claim(lead=LEAD, side=side), with_side, rules).code == "holds"


def test_a_core_part_without_a_finding_is_open(rules):
    verdicts = {("lead", "respondents"): Verdict("supported")}
    two = claim(lead=LEAD, other=LEAD)
    assert headline(two, verdicts, rules).code == "partly_shown"
