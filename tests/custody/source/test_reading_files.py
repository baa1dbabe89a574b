"""Laws of reading: rows in equal rows out, and a file is the one that was named."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exile.custody.source.columns import Answers, Ids, canonical
from exile.custody.source.reading import Form, open_source, read
from exile.errors import InputError

CELL = st.text(alphabet="ab1#\",;\t|\n 'йЯ", max_size=6)


def cells(path: Path, form: Form | None = None) -> tuple[int, list[str]]:
    """The rows of a file, and its first column."""
    source = open_source(path, form or Form())
    answers = Answers("first")
    rows = read(path, source, {0: answers})
    return rows, [answers.values[i] for i in answers.rows]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=20),
    st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-16"]),
)  # fmt: skip
def test_rows_are_those_that_csv_reads(rows, delimiter, ends, encoding):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=ends).writerows([("x", "y", "z"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "people.csv")
        path.write_bytes(text.getvalue().encode(encoding))
        found = cells(path, Form(delimiter=delimiter))
    expected = [r for r in csv.reader(io.StringIO(text.getvalue(), newline=""),
                                      delimiter=delimiter) if r][1:]  # fmt: skip
    assert found == (len(expected), [canonical(row[0]) for row in expected])


@pytest.mark.parametrize(
    "row", ["# no comment,1", "a,b,c", "'x,1", "NULL,1", "1e400,2", "x" * 9000 + ",1", '5" tall,1']
)
def test_rows_of_odd_kinds_are_rows_or_refused(tmp_path, row):
    path = tmp_path / "people.csv"
    path.write_text("a,b\n1,2\n" + row + "\n3,4\n", encoding="utf-8")
    try:
        assert cells(path)[0] == 3
    except InputError as problem:
        assert "record 3" in str(problem) and "fields" in str(problem)


@pytest.mark.parametrize("name", ["p[1].csv", "z*.csv", "what?.csv", "p[1].parquet", "q'.csv"])
def test_a_name_is_no_pattern(tmp_path, name):
    import duckdb

    (tmp_path / "p1.csv").write_text("a,b\n9,9\n9,9\n")
    (tmp_path / "za.csv").write_text("a,b\n9,9\n")
    path = tmp_path / name
    if path.suffix == ".csv":
        path.write_text("a,b\n1,2\n")
    else:
        with duckdb.connect() as connection:
            connection.execute(f"COPY (SELECT 1 AS a, 2 AS b) TO '{tmp_path}/x.parquet'")
        (tmp_path / "x.parquet").rename(path)
    assert cells(path) == (1, ["1"])


@pytest.mark.parametrize(
    ("first", "second"),
    [("7000000000000000001", "7000000000000000002"), ("007", "7"), ("#1", "1"), ("1e3", "1000")],
)
def test_ids_are_texts(tmp_path, first, second):
    path = tmp_path / "people.csv"
    path.write_text(f"id\n{first}\n{second}\n{first}\n")
    ids = Ids("id")
    read(path, open_source(path), {0: ids})
    persons, blank, _ = ids.persons()
    assert persons[0] == persons[2] != persons[1] and not blank.any()


def test_ids_that_a_format_rounded_are_refused(tmp_path):
    import pandas as pd
    import pyreadstat

    path = tmp_path / "people.sav"
    pyreadstat.write_sav(pd.DataFrame({"id": [7e18, 7.1e18]}), str(path))
    with pytest.raises(InputError, match="15 digits"):
        read(path, open_source(path), {0: Ids("id")})


def test_a_column_of_free_text_is_no_codes(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("a\n" + "\n".join(f"answer {i}" for i in range(70_000)))
    with pytest.raises(InputError, match="different answers"):
        cells(path)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (1, "1"), (" 1 ", "1"), ("1,0", "1"), ("1,000", "1,000"), ("1.5", "1.5"),
     (float("nan"), ""), (None, ""), (True, "true"), ("FALSE", "false"), ("й", "й"),
     (10.0**17, "1e+17"), ("00", "0"), ("-1.", "-1")],
)  # fmt: skip
def test_a_code_has_one_form(value, text):
    assert canonical(value) == text
