"""The last look at a release: no id, no open answer and no row of the file stands in it.

Releases hold nothing of the kind by construction; this finds what was typed into a chapter.
It looks for exact secrets alone, kept in memory. Whatever else might hide in words is for
people to find.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from exile.custody.release.outputs import Release, report
from exile.custody.source.codebook import Codebook
from exile.custody.source.columns import canonical
from exile.custody.source.reading import files, open_source, place, read
from exile.errors import InputError

WINDOW = 12  # a shorter answer cannot be told from common words
ROW = 4  # cells from which on a row is a row of this file and no chance
_WORD = re.compile(r"[^\W_](?:[\w.@-]*\w)?")
# Longer than any label of a category, with a space: somebody wrote it.
SENTENCE = re.compile(r"\S+(\s+\S+)+")
MOST_ROWS = 100_000  # whose cells are kept; of larger files ids and texts are


def tokens(text: str) -> list[str]:
    """The words and numbers of a text, in order."""
    return _WORD.findall(text.casefold())


class Secrets:
    """Exact secrets of a file, to be found in a text wherever they stand.

    Parameters
    ----------
    ids : iterable of str
        Ids of respondents; whole numbers below a million are too common to look for.
    answers : iterable of str
        Texts that respondents wrote; those shorter than 12 characters are too common.
    rows : iterable of sequences of str
        Rows of the file, of four cells or more.
    """

    def __init__(
        self, ids: Iterable[str], answers: Iterable[str], rows: Iterable[Iterable[str]] = ()
    ):
        self._ids = {i.strip().casefold() for i in ids if not (i.isdigit() and len(i) < 7)} - {""}
        self._answers: dict[tuple[str, ...], list[list[str]]] = {}
        for answer in answers:
            if len(answer) >= WINDOW:
                found = tokens(answer)
                self._answers.setdefault(tuple(found[:2]), []).append(found)
        self._rows = {row for cells in rows if len(row := tuple(tokens(" ".join(cells)))) >= ROW}

    def found_in(self, text: str) -> list[str]:
        """What kinds of secrets a text holds; never which."""
        words = tokens(text)
        kinds = []
        if self._ids & {*words, *text.casefold().split()}:
            kinds.append("a respondent's id")
        if any(
            words[at : at + len(answer)] == answer
            for at in range(len(words))
            for answer in self._answers.get(tuple(words[at : at + 2]), ())
        ):
            kinds.append("an answer in a respondent's words")
        if any(
            tuple(words[at : at + size]) in self._rows
            for size in {len(row) for row in self._rows}
            for at in range(len(words) - size + 1)
        ):
            kinds.append("a row of the file")
        return kinds


class _Cells:
    """The cells of a column as text, and the different ones that look written."""

    def __init__(self, everything: bool):
        self.found: set[str] = set()
        self.rows: list[str] = []
        self._everything = everything

    def texts(self, cells) -> None:
        self._keep(["" if cell is None else str(cell) for cell in cells])

    def numbers(self, cells, convert=None) -> None:
        self._keep(["" if cell is None else canonical(cell) for cell in cells.tolist()])

    def coded(self, places, found) -> None:
        self.texts([found[place] for place in places])

    def _keep(self, texts: list[str]) -> None:
        self.rows += islice(texts, MOST_ROWS - len(self.rows))
        self.found |= {
            text
            for text in set(texts) - {""}
            if self._everything or (len(text) >= WINDOW and SENTENCE.fullmatch(text.strip()))
        }


def secrets(path: Path, codebook: Codebook) -> Secrets:
    """Ids, open answers and rows of the file, in memory only, to be looked for.

    Every column counts, mapped or not: an open answer need not be declared to be one. A
    text that the codebook maps is a code and no answer.

    Raises
    ------
    InputError
        As :func:`exile.custody.source.reading.read`.
    """
    known = {code for m in codebook.mappings.values() for code in (*m.codes, *m.missing)}
    ids: set[str] = set()
    answers: set[str] = set()
    rows: list[tuple[str, ...]] = []
    for wave, file in files(path, codebook.form):
        source = open_source(file, codebook.form)
        held = codebook.mappings["respondent"].in_wave(wave)
        assert held is not None, "a codebook names the ids of every wave"
        person = place(file, source.columns, held)
        # In place of the counting ones.
        sinks: dict[int, Any] = {at: _Cells(at == person) for at in range(len(source.columns))}
        read(file, source, sinks)
        ids |= sinks[person].found
        answers = answers.union(*(s.found for at, s in sinks.items() if at != person))
        rows += zip(*(sink.rows for sink in sinks.values()), strict=False)
    return Secrets((i.strip() for i in ids), answers - known, rows)


def refuse_secrets(release: Release, file: Path, codebook: Codebook) -> None:
    """Compare everything that a release says with its file.

    Raises
    ------
    InputError
        Naming the output and the kind of secret, never the secret.
    """
    held = secrets(file, codebook)
    for output in release.outputs:
        rows = (" ".join((*cell.levels, str(cell.about))) for cell in output.cells)
        said = "\n".join((output.text, *output.variables, *rows))
        if kinds := held.found_in(said):
            raise InputError(
                f"output {output.id}, cell {output.cell} of {output.chapter}",
                f"it holds {' and '.join(kinds)}",
                "Take it out of the chapter; nothing was written.",
            )
    if kinds := held.found_in(report(release)):
        raise InputError("release", f"it holds {' and '.join(kinds)}", "See the codebook's words.")
