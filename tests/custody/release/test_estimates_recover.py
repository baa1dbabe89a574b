"""The chapters' estimators find what was planted, and nothing where nothing was.

Samples are drawn as cells, which is all that the estimators see; that the door makes the
same cells of a file is tested beside the other formats.
"""

from __future__ import annotations

from math import log

import numpy as np
import pandas as pd
import pytest

from exile.custody.counts.run import count_file
from exile.custody.rehearsal.population import population
from exile.custody.release.estimates import (
    measured_change,
    measured_gap,
    measured_odds_ratio,
    measured_share,
)
from exile.custody.source.codebook import load_codebook
from exile.power.generator import Generator, minimum_entropy
from exile.power.recovery import binomial_band, recover
from tests.custody.conftest import write

R, N, SEED = 1000, 611, 7
LEVEL = {"yes": 1, "no": 0}


def activists(before: float, after: float, effect: float, by_sex: float = 0.0) -> Generator:
    first = minimum_entropy({"sex": {"man": 0.5, "woman": 0.5}, "before": yes(before)})
    return first.followed_by("after", after, {("before", "yes"): effect, ("sex", "woman"): by_sex})


def yes(share: float) -> dict[str, float]:
    return {"yes": share, "no": 1 - share}


def ends(measured, transform=lambda x: x) -> tuple[float, float, float]:
    return tuple(map(transform, (measured.estimate, measured.interval.low, measured.interval.high)))


def people(cells: pd.DataFrame) -> pd.DataFrame:
    return cells[cells["n"] > 0].astype({"n": int}).reset_index(drop=True)


def change(cells: pd.DataFrame):
    return ends(measured_change(people(cells), "before", "after", label="x"))


def swapped(cells: pd.DataFrame):
    return ends(measured_change(people(cells), "after", "before", label="x"))


def unpaired(cells: pd.DataFrame):
    """Wrong: takes the two answers of one person for those of two people."""
    cells = people(cells)
    shares = [measured_share(cells, v, "yes", label="x") for v in ("before", "after")]
    gap = shares[1].estimate - shares[0].estimate
    margin = 1.96 * np.sqrt(sum(s.estimate * (1 - s.estimate) / s.n for s in shares))
    return gap, gap - margin, gap + margin


def odds(cells: pd.DataFrame):
    found, _ = measured_odds_ratio(people(cells), "after", "before", "yes", ("sex",), label="x")
    return ends(found, log)


def women(cells: pd.DataFrame):
    pair = ("woman", "man")
    return ends(measured_gap(people(cells), "after", "yes", "sex", pair, label="x"))


PLANTED = {
    "fall in rallies": (activists(0.49, 0.26, log(4)), change, 0.26 - 0.49),
    "rise in volunteering": (activists(0.04, 0.29, log(3)), change, 0.29 - 0.04),
    "prior activism": (activists(0.49, 0.26, log(4), log(1.5)), odds, log(4)),
}


@pytest.mark.parametrize("name", PLANTED)
def test_intervals_cover_what_was_planted(name):
    generator, estimator, truth = PLANTED[name]
    found = recover(generator, estimator, R, N, SEED, truth)
    assert found.covers, f"{found.coverage} outside {found.band}"
    assert abs(found.standardised.mean()) < 4 / np.sqrt(R) + 0.05
    assert found.standardised.std() == pytest.approx(1, abs=0.12)


NOTHING = {
    "no change": (activists(0.3, 0.3, log(3)), change),
    "no effect": (activists(0.49, 0.26, 0.0), odds),
    "no gap": (activists(0.49, 0.26, log(4)), women),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_was_not_planted_is_rejected_at_the_nominal_rate(name):
    generator, estimator = NOTHING[name]
    found = recover(generator, estimator, R, N, SEED, 0.0)
    assert binomial_band(0.05, R).contains(found.rejected())


WRONG = {
    "before and after exchanged": (activists(0.49, 0.26, log(4)), swapped, 0.26 - 0.49),
    "pairs taken for strangers": (activists(0.4, 0.4, log(30)), unpaired, 0.0),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_pipeline_is_caught_by_the_same_test(name):
    generator, estimator, truth = WRONG[name]
    assert not recover(generator, estimator, R, N, SEED, truth).covers


def test_ignoring_weights_is_caught():
    """People who were active are half as likely to be reached; the weights know."""
    generator = activists(0.4, 0.3, log(2)).recruited({("before", "yes"): 0.5})

    def unweighted(cells: pd.DataFrame):
        return change(cells.assign(w=cells["n"], w2=cells["n"]))

    truth = 0.3 - 0.4
    assert recover(generator, change, R, N, SEED, truth).covers
    assert not recover(generator, unweighted, R, N, SEED, truth).covers


@pytest.mark.parametrize("suffix", [".csv", ".sav", ".dta", ".parquet"])
def test_a_synthetic_population_passes_the_door_in_every_format(tmp_path, suffix):
    """What the door counts is what the population holds, unpaired code or not."""
    from exile.data import data_directory

    made = population(n=900, seed=5).frame
    path = write(made, tmp_path / f"SYNTHETIC_emigrants{suffix}")
    book = load_codebook(data_directory() / "survey" / "codebook.example.yaml")
    run, tables = count_file(path, book)
    assert run.synthetic and run.persons == len(made)
    found = tables["rally"].groupby(["before_rally", "after_rally"])["n"].sum()
    pd.testing.assert_series_equal(
        found, made.groupby(["before_rally", "after_rally"]).size(), check_names=False
    )
    found = tables["means"].groupby("means")["w"].sum()
    assert found["car"] == pytest.approx(made.loc[made["means"] == "car", "weight"].sum())
