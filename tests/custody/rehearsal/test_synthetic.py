"""Made-up respondents never get a verdict, whatever is done to pass them off."""

from __future__ import annotations

from itertools import combinations

import pytest

from exile.custody.counts.run import count_file
from exile.custody.rehearsal.population import population
from exile.custody.release.account import Settled
from exile.custody.release.chapters import run_all
from exile.custody.release.outputs import REHEARSED
from exile.custody.release.pages import block
from exile.custody.release.rules import load_profile
from exile.custody.source.codebook import load_codebook
from exile.data import data_directory
from tests.custody.conftest import write

MARKS = ("codebook", "file", "column")


@pytest.fixture(scope="module")
def people():
    return population(n=600, seed=11).frame


def run_without(people, folder, *removed: str):
    """Count a synthetic file after the named marks have been taken off it."""
    data = people.drop(columns="source") if "column" in removed else people
    path = write(data, folder / ("emigrants.csv" if "file" in removed else "SYNTHETIC_people.csv"))
    example = (data_directory() / "survey" / "codebook.example.yaml").read_text(encoding="utf-8")
    if "codebook" in removed:
        example = example.replace("synthetic: true", "synthetic: false")
    example = example.replace("same_data_as_article: false", "same_data_as_article: true")
    book = folder / "codebook.yaml"
    book.write_text(example, encoding="utf-8")
    return count_file(path, load_codebook(book))


@pytest.mark.parametrize(
    "removed", [c for k in range(len(MARKS) + 1) for c in combinations(MARKS, k)]
)
def test_taking_marks_off_does_not_make_people_real(people, tmp_path, removed):
    """The ids alone still tell, when all that is easily taken off is gone."""
    run, _ = run_without(people, tmp_path, *removed)
    assert run.synthetic and run.grade is None


def test_they_are_shown_as_rehearsal_and_hand_no_verdict_over(people, tmp_path):
    run, counts = run_without(people, tmp_path)
    outputs, _ = run_all(run, counts, load_profile())
    verdicts = [o for o in outputs if o.kind == "verdict"]
    assert len(verdicts) > 10
    for output in verdicts:
        assert output.verdict is None and REHEARSED in output.text
        # What a site takes from it holds no finding for the ledger.
        assert "{released}" not in block(output)


@pytest.mark.parametrize("profile", ["strict", "standard"])
def test_no_verdict_is_even_reached(people, tmp_path, monkeypatch, profile):
    run, counts = run_without(people, tmp_path)
    monkeypatch.setattr(Settled, "verdict", lambda *_: pytest.fail("it was judged"))
    run_all(run, counts, load_profile(name=profile))
