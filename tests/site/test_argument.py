"""The synthesis argues from headlines, and no further than they reach."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from exile import case
from exile.audit.headline import Headline
from exile.audit.ledger import Entry
from exile.errors import InputError
from exile.site import argument

BOOK = Path(__file__).parents[2] / "book"

RULES = case.rules()
CLAIM = next(iter(case.register().claims.values()))
CODES = [r.code for r in RULES.headlines]


def page(code: str) -> str:
    """A paragraph that may stand under the first headline, when the claim's is ``code``."""
    entry = Entry(
        claim=CLAIM,
        chapter="book/x",
        judged=(),
        statements={"en": "S", "ru": "S"},
        headline=Headline(code, "respondents"),
        answers={"en": "The answer."},
    )
    env = SimpleNamespace(exile_ledger={CLAIM.id: entry})
    document = new_document("x")
    held = argument.argued(premises=[(CLAIM.id, (CODES[0],))])
    held += nodes.paragraph("", "What is argued.")
    document += held
    argument.resolve(SimpleNamespace(env=env), document, "book/x")
    return document.astext()


@pytest.mark.parametrize("code", CODES)
def test_a_paragraph_stands_while_its_headline_does_and_gives_way_to_the_answer(code):
    said = page(code)
    assert ("What is argued." in said) == (code == CODES[0])
    assert ("The answer." in said) == (code != CODES[0])


@pytest.mark.parametrize("codes", [[], ["hold"], ["holds", "opened"]])
def test_a_paragraph_names_headlines_that_there_are(codes):
    with pytest.raises(InputError, match="headline"):
        argument._check_headlines(CLAIM.id, codes)


def test_every_paragraph_stands_today(site):
    """Else the page would print answers where it says that it argues."""
    source = (BOOK / "synthesis.md").read_text("utf-8")
    html = (site / "book" / "synthesis.html").read_text("utf-8")
    assert html.count('class="argued-of"') == source.count("```{argued}")


def test_no_number_of_it_is_typed():
    source = (BOOK / "synthesis.md").read_text("utf-8")
    prose = re.sub(r"\{\w+\}`[^`]*`|```\{argued\}.*", "", source)
    # Years are dates of what is spoken of.
    assert not re.findall(r"(?<![\w–])(?!(?:19|20)\d\d\b)\d+", prose.replace("1992–93", ""))
