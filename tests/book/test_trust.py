"""The chapter's numbers against other libraries, published figures and its own principle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from exile.data import figure, table

LOW_TRUST = "low-trust-post-communist"
AMONG_THEMSELVES = ("trust one another", "trust among themselves")


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("trust")


def respondents(item: str) -> pd.DataFrame:
    """People one by one, with weights that have each cell's sum and sum of squares.

    All but one person of a cell get the same weight, so that two sums determine it. Errors
    of a weighted model depend on nothing else, as a cell shares answer and predictors.
    """
    cells = table("ess").query("item == @item and answer != 'no_answer' and n > 0")
    n = cells["n"].astype(float)
    mean = cells["w"] / n
    spread = (cells["w2"] / n - mean**2).clip(lower=0)
    cells = cells.assign(
        one=mean + np.sqrt(spread * (n - 1)),
        other=mean - np.sqrt(spread / (n - 1).where(n > 1, np.inf)),
    )
    people = cells.loc[cells.index.repeat(cells["n"].astype(int))]
    first = ~people.index.duplicated()
    people = people.assign(
        weight=people["one"].where(first, people["other"]),
        score=people["answer"].astype(float) / 10,
        place=people["cntry"] + people["essround"],
    )
    sums = people.groupby(level=0)["weight"].agg(["sum", lambda w: (w**2).sum()])
    np.testing.assert_allclose(sums, cells[["w", "w2"]], rtol=1e-9)
    return people[["score", "weight", "place", "birth_group", "age_group", "higher_education"]]


def gap(people: pd.DataFrame, who: str, than: str, adjusted: bool = False) -> pd.Series:
    formula = f"score ~ C(birth_group, Treatment('{than}')) + place"
    if adjusted:
        formula += " + age_group + higher_education"
        people = people.query("age_group != 'unknown' and higher_education != 'unknown'")
    fit = smf.wls(formula, people, weights=people["weight"]).fit(cov_type="HC1", use_t=False)
    (term,) = [t for t in fit.params.index if t.endswith(f"[T.{who}]")]
    low, high = fit.conf_int().loc[term]
    values = {"estimate": fit.params[term], "low": low, "high": high, "p": fit.pvalues[term]}
    return pd.Series(values)


@pytest.fixture(scope="module")
def people() -> dict[str, pd.DataFrame]:
    return {item: respondents(item) for item in ("ppltrst", "pplfair", "pplhlp")}


def test_russians_against_natives_is_weighted_least_squares(run, people):
    """Trust as it is sets the upper end, the mean of three at equal age and education the lower."""
    decides = run.findings[LOW_TRUST, "Russians lower than natives", "context"].evidence[0]
    raw = gap(people["ppltrst"], "russia_born", "native")
    assert decides.region.high == pytest.approx(raw["estimate"], rel=1e-6)
    assert decides.interval.high == pytest.approx(raw["high"], abs=1e-5)
    assert decides.p_value == pytest.approx(raw["p"], rel=1e-5)
    adjusted = [gap(rows, "russia_born", "native", adjusted=True) for rows in people.values()]
    mean = np.mean([g["estimate"] for g in adjusted])
    assert decides.region.low == pytest.approx(mean, rel=1e-6)


def test_the_mean_of_three_is_not_given_less_error_than_any_correlation_could(run, people):
    """The interval is that of answers which move as one, the widest that there can be."""
    decides = run.findings[LOW_TRUST, "Russians lower than natives", "context"].evidence[0]
    adjusted = [gap(rows, "russia_born", "native", adjusted=True) for rows in people.values()]
    assert decides.interval.low == pytest.approx(np.mean([g["low"] for g in adjusted]), abs=1e-5)


def test_post_communist_and_other_migrants_are_compared_where_both_live(run, people):
    part = "post-communist migrants lower than other migrants"
    decides = run.findings[LOW_TRUST, part, "context"].evidence[0]
    rows = people["ppltrst"].replace({"russia_born": "pc", "other_postcomm": "pc"})
    both = ["BE9", "DE9", "IE6", "IE7", "IE8", "IE9", "IT9"]
    adjusted = gap(rows[rows["place"].isin(both)], "pc", "other_migrant", adjusted=True)
    assert decides.region.high == pytest.approx(adjusted["estimate"], rel=1e-6)
    assert decides.interval.high == pytest.approx(adjusted["high"], abs=1e-5)


def test_country_figures_are_those_from_which_mean_and_rank_were_made():
    trust = table("trust").query("source_id == 'DF_TRUSTSURVEYS' and unit == 'percent'")
    past = trust[trust["note"].str.startswith("post-communist").fillna(False)]
    recent = past[past["period"].str[:4].astype(int) >= 2017]
    latest = recent.groupby("geography")["value"].mean().sort_values(ascending=False)
    assert len(latest) == 25
    assert latest.mean() == pytest.approx(figure("TR160").value, abs=0.05)
    assert list(latest.index).index("Russia") + 1 == figure("TR163").value
    assert (latest.min(), latest.max()) == (figure("TR160").low, figure("TR160").high)


def test_trust_in_people_never_decides_trust_in_one_another(run):
    surveys = table("migrant_surveys").set_index("figure_id")["indicator"]
    for (claim, part, _), finding in run.findings.items():
        if part in AMONG_THEMSELVES:
            assert [e.grade for e in finding.evidence] == ["E"], claim
        used = [f for e in finding.evidence for f in e.figures if f in surveys.index]
        assert not {"trust_generalised", "trust_host_citizens"} & {surveys[f] for f in used}


def test_half_is_no_majority_but_most_would_be(run_chapter, changed_data, run):
    key = ("trust-each-other", "do not trust those who stayed", "respondents")
    old = "distrust_russians_in_russia,all,percent,50"
    data = changed_data("published/migrant_surveys.csv", old, old[:-2] + "90")
    assert run.verdict(key[0], key[2], key[1]) == "not_identified"
    found = run_chapter("trust", data=data)
    assert found.verdict(key[0], key[2], key[1]) == "direction_only"
    assert found.findings[key].evidence[0].p_value < 1e-3


def test_the_ratio_that_makes_emigrants_as_trusting_as_russia(run):
    """Odds of the published shares: spring 2022 against Russia's latest survey."""
    shown = "".join(
        output["data"].get("text/plain", "")
        for cell in run.notebook.cells
        for output in cell.get("outputs", ())
        if output.get("output_type") == "execute_result"
    )
    expected = (0.46 / 0.54) / (0.236 / 0.764)
    assert f"{expected:.1f} (" in shown
