"""Opens a survey's file, whatever its format, as a table of text inside DuckDB.

Only the columns asked for are read. DuckDB streams CSV and Parquet; SPSS and Stata
come in chunks. Memory is bounded by DuckDB's limit, which spills to ``work``.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd
import pyreadstat

from exile.errors import InputError

FORMATS = (".sav", ".zsav", ".dta", ".csv", ".parquet")
MEMORY = "1GB"
THREADS = 2
CHUNK = 100_000
MAX_ROWS = 50_000_000
MAX_COLUMNS = 10_000
MAX_LINE = 1_048_576


@dataclass(frozen=True)
class Column:
    """A column as the file describes it: its label, the labels of its codes, and
    whether it may hold text."""

    name: str
    label: str = ""
    codes: dict[object, str] = field(default_factory=dict)
    text: bool = True


def connect(work: Path) -> duckdb.DuckDBPyConnection:
    """A database whose tables live in ``work``, and whose memory is bounded.

    It may read files but loads no extension, and so reaches no network.
    """
    connection = duckdb.connect(str(work / "answers.duckdb"))
    connection.execute(f"SET memory_limit = '{MEMORY}'; SET threads = {THREADS}")
    connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute(f"SET temp_directory = {_quoted(str(work / 'spill'))}")
    return connection


def load(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    columns: Sequence[str],
    encoding: str,
    work: Path,
) -> None:
    """Make the table ``answers`` with the named columns as text.

    Raises
    ------
    InputError
        For a missing file, an unknown format, a file that cannot be read as its format
        or encoding, a column that is missing or stands there twice, and for a file with
        too many rows or columns or too long a line to be a survey.
    """
    found = [c.name for c in describe(path, encoding)]
    for column in columns:
        if found.count(column) > 1:
            raise InputError(
                path.name, f"column '{column}' stands there twice", "Rename one of them."
            )
        if column not in found:
            near = [name for name in found if name.casefold() == column.casefold()]
            raise InputError(
                f"{path.name}, column '{column}'",
                "the file has no such column",
                f"Did you mean '{near[0]}'?" if near else "Correct the codebook.",
            )
    try:
        if path.suffix.lower() in (".csv", ".parquet"):
            source = _relation(connection, path, encoding, work)
            kept = ", ".join(f"CAST({name(c)} AS VARCHAR) AS {name(c)}" for c in columns)
            connection.execute(f"CREATE TABLE answers AS SELECT {kept} FROM {source}")
        else:
            _load_chunks(connection, path, columns, encoding)
    except duckdb.Error as problem:
        raise _unreadable(path, problem) from None
    rows = connection.execute("SELECT count(*) FROM answers").fetchone()[0]
    _check_rows(path, rows)


def describe(path: Path, encoding: str = "utf-8") -> list[Column]:
    """The columns of a file with their labels, without reading its rows.

    Raises
    ------
    InputError
        As :func:`load`.
    """
    if not path.is_file():
        raise InputError(f"survey {path.name}", "there is no such file", "Check the path.")
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            f"survey {path.name}",
            f"'{suffix or 'no suffix'}' is not a format that the book reads",
            f"Save it as one of {', '.join(FORMATS)}.",
        )
    try:
        if suffix in (".csv", ".parquet"):
            with duckdb.connect() as connection:
                connection.execute(f"SET memory_limit = '{MEMORY}'; SET threads = {THREADS}")
                if suffix == ".parquet":
                    rows = connection.execute(
                        f"SELECT sum(num_rows) FROM parquet_file_metadata({_quoted(str(path))})"
                    ).fetchone()[0]
                    _check_rows(path, int(rows or 0))
                    named = connection.execute(
                        f"DESCRIBE SELECT * FROM read_parquet({_quoted(str(path))})"
                    ).fetchall()
                    columns = [Column(row[0], text=row[1] == "VARCHAR") for row in named]
                else:
                    columns = [Column(c) for c in _header(path, encoding)]
        else:
            _, meta = _reader(path)(
                str(path), metadataonly=True, user_missing=True, **_encoding(encoding)
            )
            _check_rows(path, meta.number_rows or 1)
            columns = [
                Column(
                    c,
                    label or "",
                    meta.variable_value_labels.get(c, {}),
                    meta.readstat_variable_types[c] == "string",
                )
                for c, label in zip(meta.column_names, meta.column_labels, strict=True)
            ]
    except (
        duckdb.Error,
        pyreadstat.ReadstatError,
        UnicodeError,
        ValueError,
        MemoryError,
    ) as problem:
        if isinstance(problem, InputError):
            raise
        raise _unreadable(path, problem) from None
    if len(columns) > MAX_COLUMNS:
        raise InputError(
            f"survey {path.name}",
            f"it has {len(columns)} columns, more than {MAX_COLUMNS}",
            "Keep the columns that the codebook names.",
        )
    return columns


def name(column: str) -> str:
    """A column's name for SQL."""
    return '"' + column.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _relation(connection: duckdb.DuckDBPyConnection, path: Path, encoding: str, work: Path) -> str:
    if path.suffix.lower() == ".parquet":
        return f"read_parquet({_quoted(str(path))})"
    text = _transcoded(path, encoding, work)
    return (
        f"read_csv({_quoted(str(text))}, header = true, all_varchar = true, auto_detect = true, "
        f"max_line_size = {MAX_LINE}, sample_size = 2048, null_padding = false)"
    )


def _header(path: Path, encoding: str) -> list[str]:
    """The names in a CSV file's first line, which must not be longer than MAX_LINE."""
    with path.open("rb") as file:
        raw = file.readline(MAX_LINE + 1)
    if len(raw) > MAX_LINE:
        raise InputError(
            f"survey {path.name}",
            f"its first line is longer than {MAX_LINE} bytes",
            "That is no survey with a line for each respondent; export it again.",
        )
    if b"\0" in raw and not encoding.lower().startswith("utf-16"):
        raise _unreadable(path, "it holds binary data")
    try:
        text = raw.decode(encoding).removeprefix("\ufeff").rstrip("\r\n")
    except (UnicodeDecodeError, LookupError) as problem:
        raise _encoding_error(path, encoding, problem) from None
    if not text.strip():
        raise InputError(f"survey {path.name}", "it is empty", "Export it again.")
    import csv

    delimiter = max(",;\t|", key=text.count)
    return next(csv.reader([text], delimiter=delimiter))


def _transcoded(path: Path, encoding: str, work: Path) -> Path:
    """The file as UTF-8: itself if it says so, else a copy in ``work``."""
    try:
        utf8 = codecs.lookup(encoding).name == "utf-8"
        if not utf8:
            target = work / "answers.csv"
            with (
                path.open("r", encoding=encoding, newline="") as source,
                target.open("w", encoding="utf-8", newline="") as copy,
            ):
                while piece := source.read(MAX_LINE):
                    copy.write(piece)
            return target
    except (UnicodeDecodeError, LookupError) as problem:
        raise _encoding_error(path, encoding, problem) from None
    return path


def _load_chunks(
    connection: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[str], encoding: str
) -> None:
    chosen = ", ".join(f"{name(c)} VARCHAR" for c in columns)
    connection.execute(f"CREATE TABLE answers ({chosen})")
    read = 0
    try:
        chunks = pyreadstat.read_file_in_chunks(
            _reader(path),
            str(path),
            chunksize=CHUNK,
            usecols=list(columns),
            user_missing=True,
            **_encoding(encoding),
        )
        for chunk, _ in chunks:
            read += len(chunk)
            _check_rows(path, read)
            # As text with empty cells as none: the same as what CSV gives.
            text = pd.DataFrame(
                {c: [None if pd.isna(v) else str(v) for v in chunk[c]] for c in columns},
                dtype=object,
            )
            connection.register("chunk", text)
            connection.execute("INSERT INTO answers SELECT * FROM chunk")
            connection.unregister("chunk")
    except (pyreadstat.ReadstatError, UnicodeError, MemoryError) as problem:
        raise _unreadable(path, problem) from None


def _reader(path: Path):
    return pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav


def _encoding(encoding: str) -> dict[str, str]:
    # SPSS and Stata files name their own; only another one is worth saying.
    return {} if encoding == "utf-8" else {"encoding": encoding}


def _check_rows(path: Path, rows: int) -> None:
    if rows > MAX_ROWS:
        raise InputError(
            f"survey {path.name}",
            f"it claims {rows:,} rows, more than {MAX_ROWS:,}",
            "No survey of emigrants has as many; check where the file comes from.",
        )
    if rows == 0:
        raise InputError(f"survey {path.name}", "it has no rows", "Export it again.")


def _encoding_error(path: Path, encoding: str, problem: Exception) -> InputError:
    place = getattr(problem, "start", None)
    at = f" at byte {place}" if place is not None else ""
    return InputError(
        f"survey {path.name}",
        f"it cannot be read as {encoding}{at}",
        "Name its encoding in the codebook, for example: file: {encoding: cp1251}.",
    )


def _unreadable(path: Path, problem: object) -> InputError:
    # The reader's message may quote a line of the file, and so a person's answers.
    text = str(problem).splitlines()[0] if str(problem) else ""
    if isinstance(problem, duckdb.Error):
        text = _explained(text)
    return InputError(
        f"survey {path.name}",
        f"it cannot be read as {path.suffix.lower()}: {text or type(problem).__name__}",
        "Open it in the program that made it and export it again; a text file may need "
        "its encoding named in the codebook.",
    )


def _explained(text: str) -> str:
    for sign, meaning in (
        ("Maximum line size", f"a line is longer than {MAX_LINE} bytes"),
        ("nvalid unicode", "it is not UTF-8"),
        ("not utf-8", "it is not UTF-8"),
        ("Out of Memory", "it needs more memory than the pass may use"),
        ("Expected Number of Columns", "its lines have different numbers of fields"),
        ("magic bytes", "it is no Parquet file"),
        ("unterminated quote", "a quotation mark is not closed"),
    ):
        if sign.casefold() in text.casefold():
            return meaning
    return "its structure is broken"
