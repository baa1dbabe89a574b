"""Reads tables, checked against the data package, and single figures from them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from exile.data.descriptor import FILE, Descriptor, descriptors
from exile.data.location import data_directory
from exile.data.schema import pandera_schema, row_rules
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
    folder = data_directory()
    descriptor = _descriptor(folder, name)
    path = folder / descriptor.path
    if not path.is_file():
        raise InputError(descriptor.path, "the file is missing", _RESTORE)
    frame = _load(folder, name, path.stat().st_mtime_ns)
    _check_references(folder, descriptor, frame)
    return frame.copy()


def sources() -> pd.DataFrame:
    """Every source that a table cites, indexed by ``source_id``."""
    return table("sources").set_index("source_id", drop=False)


@dataclass(frozen=True)
class Figure:
    """One published number and where it comes from.

    Attributes
    ----------
    value : float or None
        In ``unit``; None where the source gives a range or words only.
    unit : str
        As the table states it: "percent", "count", "persons (about)", ...
    low, high : float or None
        Ends of a range, where the source gives one.
    base_n : int or None
        Number of people that the figure rests on, where published.
    access : str
        Whether the figure was read in the source itself, in secondary coverage, or
        computed from a data file.
    row : dict
        All columns of the row; missing cells are left out.
    """

    figure_id: str
    table: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    base_n: int | None
    source_id: str
    source_locator: str | None
    access: str
    survey: str | None
    note: str | None
    row: dict

    @property
    def share(self) -> float:
        """The value of a percentage as a fraction.

        Raises
        ------
        InputError
            If the figure is not a percentage.
        """
        if self.value is None or not self.unit.startswith("percent"):
            raise InputError(
                f"{self.table}, {self.figure_id}",
                f"not a percentage but {self.value} ({self.unit})",
                "Use its value.",
            )
        return self.value / 100


def figure(figure_id: str) -> Figure:
    """The row with this id, in whichever table it stands.

    Raises
    ------
    InputError
        If no table or more than one has the id, or the table itself is faulty.
    """
    folder = data_directory()
    homes = _figure_homes(folder).get(figure_id, ())
    if len(homes) != 1:
        problem = "no such figure" if not homes else f"the id stands in {' and '.join(homes)}"
        raise InputError(
            f"figure '{figure_id}'",
            problem,
            "Ids are unique across all tables with a column figure_id; see data/README.md.",
        )
    rows = table(homes[0])
    row = rows[rows["figure_id"] == figure_id].iloc[0].dropna().to_dict()
    base = row.get("base_n")
    return Figure(
        figure_id=figure_id,
        table=homes[0],
        value=row.get("value"),
        unit=row["statistic"] if "statistic" in row else row["unit"],
        low=row.get("low"),
        high=row.get("high"),
        base_n=None if base is None else int(base),
        source_id=row["source_id"],
        source_locator=row.get("source_locator"),
        access=row["access"],
        survey=row.get("survey"),
        note=row.get("note"),
        row=row,
    )


_RESTORE = "Restore it from the repository ('git checkout -- data'), or correct EXILE_DATA_DIR."


def _descriptor(folder: Path, name: str) -> Descriptor:
    known = {n: d for n, d in descriptors(folder).items() if d.is_table}
    if name not in known:
        raise InputError(
            f"table '{name}'",
            f"{FILE} lists no such table",
            f"It lists {', '.join(sorted(known))}.",
        )
    return known[name]


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
        raise _explained(descriptor, raw, errors.failure_cases) from None


def _explained(descriptor: Descriptor, raw: pd.DataFrame, failures: pd.DataFrame) -> InputError:
    """The first failure as a message that names file, column, row and remedy."""
    expected, found = descriptor.columns, list(raw.columns)
    if found != expected:
        missing = [c for c in expected if c not in found]
        extra = [c for c in found if c not in expected]
        problem = "; ".join(
            text
            for text, wrong in (
                (f"missing columns {missing}", missing),
                (f"unknown columns {extra}", extra),
                ("columns in another order", not missing and not extra),
            )
            if wrong
        )
        return InputError(
            f"{descriptor.path}, header", problem, f"{FILE} declares {', '.join(expected)}."
        )
    repeated = raw.duplicated(descriptor.key, keep="first")
    if repeated.any():
        where = int(repeated.to_numpy().nonzero()[0][0])
        return InputError(
            f"{descriptor.path}, line {where + 2}",
            f"{_row_id(descriptor, raw, where)} stands there a second time",
            f"{' and '.join(descriptor.key)} must be unique: give the row its own.",
        )
    failure = failures[failures["index"].notna()].iloc[0]
    where = int(failure["index"])
    check = str(failure["check"])
    limited = {rule.statement: rule.column for rule in row_rules(descriptor)}
    column = limited.get(check, failure["column"])
    value = raw.at[where, column]
    kind = next(f["type"] for f in descriptor.fields if f["name"] == column)
    if pd.isna(value):
        problem, remedy = "the cell is empty", f"{FILE} requires a {kind}."
    elif check.startswith(("coerce_dtype", "dtype")):
        problem, remedy = f"'{value}' is not a {kind}", f"{FILE} declares the column a {kind}."
    else:
        problem, remedy = f"'{value}' is not allowed", f"{FILE} declares: {check}."
    return InputError(
        f"{descriptor.path}, {column}, line {where + 2} ({_row_id(descriptor, raw, where)})",
        problem,
        f"Correct the cell; {remedy}",
    )


def _row_id(descriptor: Descriptor, raw: pd.DataFrame, where: int) -> str:
    return " / ".join(str(raw.at[where, column]) for column in descriptor.key)


def _check_references(folder: Path, descriptor: Descriptor, frame: pd.DataFrame) -> None:
    for key in descriptor.entry["schema"].get("foreignKeys", []):
        target = _descriptor(folder, key["reference"]["resource"])
        columns, wanted = key["fields"], key["reference"]["fields"]
        known = _keys(
            folder / target.path, tuple(wanted), (folder / target.path).stat().st_mtime_ns
        )
        cited = frame[columns].astype(str)
        for where, values in zip(frame.index, cited.itertuples(index=False), strict=True):
            if tuple(values) not in known:
                raise InputError(
                    f"{descriptor.path}, {' and '.join(columns)}, line {where + 2} "
                    f"({_row_id(descriptor, frame, where)})",
                    f"'{' / '.join(values)}' is not in {target.path}",
                    f"Add it there, or correct the {columns[0]}.",
                )


@lru_cache(maxsize=32)
def _keys(path: Path, columns: tuple[str, ...], modified: int) -> frozenset[tuple[str, ...]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return frozenset(tuple(row[c] for c in columns) for row in csv.DictReader(lines))


def _figure_homes(folder: Path) -> dict[str, tuple[str, ...]]:
    homes: dict[str, tuple[str, ...]] = {}
    for name, descriptor in descriptors(folder).items():
        if not descriptor.is_table or "figure_id" not in descriptor.columns:
            continue
        path = folder / descriptor.path
        for (figure_id,) in _keys(path, ("figure_id",), path.stat().st_mtime_ns):
            homes[figure_id] = (*homes.get(figure_id, ()), name)
    return homes
