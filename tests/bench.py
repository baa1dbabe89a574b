"""``make bench``: how long builds take, as ratios to a plain serial cold build.

Each round runs all variants one after another, so that a machine that slows down
slows them all; the ratio of medians is printed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
ROUNDS = int(os.environ.get("ROUNDS", "3"))


def build(folder: Path) -> float:
    start = time.perf_counter()
    subprocess.run(
        [str(Path(sys.prefix) / "bin" / "jupyter-book"), "build", str(folder), "-W", "-n"],
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


def fresh_copy(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(
        ROOT, folder, ignore=shutil.ignore_patterns(".*", "_build", "__pycache__", "*.egg-info")
    )


def one_round(folder: Path) -> dict[str, float]:
    fresh_copy(folder)
    config = folder / "_config.yml"
    ours = config.read_text(encoding="utf-8")
    serial = ours.replace(
        "    exile_require_all", "    exile_parallel_execution: false\n    exile_require_all"
    )
    config.write_text(serial, encoding="utf-8")
    took = {"plain serial, cold": build(folder)}
    fresh_copy(folder)
    took["cold"] = build(folder)
    chapter = folder / "book" / "activism.md"
    text = chapter.read_text(encoding="utf-8")
    edited = text.replace("import altair as alt\n", "import altair as alt  # edited\n", 1)
    assert edited != text
    chapter.write_text(edited, encoding="utf-8")
    took["one chapter edited"] = build(folder)
    took["nothing changed"] = build(folder)
    return took


def audit() -> float:
    """Seconds for all chapters in one process: no imports, no kernels, no charts."""
    code = (
        "import sys, time, exile.publish, exile.statistics.survey, scipy.optimize\n"
        "from pathlib import Path\n"
        "from myst_nb.core.read import read_myst_markdown_notebook as read\n"
        "exile.publish.show = print = lambda *a, **k: None\n"
        "pages = [Path(p) for p in sys.argv[1:]]\n"
        "books = [read(p.read_text('utf-8'), path=str(p)) for p in pages]\n"
        "start = time.perf_counter()\n"
        "for book in books:\n"
        "    space = {'__name__': 'chapter'}\n"
        "    for cell in book.cells:\n"
        "        if cell.cell_type == 'code': exec(cell.source, space)\n"
        "sys.stderr.write(str(time.perf_counter() - start))\n"
    )
    chapters = [
        str(p)
        for p in (ROOT / "book").glob("*.md")
        if "file_format: mystnb" in p.read_text("utf-8")
    ]
    result = subprocess.run(
        [sys.executable, "-c", code, *chapters],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"EXILE_BUILD": "1"},
    )
    return float(result.stderr)


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        rounds = [one_round(Path(scratch) / "book") for _ in range(ROUNDS)]
    print(f"the audit without notebooks: {median(audit() for _ in range(ROUNDS)):.1f} s")
    base = median(r["plain serial, cold"] for r in rounds)
    print(f"{ROUNDS} rounds, {os.cpu_count()} cores; plain serial cold build: {base:.1f} s")
    for name in rounds[0]:
        print(f"{name:22s} {median(r[name] for r in rounds) / base:5.2f}")


if __name__ == "__main__":
    main()
