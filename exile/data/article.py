"""How the article is cut into the sentences that ``article_sentences.csv`` counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

# A new sentence: after a full stop, question or exclamation mark, before a capital letter or
# an opening quotation mark; "St. Petersburg" is one name.
BREAK = re.compile(r"(?<=[.?!])(?<!\bSt\.) (?=[A-Z‘“])")


@dataclass(frozen=True)
class Sentence:
    """``number`` counts from 1 in the paragraph; 0 is the heading above it."""

    paragraph: int
    number: int
    text: str


def sentences(article: str) -> Iterator[Sentence]:
    """The sentences of the article's text, one paragraph or heading on each line.

    The first line is the title, the first paragraph the standfirst, which has the number 0.
    A line that does not end like a sentence is a heading.
    """
    paragraph = 0
    for line in article.splitlines():
        text = " ".join(unicodedata.normalize("NFC", line).split())
        if not text:
            continue
        if text[-1] not in ".?!":
            yield Sentence(paragraph, 0, text)
            continue
        for number, sentence in enumerate(BREAK.split(text), 1):
            yield Sentence(paragraph, number, sentence)
        paragraph += 1


def digest(sentence: str) -> str:
    """What the table keeps of a sentence."""
    return sha256(sentence.encode("utf-8")).hexdigest()[:16]
