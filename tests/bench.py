"""``make bench``: how long builds take, beside stock Jupyter Book on the same chapters.

Stock has Jupyter Book's own extensions alone, with its cache of executed notebooks. Our
directives and roles are text to it, so it makes less of each page, and all of each cell.
Every round runs all cases of both, one after another, so that a machine that slows down
slows both; medians and ranges are printed, as ratios to stock's cold build.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import yaml

ROOT = Path(__file__).parents[1]
ROUNDS = int(os.environ.get("ROUNDS", "3"))
PROGRAM = Path(sysconfig.get_path("scripts")) / "jupyter-book"
CHAPTER = "book/activism.md"
LEFT_OUT = (".*", "_build", "__pycache__", "*.egg-info")
# What the aims of the project are, as shares of stock's cold build.
AIMS = {
    "cold": 0.5,
    "code of a chapter": 0.15,
    "text of a chapter": 0.1,
    "one figure": None,
    "code of the package": None,
    "nothing": 0.06,
}


def copy(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))


def copy_as_stock(folder: Path) -> None:
    """The chapters for Jupyter Book alone: no extension of ours, and no link that needs one."""
    copy(folder)
    path = folder / "_config.yml"
    config = yaml.safe_load(path.read_text("utf-8"))
    config["sphinx"] = {"config": {"suppress_warnings": ["myst", "ref", "toc", "mystnb"]}}
    config.pop("html", None)
    path.write_text(yaml.safe_dump(config), "utf-8")
    ours = re.compile(
        r"^(`{3,})\{(?!code-cell|glossary|note|cite)[\w:-]+\}.*?^\1$", re.MULTILINE | re.DOTALL
    )
    for page in (folder / "book").glob("*.md"):
        text = ours.sub("", page.read_text("utf-8"))
        page.write_text(re.sub(r"\{(?!cite|glue)[\w:-]+\}(`[^`]*`)", r"\1", text), "utf-8")


def build(folder: Path) -> float:
    """Seconds for one build that runs code of the folder's own package."""
    start = time.perf_counter()
    done = subprocess.run(
        [str(PROGRAM), "build", str(folder)],
        capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(folder), "EXILE_DATA_DIR": str(folder / "data")},
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{folder.name} was not built:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return time.perf_counter() - start


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, (path, old)
    path.write_text(text.replace(old, new, 1), "utf-8")


def change_a_figure(folder: Path) -> None:
    """The note of a figure that one chapter uses."""
    path = folder / "data" / "published" / "migrant_surveys.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    used = {f for f in re.findall(r"[A-Z]+\d*-\d+", (folder / CHAPTER).read_text("utf-8"))}
    at = next(i for i, line in enumerate(lines) if line.split(",")[0] in used)
    lines[at] = lines[at].rstrip("\n").rstrip('"') + (' Seen again."\n' if lines[at].rstrip().endswith('"') else " Seen again.\n")  # fmt: skip
    path.write_text("".join(lines), "utf-8")


CASES: dict[str, Callable[[Path], None]] = {
    "cold": lambda folder: None,
    "code of a chapter": lambda f: edit(f / CHAPTER, "import altair as alt\n", "import altair as alt  # x\n"),
    "text of a chapter": lambda f: edit(f / CHAPTER, "\n## ", "\nA sentence more.\n\n## "),
    "one figure": change_a_figure,
    "code of the package": lambda f: edit(f / "exile/statistics/ranks.py", "def places(", "SEEN = 1\n\n\ndef places("),
    "nothing": lambda folder: None,
}  # fmt: skip


def one_round(scratch: Path) -> dict[str, dict[str, float]]:
    took: dict[str, dict[str, float]] = {"stock": {}, "ours": {}}
    folders = {"stock": scratch / "stock", "ours": scratch / "ours"}
    copy_as_stock(folders["stock"])
    copy(folders["ours"])
    for case, change in CASES.items():
        for name, folder in folders.items():
            change(folder)
            took[name][case] = build(folder)
    return took


def audit() -> float:
    """Seconds of the processor for all chapters in one process: no kernels, no charts."""
    code = (
        "import sys, time, exile.publish, exile.statistics.survey, scipy.optimize\n"
        "from pathlib import Path\n"
        "from myst_nb.core.read import read_myst_markdown_notebook as read\n"
        "exile.publish.show = print = lambda *a, **k: None\n"
        "pages = [Path(p) for p in sys.argv[1:]]\n"
        "books = [read(p.read_text('utf-8'), path=str(p)) for p in pages]\n"
        "start = time.process_time()\n"
        "for book in books:\n"
        "    space = {'__name__': 'chapter'}\n"
        "    for cell in book.cells:\n"
        "        if cell.cell_type == 'code': exec(cell.source, space)\n"
        "sys.stderr.write(str(time.process_time() - start))\n"
    )
    chapters = [
        str(p)
        for p in (ROOT / "book").glob("*.md")
        if "file_format: mystnb" in p.read_text("utf-8")
    ]
    result = subprocess.run(
        [sys.executable, "-c", code, *chapters],
        check=True, capture_output=True, text=True, env=os.environ | {"EXILE_BUILD": "1"},
    )  # fmt: skip
    return float(result.stderr.split()[-1])


def spread(values: list[float]) -> str:
    return f"{median(values):5.2f}  ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        rounds = [one_round(Path(scratch)) for _ in range(ROUNDS)]
    base = median(r["stock"]["cold"] for r in rounds)
    print(f"{ROUNDS} rounds, {os.cpu_count()} cores; stock Jupyter Book, cold: {base:.1f} s")
    print(f"{'':22s} {'ours':24s} {'stock':24s} aim")
    for case, aim in AIMS.items():
        ours, stock = ([r[name][case] / base for r in rounds] for name in ("ours", "stock"))
        print(f"{case:22s} {spread(ours):24s} {spread(stock):24s} {aim or ''}")
    print(f"the audit without notebooks: {spread([audit() for _ in range(ROUNDS)])} s")


if __name__ == "__main__":
    main()
