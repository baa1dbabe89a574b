"""Bad answers and hostile files: one message each, and nothing left behind."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from exile.custody.counts.run import count_file
from exile.custody.source import reading
from exile.custody.source.codebook import load_codebook
from exile.errors import InputError
from tests.custody.conftest import codebook, frame, write


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path_factory, monkeypatch):
    """Every test ends with an empty folder for temporary files."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert not [*folder.iterdir()]


def put(column: str, value: object, rows: int = 1):
    """A fault in the first rows of a column."""

    def spoil(data: pd.DataFrame) -> pd.DataFrame:
        column_of = data[column].astype(object)
        return data.assign(**{column: column_of.where(data.index >= rows, value)})

    return spoil


FAULTS = {
    "missing id": (put("id", None), "'id'", "id is missing in 1 interviews", "Give every"),
    "duplicated id": (
        lambda d: pd.concat([d, d.iloc[[0]]]), "'id'", "more than once in 2 interviews", "Keep one",
    ),
    "negative weight": (put("w", -1.0, 2), "'w'", "negative in 2", "above zero"),
    "zero weight": (put("w", 0.0), "'w'", "zero in 1", "zero_weights"),
    "missing weight": (put("w", None), "'w'", "missing or no number in 1", "Give"),
    "infinite weight": (put("w", "inf"), "'w'", "no number in 1", "Give"),
    "undeclared code": (
        put("sex", 7, 3), "'sex'", "codes 7 are not in the codebook in 3", "variables.sex",
    ),
    "undeclared text": (
        put("sex", "I fled from Omsk"), "'sex'", "texts that are not in the codebook in 1",
        "variables.sex",
    ),
    "impossible age": (put("age", 7), "'age'", "from 14 to 110 in 1", "impossible_ages"),
    "boundless age": (put("age", 1e300), "'age'", "in 1 interviews", "impossible_ages"),
    "all missing": (
        lambda d: d.assign(b_rally=99), "'b_rally'", "'before_rally' is missing in 480",
        "empty_items",
    ),
    "unknown country": (
        put("host", "Tbilisi"), "'host'", "texts that are not in the codebook in 1",
        "variables.host",
    ),
    "none and some": (
        lambda d: d.assign(a_none=1, a_comp=1), "'a_none'", "'none of these' stands beside",
        "contradictions",
    ),
    "78 persons give two answers on 'sex'": (
        lambda d: d.assign(sex=np.where(d["wave"] == 2, 3 - d["sex"].clip(1, 2), d["sex"])),
        "'sex'", "78 persons give two answers on 'sex'", "contradictions",
    ),
    "two pasts": (
        lambda d: d.assign(b_comp=np.where(d["wave"] == 2, 3 - d["b_comp"], d["b_comp"])),
        "'b_comp'", "80 persons give two answers on", "contradictions",
    ),
    "no wave": (put("wave", None), "'wave'", "wave is missing in 1", "its wave"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_names_column_interviews_and_remedy(survey, fault):
    spoil, where, problem, remedy = FAULTS[fault]
    with pytest.raises(InputError) as raised:
        survey(spoil(frame()))
    message = str(raised.value)
    assert where in message and problem in message and remedy in message
    assert "Omsk" not in message and "Tbilisi" not in message


ACCEPTED = {
    "zero_weights": "zero weight",
    "undeclared_codes": "undeclared code",
    "impossible_ages": "impossible age",
    "contradictions": "two pasts",
    "empty_items": "all missing",
}


@pytest.mark.parametrize("kind", ACCEPTED)
def test_an_accepted_fault_is_mended_and_counted(survey, kind):
    spoil = FAULTS[ACCEPTED[kind]][0]
    run, tables = survey(spoil(frame()), accept=[kind])
    assert run.accepted[kind] > 0
    if kind == "empty_items":
        assert "before_rally" not in run.variables and "rally" not in tables
    if kind == "zero_weights":
        assert run.interviews == len(frame()) - 1


def test_the_clean_survey_has_no_fault(survey):
    assert survey(frame())[0].accepted == {}


def test_a_declared_wave_that_is_absent(survey):
    waves = {"wave": {"column": "wave", "codes": {1: 1, 2: 2, 3: 3}}}
    with pytest.raises(InputError, match="wave 3 is declared and has no interview"):
        survey(frame(), variables=waves)


# Files that are no survey, or none in good faith.


def refuse(tmp_path: Path, path: Path, match: str, **changes) -> None:
    with pytest.raises(InputError, match=match):
        count_file(path, load_codebook(codebook(tmp_path, **changes)))


@pytest.mark.parametrize("suffix", [".sav", ".dta", ".parquet", ".csv", ".zsav"])
@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 400, b"PK\x03\x04" + b"x" * 500])
def test_a_file_that_is_not_what_its_name_says(tmp_path, suffix, content):
    path = tmp_path / f"people{suffix}"
    path.write_bytes(content)
    refuse(tmp_path, path, "people")


def test_a_format_that_the_book_does_not_read(tmp_path):
    path = tmp_path / "people.mdb"
    path.write_bytes(b"PK")
    refuse(tmp_path, path, r"'.mdb' is not a format .* \.sav")


def test_a_missing_file(tmp_path):
    refuse(tmp_path, tmp_path / "people.csv", "there is no such file")


def test_a_missing_column_suggests_its_like(tmp_path):
    path = write(frame().rename(columns={"edu": "EDU"}), tmp_path / "people.csv")
    refuse(tmp_path, path, "column 'edu'.*Did you mean 'EDU'")


def test_a_column_that_stands_there_twice(tmp_path):
    path = tmp_path / "people.csv"
    header, rest = frame().to_csv(index=False).split("\n", 1)
    path.write_text(header.replace("edu", "sex") + "\n" + rest, encoding="utf-8")
    refuse(tmp_path, path, "columns 4, 6 have that name.*number", variables={"education": None})


def test_an_encoding_that_is_not_named(tmp_path):
    path = tmp_path / "people.csv"
    frame().assign(note="Тбилиси").to_csv(path, index=False, encoding="cp1251")
    refuse(tmp_path, path, "UTF-8|encoding", variables={"host": {"column": "note"}})


def test_an_encoding_that_does_not_exist(tmp_path):
    path = write(frame(), tmp_path / "people.csv")
    refuse(tmp_path, path, "cannot be read as klingon", file={"encoding": "klingon"})


def test_broken_lines_are_refused_without_quoting_them(tmp_path):
    path = write(frame(), tmp_path / "people.csv")
    path.write_text(path.read_text() + 'x,"I fled from Omsk,\n' * 30, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        count_file(path, load_codebook(codebook(tmp_path)))
    assert "Omsk" not in str(raised.value)


@pytest.mark.parametrize("where", ["header", "row"])
def test_an_endless_line_is_refused_in_bounded_memory(tmp_path, where):
    """A sparse file claims 5 GB in one line and takes no disk."""
    path = tmp_path / "people.csv"
    start = "" if where == "header" else frame().head(3).to_csv(index=False)
    path.write_text(start + "1,", encoding="utf-8")
    with path.open("ab") as file:
        file.truncate(5 * 2**30)
    book = codebook(tmp_path)
    # In a process of its own, whose peak is not that of the tests before it.
    program = (
        "import resource, sys\n"
        "from exile.__main__ import main\n"
        f"code = main(['survey', 'check', {str(path)!r}, '--codebook', {str(book)!r}])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1 and "people.csv" in done.stderr and "Traceback" not in done.stderr
    assert int(done.stdout.split()[-1]) < 1500


def test_a_parquet_file_that_claims_more_rows_than_there_are_emigrants(tmp_path):
    """Run-length encoding makes a bomb: kilobytes that unpack to gigabytes."""
    path = tmp_path / "people.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 1 AS id FROM range({reading.MAX_ROWS + 1})) TO '{path}' (FORMAT parquet)"
        )
    assert path.stat().st_size < 10_000_000
    refuse(tmp_path, path, "rows, more than")


def test_too_many_columns(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(",".join(f"c{i}" for i in range(reading.MAX_COLUMNS + 1)) + "\n1\n")
    refuse(tmp_path, path, "columns, more than")


@pytest.mark.parametrize("evil", ['x"; DROP TABLE answers; --', "x' OR 1=1 --", "x); --", "%s?"])
def test_names_and_codes_cannot_reach_the_database(survey, evil):
    _, expected = survey(frame())
    data = frame().rename(columns={"edu": evil})
    data[evil] = data[evil].map({1: evil, 2: "h"})
    mapped = {"education": {"column": evil, "codes": {evil: "other", "h": "higher"}}}
    _, tables = survey(data, variables=mapped)
    pd.testing.assert_frame_equal(tables["education"], expected["education"])
