"""The ways out of a run: what a chapter can show, and how."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from exile.custody import RUN_VARIABLE
from exile.custody.counts.run import save
from exile.custody.release import respondents
from exile.custody.release.held import Held
from exile.errors import InputError
from tests.custody.conftest import frame


@pytest.fixture
def held(survey, tmp_path, monkeypatch):
    def hold(data: pd.DataFrame, **changes) -> Held:
        save(*survey(data, **changes), tmp_path / "counts")
        monkeypatch.setenv(RUN_VARIABLE, str(tmp_path / "counts"))
        return Held(tmp_path / "counts")

    return hold


@pytest.fixture
def shown(monkeypatch):
    """What would be on the page."""
    pieces: list[str] = []
    monkeypatch.setattr(
        "exile.custody.release.held.display", lambda piece, **_: pieces.append(piece.data)
    )
    return pieces


def test_rare_levels_join_each_other_and_never_a_named_level(held):
    data = frame(800)
    data["host"] = np.where(data["id"] < 12, "USA", np.where(data["id"] < 25, "ISR", data["host"]))
    survey = held(data)
    cells, used = survey.controls(survey.cells("rally"), "sex", "education", "host")
    assert used == ("sex", "education", "host")
    assert set(cells["host"]) == {"GEO", "ARM", "TUR", "rare"}
    assert set(cells["education"]) == {"higher", "other"}
    # Sex is missing for a few: they stay missing and become nobody's sex.
    assert set(cells["sex"]) == {"man", "woman", "missing"}


def test_a_single_rare_level_counts_as_missing(held):
    data = frame(800)
    data["host"] = np.where(data["id"] < 6, "USA", data["host"])
    survey = held(data)
    cells, _ = survey.controls(survey.cells("rally"), "host")
    assert set(cells["host"]) == {"GEO", "ARM", "TUR", "missing"}


def test_an_attribute_that_most_did_not_tell_is_no_control(held):
    data = frame(800)
    data["sex"] = np.where(data["id"] < 500, 9, data["sex"])
    survey = held(data)
    assert survey.controls(survey.cells("rally"), "sex", "host")[1] == ("host",)


def test_a_table_shows_whole_percents_that_fit_the_counts(held, shown):
    survey = held(frame(3000))
    survey.table("before_rally", "after_rally", over="before_rally")
    (html,) = shown
    cells = [int(x) for x in re.findall(r"<td>(\d+)\W%</td>", html)]
    assert len(cells) == 4 and cells[0] + cells[1] == cells[2] + cells[3] == 100
    assert "After rally by before rally" in html


def test_a_table_of_too_few_shows_nothing(held, shown):
    survey = held(frame(60))
    survey.table("before_compatriots", "after_compatriots", over="before_compatriots")
    (said,) = shown
    assert "withheld" in said or "%" not in said


def test_tables_that_share_a_variable_are_released_together(held):
    survey = held(frame(3000))
    found = respondents.released_tables(survey.folder, survey.profile)
    assert set(found) >= {("before_rally", "after_rally"), ("host",)}


def test_a_table_that_is_not_listed_cannot_be_shown(held):
    survey = held(frame(800))
    with pytest.raises(InputError, match="not among the tables"):
        survey.table("sex", "host")


def test_counts_that_the_file_lacks_are_named(held):
    survey = held(frame(800))
    with pytest.raises(InputError, match="table 'means'.*has none"):
        survey.cells("means")
    assert not survey.has("means") and survey.has("before_rally", "sex")
