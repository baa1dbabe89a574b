"""What a survey's file holds that no page may: ids, open answers, rows."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import Any

from exile.custody.leaks.raw import WINDOW, Secrets
from exile.custody.source.codebook import Codebook
from exile.custody.source.columns import canonical
from exile.custody.source.reading import files, open_source, place, read

# Longer than any label of a category, with a space: somebody wrote it.
SENTENCE = re.compile(r"\S+(\s+\S+)+")
MOST_ROWS = 100_000  # whose cells are kept; of larger files ids and texts are


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
