"""From a Frictionless table schema to a pandera one.

pandera's own converter imports the whole of Frictionless, which the book does not
otherwise need, and knows neither ``conditions`` nor ``ordered``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exile.data.descriptor import Descriptor

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

DTYPES = {"string": "str", "integer": "Int64", "number": "float64", "date": "datetime64[ns]"}


def pandera_schema(descriptor: Descriptor) -> pa.DataFrameSchema:
    """The schema of a table: strict columns in their order, types, limits, keys.

    Besides standard constraints two declarations of ours on the resource are read:
    ``conditions``, limits on a column for the rows where another column matches a
    pattern, and ``ordered``, pairs of columns of which the first may not exceed
    the second.
    """
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {field["name"]: _column(field) for field in descriptor.fields},
        checks=[pa.Check(rule.holds, error=rule.statement) for rule in row_rules(descriptor)],
        unique=descriptor.key,
        strict=True,
        ordered=True,
        coerce=True,
    )


def _column(field: dict) -> pa.Column:
    import pandera.pandas as pa

    limits = field.get("constraints", {})
    checks = []
    if "minimum" in limits:
        checks.append(pa.Check.ge(limits["minimum"], error=f"at least {limits['minimum']}"))
    if "maximum" in limits:
        checks.append(pa.Check.le(limits["maximum"], error=f"at most {limits['maximum']}"))
    if "enum" in limits:
        checks.append(
            pa.Check.isin(limits["enum"], error="one of " + ", ".join(map(str, limits["enum"])))
        )
    if "pattern" in limits:
        # str_matches anchors the start only; a Frictionless pattern must match the whole cell.
        checks.append(
            pa.Check.str_matches(f"(?:{limits['pattern']})$", error=f"like {limits['pattern']}")
        )
    return pa.Column(
        DTYPES[field["type"]],
        checks,
        nullable=not limits.get("required", False),
        unique=limits.get("unique", False),
    )


@dataclass(frozen=True)
class RowRule:
    """A limit on one column that depends on another column of the same row."""

    column: str
    statement: str
    holds: Callable[[pd.DataFrame], pd.Series]


def row_rules(descriptor: Descriptor) -> list[RowRule]:
    """The declared ``conditions`` and ``ordered`` pairs of a table."""
    return [
        *(_condition(**condition) for condition in descriptor.entry.get("conditions", [])),
        *(_order(low, high) for low, high in descriptor.entry.get("ordered", [])),
    ]


def _condition(field: str, where: str, matches: str, minimum: float, maximum: float) -> RowRule:
    def holds(table: pd.DataFrame) -> pd.Series:
        applies = table[where].str.fullmatch(matches).fillna(False).astype(bool)
        return ~applies | table[field].between(minimum, maximum) | table[field].isna()

    return RowRule(field, f"{minimum} to {maximum} where {where} is like '{matches}'", holds)


def _order(low: str, high: str) -> RowRule:
    def holds(table: pd.DataFrame) -> pd.Series:
        return (table[low] <= table[high]) | table[low].isna() | table[high].isna()

    return RowRule(low, f"not above {high}", holds)
