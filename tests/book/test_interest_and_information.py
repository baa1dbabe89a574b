"""The chapter's numbers against closed forms, random compositions and other pollsters."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from exile.audit.verdict import Choice, judge
from exile.case import register, rules
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
    gaps = run.findings[INTEREST, "interested", "respondents"].evidence[0].region
    for answers in ({"very", "quite"}, {"very", "quite", "hardly"}):
        standardised = like_migrants("polintr", answers, essround)
        assert gaps.contains((about - standardised).min())
        assert gaps.contains((1 - standardised).max())
    deeds = run.findings[INTEREST, "politicised", "respondents"].evidence[0].region
    standardised = like_migrants("pbldmn", {"yes"}, essround)
    assert deeds.contains((0.27 - standardised).min())
    assert deeds.contains((0.37 - standardised).max())


def test_reported_extremes_are_nearly_reached(run):
    """The bounds are no wider than they must be: some composition comes close."""
    region = run.findings[INTEREST, "interested", "respondents"].evidence[0].region
    most = max(like_migrants("polintr", {"very", "quite", "hardly"}, r).max() for r in ROUNDS)
    assert region.low == pytest.approx(0.72 - most, abs=0.02)


def test_demonstrations_survive_the_least_favourable_test(run):
    """The p-value is that of a z-test at the end where the shares are nearest."""
    evidence = run.findings[INTEREST, "politicised", "respondents"].evidence[0]
    n = figure("OR3-11").value / 2  # design effect 2
    low = 0.265
    half_width = (evidence.region.low - evidence.interval.low) / norm.ppf(0.975)
    assert half_width > np.sqrt(low * (1 - low) / n)  # Russia's error comes on top
    assert evidence.p_value == pytest.approx(2 * norm.sf(evidence.region.low / half_width))
    # The survey's own figures again, whomever they are compared with.
    assert run.verdict(INTEREST, "politicised", "respondents") == "repeated"


def test_the_sign_of_the_lead_in_interest_hangs_on_the_wording(run):
    """The plain reading leads, in the loose one Russians may; together they do not decide."""
    found = run.findings[INTEREST, "interested", "respondents"].evidence
    by_reading = {e.readings: e for e in found}
    either, plain, loose = (by_reading[k] for k in ((), ("very_or_quite",), ("hardly_too",)))
    assert plain.region.low > 0 > loose.region.low
    assert either.region.low < 0 < either.region.high
    assert either.p_value is None
    assert run.verdict(INTEREST, "interested", "respondents") == "not_identified"


def test_levada_lies_where_the_social_survey_does(run):
    """Two pollsters: Levada's two ways of counting fall among Russians like the migrants."""
    found = {
        e.readings: e.region for e in run.findings[INTEREST, "interested", "respondents"].evidence
    }
    plain = (figure("RP219").value + figure("RP220").value) / 100
    loose = 1 - figure("RP222").value / 100
    assert found["very_or_quite",].contains(0.72 - plain)
    assert found["hardly_too",].contains(0.72 - loose)


def test_fear_is_no_measure_of_silence(run):
    for part in ("no_self_censorship", "most_pass_on"):
        deciding = [e for e in run.findings[FREE, part, "respondents"].evidence if not e.set_aside]
        assert [e.grade for e in deciding] == ["E"]


def of_fear(run):
    evidence = run.findings[FREE, "can_speak", "respondents"].evidence
    return next(e for e in evidence if e.readings == ("without_fear",))


def test_wilson_limits_of_those_without_fear(run):
    """Wilson (1927) in closed form, at the shares of March and September nearest to one half."""
    z, high = norm.ppf(0.975), []
    for p, base in ((0.585, "OR1-02"), (0.605, "OR2-01")):
        n = figure(base).value / 2
        centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        high.append(1 - (centre - half))
    assert of_fear(run).interval.high == pytest.approx(max(high))


def test_being_safe_decides_and_being_without_fear_is_another_reading(run):
    finding = run.findings[FREE, "can_speak", "respondents"]
    assert run.verdict(*finding.key) == "supported"
    other = judge(finding, register(), rules(), Choice(reading="without_fear"))
    assert other.code == "contradicted"
    assert all(e.region.low > 0.5 for e in finding.evidence if not e.readings)


@pytest.mark.parametrize(
    ("old", "new", "key", "before", "after"),
    [
        pytest.param(
            "contact_with_people_in_russia,all,percent,57,",
            "contact_with_people_in_russia,all,percent,45,",
            ("ties-with-russia", "in_touch", "respondents"),
            "direction_only",
            "not_identified",
            id="contact of a minority would not do",
        ),
        pytest.param(
            "traumatic_event,all,percent,89,",
            "traumatic_event,all,percent,40,",
            ("trauma-of-departure", "trauma", "respondents"),
            "supported",
            "not_identified",
            id="a traumatic event of few",
        ),
    ],
)
def test_a_figure_moves_its_verdict(run, run_chapter, changed_data, old, new, key, before, after):
    assert run.verdict(*key) == before
    changed = run_chapter(
        "interest_and_information",
        data=changed_data("published/migrant_surveys.csv", old, new),
    )
    assert changed.verdict(*key) == after
    assert changed.answer_values[key[0]] != run.answer_values[key[0]]


def test_a_shock_is_not_a_disorder(run):
    """Three meanings of one word: none borrows another's figures."""
    found = run.findings["trauma-of-departure", "trauma", "respondents"].evidence
    shock, disorder, distress = (
        next(e for e in found if e.readings == key)
        for key in ((), ("as_in_medicine",), ("distress",))
    )
    assert not set(shock.figures) & {*disorder.figures, *distress.figures}
    assert not set(disorder.figures) & set(distress.figures)
    assert shock.interval.low > 0.5 > disorder.interval.high
    assert distress.region.contains(0.5)


def test_nothing_is_claimed_of_those_whom_no_survey_reached(run):
    everyone = [key for key in run.findings if key[2] == "all_2022_migrants"]
    assert everyone
    assert {run.verdict(*key) for key in everyone} == {"not_identified"}


def test_every_open_part_says_what_would_tip_it(run):
    for key, finding in run.findings.items():
        if run.verdict(*key) in ("not_identified", "inconclusive"):
            assert finding.tipping is not None, key
