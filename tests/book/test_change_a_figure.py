"""Change a datum, and the verdict, the prose and a chart change with it; no chapter is touched."""

from __future__ import annotations

import pytest

from exile import case
from exile.audit.answers import LANGUAGES, answer
from exile.audit.ledger import judge_claim
from exile.wording import Amount, printed
from tests.book.conftest import RULES, ChapterRun

CHANGES = [
    pytest.param(
        "activism",
        ("volunteer-compatriots-10-32", "rise", "respondents"),
        ("article_figures.csv", "ART-07,12,10,percent", "ART-07,12,32,percent"),
        id="as many volunteers before as after",
    ),
    pytest.param(
        "education_and_means",
        ("car-27-4", "lead", "respondents"),
        ("article_figures.csv", "ART-13,17,27,percent", "ART-13,17,34,percent"),
        id="the article had said that more migrants can afford a car",
    ),
    pytest.param(
        "how_many_left",
        ("one-million-left", "total", "all_2022_migrants"),
        (
            "benchmarks/exodus_estimates.csv",
            "500000,1000000,left_total,range,press_compilation",
            "500000,790000,left_total,range,press_compilation",
        ),
        id="the newspaper had ended below a million",
    ),
]


@pytest.mark.parametrize(("chapter", "finding", "change"), CHANGES)
def test_verdict_prose_and_chart_follow_the_data(
    run_chapter, changed_data, chapter, finding, change
):
    before = run_chapter(chapter)
    after = run_chapter(chapter, data=changed_data(*change))
    assert after.verdict(*finding) != before.verdict(*finding)
    assert after.findings[finding].summary != before.findings[finding].summary
    assert after.phrases != before.phrases
    assert after.charts != before.charts


# Of different kinds: a change, a comparison, a total, an existence, and two of several parts.
FLIPS = [
    ("activism", "rallies-49-26", {"ART-06": 90}, "does_not_hold"),
    ("education_and_means", "car-27-4", {"ART-13": 40}, "rests_on_its_own_figures"),
    ("how_many_left", "one-million-left", {"EX033": 790_000}, "does_not_hold"),
    ("history", "dissidents-banned-texts", {"HC043": 0}, "does_not_hold"),
    ("consequences", "tensions", {"HT001": 1}, "holds_in_part"),
    ("who_leaves", "emigration-as-protest", {"CRC-04": 3, "OTH-14": 3}, "holds_in_part"),
]


def told(run: ChapterRun, claim: str, language: str) -> tuple[str, str]:
    """The claim's headline and answer, as the book would make them of a chapter's findings."""
    register = case.register()
    values = {n: printed(register.stated(claim, n)) for n in register.claims[claim].states}
    values |= {n: Amount(**v) for n, v in run.answer_values.get(claim, {}).items()}
    found = [f for f in run.findings.values() if f.claim == claim]
    _, head = judge_claim(register.claims[claim], found, register, RULES)
    templates = case.answer_templates()[language]
    return head.code, answer(register.claims[claim], head, templates, values, RULES, language)


@pytest.mark.parametrize(
    ("chapter", "claim", "figures", "expected"), FLIPS, ids=[f[1] for f in FLIPS]
)
def test_a_headline_flips_with_the_data_and_its_answer_follows_or_falls_back(
    run_chapter, changed_figures, chapter, claim, figures, expected
):
    before = run_chapter(chapter)
    after = run_chapter(chapter, data=changed_figures(figures))
    for language in LANGUAGES:
        was, now = told(before, claim, language), told(after, claim, language)
        assert now[0] == expected != was[0]
        assert now[1] != was[1]
        if expected not in case.answer_templates()[language].get(claim, {}):
            word = next(r.words for r in RULES.headlines if r.code == expected)
            assert now[1].startswith(word.in_(language)), "a sentence of another headline"
