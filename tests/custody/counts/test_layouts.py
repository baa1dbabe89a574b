"""What a codebook can say of a file, and the law of what cannot change in time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from exile.custody.catalogue import catalogue
from exile.custody.counts import report
from exile.custody.counts.run import count_file
from exile.custody.source.codebook import load_codebook
from exile.errors import InputError
from tests.custody.conftest import YES_NO, codebook, frame, write

CONSTANT = {"sex": "sex", "education": "edu", "before_rally": "b_rally",
            "before_compatriots": "b_comp"}  # fmt: skip


def levels(tables, table: str, variable: str) -> dict[str, int]:
    return tables[table].groupby(variable)["n"].sum().to_dict()


def test_the_constants_are_those_that_cannot_change():
    constant = {name for name, v in catalogue().variables.items() if v.constant}
    before = {v for v in catalogue().variables if v.startswith("before_")}
    assert constant == before | {"sex", "education", "industry", "departure"}


@pytest.mark.parametrize("suffix", [".csv", ".sav", ".parquet"])
def test_blanking_constants_in_later_waves_changes_nothing(survey, suffix):
    data = frame()
    data[["sex", "b_rally"]] = data.groupby("id")[["sex", "b_rally"]].transform("first")
    _, expected = survey(data, suffix)
    blanked = data.copy()
    later = blanked["wave"] == 2
    blanked[list(CONSTANT.values())] = blanked[list(CONSTANT.values())].astype(float).where(~later)
    _, tables = survey(blanked, suffix)
    assert tables.keys() == expected.keys()
    for name, table in expected.items():
        pd.testing.assert_frame_equal(tables[name], table)


def test_of_two_stories_the_earliest_counts_and_the_report_says_so(survey, tmp_path):
    data = frame()
    told = data.index[(data["wave"] == 2)][:3]
    data.loc[told, "edu"] = 3 - data.loc[told, "edu"]
    _, tables = survey(data)
    _, expected = survey(frame())
    pd.testing.assert_frame_equal(tables["education"], expected["education"])
    path = write(data, tmp_path / "people.csv")
    said = report.as_text(report.report(path, load_codebook(codebook(tmp_path))))
    assert "80 persons were asked more than once, 3 of them answer differently" in said


def test_an_age_asked_once_is_kept(survey):
    data = frame()
    data["age"] = data["age"].astype(float).where(data["wave"] == 1)
    _, tables = survey(data)
    _, expected = survey(frame())
    pd.testing.assert_frame_equal(tables["persons"], expected["persons"])


def test_years_of_birth_become_ages_at_each_interview(survey):
    data = frame()
    data["age"] = np.where(data["wave"] == 1, 2022 - data["age"], np.nan)
    _, tables = survey(
        data, variables={"age": {"column": "age", "born": {1: 2022, 2: 2022}, "missing": [999]}}
    )
    _, expected = survey(frame())
    pd.testing.assert_frame_equal(tables["persons"], expected["persons"])


def test_bands_cuts_and_dates(survey):
    data = frame()
    data["band"] = pd.cut(data["age"], [17, 34, 44, 54, 200], labels=["a", "b", "c", "d"])
    bands = dict(zip("abcd", catalogue().derived["age_group"].levels, strict=True))
    _, tables = survey(data, variables={"age": {"column": "band", "codes": bands}})
    _, expected = survey(frame())
    pd.testing.assert_frame_equal(tables["persons"], expected["persons"])

    cut = {"column": "edu", "cuts": {"other": None, "higher": 2}}
    _, tables = survey(frame(), variables={"education": cut})
    pd.testing.assert_frame_equal(tables["education"], expected["education"])

    days = ["2022-01-05", "2022-02-23", "2022-02-24", "20.09.2022", "2022-09-21", "2023", "2022-01"]
    data["left"] = [days[i % 7] for i in data["id"]]
    starts = {
        "before_the_war": None,
        "february_to_september_2022": "2022-02-24",
        "after_mobilisation": "2022-09-21",
    }
    left = {"departure": {"column": "left", "cuts": starts}}
    _, tables = survey(data, variables=left)
    by_day = data.drop_duplicates("id")["left"].value_counts()
    assert levels(tables, "persons", "departure") == {
        "before_the_war": by_day["2022-01-05"] + by_day["2022-02-23"] + by_day["2022-01"],
        "february_to_september_2022": by_day["2022-02-24"] + by_day["20.09.2022"],
        "after_mobilisation": by_day["2022-09-21"] + by_day["2023"],
    }
    data["left"] = "2022-02"  # before and after the day that divides
    with pytest.raises(InputError, match="2022-02 are not in the codebook"):
        survey(data, variables=left)


def test_a_blank_is_no_only_where_somebody_ticked(survey):
    data = frame()
    ticks = {"before_compatriots": {"column": "b_comp", "codes": {1: "yes"}, "blank": "no"}}
    data["b_comp"] = data["b_comp"].astype(float).where((data["b_comp"] == 1) & (data["wave"] == 1))
    _, tables = survey(data, variables=ticks)
    _, expected = survey(frame())
    pd.testing.assert_frame_equal(tables["compatriots"], expected["compatriots"])


def test_columns_by_number_and_a_range_of_missing_codes(survey):
    data = frame()
    by_number = {
        "sex": {"column": list(data).index("sex") + 1, "codes": {1: "man", 2: "woman"},
                "missing": ["5..9"]},
        "before_rally": {"column": "b_rally", "codes": YES_NO | {99: "missing"}},
    }  # fmt: skip
    _, tables = survey(data, variables=by_number)
    _, expected = survey(frame())
    assert all(tables[name].equals(expected[name]) for name in expected)


@pytest.mark.parametrize("scale", [1e12, 1e-10, 1.0])
def test_weights_of_any_scale(survey, scale):
    data = frame()
    data["w"] = data["w"] * scale
    _, tables = survey(data)
    assert tables["persons"]["w"].sum() == pytest.approx(
        data.sort_values("wave").groupby("id")["w"].last().sum(), rel=1e-9
    )


REFUSED = {
    "two columns of one": (
        {"after_rally": {"column": "b_rally", "codes": YES_NO}}, "serves 'before_rally' already",
    ),
    "a list of codes": ({"sex": {"column": "sex", "codes": [1, 2]}}, "codes"),
    "one missing code": ({"sex": {"column": "sex", "codes": {1: "man"}, "missing": 5}}, "missing"),
    "no country": ({"host": {"column": "host", "codes": {1: "XXX"}}}, "no country code"),
    "a cut of words": (
        {"education": {"column": "edu", "cuts": {"other": None, "higher": "soon"}}}, "no date",
    ),
    "both": (
        {"education": {"column": "edu", "codes": {1: "other"}, "cuts": {"other": 1}}}, "side by side",
    ),
    "left open": ({"sex": {"column": "sex", "codes": {1: "FILL IN"}}}, "FILL IN"),
    "no number": ({"sex": {"column": 99, "codes": {1: "man", 2: "woman"}}}, "no such number"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_codebook_cannot_say_is_refused(survey, name):
    variables, said = REFUSED[name]
    with pytest.raises(InputError, match=said):
        survey(frame(), variables=variables)


def test_aliases_cannot_unfold(tmp_path):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
    )
    path = tmp_path / "book.yaml"
    path.write_text(bomb)
    with pytest.raises(InputError, match="line 2.*alias"):
        load_codebook(path)


def test_dates_that_spss_cannot_hold_are_no_traceback(tmp_path):
    import pyreadstat

    data = frame().assign(left=pd.Timestamp("2022-03-01"))
    path = tmp_path / "people.sav"
    pyreadstat.write_sav(data, str(path))
    starts = {"before_the_war": None, "february_to_september_2022": "2022-02-24",
              "after_mobilisation": "2022-09-21"}  # fmt: skip
    book = codebook(tmp_path, variables={"departure": {"column": "left", "cuts": starts}})
    _, tables = count_file(path, load_codebook(book))
    assert set(levels(tables, "persons", "departure")) == {"february_to_september_2022"}
    far = data.assign(left=data["id"] * 1e13)
    pyreadstat.write_sav(far, str(path), variable_format={"left": "DATETIME20"})
    with pytest.raises(InputError, match="'left'"):
        count_file(path, load_codebook(book))


def test_the_report_is_a_local_page_for_one_reader(tmp_path):
    path = write(frame(), tmp_path / "people.csv")
    page = tmp_path / "report.html"
    report.save(report.report(path, load_codebook(codebook(tmp_path))), page)
    assert page.stat().st_mode & 0o077 == 0 and "custodian alone" in page.read_text()
    with pytest.raises(InputError, match="exists already"):
        report.save([], page)
