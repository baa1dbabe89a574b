"""Files in the shapes that real exporters leave, each with what is right.

The people in ``cases/`` are made up. Columns, unless said: ``id``, ``sex`` (1 man, 2 woman),
``age``, ``rb`` and ``ra`` (rally before and after, 0 or 1), ``wave``, ``w``.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pyreadstat
import pytest
import yaml

from exile.__main__ import main
from exile.custody.counts.run import count_file
from exile.custody.source.codebook import OPEN, load_codebook
from exile.custody.source.draft import draft
from exile.errors import InputError
from tests.custody.conftest import ABOUT, Plain

CASES = Path(__file__).parent / "cases"
YES_NO = {0: "no", 1: "yes"}
USUAL = {
    "respondent": {"column": "id"},
    "sex": {"column": "sex", "codes": {1: "man", 2: "woman"}},
    "age": {"column": "age"},
    "before_rally": {"column": "rb", "codes": YES_NO},
    "after_rally": {"column": "ra", "codes": YES_NO},
}
WAVE = {"wave": {"column": "wave"}}


def book(folder: Path, variables: dict, file: dict | None = None) -> Path:
    merged = {k: v for k, v in {**USUAL, **variables}.items() if v is not None}
    content = {"about": ABOUT, "file": file or {}, "variables": merged}
    path = folder / "book.yaml"
    path.write_text(yaml.dump(content, Dumper=Plain, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture
def counted(tmp_path):
    def count(name: str, variables: dict | None = None, **file):
        declared = load_codebook(book(tmp_path, variables or {}, file))
        return count_file(CASES / name, declared)

    return count


def change(tables) -> tuple[float, int]:
    """The change in rallies in points, and how many answered both questions."""
    rally = tables["rally"]
    both = rally[(rally["before_rally"] != "missing") & (rally["after_rally"] != "missing")]
    n = both["n"].sum()
    before, after = (both.loc[both[v] == "yes", "n"].sum() for v in ("before_rally", "after_rally"))
    return round(100 * (after - before) / n, 1), n


def levels(tables, topic: str, variable: str) -> dict[str, int]:
    return tables[topic].groupby(variable)["n"].sum().to_dict()


def test_what_spss_declares_missing_is_missing(counted):
    _, tables = counted("01_spss_user_missing_age.sav")
    assert levels(tables, "persons", "age_group")["missing"] == 30
    drafted = yaml.safe_load(draft(CASES / "01_spss_user_missing_age.sav"))
    assert drafted["variables"]["age"]["missing"] == ["99"]


PEOPLE = {
    "03_ids_19_digits.csv": (WAVE, {}, 600),
    "04_ids_leading_zero.csv": ({}, {}, 4),
    "05_ids_with_hash.csv": ({}, {}, 400),
    "13_first_quote_after_2048_rows.csv": ({"before_rally": None, "after_rally": None}, {}, 3000),
    "14_semicolons_commas_in_header.csv": (
        {
            "sex": {"column": "Ваш пол, пожалуйста", "codes": {1: "man", 2: "woman"}},
            "before_rally": {
                "column": "Митинги, акции, пикеты, шествия, до отъезда", "codes": YES_NO,
            },
            "after_rally": {"column": "Митинги, акции, после", "codes": YES_NO},
        }, {}, 400,
    ),
    "16_utf16_excel.csv": (
        {"sex": {"column": "sex", "codes": {"Мужской": "man", "Женский": "woman"}}}, {}, 300,
    ),
    "17_mac_line_ends.csv": ({}, {}, 300),
    "18_index_column.csv": ({}, {}, 300),
    "19_two_unmapped_Other.csv": ({}, {}, 300),
    "20_header_with_spaces.csv": ({}, {}, 300),
    "22_sep_line.csv": ({}, {}, None),
    "25_true_false.csv": (
        {v: {"column": c, "codes": {True: "yes", False: "no"}}
         for v, c in (("before_rally", "rb"), ("after_rally", "ra"))}, {}, 1000,
    ),
    "27_qualtrics_three_headers.csv": (
        {
            "respondent": {"column": "ResponseId"},
            **dict.fromkeys(("sex", "age", "before_rally", "after_rally")),
        }, {"header_lines": 3}, 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_no_person_is_lost_or_invented(counted, name):
    variables, file, people = PEOPLE[name]
    run, tables = counted(name, variables, **file)
    text = (CASES / name).read_bytes()
    lines = len(re.findall(rb"\r\n|\n|\r", text)) if b"\0" not in text else None
    assert run.persons == (people or lines - 2)
    assert tables["persons"]["n"].sum() == run.persons


def test_columns_that_differ_in_case_are_two(counted):
    pair = {
        "before_rally": {"column": "q1", "codes": YES_NO},
        "after_rally": {"column": "Q1", "codes": YES_NO},
    }
    _, tables = counted("06_columns_q1_and_Q1.csv", pair)
    assert levels(tables, "rally", "after_rally") == {"no": 195, "yes": 205}


def test_what_is_asked_once_is_taken_from_any_interview(counted):
    _, tables = counted("08_panel_before_asked_once.csv", WAVE)
    assert change(tables) == (-22.1, 1000)


@pytest.mark.parametrize(
    ("name", "tick"),
    [("09_multiselect_1_or_sysmis.sav", 1), ("09_multiselect_label_or_blank.csv", "Митинги")],
)
def test_a_blank_may_mean_no(counted, tmp_path, capsys, name, tick):
    ticked = {
        v: {"column": c, "codes": {tick: "yes"}, "blank": "no"}
        for v, c in (("before_rally", "rb"), ("after_rally", "ra"))
    }
    _, tables = counted(name, ticked)
    assert change(tables) == (-22.1, 1000)
    for entry in ticked.values():
        del entry["blank"]
    main(["survey", "check", str(CASES / name), "--codebook", str(book(tmp_path, ticked))])
    assert "ONE LEVEL ONLY, 'yes'" in capsys.readouterr().out


def test_a_draft_of_odd_labels_is_right_or_open():
    drafted = yaml.load(draft(CASES / "10_labels_no_answer_and_degrees.sav"), yaml.BaseLoader)
    codes = drafted["variables"]["before_rally"]["codes"]
    assert codes == {"1": "yes", "2": "no", "3": "missing", "4": "missing"}
    degrees = drafted["variables"]["education"]["codes"]
    assert degrees == {**dict.fromkeys("1236", "higher"), "4": "other", "5": "other"}
    means = yaml.load(draft(CASES / "11_labels_durables_but_not_a_car.sav"), yaml.BaseLoader)
    assert means["variables"]["means"]["codes"] == {
        "1": "not_enough_for_food", "4": "durables_but_not_car", "5": "car",
    }  # fmt: skip
    assert means["variables"]["weight"]["column"] == OPEN


@pytest.mark.parametrize(
    ("name", "line", "what"),
    [
        ("12_codebook_code_collides.yaml", 6, "'1'"),
        ("12_codebook_code_twice.yaml", 6, "'1'"),
        ("12_codebook_one_column_twice.yaml", 7, "'ra'"),
        ("12_codebook_variable_twice.yaml", 8, "'before_rally'"),
    ],
)
def test_contradictions_are_refused_with_line_and_code(name, line, what):
    with pytest.raises(InputError) as raised:
        load_codebook(CASES / name)
    assert f"line {line}" in str(raised.value) and what in str(raised.value)


def test_tiny_weights_keep_their_shares(counted):
    _, tables = counted("23_weights_1e-10.csv", {"weight": {"column": "w"}})
    rally = tables["rally"]
    assert rally["w"].sum() == pytest.approx(1e-10 * rally["n"].sum(), rel=1e-9)


def test_yes_and_no_of_yaml_are_the_words(tmp_path):
    shutil.copy(CASES / "26_codebook_Yes_No.yaml", tmp_path / "book.yaml")
    _, tables = count_file(CASES / "26_yes_no.csv", load_codebook(tmp_path / "book.yaml"))
    assert set(tables["rally"]["after_rally"]) == {"yes", "no"}


def test_a_mark_for_no_answer_is_named(counted):
    with pytest.raises(InputError, match="#NULL!"):
        counted("30_spss_null.csv")


def test_a_panel_with_russian_labels_from_draft_to_counts(tmp_path):
    """Seven lines edited; the same as if what was asked once stood in every interview."""
    text = draft(CASES / "31_outrush_like.sav")
    edited = text.replace(OPEN, "missing").replace("name: missing", "name: A panel")
    assert sum(a != b for a, b in zip(text.splitlines(), edited.splitlines(), strict=True)) <= 10
    path = tmp_path / "book.yaml"
    path.write_text(edited, encoding="utf-8")
    run, tables = count_file(CASES / "31_outrush_like.sav", load_codebook(path))
    assert (run.persons, run.interviews) == (2400, 3789)
    rally = tables["rally"].groupby(["before_rally", "after_rally"])["n"].sum()
    assert (rally["yes", "no"], rally["no", "yes"]) == (764, 192)
    means = tables["means"].groupby("means")["w"].sum().drop("missing")
    assert round(100 * means["car"] / means.sum()) == 27
    education = tables["education"].groupby("education")["n"].sum()
    assert round(100 * education["higher"] / education.sum()) == 82

    data, meta = pyreadstat.read_sav(str(CASES / "31_outrush_like.sav"), user_missing=True)
    once = [c for c in data if c.startswith(("Q1_", "Q3", "Q4", "Q10"))]
    data[once] = data.groupby("ID")[once].transform("first")
    pyreadstat.write_sav(data, str(tmp_path / "filled.sav"), missing_ranges=meta.missing_ranges)
    _, filled = count_file(tmp_path / "filled.sav", load_codebook(path))
    assert filled.keys() == tables.keys()
    assert all(filled[name].equals(tables[name]) for name in tables)
