"""The page's arithmetic against the package's, and the package's against other libraries."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import vl_convert
from scipy.stats import chi2_contingency
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from exile.case import rules, stated
from exile.data import table
from exile.site.vega import VEGA_LITE
from exile.statistics.paired_bounds import odds_ratio_given_retention, retention_needed

RULES = rules()
LABELS = {words["label"] for words in RULES.verdicts.values()}
CLAIMS = {
    "rallies": "rallies-49-26",
    "helping compatriots": "volunteer-compatriots-10-32",
    "helping Ukrainians": "volunteer-ukrainians-4-29",
}


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("what_drives_activism")


def shown(run, **settings) -> tuple[str | None, list[float]]:
    """The verdict and the numbers that the chart shows under these settings."""
    spec = next(c["spec"] for c in run.charts if "a published retention" in c["title"])
    assert settings.keys() <= {p["name"] for p in spec["params"]}
    parameters = [p | {"value": settings.get(p["name"], p["value"])} for p in spec["params"]]
    svg = vl_convert.vegalite_to_svg(
        json.dumps(spec | {"params": parameters, "width": 600}), vl_version=VEGA_LITE
    )
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", svg)
    verdict = next((t for t in texts if t in LABELS), None)
    said = next((t for t in texts if t.startswith("odds ratio ")), "")
    return verdict, [float(x) for x in re.findall(r"[\d.]+", said)]


def test_it_opens_where_the_card_stands(run):
    verdict, _ = shown(run)
    code = run.verdict("prior-activism-predicts", "respondents")
    assert verdict == RULES.verdicts[code]["label"]


@pytest.mark.parametrize("activity", CLAIMS)
@pytest.mark.parametrize("retention", [0.05, 0.2, 0.3, 0.5])
def test_the_page_bounds_the_odds_ratio_as_the_package_does(run, activity, retention):
    claim = CLAIMS[activity]
    p1, p2 = (stated(claim, n).number for n in ("before", "after"))
    band = odds_ratio_given_retention(p1, p2, retention)
    _, numbers = shown(run, wd_known=True, wd_activity=activity, wd_retention=retention)
    assert numbers[:2] == pytest.approx([band.low, band.high], abs=0.006)


def test_the_interval_is_that_of_the_log_odds_ratio(run):
    """Woolf's (1955): the variance is the sum of the reciprocals of the four counts."""
    _, (low, high, ci_low, ci_high) = shown(
        run, wd_known=True, wd_retention=0.4, wd_n=1000, wd_deff=1.5
    )
    p1, p2 = 0.49, 0.26
    q = (p2 - 0.4 * p1) / (1 - p1)
    counts = 1000 / 1.5 * np.array([p1 * 0.4, p1 * 0.6, (1 - p1) * q, (1 - p1) * (1 - q)])
    error = np.sqrt((1 / counts).sum())
    assert ci_low == pytest.approx(low * np.exp(-1.96 * error), rel=0.01)
    assert ci_high == pytest.approx(high * np.exp(1.96 * error), rel=0.01)


@pytest.mark.parametrize(
    ("retention", "code"), [(0.9, None), (0.1, "contradicted"), (0.26, "not_identified")]
)
def test_the_verdict_moves_with_retention(run, retention, code):
    verdict, _ = shown(run, wd_known=True, wd_retention=retention)
    assert verdict == (code and RULES.verdicts[code]["label"])


@pytest.mark.parametrize(("n", "deff"), [(611, 1), (2000, 1)])
def test_the_retention_needed_is_where_pearsons_test_turns(n, deff):
    p1, p2 = 0.49, 0.26
    needed = retention_needed(p1, p2, n, deff)

    def p_value(retention: float) -> float:
        n11 = n * p1 * retention
        cells = [[n11, n * p1 - n11], [n * p2 - n11, n - n * p1 - n * p2 + n11]]
        return chi2_contingency(cells, correction=False).pvalue

    assert p_value(needed - 0.002) > 0.05 > p_value(needed + 0.002)


def test_the_gap_in_demonstrating_is_that_of_rebuilt_answers(run):
    """Weighted means of people one by one; statsmodels gives the same difference."""
    cells = table("ess").query(
        "item == 'pbldmn' and birth_group == 'russia_born' and answer in ['yes', 'no']"
    )
    sides = []
    for sex in ("woman", "man"):
        of_sex = cells[cells["sex"] == sex]
        sides.append(DescrStatsW((of_sex["answer"] == "yes").astype(float), weights=of_sex["w"]))
    evidence = run.findings["women-more-active", "demonstrating", "respondents"].context[0]
    expected = CompareMeans(*sides).d1.mean - CompareMeans(*sides).d2.mean
    assert evidence.region.low == pytest.approx(expected, abs=1e-12)


def test_a_survey_of_that_size_finds_the_smallest_gap_four_times_in_five(run):
    """By simulation: 305 women and 305 men, at the gap that the table gives."""
    output = next(
        o.data["text/plain"]
        for c in run.notebook.cells
        for o in c.get("outputs", ())
        if "people / design effect" in o.get("data", {}).get("text/plain", "")
    )
    gap = int(re.search(r"611 / 1 +(\d+) points", output)[1]) / 100
    rng = np.random.default_rng(7)
    women, men = rng.binomial(305, 0.26 + gap, 4000) / 305, rng.binomial(305, 0.26, 4000) / 305
    pooled = (women + men) / 2
    z = (women - men) / np.sqrt(pooled * (1 - pooled) * 2 / 305)
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.8, abs=0.05)
