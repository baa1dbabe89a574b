"""Runs the chapters' cells on respondents, and keeps whatever they write past the door.

The cells run in this process, one chapter after the other, and are no part of a notebook:
they have no kernel and no cache. What a cell prints, displays or returns is dropped and
named, for it could be answers; of an error the type and the place are told, since its
message may quote the values that it failed on.
"""

from __future__ import annotations

import ast
import io
import re
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import exile
from exile.custody.catalogue import catalogue
from exile.custody.counts.run import Run
from exile.custody.release import survey as door
from exile.custody.release.estimates import Cells
from exile.custody.release.outputs import Output
from exile.custody.release.rules import Profile
from exile.custody.release.survey import Survey, words
from exile.errors import InputError

CELL = re.compile(r"^```\{code-cell\}\n((?::[^\n]*\n)*)\n?(.*?)^```\n?", re.DOTALL | re.MULTILINE)


def chapters_folder() -> Path:
    return Path(exile.__file__).parents[1] / "book" / "respondents"


def cells(text: str) -> list[str]:
    """The code of each cell, in order."""
    return [found[2] for found in CELL.finditer(text)]


def bears_on(text: str, variables: frozenset[str] | set[str]) -> bool:
    """Whether a chapter takes up a claim for which the survey has the answers."""
    named = [need for need in catalogue().needs if f'"{need.claim}"' in text]
    return not named or any(set(need.variables) <= set(variables) for need in named)


def run_all(
    run: Run, counts: Mapping[str, Cells], profile: Profile, folder: Path | None = None
) -> tuple[tuple[Output, ...], tuple[str, ...]]:
    """What all chapters would release, after the joint audit, and what was dropped.

    Raises
    ------
    InputError
        If a cell fails: its chapter, number and line, and the type of the error.
    """
    survey, dropped = Survey(run, counts, profile), []
    with holding(survey):
        for path in sorted((folder or chapters_folder()).glob("*.md")):
            text = path.read_text(encoding="utf-8")
            if bears_on(text, set(run.variables)):
                dropped += run_chapter(survey, path.stem, cells(text))
    return survey.outputs(), tuple(dropped)


def run_chapter(survey: Survey, chapter: str, codes: list[str]) -> list[str]:
    """Run one chapter's cells; name what was dropped."""
    dropped = []
    names: dict[str, object] = {"__name__": "respondents"}
    survey.chapter = chapter
    survey.words = words(" ".join(_texts("\n".join(codes))))
    for number, code in enumerate(codes, 1):
        survey.cell = number
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = _run(code, names, f"cell {number} of {chapter}")
        streams = (("stdout", out), ("stderr", err))
        kinds = [name for name, stream in streams if stream.getvalue().strip()]
        kinds += ["value"] if value is not None else []
        dropped += [f"dropped: {kind} of cell {number} of {chapter}" for kind in kinds]
    return dropped


def _run(code: str, names: dict[str, object], where: str) -> object:
    """The value of the last expression, as a notebook would show it."""
    tree = ast.parse(code, where)
    last = None
    if tree.body and isinstance(end := tree.body[-1], ast.Expr):
        tree.body.pop()
        last = ast.Expression(end.value)
    try:
        exec(compile(tree, where, "exec"), names)  # noqa: S102 (a chapter of the book)
        return eval(compile(last, where, "eval"), names) if last else None
    except (Exception, SystemExit) as error:  # noqa: BLE001
        # Neither the message nor the chain of causes may be seen: both can hold answers.
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == where]
        line = f", line {lines[-1]}" if lines else ""
        kind = type(error).__name__
    raise InputError(
        f"{where}{line}", f"it ended in {kind}", "Run its lines by hand, beside the file."
    )


def _texts(code: str) -> list[str]:
    """What a chapter's author wrote: the text in its code."""
    return [
        node.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@contextmanager
def holding(survey: Survey) -> Iterator[None]:
    door.current.append(survey)
    try:
        yield
    finally:
        door.current.pop()
