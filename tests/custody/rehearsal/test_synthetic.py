"""Made-up respondents never get a verdict, whatever is done to pass them off."""

from __future__ import annotations

from itertools import combinations

import pytest

from exile.audit import Finding
from exile.audit.verdict import judge
from exile.case import rules
from exile.custody import RUN_VARIABLE
from exile.custody.counts.run import count_file, load_run, save
from exile.custody.rehearsal.population import population
from exile.custody.release.estimates import measured_share
from exile.custody.release.held import Held, SyntheticEstimate
from exile.custody.release.profile import load_profile
from exile.custody.source.codebook import load_codebook
from exile.data import data_directory
from exile.statistics.intervals import Interval
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


@pytest.fixture
def held(people, tmp_path, monkeypatch):
    run, tables = run_without(people, tmp_path)
    save(run, tables, tmp_path / "counts")
    monkeypatch.setenv(RUN_VARIABLE, str(tmp_path / "counts"))
    return Held(tmp_path / "counts")


def a_share(held):
    return measured_share(held.cells("interest"), "interest", ("rather", "very"), label="x")


def test_a_synthetic_estimate_is_no_evidence(held):
    made_up = held.evidence(a_share(held))
    assert isinstance(made_up, SyntheticEstimate)
    with pytest.raises(TypeError, match="synthetic data"):
        Finding(
            claim="interest-in-politics", scope="respondents", true_if=Interval(0.5, 1),
            evidence=(made_up,), summary="s", settled_by="s",
        )  # fmt: skip
    with pytest.raises(TypeError):
        judge(made_up, rules())


def test_recording_it_emits_no_finding(held, monkeypatch):
    handed = []
    monkeypatch.setattr("exile.custody.release.held.hand_over", lambda *a, **k: handed.append(a))
    shown = []
    monkeypatch.setattr("exile.custody.release.held.display", shown.append)
    held.record(claim="interest-in-politics", true_if=Interval(0.5, 1), measured=a_share(held))
    assert not handed and "SYNTHETIC respondents: no verdict" in shown[0].data


def test_the_profile_of_release_makes_no_difference(held, monkeypatch):
    for name in ("strict", "standard"):
        held.profile = load_profile(data_directory() / "disclosure.toml", name)
        assert isinstance(held.evidence(a_share(held)), SyntheticEstimate)


def test_the_mark_survives_on_disk(held):
    assert load_run(held.folder).synthetic
