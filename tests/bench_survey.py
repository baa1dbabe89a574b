"""The pass over a survey's file at growing sizes: rows per second, peak memory, and ratios.

``python -m tests.bench_survey [rows …]`` makes files of random codes in a temporary
folder, counts each in a process of its own, and prints how the cost grows: with the rows
while it is the pass, and not at all for what is done with the counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
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
PROGRAM = """
import json, resource, sys, time
from pathlib import Path
from exile.custody.source.codebook import load_codebook
from exile.custody.counts.run import count_file
from exile.custody.release.estimates import measured_odds_ratio
start = time.perf_counter()
run, counts = count_file(Path(sys.argv[1]), load_codebook(Path(sys.argv[2])))
passed = time.perf_counter()
measured_odds_ratio(counts["any"], "after_any", "before_any", "yes",
                    ("sex", "age_group", "education", "host"), label="bench")
print(json.dumps({
    "seconds": passed - start, "model": time.perf_counter() - passed,
    "cells": max(map(len, counts.values())),
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def write(rows: int, path: Path) -> None:
    """Random codes, a third of them in each of three waves."""
    items = ", ".join(
        f"hash(i * 31 + {2 * k + late}) % 2 AS {period}_{item}"
        for k, item in enumerate(ITEMS)
        for late, period in enumerate(("b", "a"))
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT i AS id, 1 + i % 3 AS wave, 0.5 + (hash(i) % 1000) / 1000.0 AS weight, "
            f"18 + hash(i * 7) % 60 AS age, hash(i * 3) % 2 AS sex, hash(i * 11) % 2 AS edu, "
            f"hash(i * 5) % 8 AS host, {items} FROM range({rows}) t(i)) TO '{path}'"
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


def main(sizes: list[int]) -> None:
    print(f"{'rows':>12} {'seconds':>8} {'rows/s':>10} {'peak MB':>8} {'cells':>7} {'model s':>8}")
    last = None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = codebook(folder)
        for rows in sizes:
            path = folder / f"{rows}.csv"
            write(rows, path)
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM, str(path), str(book)],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            path.unlink()
            found = json.loads(done.stdout)
            print(
                f"{rows:12,} {found['seconds']:8.1f} {rows / found['seconds']:10,.0f} "
                f"{found['megabytes']:8.0f} {found['cells']:7,} {found['model']:8.2f}"
            )
            if last:
                growth = {k: found[k] / last[k] for k in ("seconds", "megabytes", "model")}
                print(
                    f"{'':12} {growth['seconds']:7.1f}x time, {growth['megabytes']:.1f}x memory, "
                    f"{growth['model']:.1f}x model for {rows / last['rows']:.0f}x rows"
                )
            last = found | {"rows": rows}


if __name__ == "__main__":
    main([int(x) for x in sys.argv[1:]] or list(SIZES))
