"""A book that holds a survey: its answers move verdicts, and every page says so."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
import yaml
from small_books import build, chapter

from exile.custody import RUN_VARIABLE
from exile.custody.counts.run import count_file, save
from exile.custody.source.codebook import load_codebook

FRONT = "# Front\n\n```{claim-ledger}\n```\n\n```{source-list}\n```\n"
ANSWERS = """## On the respondents' own answers

```{code-cell}
:tags: [hide-input, respondents]
from exile.statistics.intervals import Interval
from exile.custody.release.estimates import measured_change
from exile.custody.release.held import held

survey = held()
survey.table("before_rally", "after_rally", over="before_rally")
survey.record(
    claim="rallies-49-26", true_if=Interval.%s(0), published=Interval(-0.24, -0.22),
    measured=measured_change(
        survey.cells("rally"), "before_rally", "after_rally", label="change in rallies"
    ),
)
```
"""
YES_NO = {1: "yes", 2: "no"}


def people(n: int) -> pd.DataFrame:
    """Exactly 49 % before and 26 % after, and no mark: for this test they pass as real."""
    before, after = np.zeros(n, int) + 2, np.zeros(n, int) + 2
    before[: round(0.49 * n)] = 1
    after[: round(0.20 * n)] = 1
    after[-round(0.06 * n) :] = 1
    return pd.DataFrame({"id": range(n), "b": before, "a": after})


@pytest.fixture
def run(tmp_path_factory, monkeypatch):
    """Count people and let the next build hold them."""

    def count(n: int) -> None:
        folder = tmp_path_factory.mktemp("survey")
        people(n).to_csv(folder / "people.csv", index=False)
        about = {
            "name": "<b>A & B</b>", "custodian": "c", "fieldwork": "f", "same_data_as_article": True
        }  # fmt: skip
        variables = {
            "respondent": {"column": "id"},
            "before_rally": {"column": "b", "codes": YES_NO},
            "after_rally": {"column": "a", "codes": YES_NO},
        }
        (folder / "codebook.yaml").write_text(
            yaml.safe_dump({"about": about, "variables": variables})
        )
        counted = count_file(folder / "people.csv", load_codebook(folder / "codebook.yaml"))
        save(*counted, folder / "counts")
        monkeypatch.setenv(RUN_VARIABLE, str(folder / "counts"))

    return count


def made(make_book, truth: str = "below"):
    folder = make_book(front=FRONT, rallies=chapter("rallies-49-26").replace("above", "below"))
    (folder / "book" / "respondents").mkdir()
    (folder / "book" / "respondents" / "rallies.md").write_text(ANSWERS % truth, encoding="utf-8")
    return folder, build(folder)


def verdict(folder) -> dict:
    claims = json.loads((folder / "_build" / "html" / "claims.json").read_text(encoding="utf-8"))
    return next(c for c in claims if c["id"] == "rallies-49-26")["verdicts"][0]


def test_answers_move_the_verdict_and_the_card_shows_both(make_book, run):
    run(2000)
    folder, done = made(make_book)
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdict(folder)
    assert found["verdict"] == "Reproduced" and found["grade"] == "A"
    assert found["verdict_by_public_record"] == "Contradicted"
    page = (folder / "_build" / "html" / "book" / "rallies.html").read_text(encoding="utf-8")
    assert re.search(r"By the public record alone: .*?Contradicted", page)
    assert "RESTRICTED. Made with respondent-level data" in page and "noindex" in page
    # A codebook's words are text, whatever they look like.
    assert "<b>A & B</b>" not in page and "&lt;b&gt;A &amp; B" in page


def test_without_the_survey_the_same_book_is_the_public_one(make_book):
    folder, done = made(make_book)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verdict_by_public_record" not in verdict(folder)
    page = (folder / "_build" / "html" / "book" / "rallies.html").read_text(encoding="utf-8")
    assert "own answers" not in page and "RESTRICTED" not in page


def test_too_few_people_move_nothing(make_book, run):
    run(60)
    folder, done = made(make_book)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verdict_by_public_record" not in verdict(folder)
    page = (folder / "_build" / "html" / "book" / "rallies.html").read_text(encoding="utf-8")
    assert "withheld, since fewer than" in page


def test_what_makes_a_claim_true_may_not_change_on_the_way(make_book, run):
    run(2000)
    _, done = made(make_book, truth="above")
    assert done.returncode != 0
    assert "Use the chapter's own declaration for both" in re.sub(r"\s+", " ", done.stderr)
