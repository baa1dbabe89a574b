"""The chapter's numbers against closed forms, random compositions and other pollsters."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from exile.data import figure, table

INTEREST, FREE = "interest-in-politics", "free-communication"
ROUNDS = ("5", "8")


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("interest_and_information")


def russia(item: str, answers: set[str], essround: str):
    """Share and respondents by sex, age and degree: sums of the table, nothing else."""
    cells = table("ess").query(
        "item == @item and cntry == 'RU' and essround == @essround and answer != 'no_answer'"
        " and age_group != 'unknown' and higher_education != 'unknown'"
    )
    cells = cells.assign(yes=cells["w"].where(cells["answer"].isin(answers), 0.0))
    return cells.groupby(["sex", "age_group", "higher_education"])[["yes", "w"]].sum()


def random_compositions(count: int) -> np.ndarray:
    """Joint tables of sex, age and degree that have the migrants' published margins.

    A random starting table is fitted to margins drawn within what the figures admit, by
    iterative proportional fitting: other tables than those at the ends of a linear program.
    """
    rng = np.random.default_rng(7)
    under_35, middle, men, degree = (
        figure(i).share for i in ("OKR-05", "OKR-14", "CRC-21", "OTH-06")
    )
    tables = []
    for _ in range(count):
        rest = rng.uniform(middle, 1 - under_35)
        with_degree = rng.uniform(degree, 1)
        margins = (
            np.array([men, 1 - men]),
            np.array([under_35, rest, 1 - under_35 - rest]),
            np.array([1 - with_degree, with_degree]),
        )
        joint = rng.exponential(size=(2, 3, 2)) ** 3
        for _ in range(200):
            for axis, margin in enumerate(margins):
                others = tuple(a for a in range(3) if a != axis)
                shape = [-1 if a == axis else 1 for a in range(3)]
                joint = joint * (margin / joint.sum(axis=others)).reshape(shape)
        tables.append(joint)
    return np.array(tables)


def like_migrants(item: str, answers: set[str], essround: str) -> np.ndarray:
    groups = russia(item, answers, essround)
    shares = (groups["yes"] / groups["w"]).to_numpy().reshape(2, 3, 2)
    order = list(product(("man", "woman"), ("15-34", "35-54", "55+"), ("no", "yes")))
    assert list(groups.index) == order
    return (random_compositions(300) * shares).sum(axis=(1, 2, 3))


def test_interest_in_russia_agrees_with_levada():
    """Another pollster, another wording, three years later: very and quite, as it were."""
    groups = russia("polintr", {"very", "quite"}, "8")
    levada = (figure("RP092").value + figure("RP093").value) / 100
    assert groups["yes"].sum() / groups["w"].sum() == pytest.approx(levada, abs=0.03)


@pytest.mark.parametrize("essround", ROUNDS)
def test_no_composition_with_the_published_margins_leaves_the_regions(run, essround):
    """Whatever the migrants' joint make-up, both regions hold the gap to Russians like them."""
    about = 0.9 * 0.8
    gaps = run.findings[INTEREST, "more interested", "respondents"].evidence[0].region
    for answers in ({"very", "quite"}, {"very", "quite", "hardly"}):
        standardised = like_migrants("polintr", answers, essround)
        assert gaps.contains((about - standardised).min())
        assert gaps.contains((1 - standardised).max())
    deeds = run.findings[INTEREST, "more politicised", "respondents"].evidence[0].region
    standardised = like_migrants("pbldmn", {"yes"}, essround)
    assert deeds.contains((0.27 - standardised).min())
    assert deeds.contains((0.37 - standardised).max())


def test_reported_extremes_are_nearly_reached(run):
    """The bounds are no wider than they must be: some composition comes close."""
    region = run.findings[INTEREST, "more interested", "respondents"].evidence[0].region
    most = max(like_migrants("polintr", {"very", "quite", "hardly"}, r).max() for r in ROUNDS)
    assert region.low == pytest.approx(0.72 - most, abs=0.02)


def test_demonstrations_survive_the_least_favourable_test(run):
    """The p-value is that of a z-test at the end where the shares are nearest."""
    evidence = run.findings[INTEREST, "more politicised", "respondents"].evidence[0]
    n = figure("OR3-11").value / 2  # design effect 2
    low = 0.265
    half_width = (evidence.region.low - evidence.interval.low) / norm.ppf(0.975)
    assert half_width > np.sqrt(low * (1 - low) / n)  # Russia's error comes on top
    assert evidence.p_value == pytest.approx(2 * norm.sf(evidence.region.low / half_width))
    assert run.verdict(INTEREST, "respondents", "more politicised") == "corroborated"


def test_the_sign_of_the_lead_in_interest_hangs_on_the_wording(run):
    """At the reported value itself the plain reading leads, the loose one does not by much."""
    evidence = run.findings[INTEREST, "more interested", "respondents"].evidence[0]
    assert evidence.region.low < 0 < evidence.region.high
    assert evidence.p_value is None
    assert run.verdict(INTEREST, "respondents", "more interested") == "not_identified"


def test_fear_is_no_measure_of_silence(run):
    for part in ("without self-censorship", "news reaches Russia"):
        assert [e.grade for e in run.findings[FREE, part, "respondents"].evidence] == ["E"]


def test_wilson_limits_of_those_without_fear(run):
    """Wilson (1927) in closed form, at the share nearest to one half."""
    evidence = run.findings[FREE, "without fear", "respondents"].evidence[0]
    n, p, z = figure("OR1-02").value / 2, 0.585, norm.ppf(0.975)
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert evidence.interval.high == pytest.approx(1 - (centre - half))


def test_a_minority_afraid_would_open_the_verdict(run, run_chapter, changed_data):
    assert run.verdict(FREE, "respondents", "without fear") == "contradicted"
    old = "fears_repression,all,percent,59,"
    data = changed_data("published/migrant_surveys.csv", old, old.replace("59", "40"))
    found = run_chapter("interest_and_information", data=data)
    assert found.verdict(FREE, "respondents", "without fear") == "not_identified"


def test_contact_of_a_minority_would_not_do(run, run_chapter, changed_data):
    assert run.verdict("ties-with-russia", "respondents") == "direction_only"
    old = "contact_with_people_in_russia,all,percent,57,"
    data = changed_data("published/migrant_surveys.csv", old, old.replace("57", "45"))
    found = run_chapter("interest_and_information", data=data)
    assert found.verdict("ties-with-russia", "respondents") == "not_identified"


def test_a_shock_is_not_a_disorder(run):
    """Two meanings of one word: neither borrows the other's figures."""
    shock, disorder = (
        run.findings["trauma-of-departure", part, "respondents"].evidence[0]
        for part in ("something that shook them", "trauma as in medicine")
    )
    assert not set(shock.figures) & set(disorder.figures)
    assert shock.interval.low > 0.5 > disorder.interval.high


def test_nothing_is_claimed_of_those_whom_no_survey_reached(run):
    everyone = [key for key in run.findings if key[2] == "all_2022_migrants"]
    assert everyone
    for claim, part, scope in everyone:
        assert run.verdict(claim, scope, part) == "not_identified"
