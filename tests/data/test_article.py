"""No sentence of the article was left out, and each claim stands in one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from exile.case import register
from exile.data import table
from exile.data.article import digest, sentences

SENTENCES = table("article_sentences")
ARTICLE = os.environ.get("EXILE_ARTICLE")


def claims_made():
    made = SENTENCES.dropna(subset=["claims"])
    return [(p, c) for p, cs in zip(made["paragraph"], made["claims"]) for c in cs.split(";")]


def test_each_sentence_makes_claims_or_says_why_not():
    assert (SENTENCES["claims"].notna() ^ SENTENCES["reason"].notna()).all()


def test_each_claim_of_the_register_is_made_in_its_paragraph_and_no_other_is():
    claims = register().claims
    made = claims_made()
    assert {c for _, c in made} == {*claims}
    assert {(claim.paragraph, name) for name, claim in claims.items()} <= {*made}


def test_numbering_has_no_gaps():
    paragraphs = SENTENCES.groupby("paragraph")["sentence"]
    assert [*paragraphs.groups] == [*range(len(paragraphs))]
    for _, numbers in paragraphs:
        # 0 is a heading, which a paragraph may lack.
        assert [n for n in numbers if n] == [*range(1, numbers.max() + 1)]
    assert SENTENCES[["paragraph", "sentence"]].equals(
        SENTENCES[["paragraph", "sentence"]].sort_values(["paragraph", "sentence"])
    )


def test_the_count():
    """As counted by hand in the article: a title and three headings, 45 sentences."""
    headings = SENTENCES["sentence"] == 0
    assert (headings.sum(), (~headings).sum()) == (4, 45)


def test_figures_of_the_article_stand_in_sentences_that_make_claims():
    paragraphs = {p for p, _ in claims_made()}
    assert {*table("article_figures")["paragraph"]} <= paragraphs


@pytest.mark.skipif(ARTICLE is None, reason="EXILE_ARTICLE names no text of the article")
def test_the_table_is_that_of_the_article():
    text = Path(ARTICLE).read_text(encoding="utf-8")
    found = [(s.paragraph, s.number, digest(s.text)) for s in sentences(text)]
    kept = SENTENCES[["paragraph", "sentence", "sha256"]].itertuples(index=False, name=None)
    assert found == [*kept]


class TestSplitting:
    def test_title_standfirst_heading_and_body(self):
        text = "A title? Yes\nOne. Two!\n\nHeading\nThree?  Four\tends.\n"
        found = [(s.paragraph, s.number, s.text) for s in sentences(text)]
        assert found == [
            (0, 0, "A title? Yes"),
            (0, 1, "One."),
            (0, 2, "Two!"),
            (1, 0, "Heading"),
            (1, 1, "Three?"),
            (1, 2, "Four ends."),
        ]

    @pytest.mark.parametrize("whole", ["In St. Petersburg.", "Up 3.5 times. and on.", "A U.S.A.?"])
    def test_what_is_no_break(self, whole):
        assert [s.text for s in sentences(whole)] == [whole]

    def test_white_space_and_composition_of_letters_do_not_change_a_hash(self):
        one, other = (next(sentences(t)).text for t in ("caf\u00e9  is.", "cafe\u0301 is. "))
        assert digest(one) == digest(other)
