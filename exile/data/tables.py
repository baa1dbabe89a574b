"""Reads tables, checked against the data package."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import pandas as pd

from exile.data.descriptor import FILE, Descriptor, descriptors
from exile.data.location import data_directory
from exile.data.overrides import hand_out
from exile.data.reads import note
from exile.data.refusal import refusal, row_id
from exile.data.schema import pandera_schema
from exile.errors import InputError


def table(name: str) -> pd.DataFrame:
    """A table of the data package, typed and checked.

    Parameters
    ----------
    name : str
        The resource's name, for example ``"exodus_estimates"``.

    Returns
    -------
    pandas.DataFrame
        Columns as declared in ``datapackage.json``; empty cells are missing values.

    Raises
    ------
    InputError
        If there is no such table, its file is missing, or a cell breaks what the
        data package declares: naming file, column, row and remedy.
    """
    note("table", name)
    return hand_out(name, loaded(name).copy())


def loaded(name: str) -> pd.DataFrame:
    """As :func:`table`, as published whatever is supposed; not to be changed."""
    folder = data_directory()
    descriptor = _descriptor(folder, name)
    named = (name, *sorted(_references(descriptor)))
    return _checked(folder, name, tuple(_modified(folder, _descriptor(folder, n)) for n in named))


@lru_cache(maxsize=64)
def _checked(folder: Path, name: str, modified: tuple[int, ...]) -> pd.DataFrame:
    frame = _load(folder, name, modified[0])
    _check_references(folder, _descriptor(folder, name), frame)
    return frame


def _references(descriptor: Descriptor) -> set[str]:
    foreign = descriptor.entry["schema"].get("foreignKeys", [])
    return {key["reference"]["resource"] or descriptor.name for key in foreign}


def sources() -> pd.DataFrame:
    """Every source that a table cites, indexed by ``source_id``."""
    return table("sources").set_index("source_id", drop=False)


def source(source_id: str) -> dict[str, str] | None:
    """The row of a source, or None if no table knows it."""
    note("source", source_id)
    return rows("sources", "source_id").get(source_id)


def _descriptor(folder: Path, name: str) -> Descriptor:
    known = {n: d for n, d in descriptors(folder).items() if d.is_table}
    if name not in known:
        raise InputError(
            f"table '{name}'",
            f"{FILE} lists no such table",
            f"It lists {', '.join(sorted(known))}.",
        )
    return known[name]


def _modified(folder: Path, descriptor: Descriptor) -> int:
    path = folder / descriptor.path
    if not path.is_file():
        raise InputError(
            descriptor.path,
            "the file is missing",
            "Restore it from the repository ('git checkout -- data'), or correct EXILE_DATA_DIR.",
        )
    return path.stat().st_mtime_ns


@lru_cache(maxsize=64)
def _load(folder: Path, name: str, modified: int) -> pd.DataFrame:
    from pandera.errors import SchemaErrors

    descriptor = _descriptor(folder, name)
    try:
        raw = pd.read_csv(
            folder / descriptor.path,
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(
            descriptor.path,
            f"not a CSV file in UTF-8: {error}",
            "Save it as comma-separated UTF-8.",
        ) from None
    try:
        return pandera_schema(descriptor).validate(raw, lazy=True)
    except SchemaErrors as errors:
        raise refusal(descriptor, raw, errors.failure_cases) from None


def _check_references(folder: Path, descriptor: Descriptor, frame: pd.DataFrame) -> None:
    for key in descriptor.entry["schema"].get("foreignKeys", []):
        target = key["reference"]["resource"]
        columns, known = key["fields"], keys(folder, target, tuple(key["reference"]["fields"]))
        for where, values in enumerate(frame[columns].itertuples(index=False, name=None)):
            if values not in known:
                raise InputError(
                    f"{descriptor.path}, {' and '.join(columns)}, line {where + 2} "
                    f"({row_id(descriptor, frame, where)})",
                    f"'{' / '.join(values)}' is not in {_descriptor(folder, target).path}",
                    f"Add it there, or correct the {columns[0]}.",
                )


def keys(folder: Path, name: str, columns: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """The values of some columns of a table, read without checking the rest of it.

    Raises
    ------
    InputError
        If the table's file or a column is missing.
    """
    descriptor = _descriptor(folder, name)
    path, modified = folder / descriptor.path, _modified(folder, descriptor)
    try:
        return _values(path, columns, modified)
    except KeyError as error:
        raise InputError(
            f"{descriptor.path}, header",
            f"missing column {error}",
            f"{FILE} declares {', '.join(descriptor.columns)}.",
        ) from None


@lru_cache(maxsize=32)
def _values(path: Path, columns: tuple[str, ...], modified: int) -> frozenset[tuple[str, ...]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return frozenset(tuple(row[c] for c in columns) for row in csv.DictReader(lines))


def rows(name: str, key: str) -> dict[str, dict]:
    """Rows of a table as they stand in its file, by one of its columns; cells are text."""
    folder = data_directory()
    descriptor = _descriptor(folder, name)
    return _rows(folder / descriptor.path, key, _modified(folder, descriptor))


@lru_cache(maxsize=64)
def _rows(path: Path, key: str, modified: int) -> dict[str, dict]:
    with path.open(newline="", encoding="utf-8") as lines:
        return {row[key]: row for row in csv.DictReader(lines)}


def secondary_coverage() -> frozenset[str]:
    """Ids of sources that report somebody else's figures."""
    note("secondary coverage")
    folder = data_directory()
    ids: set[str] = set()
    for name, descriptor in descriptors(folder).items():
        if descriptor.is_table and "access" in descriptor.columns:
            told = keys(folder, name, ("source_id", "access"))
            ids |= {source for source, access in told if access == "read in secondary coverage"}
    return frozenset(ids)
