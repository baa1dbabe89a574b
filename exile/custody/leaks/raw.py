"""What only the restricted file holds: ids and open answers, kept in memory."""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from exile.errors import InputError

WINDOW = 12  # so many characters of an answer in a row are a quotation of it
# Words that anyone writes ("because of the war") are a quotation only at this length.
COMMON = 32
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_ALIKE = str.maketrans("‘’‚“”„«»–—−", '\'\'\'"""""---')
_BASE64 = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{16,}={0,2}")
_WORD = re.compile(r"\w(?:[\w.-]*\w)?")


def normal(text: str) -> str:
    """Text without what may differ between a quotation and what it quotes.

    Escapes of HTML, JSON and addresses are undone; case, accents' encoding, white
    space, quotation marks and dashes are levelled.
    """
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.replace("\\n", " ").replace("\\t", " ").replace('\\"', '"')
        # Halves of a pair of surrogates mean nothing alone.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "%" in text:
        text = unquote(text)
    if "&" in text:
        text = unescape(text)
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold().translate(_ALIKE)
    return " ".join(text.split())


class Secrets:
    """Ids and open answers of respondents, to be found wherever they turn up.

    Parameters
    ----------
    ids : iterable of str or int
        Ids of respondents. Whole numbers below a million are looked for only where a
        column or key says that they are ids; others as whole words.
    answers : iterable of str
        Open answers; those shorter than 12 characters cannot be told from common words.
    """

    def __init__(self, ids: Iterable[str | int], answers: Iterable[str]):
        held = {str(i).strip().casefold() for i in ids} - {""}
        self.small_ids = frozenset(i for i in held if i.isdigit() and len(i) < 7)
        self.ids = frozenset(held - self.small_ids)
        self._windows = {
            window for answer in answers for window in _windows(normal(answer)) if window.strip()
        }
        self._common: set[str] = set()
        self._allowed: Iterable[str] = ()

    def __repr__(self) -> str:
        return f"Secrets({len(self.ids) + len(self.small_ids)} ids)"

    @classmethod
    def read(cls, path: Path) -> Secrets:
        """From JSON ``{"ids": [...], "answers": [...]}``.

        Raises
        ------
        InputError
            If the file has another form.
        """
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
            return cls(held["ids"], held["answers"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                path.name,
                "it does not hold ids and answers",
                'Write {"ids": [...], "answers": [...]} as JSON in UTF-8.',
            ) from None

    def allow_for(self, texts: Iterable[str]) -> None:
        """Name texts that were public before: their turns of phrase prove nothing."""
        # The book's texts are the same from scan to scan.
        if texts is self._allowed:
            return
        self._allowed = texts
        for text in texts:
            self._common.update(w for w in _windows(normal(text)) if w in self._windows)

    def quoted(self, text: str) -> int:
        """Characters of the longest quotation of an open answer in a text; 0 for none."""
        longest = self._longest(normal(text))
        for found in _BASE64.finditer(text) if self._windows else ():
            longest = max(longest, self._longest(normal(decoded(found[0]))))
        return longest

    def named(self, text: str, *, under_id: bool = False) -> bool:
        """Whether an id stands in a text; ``under_id`` where a column says it is one."""
        if under_id and text.strip().removesuffix(".0") in self.small_ids:
            return True
        if not self.ids:
            return False
        plain = unescape(unquote(text)).casefold()
        words = {
            word for found in _WORD.finditer(plain) for word in (found[0], *found[0].split("."))
        }
        words |= {plain.strip()}
        if words & self.ids:
            return True
        inner = (decoded(found[0]).casefold() for found in _BASE64.finditer(text))
        return any(w[0] in self.ids for part in inner if part for w in _WORD.finditer(part))

    def _longest(self, text: str) -> int:
        longest, begin, previous, telling = 0, 0, -2, False
        windows, common = self._windows, self._common
        for at in range(len(text) - WINDOW + 1):
            window = text[at : at + WINDOW]
            if window not in windows:
                continue
            if at != previous + 1:
                begin, telling = at, False
            previous, telling = at, telling or window not in common
            length = at + WINDOW - begin
            if telling or length >= COMMON:
                longest = max(longest, length)
        return longest


def decoded(token: str) -> str:
    """The text that a base64 token stands for; empty if it stands for none."""
    token = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _windows(text: str) -> Iterable[str]:
    return (text[i : i + WINDOW] for i in range(len(text) - WINDOW + 1))
