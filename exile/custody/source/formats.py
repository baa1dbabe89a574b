"""SPSS, Stata, Parquet, Excel and R: columns by position, and what the file declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

import duckdb
import numpy as np
import pandas as pd
import pyreadstat

from exile.custody.source.columns import Answers, Column, Sink, canonical
from exile.custody.source.text import enum, literal, quoted, settings
from exile.errors import InputError

CHUNK = 200_000
BLOCK = 20_000


class Statistics:
    """SPSS (.sav, .zsav, .por) and Stata (.dta)."""

    def __init__(self, path: Path, encoding: str):
        self.path = path
        self._kind = path.suffix.lower()
        readers: dict[str, Any] = {".dta": pyreadstat.read_dta, ".por": pyreadstat.read_por}
        self._read = readers.get(self._kind, pyreadstat.read_sav)
        self._options: dict[str, object] = {"disable_datetime_conversion": True}
        if self._kind in (".sav", ".zsav"):
            # What is declared missing stays visible, so that the report can name it.
            self._options["user_missing"] = True
        if self._kind != ".por" and encoding != "utf-8":
            # These files name their own encoding; only another one is worth saying.
            self._options["encoding"] = encoding
        _, meta = self._read(str(path), metadataonly=True, **self._options)
        self.claimed = meta.number_rows
        self._types = list(meta.original_variable_types.values())
        self.columns = [
            Column(
                name,
                label or "",
                {canonical(c): str(t) for c, t in meta.variable_value_labels.get(name, {}).items()},
                tuple((r["lo"], r["hi"]) for r in meta.missing_ranges.get(name, ())),
                meta.readstat_variable_types[name] == "string",
            )
            for name, label in zip(meta.column_names, meta.column_labels, strict=True)
        ]

    def read(self, sinks: Mapping[int, Sink]) -> int:
        """Pour the columns at these places into their sinks; the number of rows."""
        rows = 0
        for cells in self._chunks([self.columns[place].name for place in sinks]):
            for place, sink in sinks.items():
                column = self.columns[place]
                found = cells[column.name]
                if column.text:
                    sink.texts(found)
                else:
                    sink.numbers(np.array(found, dtype=float), _calendar(self._types[place]))
            rows += len(found)
        return rows

    def _chunks(self, names: list[str]) -> Iterator[dict[str, list]]:
        options = {**self._options, "usecols": names, "output_format": "dict"}
        if self._kind == ".por":
            yield self._read(str(self.path), **options)[0]
            return
        start, read = 0, CHUNK
        while read == CHUNK:
            cells, _ = self._read(str(self.path), row_offset=start, row_limit=CHUNK, **options)
            read = len(cells[names[0]])
            start += read
            if read or start == 0:
                yield cells


class Parquet:
    """Parquet, a column at a time and without turning numbers into text."""

    def __init__(self, path: Path):
        self.path = path
        with self._connected() as (connection, source):
            described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
            (self.claimed,) = connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
            schema = connection.execute(
                f"SELECT name, coalesce(num_children, 0) FROM parquet_schema("
                f"{source.removeprefix('read_parquet(')}"
            ).fetchall()
        # DuckDB renames what it takes for repeated; these are the file's own names.
        self._names, self._types = zip(*[row[:2] for row in described], strict=True)
        own = [name for name, _ in schema[1:]]
        flat = not any(children for _, children in schema[1:])
        self.columns = [
            Column(own[i] if flat else name, text=kind == "VARCHAR")
            for i, (name, kind) in enumerate(zip(self._names, self._types, strict=True))
        ]

    def read(self, sinks: Mapping[int, Sink]) -> int:
        """Pour the columns at these places into their sinks; the number of rows."""
        with self._connected() as (connection, source):
            for place, sink in sinks.items():
                column, kind = identifier(self._names[place]), self._types[place]
                fetch = partial(_fetch, connection, source)
                if kind.startswith("TIMESTAMP"):
                    # As UTC, which is what the file keeps, and never in this machine's zone.
                    sink.numbers(fetch(f"epoch_us({column})"), _moment)
                elif "INT" in kind and kind != "INTERVAL":
                    big = "HUGE" in kind or kind == "UBIGINT"
                    sink.numbers(fetch(f"CAST({column} AS {'DOUBLE' if big else 'BIGINT'})"))
                elif kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL"):
                    sink.numbers(fetch(f"CAST({column} AS DOUBLE)"))
                elif isinstance(sink, Answers):
                    text = f"CAST({column} AS VARCHAR)"
                    different = connection.execute(
                        f"SELECT DISTINCT {text} FROM {source} WHERE {column} IS NOT NULL"
                    ).fetchmany(100_000)
                    known = [row[0] for row in different]
                    if not known:
                        known = [""]
                    places = fetch(f"coalesce({enum(text, known)} + 1, 0)::USMALLINT")
                    sink.coded(places, [None, *known])
                else:
                    rows = connection.execute(f"SELECT {column} FROM {source}").fetchall()
                    sink.texts([row[0] for row in rows])
        return self.claimed

    @contextmanager
    def _connected(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        with duckdb.connect() as connection, literal(self.path) as path:
            settings(connection)
            yield connection, f"read_parquet({quoted(path)})"


class Rows:
    """Excel and R: small enough for memory."""

    def __init__(self, columns: list[Column], cells: list, claimed: int):
        self.columns, self._cells, self.claimed = columns, cells, claimed

    def read(self, sinks: Mapping[int, Sink]) -> int:
        """Pour the columns at these places into their sinks; the number of rows."""
        for place, sink in sinks.items():
            sink.texts(self._cells[place])
        return self.claimed


def excel(path: Path, sheet: str, skip: int, header: int) -> Rows:
    """One sheet of a workbook, the first unless named."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    if sheet and sheet not in book.sheet_names:
        raise InputError(
            f"survey {path.name}", f"it has no sheet '{sheet}'", f"It has {book.sheet_names}."
        )
    found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    rows = found.to_python(skip_empty_area=False)[skip:]
    if not rows:
        raise InputError(f"survey {path.name}", "it is empty", "Export it again.")
    while len(rows) > header and not any(c != "" for c in rows[-1]):
        rows.pop()  # only formats stand there
    names = [canonical(name) for name in rows[0]]
    cells = list(zip(*rows[header:], strict=True)) or [()] * len(names)
    return Rows([Column(n) for n in names], cells, len(rows) - header)


class _Labelled(NamedTuple):
    """A column as R's haven reads it from SPSS or Stata, with what those declared."""

    cells: Any
    declared: Mapping[str, Any]

    def column(self, name: str) -> Column:
        labels = self.declared.get("labels")
        said = (
            {} if labels is None else dict(zip(labels.to_numpy(), labels.dim_0.values, strict=True))
        )
        ends = self.declared.get("na_range")
        missing = [(v, v) for v in _list(self.declared.get("na_values"))]
        missing += [] if ends is None else [tuple(_list(ends))]
        label = "".join(_list(self.declared.get("label")))
        codes = {canonical(code): str(text) for code, text in said.items()}
        return Column(
            name, label, codes, tuple(missing), np.asarray(self.cells).dtype.kind not in "fiub"
        )


def saved_by_r(path: Path) -> Rows:
    """A data frame that saveRDS wrote."""
    import rdata
    from rdata.conversion import DEFAULT_CLASS_MAP, dataframe_constructor

    declared: dict[str, Column] = {}

    def frame_of(held: Any, attributes: Mapping[str, Any]) -> pd.DataFrame:
        named = held.items() if isinstance(held, dict) else ()
        declared.update({n: c.column(str(n)) for n, c in named if isinstance(c, _Labelled)})
        plain = {n: c.cells if isinstance(c, _Labelled) else c for n, c in named}
        return dataframe_constructor(plain or held, attributes)

    own: dict[Any, Any] = dict.fromkeys(("haven_labelled", "haven_labelled_spss"), _Labelled)
    own["data.frame"] = frame_of
    with catch_warnings():
        # Classes that other packages of R gave a column: its values are read without them.
        simplefilter("ignore")
        frame = rdata.read_rds(str(path), constructor_dict={**DEFAULT_CLASS_MAP, **own})
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"survey {path.name}", "it holds no data frame", "Save one by saveRDS.")
    columns, cells = [], []
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        plain = Column(str(name), text=column.dtype.kind not in "fiub")
        columns.append(declared.get(name, plain))
        cells.append(column.astype(object).where(column.notna(), None).tolist())
    return Rows(columns, cells, len(frame))


def _list(found: Any) -> list:
    return [] if found is None else np.atleast_1d(found).tolist()


def identifier(column: str) -> str:
    """A column's name for SQL."""
    return '"' + column.replace('"', '""') + '"'


def _fetch(connection: duckdb.DuckDBPyConnection, source: str, expression: str):
    return connection.execute(f"SELECT {expression} AS x FROM {source}").fetchnumpy()["x"]


def _calendar(kind: str) -> Callable[[float], object] | None:
    """What turns a number into a date, if the file says that it is one."""
    if kind.startswith(("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "DATETIME", "YMDHMS")):
        return partial(_since, datetime(1582, 10, 14), 1.0)
    if kind.startswith(("%tc", "%tC")):
        return partial(_since, datetime(1960, 1, 1), 0.001)
    if kind.startswith(("%td", "%d")):
        return partial(_since, datetime(1960, 1, 1), 86_400.0)
    if kind.startswith("%tm"):
        return lambda months: f"{1960 + int(months // 12)}-{int(months % 12) + 1:02d}"
    return None


def _since(start: datetime, seconds: float, value: float) -> datetime | date | float:
    try:
        return start + timedelta(seconds=value * seconds)
    except OverflowError:
        return value


def _moment(microseconds: float) -> datetime | date | float:
    return _since(datetime(1970, 1, 1), 1e-6, microseconds)
