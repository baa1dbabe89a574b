"""The one pass: any format, the same counts, and exactly what the respondents say."""

from __future__ import annotations

import pandas as pd
import pytest

from exile.custody.counts.run import count_file
from exile.custody.source.codebook import canonical, load_codebook
from tests.custody.conftest import codebook, frame

WORDS = {1: "yes", 2: "no", 99: "missing"}


def last_interviews(data: pd.DataFrame) -> pd.DataFrame:
    return data.sort_values("wave").groupby("id", as_index=False).last()


@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".dta", ".parquet"])
def test_every_format_gives_what_csv_gives(survey, suffix):
    run, expected = survey(frame())
    same, counts = survey(frame(), suffix)
    assert counts.keys() == expected.keys()
    for name, table in expected.items():
        pd.testing.assert_frame_equal(counts[name], table, check_exact=True)
    assert (same.persons, same.waves, same.variables) == (run.persons, run.waves, run.variables)


def test_counts_are_those_of_the_respondents(survey):
    data = frame()
    _, tables = survey(data)
    people = last_interviews(data)
    expected = (
        people.assign(
            before_rally=people["b_rally"].map(WORDS), after_rally=people["a_rally"].map(WORDS)
        )
        .groupby(["before_rally", "after_rally"])["w"]
        .agg(n="count", w="sum", w2=lambda w: (w * w).sum())
    )
    found = tables["rally"].groupby(["before_rally", "after_rally"])[["n", "w", "w2"]].sum()
    pd.testing.assert_frame_equal(found, expected, check_index_type=False, rtol=1e-12)


def test_a_person_counts_once(survey):
    data = frame()
    run, tables = survey(data)
    assert run.persons == data["id"].nunique() and run.interviews == len(data)
    assert all(t["n"].sum() == run.persons for t in tables.values())


def test_any_activity_is_yes_if_one_is_and_no_only_if_all_are_answered(survey):
    data = frame()
    _, tables = survey(data)
    people = last_interviews(data)
    yes = (people["a_rally"] == 1) | (people["a_comp"] == 1)
    no = (people["a_rally"] == 2) & (people["a_comp"] == 2)
    found = tables["any"].groupby("after_any")["n"].sum()
    assert found["yes"] == yes.sum() and found["no"] == no.sum()
    assert found["missing"] == (~yes & ~no).sum() > 0


def test_order_of_rows_does_not_matter(survey):
    data = frame()
    _, expected = survey(data)
    _, shuffled = survey(data.sample(frac=1, random_state=5))
    for name, table in expected.items():
        pd.testing.assert_frame_equal(shuffled[name], table, check_exact=True)


def test_without_weights_everybody_counts_once(survey):
    run, tables = survey(frame(), variables={"weight": None})
    assert not run.weighted
    assert all((t["w"] == t["n"]).all() and (t["w2"] == t["n"]).all() for t in tables.values())


def test_one_wave_needs_no_wave_variable(survey):
    data = frame()
    run, _ = survey(data[data["wave"] == 1], variables={"wave": None})
    assert run.waves == (1,)


@pytest.mark.parametrize("spelling", ["1.0", " 1 ", "1.", "+1"])
def test_a_code_is_the_same_however_it_is_spelled(survey, spelling):
    data = frame().astype({"b_comp": object})
    data.loc[data["b_comp"] == 1, "b_comp"] = spelling
    _, tables = survey(data)
    _, expected = survey(frame())
    pd.testing.assert_frame_equal(tables["compatriots"], expected["compatriots"])
    assert canonical(spelling) == "1"


def test_another_encoding_is_read_if_named(survey, tmp_path):
    path = tmp_path / "people.csv"
    words = frame().assign(b_comp=lambda d: d["b_comp"].map({1: "да", 2: "нет"}))
    words.to_csv(path, index=False, encoding="cp1251")
    mapped = {"before_compatriots": {"column": "b_comp", "codes": {"да": "yes", "нет": "no"}}}
    book = codebook(tmp_path, file={"encoding": "cp1251"}, variables=mapped)
    _, tables = count_file(path, load_codebook(book))
    _, expected = survey(frame())
    pd.testing.assert_frame_equal(tables["compatriots"], expected["compatriots"])
