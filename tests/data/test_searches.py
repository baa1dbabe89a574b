"""An absence stands on a search, and falls when a table holds the figure."""

from __future__ import annotations

import csv

import pytest

from exile.data import absent, figure, figure_tables, sources, table
from exile.errors import InputError

SEARCHES = table("searches").set_index("search_id")
SURVEYS = "published/migrant_surveys.csv"


def add_figure(folder, **cells):
    """Appends a row to the survey figures: that of an existing one, with cells replaced."""
    path = folder / SURVEYS
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    with path.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writerow({**rows[0], "figure_id": "NEW-01", **cells})


def test_every_committed_absence_stands():
    for search_id, row in SEARCHES.iterrows():
        assert absent(search_id)["asked"] == row["asked"]


def test_every_nearest_is_a_figure_or_a_source():
    known = {*figure_tables(), *sources().index}
    for search_id, near in SEARCHES["nearest"].items():
        assert {*near.split()} <= known, search_id


def test_questions_and_numbers_do_not_repeat():
    assert SEARCHES["asked"].is_unique
    assert [*SEARCHES.index] == [f"S{i:03d}" for i in range(1, len(SEARCHES) + 1)]


@pytest.mark.parametrize("search_id", SEARCHES.index)
def test_a_figure_with_any_of_its_indicators_refutes_an_absence(data_copy, search_id):
    for indicator in SEARCHES.loc[search_id, "indicators"].split():
        add_figure(data_copy, figure_id="NEW-01", indicator=indicator)
        with pytest.raises(InputError, match=rf"search {search_id}, .*NEW-01 .*'{indicator}'"):
            absent(search_id)
        path = data_copy / SURVEYS
        *kept, _ = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(kept), encoding="utf-8")


def test_the_remedy_names_both_ways_out(data_copy):
    add_figure(data_copy, indicator="self_censorship")
    with pytest.raises(InputError, match="use it as evidence; or, .* nearest of S004"):
        absent("S004")


def test_a_figure_on_russias_population_refutes_nothing(data_copy):
    add_figure(data_copy, indicator="self_censorship", group="Russian population (2021)")
    assert absent("S004")["languages"] == "en; ru"


def test_the_article_does_not_refute_that_its_figure_is_missing():
    """It states a direction for trust among migrants, which is what the search is about."""
    assert figure("ART-22").row["indicator"] in absent("S001")["indicators"]


def test_unknown_search():
    with pytest.raises(InputError, match="search 'S999': no such search"):
        absent("S999")
