"""What only the restricted file holds, kept in memory: ids, open answers, rows."""

from __future__ import annotations

import re
from collections.abc import Iterable

WINDOW = 12  # a shorter answer cannot be told from common words
ROW = 4  # cells from which on a row is a row of this file and no chance
_WORD = re.compile(r"[^\W_](?:[\w.@-]*\w)?")


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
