"""What must hold of a survey's answers before anything is counted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from exile.custody.catalogue import YES_NO
from exile.custody.source.codebook import Codebook
from exile.custody.source.coding import AGES, MISSING, UNDECLARED, columns
from exile.custody.source.reading import name
from exile.errors import InputError

SHOWN = 5


def check(connection: duckdb.DuckDBPyConnection, codebook: Codebook) -> dict[str, int]:
    """Refuse answers that would make the counts wrong, or set them missing if accepted.

    Returns
    -------
    dict
        For each kind of fault that the codebook accepts, the interviews it affected.

    Raises
    ------
    InputError
        For the first fault: its column, the interviews affected and what to do. The
        message quotes codes that are short numbers, never text, which may be an answer.
    """
    accepted: dict[str, int] = {}
    for kind, column, affected, problem, remedy, mend in _faults(connection, codebook):
        if not affected:
            continue
        if kind in codebook.accept and mend:
            connection.execute(mend)
            accepted[kind] = accepted.get(kind, 0) + affected
            continue
        also = f" Or accept it: accept: [{kind}] in the codebook." if mend else ""
        raise InputError(
            f"survey, column '{column}'", f"{problem} in {affected:,} interviews", remedy + also
        )
    if not connection.execute("SELECT count(*) FROM coded").fetchone()[0]:
        raise InputError("survey", "no interview is left", "Check the codebook's weights.")
    return accepted


def _faults(
    connection: duckdb.DuckDBPyConnection, codebook: Codebook
) -> Iterator[tuple[str, str, int, str, str, str]]:
    """Kind, column, interviews affected, problem, remedy, and SQL that mends it ("" if none)."""

    def count(sql: str) -> int:
        return connection.execute(sql).fetchone()[0] or 0

    mappings = codebook.mappings
    person = mappings["respondent"].column
    yield (
        "ids", person, count("SELECT count(*) FROM coded WHERE person IS NULL"),
        "the id is missing", "Give every respondent an id.", "",
    )  # fmt: skip
    twice = count(
        "SELECT sum(k) FROM (SELECT count(*) AS k FROM coded GROUP BY person, wave HAVING k > 1)"
    )
    yield (
        "ids", person, twice, "the same id answers a wave more than once",
        "Keep one interview a person and wave"
        + ("." if "wave" in mappings else ", or map the variable 'wave'."), "",
    )  # fmt: skip
    if "weight" in mappings:
        column = mappings["weight"].column
        yield (
            "weights", column,
            count("SELECT count(*) FROM coded WHERE weight IS NULL OR NOT isfinite(weight)"),
            "the weight is missing or no number", "Give every respondent a weight.", "",
        )  # fmt: skip
        yield (
            "weights", column, count("SELECT count(*) FROM coded WHERE weight < 0"),
            "the weight is negative", "Weights are above zero.", "",
        )  # fmt: skip
        yield (
            "zero_weights", column, count("SELECT count(*) FROM coded WHERE weight = 0"),
            "the weight is zero", "Weights are above zero.", "DELETE FROM coded WHERE weight = 0",
        )  # fmt: skip
    for variable, mapping in mappings.items():
        column, kind = mapping.column, mapping.variable.kind
        if kind == "years":
            bad = f"{variable} IS NULL AND NOT {variable}_absent"
            yield (
                "impossible_ages", column, count(f"SELECT count(*) FROM coded WHERE {bad}"),
                f"the age is not a number from {AGES[0]} to {AGES[1]}",
                "Correct it, or name its codes under missing.",
                f"UPDATE coded SET {variable}_absent = true WHERE {bad}",
            )  # fmt: skip
            empty = f"SELECT count(*) FILTER ({variable} IS NULL) FROM coded HAVING count({variable}) = 0"
        elif kind in ("category", "yes_no", "country", "wave"):
            yield (
                "undeclared_codes", column,
                count(f"SELECT count(*) FROM coded WHERE {variable} = '{UNDECLARED}'"),
                f"{_codes(connection, column, mapping.codes, mapping.missing)} not in the codebook",
                f"Declare them under variables.{variable}, as a level or as missing.",
                # A wave that cannot be placed cannot be counted at all.
                f"UPDATE coded SET {variable} = '{MISSING}' WHERE {variable} = '{UNDECLARED}'"
                if kind != "wave" else "",
            )  # fmt: skip
            empty = (
                f"SELECT count(*) FROM coded HAVING count(*) FILTER ({variable} <> '{MISSING}') = 0"
            )
        else:
            continue
        row = connection.execute(empty).fetchone()
        yield (
            "empty_items", column, row[0] if row else 0, f"'{variable}' is missing",
            "Take the variable out of the codebook, or correct its codes.",
            f"ALTER TABLE coded DROP COLUMN {variable}" if kind != "wave" else "",
        )  # fmt: skip
    if "wave" in mappings:
        yield (
            "waves", mappings["wave"].column,
            count(f"SELECT count(*) FROM coded WHERE wave = '{MISSING}'"),
            "the wave is missing", "Give every interview its wave.", "",
        )  # fmt: skip
        there = {row[0] for row in connection.execute("SELECT DISTINCT wave FROM coded").fetchall()}
        if absent := sorted(set(mappings["wave"].codes.values()) - there):
            raise InputError(
                f"survey, column '{mappings['wave'].column}'",
                f"wave {', '.join(absent)} is declared and has no interview",
                "Take it out of the codebook, or add the file's missing part.",
            )
    yield from _contradictions(connection, codebook)


def _contradictions(
    connection: duckdb.DuckDBPyConnection, codebook: Codebook
) -> Iterator[tuple[str, str, int, str, str, str]]:
    # An item without answers may have been left out just now.
    there = columns(connection, "coded")
    mappings = {v: m for v, m in codebook.mappings.items() if v in there}
    for period in ("before", "after"):
        none = f"{period}_none"
        acts = [v for v in mappings if v.startswith(f"{period}_") and v != none]
        if none not in mappings or not acts:
            continue
        some = " OR ".join(f"{a} = '{YES_NO[0]}'" for a in acts)
        blank = [f"{variable} = '{MISSING}'" for variable in [none, *acts]]
        clash = f"{none} = '{YES_NO[0]}' AND ({some})"
        yield (
            "contradictions", mappings[none].column,
            connection.execute(f"SELECT count(*) FROM coded WHERE {clash}").fetchone()[0],
            "'none of these' stands beside an activity", "Correct them.",
            f"UPDATE coded SET {', '.join(blank)} WHERE {clash}",
        )  # fmt: skip
    if "sex" in mappings and "wave" in mappings:
        two = (
            "SELECT person FROM coded "
            f"WHERE sex <> '{MISSING}' GROUP BY person HAVING count(DISTINCT sex) > 1"
        )
        yield (
            "contradictions", mappings["sex"].column,
            connection.execute(f"SELECT count(*) FROM coded WHERE person IN ({two})").fetchone()[0],
            "one person has two sexes across waves", "Check that the ids match persons.",
            f"UPDATE coded SET sex = '{MISSING}' WHERE person IN ({two})",
        )  # fmt: skip
    for variable, mapping in mappings.items():
        if variable.startswith("before_") and "wave" in mappings:
            # What was done before emigration cannot change between interviews.
            two = (
                f"SELECT person FROM coded WHERE {variable} <> '{MISSING}' "
                f"GROUP BY person HAVING count(DISTINCT {variable}) > 1"
            )
            yield (
                "contradictions", mapping.column,
                connection.execute(
                    f"SELECT count(*) FROM coded WHERE person IN ({two})"
                ).fetchone()[0],
                "one person tells two stories of the time before emigration",
                "Decide which interview counts.",
                f"UPDATE coded SET {variable} = '{MISSING}' WHERE person IN ({two})",
            )  # fmt: skip


def _codes(connection: duckdb.DuckDBPyConnection, column: str, codes: dict, missing) -> str:
    """The undeclared codes of a column, as far as they may be shown."""
    raw = name(column)
    found = connection.execute(
        f"SELECT DISTINCT canonical({raw}) FROM answers "
        f"WHERE {raw} IS NOT NULL AND trim({raw}) <> '' AND NOT canonical({raw}) = ANY (?) LIMIT 50",
        [[*codes, *missing]],
    ).fetchall()
    values = sorted(row[0] for row in found)
    short = [v for v in values if re.fullmatch(r"-?\d{1,3}", v)]
    if len(short) == len(values):
        more = " …" if len(short) > SHOWN else ""
        return f"codes {', '.join(short[:SHOWN])}{more} are"
    return "texts that are"
