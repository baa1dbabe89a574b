"""What stops the build, with which words, and what a good build leaves."""

from __future__ import annotations

import json
import os

import pytest
from small_books import HEAD, build, chapter

SOURCES = "\n```{source-list}\n```\n"
FRONT = f"# Front\n\n```{{claim-dashboard}}\n```\n\n```{{claim-ledger}}\n```\n{SOURCES}"
EMPTY_FRONT = f"# Front\n{SOURCES}"


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        pytest.param(
            {"one": HEAD + "# One\n\n```{code-cell}\n1 / 0\n```\n"},
            "one.md: a code cell failed",
            id="cell error",
        ),
        pytest.param(
            {"one": chapter("better-of")},
            "no such claim in the register. Did you mean 'better-off'?",
            id="finding on an unknown claim",
        ),
        pytest.param(
            {"one": chapter(part="laed")},
            "no part 'laed' in the register. Did you mean 'lead'?",
            id="finding on an unknown part",
        ),
        pytest.param(
            {"one": "# One\n\n```{claim-card} better-of\n```\n"},
            "claim 'better-of': no such claim. Did you mean 'better-off'?",
            id="card of an unknown claim",
        ),
        pytest.param(
            {"one": chapter(), "two": chapter()},
            "book/two: claim 'better-off' is already judged in book/one",
            id="two chapters in conflict",
        ),
        pytest.param(
            {"one": chapter(card=False)},
            "book/one: it judges 'better-off' but shows no card of it",
            id="a verdict nobody sees",
        ),
        pytest.param(
            {"one": chapter(source="nobody")},
            "no figure or source 'nobody'",
            id="unknown source",
        ),
        pytest.param(
            {"one": "# One\n\nIt says {stated}`better-off.share`.\n"},
            "the article states no 'share' there",
            id="a number that the article does not state",
        ),
    ],
)
def test_a_wrong_book_is_refused_with_a_clear_message(make_book, pages, message):
    folder = make_book(front=EMPTY_FRONT, **pages)
    result = build(folder)
    assert result.returncode != 0
    assert message in result.stdout + result.stderr
    assert not (folder / "_build" / "html" / "claims.json").exists()


def test_a_book_that_leaves_a_claim_out_is_refused(make_book):
    """As the book itself is configured: take a claim's findings away, and it does not build."""
    folder = make_book(front=EMPTY_FRONT, one=chapter())
    config = folder / "_config.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("exile_require_all: false", "exile_require_all: true"))
    result = build(folder)
    assert result.returncode != 0
    assert "no chapter judges it" in result.stdout + result.stderr
    assert not (folder / "_build" / "html" / "claims.json").exists()


def test_one_collection_feeds_every_page_fresh_and_cached(make_book):
    folder = make_book(front=FRONT, one=chapter())
    first = build(folder)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "executing 1 chapters" in first.stdout
    html = folder / "_build" / "html"

    def published() -> tuple[str, str, dict]:
        claims = json.loads((html / "claims.json").read_text(encoding="utf-8"))
        record = next(c for c in claims if c["id"] == "better-off")
        front = (html / "book" / "front.html").read_text(encoding="utf-8")
        return front, (html / "book" / "one.html").read_text(encoding="utf-8"), record

    front, one, record = published()
    label = record["verdicts"][0]["label"]
    assert label == "Repeated"
    assert record["headline"]["word"] == "Rests on its own figures"
    assert label in front
    assert label in one
    assert record["chapter"] == "book/one.html#better-off"
    assert 'id="better-off"' in one

    # Everything again, from the cache of executed chapters alone.
    for page in (folder / "book").glob("*.md"):
        page.touch()
    (folder / "_build" / "html" / "claims.json").unlink()
    os.utime(folder / "_config.yml")
    again = build(folder)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "executing" not in again.stdout
    assert published()[2] == record

    # A finding that goes leaves no trace on pages whose own text did not change.
    (folder / "book" / "one.md").write_text("# One\n", encoding="utf-8")
    assert build(folder).returncode == 0
    front, _, record = published()
    assert label not in front.split("<table")[1]
    assert record["status"] == "not yet audited"
