"""The book's analyses find what was planted, and wrong ones are found out."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest
from scipy.stats import binom, norm

from exile.power.generator import minimum_entropy
from exile.power.recovery import binomial_band, recover
from exile.statistics.logistic import logit
from exile.statistics.paired import PairedTable
from exile.statistics.survey import difference, published_share, share

REPETITIONS, N, SEED = 1000, 611, 7
BEFORE, AFTER = 0.49, 0.26


def yes(p):
    return {"yes": p, "no": 1 - p}


def pairs(before, after, theta):
    return minimum_entropy(
        {"before": yes(before), "after": yes(after)},
        {(("before", "yes"), ("after", "yes")): theta},
    )


LINKED = pairs(BEFORE, AFTER, log(8))
SKEWED = LINKED.recruited({("before", "yes"): 3.0})


def change(cells):
    table = PairedTable(*cells["n"])
    ends = table.newcombe()
    return table.change, ends.low, ends.high


def swapped(cells):
    table = PairedTable(*cells["n"]).swapped()
    ends = table.newcombe()
    return table.change, ends.low, ends.high


def independent(cells):
    table, n = PairedTable(*cells["n"]), int(cells["n"].sum())
    gap = difference(published_share(table.after, n), published_share(table.before, n))
    return gap.estimate, gap.low, gap.high


def weighted(cells):
    found = share(cells, cells["after"] == "yes")
    return found.estimate, found.low, found.high


def unweighted(cells):
    return weighted(cells.assign(w=cells["n"], w2=cells["n"]))


def assert_recovers(result):
    """Coverage in its band; standardised errors with mean 0 and sd 1, within 3.3 errors.

    A skewed estimate biases the mean by an amount of order 1/√n, for which 0.05 is allowed.
    """
    assert result.covers, result.coverage
    z = result.standardised
    assert abs(z.mean()) < 3.3 / sqrt(len(z)) + 0.05
    assert abs(z.std() - 1) < 3.3 / sqrt(2 * len(z)) + 0.02


def test_paired_change():
    result = recover(LINKED, change, REPETITIONS, N, SEED)
    assert result.truth == pytest.approx(AFTER - BEFORE)
    assert_recovers(result)


def test_paired_change_at_zero_rejects_as_often_as_it_says():
    result = recover(pairs(AFTER, AFTER, log(4)), change, REPETITIONS, N, SEED)
    assert result.truth == pytest.approx(0, abs=1e-8)
    assert binomial_band(0.05, REPETITIONS).contains(result.rejected())


@pytest.mark.parametrize("generator", [LINKED, SKEWED], ids=["equal weights", "unequal weights"])
def test_shares(generator):
    result = recover(generator, weighted, REPETITIONS, N, SEED)
    assert result.truth == pytest.approx(AFTER)
    assert_recovers(result)


def book_logit(cells):
    terms = logit(cells, "before", cells["after"] == "yes").coefficients
    return tuple(terms.loc["before[T.yes]", ["estimate", "low", "high"]])


def woolf(cells):
    """Log odds ratio and its interval from the four counts (Woolf 1955)."""
    n11, n10, n01, n00 = cells["n"]
    estimate = log(n11 * n00 / (n10 * n01))
    margin = norm.isf(0.025) * sqrt(1 / n11 + 1 / n10 + 1 / n01 + 1 / n00)
    return estimate, estimate - margin, estimate + margin


def test_logit():
    planted = log(2)
    generator = minimum_entropy({"before": yes(BEFORE)}).followed_by(
        "after", AFTER, {("before", "yes"): planted}
    )
    result = recover(generator, book_logit, REPETITIONS, N, SEED)
    assert result.truth == pytest.approx(planted)
    assert_recovers(result)


def test_logit_reports_nothing_as_often_as_it_says():
    """Where nothing was planted, with Woolf's interval, which for one predictor is the logit's."""
    generator = pairs(BEFORE, AFTER, 0.0)
    few = [recover(generator, f, 25, N, SEED, truth=0.0) for f in (book_logit, woolf)]
    for ends in ("estimates", "lows", "highs"):
        assert np.allclose(*(getattr(r, ends) for r in few), atol=1e-6)
    result = recover(generator, woolf, 4 * REPETITIONS, N, SEED, truth=0.0)
    assert binomial_band(0.05, 4 * REPETITIONS).contains(result.rejected())


@pytest.mark.parametrize(
    ("generator", "estimator", "truth"),
    [
        (LINKED, swapped, AFTER - BEFORE),
        (LINKED, independent, AFTER - BEFORE),
        (SKEWED, unweighted, AFTER),
    ],
    ids=["before and after swapped", "paired people taken for others", "weights ignored"],
)
def test_wrong_analyses_are_found_out(generator, estimator, truth):
    result = recover(generator, estimator, REPETITIONS, N, SEED, truth)
    assert not result.covers, result.coverage


def test_the_band_is_that_of_the_binomial():
    band = binomial_band(0.95, REPETITIONS)
    low, high = round(band.low * REPETITIONS), round(band.high * REPETITIONS)
    held = binom.cdf(high, REPETITIONS, 0.95) - binom.cdf(low - 1, REPETITIONS, 0.95)
    assert held >= 0.999
    inside = binom.cdf(high - 1, REPETITIONS, 0.95) - binom.cdf(low, REPETITIONS, 0.95)
    assert inside < 0.999
