"""The bounds against a search over all worlds that the assumptions allow."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pytest

from exile.audit import judge
from exile.audit.verdict import Choice
from exile.case import register, rules
from exile.data import figure, table

MIX = {"Turkey": "OR1-04", "Georgia": "OR1-05", "Armenia": "OR1-06", "Israel": "OR1-07"}
FALL = ("decline-partly-host-regimes", "part_of_fall", "respondents")


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("host_regimes")


def test_the_bounds_hold_every_world_that_the_assumptions_allow(run):
    """Worlds drawn at random: a mix, rates in free and unfree hosts, all that prints as published."""
    region = run.findings[FALL].deciding[0].region
    rng = np.random.default_rng(1)
    n = 400_000
    lowest = figure(MIX["Turkey"]).share
    highest = 1 - figure(MIX["Armenia"]).share - figure(MIX["Israel"]).share
    unfree = rng.uniform(lowest, highest, n)
    before = rng.uniform(0.485, 0.495, n)
    free = rng.uniform(0, before)
    elsewhere = rng.uniform(0, 1, n) * free
    after = (1 - unfree) * free + unfree * elsewhere
    as_printed = (after > 0.255) & (after < 0.265)
    explained = ((free - after) / (before - after))[as_printed]
    assert as_printed.sum() > 500
    assert region.low <= explained.min() and explained.max() <= region.high
    # And they are not wider than they need be.
    assert explained.min() < 0.05 and explained.max() > 0.95


def test_georgia_is_where_the_indices_part(run):
    """Each country's place on both scales, recomputed with the error function."""
    scores = (
        table("host_regimes")
        .query("country in ['Armenia', 'Georgia']")
        .pivot_table(index=["country", "year"], columns="index", values="value")
    )
    for country, code in (("Armenia", "supported"), ("Georgia", "not_identified")):
        own = scores.xs(country)
        places = [x / 4 for x in own["fh_E1_freedom_of_assembly"]]
        places += [(1 + erf(x / sqrt(2))) / 2 for x in own["vdem_v2caassemb"]]
        key = ("protest-banned-russia", country.lower(), "context")
        region = run.findings[key].deciding[0].region
        assert (region.low, region.high) == pytest.approx((min(places), max(places)))
        assert run.verdict(*key) == code


def test_with_the_friendlier_index_georgia_is_normal_too(run):
    finding = run.findings["protest-banned-russia", "georgia", "context"]
    choice = Choice(reading="one_index")
    assert judge(finding, register(), rules(), choice).code == "supported"


def test_below_the_tipping_ratio_the_mix_explains_enough_in_every_world(run):
    """The fewest in unfree countries and any rounding: the worst case, by hand."""
    ratio = run.findings[FALL].tipping.value
    unfree = figure(MIX["Turkey"]).share
    parts = [
        (after / (1 - unfree + unfree * ratio) - after) / (before - after)
        for before in (0.485, 0.495)
        for after in (0.255, 0.265)
    ]
    assert min(parts) == pytest.approx(0.05, abs=1e-9)


def test_were_turkey_empty_the_mix_would_still_not_be_known(run, run_chapter, changed_data):
    row = 'convenience sample, online)",,host_country,Turkey,percent,24.9,'
    data = changed_data("published/migrant_surveys.csv", row, row.replace("24.9", "0.9"))
    after = run_chapter("host_regimes", data=data)
    assert after.phrases["hr_unfree"] != run.phrases["hr_unfree"]
    assert after.verdict(*FALL) == run.verdict(*FALL) == "not_identified"
