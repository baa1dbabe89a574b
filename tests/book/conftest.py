"""Runs a chapter as the build does, on the committed data or on changed data."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
import pytest
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import read_myst_markdown_notebook

from exile import case
from exile.audit import Finding, judge
from exile.audit.records import decode_finding
from exile.audit.verdict import Verdict
from exile.publish import ANSWER_MIME, CHART_MIME, FINDING_MIME
from exile.site.kernels import use_forked_kernels

ROOT = Path(__file__).parents[2]
RULES = case.read_rules(ROOT / "data" / "rules.toml")


@dataclass(frozen=True)
class ChapterRun:
    """An executed chapter: what it found, said and drew."""

    notebook: nbformat.NotebookNode

    def _outputs(self, mime: str) -> list[dict]:
        return [
            output.data[mime]
            for cell in self.notebook.cells
            for output in cell.get("outputs", ())
            if mime in output.get("data", {})
        ]

    @cached_property
    def findings(self) -> dict[tuple[str, str, str], Finding]:
        """By claim, part and scope."""
        found = (decode_finding(o["finding"]) for o in self._outputs(FINDING_MIME))
        return {f.key: f for f in found}

    def judged(self, claim: str, part: str, scope: str) -> Verdict:
        return judge(self.findings[claim, part, scope], case.register(), RULES)

    def verdict(self, claim: str, part: str, scope: str) -> str:
        """The code of the verdict."""
        return self.judged(claim, part, scope).code

    @property
    def answer_values(self) -> dict[str, dict]:
        """What the chapter hands to the answers, by claim."""
        return {o["claim"]: o["values"] for o in self._outputs(ANSWER_MIME)}

    @property
    def charts(self) -> list[dict]:
        return self._outputs(CHART_MIME)

    @cached_property
    def phrases(self) -> dict[str, str]:
        """What the prose quotes, by name."""
        return {
            output.metadata["scrapbook"]["name"]: output.data[
                "application/papermill.record/text/plain"
            ]
            for cell in self.notebook.cells
            for output in cell.get("outputs", ())
            if "scrapbook" in output.get("metadata", {})
        }


def execute(
    chapter: Path, data: Path | None = None, first: nbformat.NotebookNode | None = None
) -> ChapterRun:
    """Run a chapter, with a cell of our own before its others if one is given."""
    text = chapter.read_text(encoding="utf-8")
    notebook = read_myst_markdown_notebook(text, path=str(chapter))
    if first is not None:
        notebook.cells.insert(0, first)
    before = dict(os.environ)
    use_forked_kernels()
    os.environ["EXILE_BUILD"] = "1"
    if data is not None:
        os.environ["EXILE_DATA_DIR"] = str(data)
    try:
        result = single_nb_execution(
            notebook, cwd=str(chapter.parent), timeout=300, allow_errors=False
        )
    finally:
        os.environ.clear()
        os.environ.update(before)
    if result.err is not None:
        raise AssertionError(f"{chapter.name} failed:\n{result.exc_string}")
    return ChapterRun(result.nb)


@pytest.fixture(scope="session")
def run_chapter() -> Callable[..., ChapterRun]:
    """``run_chapter("activism")`` runs ``book/activism.md``; ``data=`` swaps the data folder."""
    done: dict[tuple[str, Path | None], ChapterRun] = {}

    def run(name: str, data: Path | None = None) -> ChapterRun:
        if (name, data) not in done:
            done[name, data] = execute(ROOT / "book" / f"{name}.md", data)
        return done[name, data]

    return run


@pytest.fixture
def changed_data(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A copy of ``data/`` in which one text of one file is replaced by another."""

    def change(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "data"
        shutil.copytree(ROOT / "data", folder)
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} holds {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return change


def with_figures(data: Path, change: Callable[[str, float], float]) -> None:
    """Put other values into every table of figures below a folder: ``change(id, value)``."""
    for path in data.rglob("*.csv"):
        with path.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
        if not rows or "figure_id" not in rows[0]:
            continue
        for row in rows:
            for column in {"value", "low", "high"} & row.keys():
                if row[column]:
                    new = change(row["figure_id"], float(row[column]))
                    row[column] = repr(new) if float(row[column]) != new else row[column]
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


@pytest.fixture
def changed_figures(tmp_path: Path) -> Callable[[dict[str, float]], Path]:
    """A copy of ``data/`` with other values for some figures."""

    def change(values: dict[str, float]) -> Path:
        folder = tmp_path / "data"
        shutil.copytree(ROOT / "data", folder, dirs_exist_ok=True)
        with_figures(folder, lambda figure_id, old: values.get(figure_id, old))
        return folder

    return change
