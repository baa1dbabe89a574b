"""One sentence for a claim, which cannot contradict its verdicts."""

from __future__ import annotations

import pytest

from exile.audit.answers import answer, words_in
from exile.audit.headline import Headline
from exile.errors import InputError
from exile.wording import Amount
from tests.audit.conftest import LEAD, register_of

CLAIM = register_of({"lead": LEAD}).claims["a"]
TEMPLATES = {"a": {"holds": "The lead is {gap} points."}}
VALUES = {"gap": Amount(0.07, 0.24, "points")}


def said(rules, code: str, templates=TEMPLATES, values=VALUES, language: str = "en") -> str:
    return answer(CLAIM, Headline(code, "respondents"), templates, values, rules, language)


def test_the_sentence_of_the_headline_carries_the_values(rules):
    assert said(rules, "holds") == "The lead is 7 to 24 points."
    assert said(rules, "holds", {"a": {"holds": "{gap} пункта"}}, language="ru") == "7–24 пункта"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_headline_without_a_sentence_falls_back_to_the_verdict(rules, language):
    for rule in rules.headlines:
        text = said(rules, rule.code, {}, language=language)
        assert rule.words.in_(language) in text
    assert "7" not in said(rules, "open")


def test_a_place_without_a_value_is_refused(rules):
    with pytest.raises(InputError, match=r"answers/en.toml, a.holds: no value for '\{gap\}'"):
        said(rules, "holds", values={})


def test_a_long_sentence_is_refused(rules):
    with pytest.raises(InputError, match="36 words"):
        said(rules, "holds", {"a": {"holds": "word " * 36}})
    assert said(rules, "holds", {"a": {"holds": "word " * 35}})


def test_a_number_with_its_unit_is_one_word():
    assert words_in("9 to 26\u202f% of 700\u202f000 people") == 6
