"""What the synthesis shows follows from the ledger: every verdict once, nothing settled asked for."""

from __future__ import annotations

import re
from dataclasses import replace

from exile.audit import Citation, Evidence, Finding, Interval
from exile.audit.claims import Article, Bounds, Claim, Part, Register, Request
from exile.audit.ledger import build_ledger
from exile.case import rules
from exile.site import cards, synthesis

RULES = rules()


def link(page: str) -> str:
    return f"{page}.html"


def finding(claim: str, low: float, high: float, part: str = "one", **evidence) -> Finding:
    gap = Evidence(
        label="a gap",
        grade="C",
        region=Interval(low, high),
        figures=("F1", "F2"),
        cited=(Citation("s", "F1"), Citation("s", "F2")),
        method="made up for this test",
        **evidence,
    )
    return Finding(
        claim=claim, part=part, scope="respondents", evidence=(gap,), summary=f"Summary of {claim}."
    )


PART = Part(
    words="a lead",
    kind="comparison",
    core=True,
    of=("respondents",),
    unit="share_difference",
    true_if=Bounds(above=0),
    because="The sentence asserts it.",
)


def claim(id_: str, *rests_on: str) -> Claim:
    return Claim(
        id=id_,
        paragraph=1,
        kind="change",
        statement=f"Statement {id_}.",
        parts={"one": PART, "other": replace(PART, words="another lead")},
        rests_on=rests_on,
    )


REGISTER = Register(
    Article("t", "p", "u"),
    {c.id: c for c in (claim("a", "b", "c"), claim("b", "d"), claim("c"), claim("d"), claim("e"))},
    (
        Request("settles nothing open", "H", ("a",)),
        Request("settles one", "H", ("a", "c")),
        Request("settles two", "H", ("b", "c")),
    ),
)
LEDGER = build_ledger(
    REGISTER,
    {
        "x": [
            finding("a", 0.2, 0.3, robustness=7.0),  # supported, strong
            finding("b", -0.1, 0.3),  # open
            finding("b", -0.3, -0.2, part="other", robustness=1.5),  # contradicted, fragile
            finding("c", -0.1, 0.3),  # open
            finding("d", -0.3, -0.2),  # contradicted
            finding("e", 0.2, 0.3),
            finding("e", 0.2, 0.3, part="other"),
        ]
    },
    RULES,
)


def test_the_tree_starts_with_conclusions_and_repeats_no_premise():
    html = synthesis.premises(LEDGER, RULES, link)
    # a rests on b (which rests on d) and c; e neither rests on a claim nor supports one.
    assert re.findall(r"<ul>|</ul>|Statement \w", html.split(">", 1)[1].rsplit("<", 1)[0]) == [
        "Statement a",
        "<ul>",
        "Statement b",
        "<ul>",
        "Statement d",
        "</ul>",
        "Statement c",
        "</ul>",
    ]


def test_only_numbers_that_bear_on_undecided_claims_are_asked_for():
    html = synthesis.requests(REGISTER, LEDGER, RULES, link)
    assert re.findall(r'request-number">([^<]+)<', html) == ["settles two", "settles one"]
    assert re.findall(r"Bears on (\d)", html) == ["2", "1"]


def test_the_ledger_marks_each_row_for_its_filters():
    html = cards.ledger(LEDGER, RULES, link)
    rows = re.findall(r'<tr data-verdict="(\w+)" data-scope="(\w+)" data-grade="(\w)"', html)
    assert len(rows) == sum(len(e.judged) for e in LEDGER.values())
    offered = re.findall(r'<option value="(\w+)">', html)
    assert {value for row in rows for value in row} <= set(offered)


def test_cards_lead_through_the_article_claim_by_claim():
    """Following 'next' from the first claim visits each once, and 'before' leads back."""
    html = {c: cards.card(e, LEDGER, RULES, str, link) for c, e in LEDGER.items()}

    def step(claim_id: str, relation: str) -> str | None:
        found = re.search(rf'rel="{relation}" href="x.html#(\w)"', html[claim_id])
        return found and found[1]

    first = next(c for c in html if step(c, "prev") is None)
    visited = [first]
    while following := step(visited[-1], "next"):
        assert step(following, "prev") == visited[-1]
        visited.append(following)
    assert sorted(visited) == sorted(LEDGER)
