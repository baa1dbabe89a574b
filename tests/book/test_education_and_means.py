"""The chapter's numbers against other libraries, closed forms and published figures."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import vl_convert
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import test_proportions_2indep as two_shares

from exile.audit import judge
from exile.audit.verdict import Choice
from exile.case import register, rules, truth
from exile.data import figure, table
from exile.site.vega import VEGA_LITE
from exile.statistics.intervals import Interval
from exile.statistics.selection import tilt

CHAPTER = "education_and_means"
RULES = rules()
LABELS = {words.en for words in RULES.verdicts.values()}
WAVES = ["3", "4", "5", "6"]
PANEL, DESIGN_EFFECT = 611, 2
MIGRANTS_WITH_A_CAR = 0.265  # the least share that rounds to the article's 27 %


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter(CHAPTER)


def respondents(item: str, waves: list[str]) -> pd.DataFrame:
    """People one by one: in these waves the weight is the same within a cell."""
    cells = table("chronicles").query("item == @item and wave in @waves and w > 0")
    assert np.allclose(cells["w2"], cells["w"] ** 2 / cells["n"])
    people = cells.loc[cells.index.repeat(cells["n"])]
    return people.assign(weight=people["w"] / people["n"])


def weighted_mean(people: pd.DataFrame, yes: pd.Series) -> tuple[float, float]:
    """Share and standard error by weighted least squares with HC1 errors."""
    fit = sm.WLS(
        yes.to_numpy(dtype=float), np.ones(len(yes)), weights=people["weight"].to_numpy()
    ).fit(cov_type="HC1")
    return float(fit.params[0]), float(fit.bse[0])


@pytest.fixture(scope="module")
def graduates() -> tuple[float, float]:
    people = respondents("education", WAVES)
    people = people[people["higher_education"] != "unknown"]
    return weighted_mean(people, people["higher_education"] == "yes")


@pytest.fixture(scope="module")
def broad() -> tuple[float, float]:
    """People who can afford a car or a flat, among those who answered."""
    people = respondents("material_situation", WAVES)
    people = people[people["answer"] != "hard_to_say_or_refused"]
    return weighted_mean(
        people, people["answer"].isin(["all_but_a_flat_or_house", "a_flat_or_house"])
    )


def test_share_of_graduates_is_that_of_weighted_least_squares(run, graduates):
    finding = run.findings["higher-education-80-27", "russia", "context"]
    (shown,) = [e for e in finding.evidence if e.set_aside]
    share, error = graduates
    assert shown.estimate == pytest.approx(share, rel=1e-9)
    assert np.sqrt(share * (1 - share) * shown.deff / shown.n) == pytest.approx(error, rel=1e-9)


@pytest.fixture(scope="module")
def cars(run):
    """The untagged evidence on the lead in cars, and that of each reading."""
    found = run.findings["car-27-4", "lead", "respondents"].evidence
    return {e.readings: e for e in found if not e.set_aside}


def test_least_lead_in_cars_and_its_p_value_are_those_of_statsmodels(cars, broad):
    share, error = broad
    n, n_russia = PANEL / DESIGN_EFFECT, share * (1 - share) / error**2
    test = two_shares(
        MIGRANTS_WITH_A_CAR * n, n, share * n_russia, n_russia, method="wald", correction=False
    )
    for decides in (cars[()], cars["car_or_more",]):
        assert decides.region.low == pytest.approx(MIGRANTS_WITH_A_CAR - share, rel=1e-6)
        assert decides.p_value == pytest.approx(test.pvalue, rel=1e-6)


def test_the_lead_by_any_list_holds_that_by_each(cars):
    for reading, evidence in cars.items():
        assert evidence.region.within(cars[()].region), reading


def test_smallest_ratio_is_the_low_end_of_an_odds_ratio(cars, broad):
    share, error = broad
    n, n_russia = PANEL / DESIGN_EFFECT, share * (1 - share) / error**2
    counts = [
        [MIGRANTS_WITH_A_CAR * n, (1 - MIGRANTS_WITH_A_CAR) * n],
        [share * n_russia, (1 - share) * n_russia],
    ]
    low, _ = Table2x2(counts, shift_zeros=False).oddsratio_confint()
    assert cars[()].robustness == pytest.approx(low, rel=1e-6)


def test_selection_at_the_tipping_ratio_makes_the_article_right_on_russia(run):
    finding = run.findings["car-27-4", "russia", "context"]
    telephone = finding.evidence[0]
    four = truth("car-27-4", "russia")
    reached = tilt(telephone.interval.low, finding.tipping.value)
    assert reached == pytest.approx(four.high, rel=1e-9)
    assert not four.contains(tilt(telephone.interval.low, finding.tipping.value * 0.99))


def test_russias_cars_are_open_and_either_ladder_alone_contradicts(run):
    """Two good ladders that disagree leave the article's number open."""
    finding = run.findings["car-27-4", "russia", "context"]
    assert judge(finding, register(), RULES).code == "not_identified"
    for reading in register().claims["car-27-4"].parts["russia"].readings:
        assert judge(finding, register(), RULES, Choice(reading=reading)).code == "contradicted"


def test_later_leavers_needed_solve_the_mixture(run, graduates):
    """Smallest stream before the mobilisation, largest after it: the demographers' 150,000
    (EX030) and the officials' million (EX026); the lowest survey's 66.4 %, rounded down."""
    surveyed = 150_000 / (150_000 + 1_000_000)
    need = (graduates[0] - surveyed * 0.659) / (1 - surveyed)
    tipping = run.findings["more-educated", "lead", "all_2022_migrants"].tipping
    assert tipping.value == pytest.approx(need, rel=1e-6)


def test_official_shares_are_the_published_ones(run):
    """Census 2010 and microcensus 2015 as Rosstat and HSE printed them, per 1000 and per cent."""
    decides = run.findings["higher-education-80-27", "russia", "context"].evidence[0]
    assert (decides.region.low, decides.region.high) == (0.221, 0.302)


def test_the_official_ladder_sums_to_a_hundred_with_those_who_gave_no_answer():
    steps = sum(figure(f"RP{i:03d}").value for i in range(75, 80))
    assert 99 < steps < 100


def test_no_figure_no_decision(run):
    without = [
        ("first-wave-better-off", "income", "respondents"),
        ("september-wave-less-privileged", "less_than_first", "all_2022_migrants"),
        ("september-wave-less-privileged", "differs_from_russia", "all_2022_migrants"),
    ]
    for key in without:
        assert [e.grade for e in run.findings[key].deciding] == ["E"]


def test_the_savings_are_those_that_sum_to_a_hundred(run):
    """The job site's six answers are the whole; three of them are three months or longer."""
    answers = [figure(f"RP{i}").value for i in range(209, 215)]
    assert sum(answers) == 100
    sustain = run.findings["first-wave-better-off", "sustain", "respondents"].evidence
    lead, only_three, half_a_year = (e.region for e in sustain)
    assert lead.high == pytest.approx(0.495 - sum(answers[3:]) / 100)
    assert only_three.high == pytest.approx(0.495 - answers[3] / 100)
    assert half_a_year.low == pytest.approx(-sum(answers[4:]) / 100)


def test_nothing_decides_for_those_whom_no_wave_could_reach(run):
    """With most of the year's migrants unsurveyed, the bounds must allow both signs."""
    for (_, _, scope), finding in run.findings.items():
        region = finding.deciding[0].region
        if scope == "all_2022_migrants" and region:
            assert region.low < 0 < region.high


def test_what_is_open_says_what_would_tip_it(run):
    for key, finding in run.findings.items():
        if run.verdict(*key) in ("not_identified", "inconclusive"):
            assert finding.tipping, key


class TestMovedAssumptions:
    """The page computes as the package does, and opens where the cards stand."""

    @staticmethod
    def shown(run, **settings) -> tuple[str, list[int]]:
        """The verdict and the four numbers that the chart shows under these settings."""
        spec = next(c["spec"] for c in run.charts if "params" in c["spec"])
        neutral = {"em_claim": "more educated", "em_ratio": 1, "em_part": 1}
        assert not settings.keys() - {p["name"] for p in spec["params"]}
        parameters = [
            p | {"value": (neutral | settings).get(p["name"], p["value"])} for p in spec["params"]
        ]
        svg = vl_convert.vegalite_to_svg(
            json.dumps(spec | {"params": parameters, "width": 600}), vl_version=VEGA_LITE
        )
        texts = re.findall(r"<text[^>]*>([^<]+)</text>", svg)
        verdict = next(t for t in texts if t in LABELS)
        said = next(t for t in texts if t.startswith("lead:"))
        return verdict, [int(x.replace("−", "-")) for x in re.findall(r"[−\d]+", said)]

    @pytest.mark.parametrize(
        ("choice", "claim"),
        [("more educated", "more-educated"), ("better off (a car)", "better-off")],
    )
    def test_untouched_assumptions_give_the_card(self, run, choice, claim):
        verdict, numbers = self.shown(run, em_claim=choice)
        assert verdict == RULES.verdicts[run.verdict(claim, "lead", "respondents")].en
        finding = run.findings[claim, "lead", "respondents"]
        decides = [e for e in finding.deciding if not e.readings]
        ends = (Interval.hull(*(getattr(e, k) for e in decides)) for k in ("region", "interval"))
        assert numbers == pytest.approx([100 * x for i in ends for x in (i.low, i.high)], abs=0.6)

    def test_it_opens_away_from_the_card_so_that_a_touch_moves_something(self, run):
        spec = next(c["spec"] for c in run.charts if "params" in c["spec"])
        opens = {p["name"]: p["value"] for p in spec["params"]}
        shown = self.shown(run, **opens)
        assert shown != self.shown(run, **(opens | {"em_ratio": 1}))

    def test_at_its_least_part_surveyed_it_stands_where_the_card_of_everyone_does(self, run):
        verdict, _ = self.shown(run, em_part=0.3)
        code = run.verdict("more-educated", "lead", "all_2022_migrants")
        assert verdict == RULES.verdicts[code].en

    @pytest.mark.parametrize("ratio", [1.5, 2, 4])
    def test_recruitment_tilts_as_in_the_package(self, run, graduates, ratio):
        least = run.findings["more-educated", "lead", "respondents"].evidence[0].region.low
        _, (low, *_) = self.shown(run, em_ratio=ratio)
        assert low == pytest.approx(
            100 * (tilt(least + graduates[0], ratio) - graduates[0]), abs=0.5 + 1e-6
        )

    def test_its_interval_moves_with_the_number_of_people(self, run, graduates):
        least = run.findings["more-educated", "lead", "respondents"].evidence[0].region.low
        p = least + graduates[0]
        _, (*_, ci_low, _) = self.shown(run, em_n=200, em_design=1.5)
        error = np.hypot(np.sqrt(1.5 * p * (1 - p) / 200), graduates[1])
        assert ci_low == pytest.approx(100 * (least - 1.96 * error), abs=0.5 + 1e-6)

    def test_enough_recruitment_undoes_the_verdict(self, run):
        entailed = RULES.verdicts["entailed"].en
        assert self.shown(run, em_claim="better off (a car)", em_ratio=7)[0] != entailed
