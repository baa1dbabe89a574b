"""Says what is wrong with a table: which file, column and row, and what to do."""

from __future__ import annotations

import pandas as pd

from exile.data.descriptor import FILE, Descriptor
from exile.data.schema import row_rules
from exile.errors import InputError

KINDS = {"string": "text", "integer": "a whole number", "number": "a number", "date": "a date"}


def refusal(descriptor: Descriptor, raw: pd.DataFrame, failures: pd.DataFrame) -> InputError:
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
            f"{row_id(descriptor, raw, where)} stands there a second time",
            f"{' and '.join(descriptor.key)} must be unique: give the row its own.",
        )
    failure = failures[failures["index"].notna()].iloc[0]
    where = int(failure["index"])
    check = str(failure["check"])
    limited = {rule.statement: rule.column for rule in row_rules(descriptor)}
    column = limited.get(check, failure["column"])
    value = raw.at[where, column]
    kind = KINDS[next(f["type"] for f in descriptor.fields if f["name"] == column)]
    if pd.isna(value):
        problem, remedy = "the cell is empty", f"{FILE} requires {kind}."
    elif check.startswith(("coerce_dtype", "dtype")):
        problem, remedy = f"'{value}' is not {kind}", f"{FILE} declares the column {kind}."
    else:
        problem, remedy = f"'{value}' is not allowed", f"{FILE} declares: {check}."
    return InputError(
        f"{descriptor.path}, {column}, line {where + 2} ({row_id(descriptor, raw, where)})",
        problem,
        f"Correct the cell; {remedy}",
    )


def row_id(descriptor: Descriptor, raw: pd.DataFrame, where: int) -> str:
    """The row's key, as a reader would search for it."""
    return " / ".join(str(raw.at[where, column]) for column in descriptor.key)
