"""From interviews to tables of counts, on which every analysis runs.

Three kinds of table: a topic counts persons by the attributes and the topic's
variables, at each person's last interview; ``wave_…`` counts interviews by wave;
``panel_…`` counts persons by their answers in two consecutive waves, with ``absent``
for those who did not answer the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import duckdb
import pandas as pd

from exile.custody.catalogue import catalogue
from exile.custody.source.coding import columns

ABSENT = "absent"
# Weights enter as decimals, so that sums do not depend on the order of rows.
SUMS = (
    "count(*) AS n, CAST(sum(CAST(weight AS DECIMAL(18, 9))) AS DOUBLE) AS w, "
    "CAST(sum(CAST(weight AS DECIMAL(18, 9)) * CAST(weight AS DECIMAL(18, 9))) AS DOUBLE) AS w2"
)


def tables(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and counts of each table that the interviews allow.

    Returns
    -------
    iterator of (str, DataFrame)
        Columns: the variables, then n (persons), w (sum of weights) and w2 (sum of
        squared weights), sorted by the variables.
    """
    known = catalogue()
    present = columns(connection, "interviews")
    attributes = [a for a in known.attributes if a in present]
    waves = [
        row[0] for row in connection.execute("SELECT DISTINCT wave FROM interviews").fetchall()
    ]
    waves.sort(key=int)
    yield "persons", _count(connection, "interviews WHERE is_last", attributes)
    for topic, together in known.topics.items():
        if not set(together) <= present:
            continue
        by = [*attributes, *(v for v in together if v not in attributes)]
        yield topic, _count(connection, "interviews WHERE is_last", by)
    items = {v for together in known.topics.values() for v in together} & present
    for item in sorted(items):
        if len(waves) > 1:
            yield (
                f"wave_{item}",
                _count(connection, "interviews", list(dict.fromkeys(["wave", item]))),
            )
    for first, second in pairwise(waves):
        fixed = [a for a in attributes if a != "wave"]
        for item in sorted(i for i in items if not i.startswith("before_")):
            yield f"panel_{first}_{second}_{item}", _panel(connection, first, second, fixed, item)


def _count(connection: duckdb.DuckDBPyConnection, source: str, by: list[str]) -> pd.DataFrame:
    named = ", ".join(by)
    return connection.execute(
        f"SELECT {named}{',' if by else ''} {SUMS} FROM {source} "
        f"GROUP BY ALL{f' ORDER BY {named}' if by else ''}"
    ).df()


def _panel(
    connection: duckdb.DuckDBPyConnection, first: str, second: str, fixed: list[str], item: str
) -> pd.DataFrame:
    kept = ", ".join(dict.fromkeys([*fixed, item]))
    named = ", ".join(f"a.{v}" for v in fixed if v != item)
    return connection.execute(
        f"SELECT {named}{',' if named else ''} a.{item} AS first, "
        f"coalesce(b.{item}, '{ABSENT}') AS second, {SUMS} "
        f"FROM (SELECT person, weight, {kept} FROM interviews WHERE wave = '{first}') a "
        f"LEFT JOIN (SELECT person, {item} FROM interviews WHERE wave = '{second}') b "
        "USING (person) GROUP BY ALL ORDER BY ALL"
    ).df()
