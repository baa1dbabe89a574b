"""The cases are coded as their sources say, and the findings count them."""

from __future__ import annotations

import re

import pytest

from exile.data import figure, table

CASES = table("returned_exiles").set_index("person")


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("history")


@pytest.mark.parametrize("person", CASES.index)
def test_every_case_names_facts_about_that_person(person):
    surname = person.split()[-1].translate(str.maketrans("īķć", "ikc"))
    for figure_id in CASES.loc[person, "figure_ids"].split():
        row = figure(figure_id).row
        assert surname in row["measure"] + str(row.get("value_text", "")), figure_id


@pytest.mark.parametrize("person", CASES.index)
def test_the_year_of_office_stands_in_a_source(person):
    facts = [figure(f).row for f in CASES.loc[person, "figure_ids"].split()]
    text = " ".join(f"{f['period']} {f.get('value_text', '')}" for f in facts)
    assert str(CASES.loc[person, "office_from"]) in re.findall(r"\d{4}", text)


def test_the_years_abroad_of_adamkus_are_those_that_the_source_counts():
    adamkus = CASES.loc["Valdas Adamkus"]
    in_illinois = figure("HC013").value
    assert adamkus["years_abroad_to"] - 1949 == in_illinois


def test_the_published_shares_of_the_run_off_add_up():
    assert figure("HC016").value + figure("HC017").value == pytest.approx(100, abs=0.01)


def test_a_case_of_our_list_that_stayed_home_is_no_exile(run):
    region = run.findings["returned-exiles", "named", "context"].evidence[0].region
    assert region.high == sum(
        CASES.loc[p, "active_in_exile_politics"] == "yes"
        for p in ("Lennart Meri", "Valdas Adamkus")
    )


def test_had_meri_been_an_exile_the_verdict_would_be_another(run, run_chapter, changed_data):
    row = "Lennart Meri,Estonia,EST,yes,,,deported inside the USSR,no,"
    data = changed_data(
        "benchmarks/returned_exiles.csv", row, "Lennart Meri,Estonia,EST,yes,1941,1990,fled,yes,"
    )
    key = ("returned-exiles", "named", "context")
    assert run_chapter("history", data=data).verdict(*key) != run.verdict(*key)
