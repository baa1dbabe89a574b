"""From a file's codes to the book's variables, in one streaming pass inside DuckDB."""

from __future__ import annotations

from itertools import pairwise

import duckdb

from exile.custody.catalogue import AGE_BOUNDS, catalogue
from exile.custody.source.codebook import Codebook, Mapping
from exile.custody.source.reading import name

MISSING = "missing"
UNDECLARED = "undeclared"
AGES = (14, 110)

# What :func:`exile.custody.source.codebook.canonical` does, in SQL.
CANONICAL = r"""
CREATE OR REPLACE MACRO canonical(x) AS
CASE WHEN regexp_full_match(trim(x), '[+-]?\d+(\.0*)?')
     THEN coalesce(CAST(TRY_CAST(TRY_CAST(trim(x) AS DOUBLE) AS HUGEINT) AS VARCHAR), trim(x))
     ELSE trim(x) END
"""


def code(connection: duckdb.DuckDBPyConnection, codebook: Codebook) -> None:
    """Make the table ``coded`` from ``answers``: a row an interview, in the book's words.

    Text columns hold levels, ``missing`` or ``undeclared``; ``age`` is a number or null;
    ``weight`` is a number, 1 without a weight variable; ``person`` the id.
    """
    connection.execute(CANONICAL)
    parts = [f"{_id(codebook)} AS person"]
    weight = codebook.mappings.get("weight")
    parts.append(
        f"TRY_CAST(trim({name(weight.column)}) AS DOUBLE) AS weight" if weight else "1.0 AS weight"
    )
    for variable, mapping in codebook.mappings.items():
        if mapping.variable.kind == "years":
            parts.append(f"{_years(mapping)} AS {variable}")
            parts.append(f"{_absent(mapping)} AS {variable}_absent")
        elif mapping.variable.kind not in ("id", "weight"):
            parts.append(f"{_level(mapping)} AS {variable}")
    if "wave" not in codebook.mappings:
        parts.append("'1' AS wave")
    connection.execute(f"CREATE TABLE coded AS SELECT {', '.join(parts)} FROM answers")


def derive(connection: duckdb.DuckDBPyConnection, codebook: Codebook) -> None:
    """Make the table ``interviews``: derived variables added, each person's last one marked.

    An activity of several is "yes" if one is, "no" if all are answered with no, and
    missing otherwise.
    """
    known = catalogue()
    # An item without answers may have been left out since the codebook was read.
    present = columns(connection, "coded") & codebook.present
    parts = ["*"]
    for derived in known.derived:
        sources = known.sources(derived, present)
        if not sources:
            continue
        if derived == "age_group":
            whens = [
                f"WHEN age < {high} THEN '{low}-{high - 1}'" for low, high in pairwise(AGE_BOUNDS)
            ]
            parts.append(
                f"CASE WHEN age IS NULL OR age < {AGE_BOUNDS[0]} THEN '{MISSING}' "
                f"{' '.join(whens)} ELSE '{AGE_BOUNDS[-1]}+' END AS age_group"
            )
        else:
            yes = " OR ".join(f"{s} = 'yes'" for s in sources)
            no = " AND ".join(f"{s} = 'no'" for s in sources)
            parts.append(
                f"CASE WHEN {yes} THEN 'yes' WHEN {no} THEN 'no' ELSE '{MISSING}' END AS {derived}"
            )
    connection.execute(
        f"CREATE TABLE interviews AS SELECT {', '.join(parts)}, "
        "CAST(wave AS INTEGER) = max(CAST(wave AS INTEGER)) OVER (PARTITION BY person) AS is_last "
        "FROM coded"
        if "wave" in codebook.mappings
        else f"CREATE TABLE interviews AS SELECT {', '.join(parts)}, true AS is_last FROM coded"
    )
    connection.execute("DROP TABLE coded")


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> frozenset[str]:
    """The names of a table's columns."""
    return frozenset(row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall())


def _id(codebook: Codebook) -> str:
    mapping = codebook.mappings["respondent"]
    column = f"canonical({name(mapping.column)})"
    return f"CASE WHEN {_absent(mapping)} THEN NULL ELSE {column} END"


def _absent(mapping: Mapping) -> str:
    raw = name(mapping.column)
    text = f"{raw} IS NULL OR trim({raw}) = ''"
    if mapping.missing:
        text += f" OR canonical({raw}) IN ({', '.join(map(_text, sorted(mapping.missing)))})"
    return f"({text})"


def _years(mapping: Mapping) -> str:
    low, high = AGES
    number = f"floor(TRY_CAST(trim({name(mapping.column)}) AS DOUBLE))"
    return (
        f"CASE WHEN {_absent(mapping)} THEN NULL WHEN {number} BETWEEN {low} AND {high} "
        f"THEN CAST({number} AS UTINYINT) END"
    )


def _level(mapping: Mapping) -> str:
    raw = name(mapping.column)
    codes = dict(mapping.codes)
    if not codes:
        # A country or a wave may stand in the file as the book writes it.
        pattern = "[A-Z]{3}" if mapping.variable.kind == "country" else "[1-9][0-9]?"
        valid = f"regexp_full_match(canonical({raw}), '{pattern}')"
        return (
            f"CASE WHEN {_absent(mapping)} THEN '{MISSING}' WHEN {valid} "
            f"THEN canonical({raw}) ELSE '{UNDECLARED}' END"
        )
    missing = dict.fromkeys(mapping.missing, MISSING)
    whens = " ".join(f"WHEN {_text(c)} THEN {_text(v)}" for c, v in (codes | missing).items())
    # Most values stand in the file in canonical form, which the outer CASE finds fast.
    return (
        f"CASE WHEN {raw} IS NULL OR trim({raw}) = '' THEN '{MISSING}' ELSE "
        f"CASE trim({raw}) {whens} ELSE CASE canonical({raw}) {whens} "
        f"ELSE '{UNDECLARED}' END END END"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
