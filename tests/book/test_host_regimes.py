"""The bounds against a search over all worlds that the assumptions allow."""

from __future__ import annotations

import numpy as np
import pytest

from exile.data import figure, table

MIX = {"Turkey": "OR1-08", "Georgia": "OR1-09", "Armenia": "OR1-10", "Israel": "OR1-07"}


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("host_regimes")


def test_the_bounds_hold_every_world_that_the_assumptions_allow(run):
    """Worlds drawn at random: a mix, rates in free and unfree hosts, all that prints as published."""
    region = run.findings["decline-partly-host-regimes", "", "respondents"].evidence[0].region
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
    scores = (
        table("host_regimes")
        .query("year == 2022")
        .pivot_table(index="country", columns="index", values="value")
    )
    fh, vdem = scores["fh_E1_freedom_of_assembly"], scores["vdem_v2caassemb"]
    assert (fh["Georgia"] > fh["Armenia"]) != (vdem["Georgia"] > vdem["Armenia"])
    part = "Georgia: peaceful protest is normal"
    region = run.findings["protest-banned-russia", part, "context"].evidence[0].region
    assert (region.low, region.high) == (0, 1)


def test_were_turkey_empty_the_mix_would_still_not_be_known(run, run_chapter, changed_data):
    data = changed_data(
        "published/migrant_surveys.csv",
        'OR1-08,OutRush,wave 1,27/28 March - 4 April 2022,"Russians who left after 24 Feb 2022 '
        '(convenience sample, online)",2000,host_country,Turkey,percent,24.9,',
        'OR1-08,OutRush,wave 1,27/28 March - 4 April 2022,"Russians who left after 24 Feb 2022 '
        '(convenience sample, online)",2000,host_country,Turkey,percent,0.9,',
    )
    after = run_chapter("host_regimes", data=data)
    assert after.phrases["hr_unfree_low"] != run.phrases["hr_unfree_low"]
    key = ("decline-partly-host-regimes", "respondents")
    assert after.verdict(*key) == run.verdict(*key)
