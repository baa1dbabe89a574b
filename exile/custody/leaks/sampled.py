"""What a survey's file holds that no page may: ids and open answers."""

from __future__ import annotations

import re
from pathlib import Path

from exile.custody.leaks.raw import WINDOW, Secrets
from exile.custody.source.codebook import Codebook
from exile.custody.source.columns import canonical
from exile.custody.source.reading import files, open_source, place, read

# Longer than any label of a category, with a space: somebody wrote it.
SENTENCE = re.compile(r"\S+(\s+\S+)+")


class _Texts:
    """The different texts of a column, those alone that look written."""

    def __init__(self, everything: bool):
        self.found: set[str] = set()
        self._everything = everything

    def texts(self, cells) -> None:
        self.found |= {
            text
            for text in map(str, filter(None, cells))
            if self._everything or (len(text) >= WINDOW and SENTENCE.fullmatch(text.strip()))
        }

    def numbers(self, cells, convert=None) -> None:
        if self._everything:
            self.found |= {canonical(cell) for cell in cells.tolist()}


def secrets(path: Path, codebook: Codebook) -> Secrets:
    """Ids and open answers of the file, in memory only, for the scanner to look for.

    Every text column counts, mapped or not: an open answer need not be declared to be
    one. A text that the codebook maps is a code and no answer.

    Raises
    ------
    InputError
        As :func:`exile.custody.source.reading.read`.
    """
    known = {code for m in codebook.mappings.values() for code in (*m.codes, *m.missing)}
    ids: set[str] = set()
    answers: set[str] = set()
    for wave, file in files(path, codebook.form):
        source = open_source(file, codebook.form)
        person = place(file, source.columns, codebook.mappings["respondent"].in_wave(wave))
        sinks = {
            at: _Texts(at == person)
            for at, column in enumerate(source.columns)
            if column.text or at == person
        }
        read(file, source, sinks)
        ids |= sinks.pop(person).found
        answers = answers.union(*(sink.found for sink in sinks.values()))
    return Secrets((i.strip() for i in ids), answers - known)
