"""Change a datum, and the verdict, the prose and a chart change with it; no chapter is touched."""

from __future__ import annotations

import pytest

from exile.case import register
from exile.data import figure

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


REGISTER_AND_TABLE = {
    "ART-01": ("one-million-left", "people_left"),
    "ART-02": ("three-hundred-thousand-spring", "people_left_spring"),
    "ART-03": ("seven-hundred-thousand-autumn", "people_left_autumn"),
    "ART-04": ("survey-size", "respondents"),
    "ART-05": ("rallies-49-26", "before"),
    "ART-06": ("rallies-49-26", "after"),
    "ART-07": ("volunteer-compatriots-10-32", "before"),
    "ART-08": ("volunteer-compatriots-10-32", "after"),
    "ART-09": ("volunteer-ukrainians-4-29", "before"),
    "ART-10": ("volunteer-ukrainians-4-29", "after"),
    "ART-11": ("it-third-to-half", "share_low"),
    "ART-12": ("it-third-to-half", "share_high"),
    "ART-13": ("car-27-4", "migrants"),
    "ART-14": ("car-27-4", "russia"),
    "ART-15": ("higher-education-80-27", "migrants"),
    "ART-16": ("higher-education-80-27", "russia"),
}


@pytest.mark.parametrize(("figure_id", "place"), REGISTER_AND_TABLE.items())
def test_the_register_and_the_table_of_figures_say_the_same(figure_id, place):
    """The article's figures stand in the register and in their own table."""
    claim, name = place
    assert figure(figure_id).value == register()[claim].states[name].value


def test_every_stated_number_is_in_the_table():
    stated = {(c.id, name) for c in register().claims.values() for name in c.states}
    assert stated == {*REGISTER_AND_TABLE.values()}
