"""No figure in the prose is typed: dates and names apart, it is computed or from the register."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = sorted([*BOOK.glob("*.md"), *BOOK.glob("respondents/*.md")])

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# What a chapter may hold in digits: dates and years, names that contain a number, and our own
# conventions where a sentence explains them.
ALLOWED = [
    rf"\b\d{{1,2}}(?: (?:or|to) \d{{1,2}})? (?:{MONTHS})(?: (?:19|20)\d\d)?",
    rf"(?:{MONTHS}) (?:19|20)\d\d",
    r"\b(?:19|20)\d\d(?:s\b|[–-](?:19|20)?\d\d)?\b",
    r"\b[Ww]aves? \d+[ab]?(?:(?:,| to| and|–) \d+[ab]?)*",
    r"\b[Rr]ounds? \d+(?:(?:,| to| and|–) \d+)*",
    r"\b[Aa]ged? \d+(?:(?: to |–|-)\d+| and over|\+)?",
    r"(?<=[:;.] )[1-9]\. ",
    r"\b[Ss]earch S\d{3}\b",
    r"\b(?:5|90|95) % (?:level|interval|confidence)",
]
NUMERAL = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|ninety|hundred|thousand|million)"
)
WORDS = [
    rf"\b(?:one|{NUMERAL})[- ](?:thirds?|quarters?|fifths?|tenths?)\b",
    r"\ba (?:third|quarter|fifth|tenth) of\b",
    rf"\b(?:one|{NUMERAL}) (?:in|out of) {NUMERAL}\b",
    rf"\b{NUMERAL}(?:[- ]{NUMERAL})* (?:per cent|percent|points)\b",
    rf"\b(?:{NUMERAL} )+(?:thousand|million)\b",
]
# Reviewed: chapter, text around the figure, and why it may stand.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("education_and_means", "men of 18 to 24"): "bounds of an age group",
    ("education_and_means", '"four in five"'): "a source's wording, quoted",
    ("how_many_left", "some 70 countries"): "describes a source, as it describes itself",
    ("ledger", "0 is the standfirst"): "numbering of the article's paragraphs",
    ("replication_items", "items this book meets 30 and"): "counted in a test of the page",
    ("replication_items", "meets 8 in part"): "counted in a test of the page",
    ("replication_items", "CC BY 4.0"): "the name of a licence",
    ("your_own_microdata", "counted from 1"): "how a column is named in a codebook",
    ("your_own_microdata", "27 of 40 pairs"): "measured and held in a test of releases",
    ("your_own_microdata", "surveys of 900 people"): "made for that test",
    ("your_own_microdata", "in 19 it is a count"): "measured and held in the same test",
    ("your_own_microdata", "tenth of those asked twice"): "the rule of the codebook, explained",
}


def prose(text: str) -> str:
    """A chapter without front matter, code, directives, roles, addresses and comments."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^(`{3,}|:{3,})\{.*?^\1 *$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"\{[\w:]+\}`[^`]*`", "", text)
    text = re.sub(r"`[^`]*`|\]\([^)]*\)|<[^>]+>|\$[^$]*\$", "", text)
    return re.sub(r"\s+", " ", text)


def typed_figures(text: str) -> list[str]:
    """Each figure that is typed, with a little of what stands around it."""
    left = prose(text)
    for pattern in ALLOWED:
        left = re.sub(pattern, "", left)
    found = [
        left[max(0, m.start() - 30) : m.end() + 30]
        for pattern in (r"\d[\d.,]*", *WORDS)
        for m in re.finditer(pattern, left, flags=re.IGNORECASE)
    ]
    return found


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda p: p.stem)
def test_no_figure_is_typed(chapter):
    found = [
        text
        for text in typed_figures(chapter.read_text(encoding="utf-8"))
        if not any(c == chapter.stem and known in text for c, known in EXCEPTIONS)
    ]
    assert not found


def test_every_exception_is_still_needed():
    stale = [
        (chapter, known)
        for chapter, known in EXCEPTIONS
        if not any(known in t for t in typed_figures((BOOK / f"{chapter}.md").read_text("utf-8")))
    ]
    assert not stale


@pytest.mark.parametrize(
    "sentence",
    [
        "It rose to 32 %.",
        "About 1,500 people answered.",
        "An odds ratio of 2.4.",
        "Two thirds of them left.",
        "Nine in ten oppose the war.",
        "A quarter of the migrants work in it.",
        "Some seven hundred thousand left.",
        "It fell by twenty-three points.",
    ],
)
def test_the_scan_finds_figures(sentence):
    assert typed_figures(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "On 24 February 2022 it began.",
        "Waves 3 to 6 of Chronicles, and wave 7a.",
        "In the 2010s, in 2014-2022 and in March 2023.",
        "The share was {glue:text}`em_edu_80` against {stated}`car-27-4.russia`.",
        "```{code-cell}\nx = 27\n```",
        "One of the two waves.",
    ],
)
def test_the_scan_lets_dates_names_and_computed_numbers_stand(sentence):
    assert not typed_figures(sentence)
