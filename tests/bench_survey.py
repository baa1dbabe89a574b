"""The pass over a survey's file beside one bare scan of it: rows per second, CPU, memory.

``python -m tests.bench_survey [rows …]`` makes files of random codes in a temporary folder and
counts each in a process of its own. The bare scan is DuckDB's own, with the same grouping sets
and nothing checked: no id, no code, no panel, no report. CPU time is what to compare on a
machine that does other work.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

SIZES = (1_000_000, 10_000_000)
SPSS = 300_000
ITEMS = ("rally", "compatriots", "ukrainians", "donation", "petition")
CODEBOOK = """
about: {name: bench, custodian: nobody, fieldwork: never, same_data_as_article: false}
variables:
  respondent: {column: id}
  wave: {column: wave}
  weight: {column: weight}
  sex: {column: sex, codes: {0: man, 1: woman}}
  age: {column: age}
  education: {column: edu, codes: {0: other, 1: higher}}
  host: {column: host, codes: {0: GEO, 1: ARM, 2: TUR, 3: SRB, 4: DEU, 5: ISR, 6: KAZ, 7: USA}}
"""
MEASURED = """
import json, resource, sys, time
from pathlib import Path
{imports}
before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
{work}
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps(dict(
    wall=time.perf_counter() - start,
    cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    megabytes=after.ru_maxrss / 1024,
)))
"""
PASS = MEASURED.format(
    imports="from exile.custody.source.codebook import load_codebook\n"
    "from exile.custody.counts.run import count_file\n"
    "import duckdb, pyreadstat",
    work="count_file(Path(sys.argv[1]), load_codebook(Path(sys.argv[2])))",
)
BARE = MEASURED.format(
    imports="import duckdb",
    work="duckdb.connect().execute('SET threads = 2; SET enable_progress_bar = false; ' + sys.argv[1]).fetchall()",
)


def write(rows: int, path: Path) -> None:
    """Random codes, a third of them in each of three waves."""
    items = ", ".join(
        f"(hash(i * 31 + {2 * k + late}) % 2)::TINYINT AS {period}_{item}"
        for k, item in enumerate(ITEMS)
        for late, period in enumerate(("b", "a"))
    )
    kind = " (FORMAT parquet)" if path.suffix == ".parquet" else ""
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT i AS id, (1 + i % 3)::TINYINT AS wave, "
            "0.5 + (hash(i) % 1000) / 1000.0 AS weight, (18 + hash(i * 7) % 60)::TINYINT AS age, "
            "(hash(i * 3) % 2)::TINYINT AS sex, (hash(i * 11) % 2)::TINYINT AS edu, "
            f"(hash(i * 5) % 8)::TINYINT AS host, {items} FROM range({rows}) t(i)) TO '{path}'{kind}"
        )


def codebook(folder: Path) -> Path:
    path = folder / "codebook.yaml"
    lines = [
        f"  {period}_{item}: {{column: {period[0]}_{item}, codes: {{0: 'no', 1: 'yes'}}}}"
        for item in ITEMS
        for period in ("before", "after")
    ]
    path.write_text(CODEBOOK + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def bare(path: Path) -> str:
    """The same groups, counted by DuckDB alone."""
    attributes = ["wave", "sex", "age_group", "edu", "host"]
    sets = [f"({', '.join([*attributes, f'b_{i}', f'a_{i}'])})" for i in ITEMS]
    sets.append(f"({', '.join(attributes)})")
    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    named = ", ".join([*attributes, *(f"{p}_{i}" for i in ITEMS for p in "ba")])
    return (
        "CREATE TABLE counted AS "
        f"SELECT {named}, count(*) AS n, sum(weight) AS w, sum(weight * weight) AS w2 "
        "FROM (SELECT *, (age >= 35)::INT + (age >= 45)::INT + (age >= 55)::INT AS age_group "
        f"FROM {reader}('{path}')) "
        f"GROUP BY GROUPING SETS ({', '.join(sets)})"
    )


def measure(program: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def main(sizes: list[int]) -> None:
    print(f"{'file':>9} {'rows':>11} {'pass s':>7} {'rows/s':>10} {'CPU s':>6} {'rows/CPU s':>11} "
          f"{'bare CPU s':>10} {'ratio':>6} {'MB':>6}")  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = str(codebook(folder))
        for suffix in (".csv", ".parquet"):
            for rows in sizes:
                path = folder / f"{rows}{suffix}"
                write(rows, path)
                ours, alone = measure(PASS, str(path), book), measure(BARE, bare(path))
                path.unlink()
                _line(suffix, rows, ours, alone["cpu"])
        path = folder / "people.sav"
        _spss(folder, path)
        _line(".sav", SPSS, measure(PASS, str(path), book), None)


def _spss(folder: Path, path: Path) -> None:
    import pyreadstat

    write(SPSS, folder / "people.parquet")
    with duckdb.connect() as connection:
        frame = connection.execute(f"FROM '{folder / 'people.parquet'}'").df()
    pyreadstat.write_sav(frame.astype(float), str(path))


def _line(kind: str, rows: int, ours: dict[str, float], alone: float | None) -> None:
    beside = f"{alone:10.1f} {ours['cpu'] / alone:6.1f}" if alone else f"{'':>10} {'':>6}"
    print(
        f"{kind:>9} {rows:11,} {ours['wall']:7.1f} {rows / ours['wall']:10,.0f} "
        f"{ours['cpu']:6.1f} {rows / ours['cpu']:11,.0f} {beside} {ours['megabytes']:6.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main([int(x) for x in sys.argv[1:]] or list(SIZES))
