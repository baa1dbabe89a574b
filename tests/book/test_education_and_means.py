"""The chapter's numbers against other libraries, closed forms and published figures."""

from __future__ import annotations

import json
import re
from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import vl_convert
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import test_proportions_2indep as two_shares

from exile.case import rules
from exile.data import figure, table
from exile.site.vega import VEGA_LITE
from exile.statistics.selection import tilt

CHAPTER = "education_and_means"
RULES = rules()
LABELS = {words["label"] for words in RULES.verdicts.values()}
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
    shown = run.findings["higher-education-80-27", "Russia: 27 %", "context"].context[0]
    share, error = graduates
    assert shown.estimate == pytest.approx(share, rel=1e-9)
    assert np.sqrt(share * (1 - share) * shown.deff / shown.n) == pytest.approx(error, rel=1e-9)


def test_least_gap_in_cars_and_its_p_value_are_those_of_statsmodels(run, broad):
    decides = run.findings["car-27-4", "direction of the gap", "respondents"].evidence[0]
    share, error = broad
    n, n_russia = PANEL / DESIGN_EFFECT, share * (1 - share) / error**2
    test = two_shares(
        MIGRANTS_WITH_A_CAR * n, n, share * n_russia, n_russia, method="wald", correction=False
    )
    assert decides.region.low == pytest.approx(MIGRANTS_WITH_A_CAR - share, rel=1e-6)
    assert decides.p_value == pytest.approx(test.pvalue, rel=1e-6)


def test_tipping_ratio_is_the_low_end_of_an_odds_ratio(run, broad):
    decides = run.findings["car-27-4", "direction of the gap", "respondents"].evidence[0]
    share, error = broad
    n, n_russia = PANEL / DESIGN_EFFECT, share * (1 - share) / error**2
    counts = [
        [MIGRANTS_WITH_A_CAR * n, (1 - MIGRANTS_WITH_A_CAR) * n],
        [share * n_russia, (1 - share) * n_russia],
    ]
    low, _ = Table2x2(counts, shift_zeros=False).oddsratio_confint()
    assert decides.robustness == pytest.approx(low, rel=1e-6)


def test_selection_at_the_tipping_ratio_makes_the_article_right_on_russia(run):
    finding = run.findings["car-27-4", "Russia: 4 %", "context"]
    decides = finding.evidence[0]
    truth = tilt(decides.interval.low, decides.robustness)
    assert truth == pytest.approx(finding.true_if.high, rel=1e-9)
    assert not finding.true_if.contains(tilt(decides.interval.low, decides.robustness * 0.99))


def test_later_leavers_needed_solve_the_mixture(run, graduates):
    """Smallest stream before the mobilisation, largest after it: the demographers' 150,000
    (EX030) and the officials' million (EX026)."""
    surveyed = 150_000 / (150_000 + 1_000_000)
    need = (graduates[0] - surveyed * 0.795) / (1 - surveyed)
    assert run.phrases["em_needed_high"].strip("'").split("\\u202f")[0] == f"{need * 100:.0f}"


def test_official_shares_are_the_published_ones(run):
    """Census 2010 and microcensus 2015 as Rosstat and HSE printed them, per 1000 and per cent."""
    decides = run.findings["higher-education-80-27", "Russia: 27 %", "context"].evidence[0]
    assert (decides.region.low, decides.region.high) == (0.221, 0.302)


def test_the_residual_step_is_what_the_listed_steps_leave():
    listed = [figure(f"RP{i:03d}").value for i in range(75, 79)]
    assert figure("RP079").value == pytest.approx(100 - sum(listed))


def test_no_figure_no_decision(run):
    without = [
        ("first-wave-better-off", "household income", "respondents"),
        ("september-wave-less-privileged", "less privileged than the first wave",
         "all_2022_migrants"),
        ("september-wave-less-privileged", "differs strongly from Russia", "all_2022_migrants"),
    ]  # fmt: skip
    for key in without:
        assert [e.grade for e in run.findings[key].evidence] == ["E"]


def test_the_savings_are_those_that_sum_to_a_hundred(run):
    """The job site's six answers are the whole; three of them are three months or longer."""
    answers = [figure(f"RP{i}").value for i in range(209, 215)]
    assert sum(answers) == 100
    gap = run.findings["first-wave-better-off", "able to sustain itself", "respondents"]
    assert gap.evidence[0].region.low == pytest.approx(0.49 - sum(answers[3:]) / 100)


def test_nothing_decides_for_those_whom_no_wave_could_reach(run):
    """With most of the year's migrants unsurveyed, the bounds must admit both signs."""
    for (_, part, scope), finding in run.findings.items():
        if scope == "all_2022_migrants" and finding.evidence[0].region and "80 %" not in part:
            region = finding.evidence[0].region
            assert region.low < 0 < region.high


class TestMovedAssumptions:
    """The page computes as the package does, and opens where the cards stand."""

    @staticmethod
    def shown(run, **settings) -> tuple[str, list[int]]:
        """The verdict and the four numbers that the chart shows under these settings."""
        spec = next(c["spec"] for c in run.charts if "assumptions of your own" in c["title"])
        parameters = [p | {"value": settings.get(p["name"], p["value"])} for p in spec["params"]]
        unknown = settings.keys() - {p["name"] for p in parameters}
        assert not unknown
        svg = vl_convert.vegalite_to_svg(
            json.dumps(spec | {"params": parameters, "width": 600}), vl_version=VEGA_LITE
        )
        texts = re.findall(r"<text[^>]*>([^<]+)</text>", svg)
        verdict = next(t for t in texts if t in LABELS)
        said = next(t for t in texts if t.startswith("gap:"))
        return verdict, [int(x.replace("−", "-")) for x in re.findall(r"[−\d]+", said)]

    @pytest.mark.parametrize(
        ("choice", "claim"),
        [("more educated", "more-educated"), ("better off (a car)", "better-off")],
    )
    def test_it_opens_where_the_card_stands(self, run, choice, claim):
        verdict, numbers = self.shown(run, em_claim=choice)
        assert verdict == RULES.verdicts[run.verdict(claim, "respondents")]["label"]
        decides = run.findings[claim, "", "respondents"].evidence[0]
        ends = (*astuple(decides.region)[:2], *astuple(decides.interval)[:2])
        assert numbers == [round(100 * x) for x in ends]

    def test_at_its_least_part_surveyed_it_stands_where_the_card_of_everyone_does(self, run):
        verdict, _ = self.shown(run, em_part=0.3)
        code = run.verdict("more-educated", "all_2022_migrants")
        assert verdict == RULES.verdicts[code]["label"]

    @pytest.mark.parametrize("ratio", [1.5, 2, 4])
    def test_recruitment_tilts_as_in_the_package(self, run, graduates, ratio):
        least = run.findings["more-educated", "", "respondents"].evidence[0].region.low
        _, (low, *_) = self.shown(run, em_ratio=ratio)
        assert low == pytest.approx(
            100 * (tilt(least + graduates[0], ratio) - graduates[0]), abs=0.5 + 1e-6
        )

    def test_its_interval_moves_with_the_number_of_people(self, run, graduates):
        least = run.findings["more-educated", "", "respondents"].evidence[0].region.low
        p = least + graduates[0]
        _, (*_, ci_low, _) = self.shown(run, em_n=200, em_design=1.5)
        error = np.hypot(np.sqrt(1.5 * p * (1 - p) / 200), graduates[1])
        assert ci_low == pytest.approx(100 * (least - 1.96 * error), abs=0.5 + 1e-6)

    def test_enough_recruitment_undoes_the_verdict(self, run):
        assert self.shown(run, em_claim="better off (a car)", em_ratio=7)[0] != "Entailed"
