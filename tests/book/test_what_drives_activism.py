"""The page's arithmetic against the package's, and the package's against other libraries."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import vl_convert
from scipy.stats import chi2_contingency, norm
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from exile.audit import Evidence, Finding, judge
from exile.audit.evidence import Citation
from exile.case import register, rules, stated
from exile.data import figure, table
from exile.site.vega import VEGA_LITE
from exile.statistics.intervals import Interval
from exile.statistics.paired_bounds import odds_ratio_given_retention, retention_needed
from exile.statistics.survey import contrast_region, odds_ratio, published_share

RULES = rules()
LABELS = {code: words.en for code, words in RULES.verdicts.items()}
CLAIMS = {
    "rallies": "rallies-49-26",
    "helping compatriots": "volunteer-compatriots-10-32",
    "helping Ukrainians": "volunteer-ukrainians-4-29",
}
IMPOSSIBLE = "no table has this retention"


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("what_drives_activism")


def margins(activity: str) -> tuple[float, float]:
    return tuple(stated(CLAIMS[activity], period).number for period in ("before", "after"))


def shown(run, **settings) -> tuple[str, dict[str, list[float]]]:
    """The verdict that the chart words under these settings, and the numbers under it."""
    (spec,) = (c["spec"] for c in run.charts if "params" in c["spec"])
    assert settings.keys() <= {p["name"] for p in spec["params"]}
    parameters = [p | {"value": settings.get(p["name"], p["value"])} for p in spec["params"]]
    svg = vl_convert.vegalite_to_svg(
        json.dumps(spec | {"params": parameters, "width": 600}), vl_version=VEGA_LITE
    )
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", svg)
    (verdict,) = (t for t in texts if t in {*LABELS.values(), IMPOSSIBLE})
    said = {
        start: [float(x) for x in re.findall(r"\d[\d.]*", text)]
        for text in texts
        for start in ("odds ratio ", "with chance ")
        if text.startswith(start) and "to" in text
    }
    return verdict, said


def published(activity: str, retentions: list[float], n: int, deff: float) -> Finding:
    """A finding as a chapter would record it, had the project published these retentions."""
    p1, p2 = margins(activity)
    regions = []
    for r in retentions:
        corners = [
            (b - r * a) / (1 - a)
            for a in (p1 - 0.005, p1 + 0.005)
            for b in (p2 - 0.005, p2 + 0.005)
        ]
        others = [max(0.0, min(corners)), min(1.0, max(corners))]
        if others[0] <= others[1]:
            regions.append(
                contrast_region(
                    odds_ratio,
                    [published_share(r, n * p1, deff)],
                    [published_share(q, n * (1 - p1), deff) for q in others],
                )
            )
    evidence = Evidence(
        label="retention, published", grade="C", unit="odds_ratio",
        region=Interval.hull(*(x.estimate for x in regions)),
        interval=Interval.hull(*(x.confidence for x in regions)),
        p_value=max(x.p_value for x in regions), sources=("article",), method="as published",
        cited=(Citation("article", relation="same_team"),),
    )  # fmt: skip
    return Finding(
        claim="prior-activism-predicts", part="link", scope="respondents", evidence=(evidence,),
        summary="",
    )  # fmt: skip


def test_it_opens_where_the_card_stands(run):
    code = run.verdict("prior-activism-predicts", "link", "respondents")
    assert shown(run)[0] == LABELS[code]


@pytest.mark.parametrize(
    "touch",
    [{"wd_retention": 0.31}, {"wd_margin": 0.09}, {"wd_people": 700}, {"wd_design": 1.9}]
    + [{"wd_activity": "helping Ukrainians"}],
    ids=str,
)
def test_the_first_touch_of_any_field_moves_something(run, touch):
    assert shown(run, **touch) != shown(run)


@pytest.mark.parametrize("activity", CLAIMS)
@pytest.mark.parametrize("retention", [0.05, 0.2, 0.3, 0.5])
def test_the_page_bounds_the_odds_ratio_as_the_package_does(run, activity, retention):
    band = odds_ratio_given_retention(*margins(activity), retention)
    _, said = shown(run, wd_margin=0, wd_activity=activity, wd_retention=retention)
    assert said["odds ratio "] == pytest.approx([band.low, band.high], abs=0.0051)


@pytest.mark.parametrize(
    ("activity", "low", "high", "people", "deff"),
    [
        ("rallies", 0.40, 0.40, 611, 2),
        ("rallies", 0.30, 0.30, 611, 2),
        ("rallies", 0.30, 0.30, 2000, 1),
        ("rallies", 0.26, 0.26, 2000, 1),
        ("rallies", 0.05, 0.15, 611, 1.5),
        ("rallies", 0.20, 0.24, 300, 2),
        ("rallies", 0.30, 0.50, 2000, 1),
        ("helping compatriots", 0.45, 0.45, 611, 1),
        ("helping compatriots", 0.60, 0.80, 611, 1.5),
        ("helping Ukrainians", 0.60, 0.60, 611, 2),
        ("helping Ukrainians", 0.60, 0.60, 2000, 1),
    ],
)
def test_the_page_says_what_the_rules_say(run, activity, low, high, people, deff):
    """The chart's own words against the verdict function, on evidence made by the package."""
    steps = [i / 100 for i in range(round(100 * low), round(100 * high) + 1)]
    finding = published(activity, steps, people, deff)
    verdict, said = shown(
        run, wd_activity=activity, wd_people=people, wd_design=deff,
        wd_retention=round((low + high) / 2, 2), wd_margin=round((high - low) / 2, 2),
    )  # fmt: skip
    assert verdict == LABELS[judge(finding, register(), RULES).code]
    (evidence,) = finding.evidence
    for words, interval in (("odds ratio ", evidence.region), ("with chance ", evidence.interval)):
        ends = [min(x, 100) for x in (interval.low, interval.high)]
        assert said[words] == pytest.approx(ends, abs=0.0051)


def test_the_settings_tried_reach_every_verdict_that_a_number_can_have(run):
    tried = {
        shown(run, wd_retention=r, wd_margin=0, wd_people=n, wd_design=1)[0]
        for r, n in [(0.1, 611), (0.26, 611), (0.28, 611), (0.3, 2000), (0.4, 2000), (0.9, 611)]
    }
    codes = ("contradicted", "not_identified", "inconclusive", "repeated")
    assert tried == {IMPOSSIBLE, *(LABELS[code] for code in codes)}


def test_the_interval_is_that_of_the_log_odds_ratio(run):
    """Woolf's (1955): the variance is the sum of the reciprocals of the four counts."""
    settings = {"wd_retention": 0.4, "wd_margin": 0, "wd_people": 1000, "wd_design": 1.5}
    _, said = shown(run, **settings)
    p1, p2 = margins("rallies")
    corners = [
        (b - 0.4 * a) / (1 - a) for a in (p1 - 0.005, p1 + 0.005) for b in (p2 - 0.005, p2 + 0.005)
    ]
    ends = []
    for q, sign in ((max(corners), -1), (min(corners), 1)):
        counts = 1000 / 1.5 * np.array([p1 * 0.4, p1 * 0.6, (1 - p1) * q, (1 - p1) * (1 - q)])
        error = np.sqrt((1 / counts).sum())
        ends.append(0.4 / 0.6 * (1 - q) / q * np.exp(sign * 1.959964 * error))
    assert said["with chance "] == pytest.approx(ends, abs=0.0051)


@pytest.mark.parametrize(("n", "deff"), [(611, 1), (2000, 1)])
def test_the_retention_needed_is_where_pearsons_test_turns(n, deff):
    p1, p2 = margins("rallies")
    needed = retention_needed(p1, p2, n, deff)

    def p_value(retention: float) -> float:
        n11 = n * p1 * retention
        cells = [[n11, n * p1 - n11], [n * p2 - n11, n - n * p1 - n * p2 + n11]]
        return chi2_contingency(cells, correction=False).pvalue

    assert p_value(needed - 0.002) > 0.05 > p_value(needed + 0.002)


def test_beginners_have_frechets_bounds(run):
    """Any after and none before: at most all who did nothing, and at least nobody."""
    finding = run.findings["regime-exposure-resocialises", "newly_active", "respondents"]
    (found,) = (e for e in finding.evidence if e.grade == "D")
    inactive = 1 - max(figure(i).share - 0.005 for i in ("ART-05", "ART-07", "ART-09"))
    assert (found.region.low, found.region.high) == pytest.approx((0, inactive), abs=1e-7)


@pytest.mark.parametrize(
    ("part", "label", "cells", "yes"),
    [
        (
            "demonstrating",
            "Demonstrated, born in Russia, in Estonia or Ukraine",
            "item == 'pbldmn' and birth_group == 'russia_born' and answer != 'no_answer'",
            ["yes"],
        ),
        (
            "donating",
            "Helped in Russia 2025, organisations",
            "wave == '14' and item == 'helped_for_free_organisations'",
            ["named"],
        ),
    ],
)
def test_a_gap_is_that_of_weighted_means(run, part, label, cells, yes):
    """The difference that statsmodels finds in the same answers."""
    source = table("ess" if "birth_group" in cells else "chronicles").query(cells)
    sides = []
    for sex in ("woman", "man"):
        of_sex = source[source["sex"] == sex]
        sides.append(DescrStatsW(of_sex["answer"].isin(yes).astype(float), weights=of_sex["w"]))
    beside = run.findings["women-more-active", part, "respondents"].evidence
    (evidence,) = (e for e in beside if e.label.startswith(label))
    assert evidence.set_aside == "other_population"
    means = CompareMeans(*sides)
    expected = means.d1.mean - means.d2.mean
    assert evidence.region.low == pytest.approx(expected, abs=1e-12)
    assert evidence.interval.contains(expected)


def power_table(run) -> list[list[str]]:
    (html,) = (
        output.data["text/html"]
        for cell in run.notebook.cells
        for output in cell.get("outputs", ())
        if "by sex" in output.get("data", {}).get("text/html", "")
    )
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>\s*(.*?)\s*</td>", row, re.DOTALL) for row in rows]
    return [row for row in cells if row]


@pytest.mark.parametrize(
    ("column", "group", "active"), [(2, 0.49, 0.26), (3, 0.10, 0.32), (5, 0.5, 0.26)]
)
@pytest.mark.parametrize(("counted", "alpha"), [(0, 0.05), (1, 0.05 / register().tests)])
def test_the_smallest_odds_ratio_is_found_four_times_in_five(
    run, column, group, active, counted, alpha
):
    """By simulation of the score test, in the panel with design effect 1."""
    (row,) = (r for r in power_table(run) if r[:2] == ["611", "1"])
    ratio = float(row[column].split(" / ")[counted])

    def inside(q: float) -> float:
        return ratio * q / (1 - q + ratio * q)

    # The shares in the two groups that have this odds ratio and make up the whole.
    grid = np.linspace(0.001, active, 20001)
    q = grid[np.argmin(np.abs(group * inside(grid) + (1 - group) * grid - active))]
    sizes = np.array([round(611 * group), 611 - round(611 * group)])
    rng = np.random.default_rng(7)
    counts = rng.binomial(sizes, [inside(q), q], (20000, 2))
    pooled = counts.sum(axis=1) / 611
    gap = counts[:, 0] / sizes[0] - counts[:, 1] / sizes[1]
    z = gap / np.sqrt(pooled * (1 - pooled) * (1 / sizes).sum())
    # Cohen's effect size is an approximation, and coarse far out for a group of sixty.
    assert np.mean(np.abs(z) > norm.isf(alpha / 2)) == pytest.approx(0.8, abs=0.05)


def test_nothing_published_decides_who_does_more(run):
    """No part of the claim has a number by sex: at most the team repeats what it says."""
    verdicts = {
        key[1]: run.verdict(*key)
        for key in run.findings
        if key[0] == "women-more-active" and key[2] == "respondents"
    }
    assert verdicts.pop("as_a_whole") == "repeated"
    assert set(verdicts.values()) == {"not_identified"}
    assert len(verdicts) == 4


def test_a_later_exception_turned_into_a_lead_would_be_repeated(run, run_chapter, changed_data):
    """Were the abstract's sign on help to compatriots +1, the part would follow it."""
    old = "gender_gap_help_compatriots,women minus men,direction,0,"
    data = changed_data("published/migrant_surveys.csv", old, old.replace(",0,", ",1,"))
    key = ("women-more-active", "helping_compatriots", "respondents")
    assert run_chapter("what_drives_activism", data=data).verdict(*key) == "repeated"


def test_had_the_study_found_fewer_causes_the_list_would_not_stand(run_chapter, changed_data):
    old = "causes_of_activity,all,count,6"
    data = changed_data("published/migrant_surveys.csv", old, old.replace("6", "4"))
    changed = run_chapter("what_drives_activism", data=data)
    key = ("emigrants-2014-2022-active", "in_each_cause", "context")
    assert changed.verdict(*key) == "contradicted"
