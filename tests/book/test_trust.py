"""The chapter's numbers against other libraries, published figures and its own principle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from exile.audit import Evidence
from exile.data import figure, table

LOW_TRUST = "low-trust-post-communist"


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


def deciding(run, part: str, reading: str = "") -> Evidence:
    """The evidence that decides a part in a reading, the main one where none is named."""
    (found,) = [
        e
        for e in run.findings[LOW_TRUST, part, "context"].evidence
        if not e.set_aside and e.readings == ((reading,) if reading else ())
    ]
    return found


def abroad(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows["place"].str.startswith("RU")]


def test_trust_alone_is_weighted_least_squares_on_those_abroad(run, people):
    decides = deciding(run, "russians_natives", "one_item")
    raw = gap(abroad(people["ppltrst"]), "russia_born", "native")
    assert decides.estimate == pytest.approx(raw["estimate"], rel=1e-6)
    assert decides.interval.high == pytest.approx(raw["high"], abs=1e-5)
    assert decides.p_value == pytest.approx(raw["p"], rel=1e-5)


@pytest.mark.parametrize(("reading", "adjusted"), [("", False), ("alike", True)])
def test_the_mean_of_three_has_no_less_error_than_any_correlation_could_give(
    run, people, reading, adjusted
):
    """The interval is that of answers which move as one, the widest that there can be."""
    decides = deciding(run, "russians_natives", reading)
    found = [gap(abroad(r), "russia_born", "native", adjusted) for r in people.values()]
    assert decides.estimate == pytest.approx(np.mean([g["estimate"] for g in found]), rel=1e-6)
    assert decides.interval.low == pytest.approx(np.mean([g["low"] for g in found]), abs=1e-5)


def test_migrants_are_compared_where_both_kinds_live_and_nobody_is_left_out(run, people):
    """Small groups count; without them the gap in trust would be another."""
    pc = {"russia_born": "pc", "other_postcomm": "pc"}
    found = {}
    for rows in (abroad(people[item]).replace({"birth_group": pc}) for item in people):
        migrants = rows[rows["birth_group"] != "native"]
        both = migrants.groupby("place")["birth_group"].nunique() == 2
        assert both.sum() > 7  # as many as were left by a cut at thirty people
        rows = rows[rows["place"].isin(both[both].index)]
        for adjusted in (False, True):
            found.setdefault(adjusted, []).append(gap(rows, "pc", "other_migrant", adjusted))
    main = deciding(run, "all_others")
    assert main.estimate == pytest.approx(np.mean([g["estimate"] for g in found[False]]), rel=1e-6)
    in_trust = found[True][0]
    assert run.phrases["tr_pc_others_alike"].strip("'") == f"{100 * in_trust['estimate']:.1f}"
    assert run.phrases["tr_pc_others_p"].strip("'") == f"{in_trust['p']:.2f}"


def test_migrants_living_in_russia_do_not_decide(run):
    for part in ("all_natives", "all_others"):
        (aside,) = [
            e
            for e in run.findings[LOW_TRUST, part, "context"].evidence
            if e.label.endswith("with migrants in Russia")
        ]
        assert aside.set_aside == "other_population"


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
    for finding in run.findings.values():
        used = [f for e in finding.evidence for f in e.figures if f in surveys.index]
        assert not {"trust_generalised", "trust_host_citizens"} & {surveys[f] for f in used}
    among = run.findings[LOW_TRUST, "among_themselves", "context"]
    assert [e.grade for e in among.evidence] == ["E"]


def test_what_the_team_says_again_is_repeated_and_no_more(run):
    key = ("trust-each-other", "each_other", "respondents")
    assert not any(e.independent for e in run.findings[key].evidence if not e.set_aside)
    assert run.verdict(*key) == "repeated"


def test_half_is_no_majority_but_most_would_be(run_chapter, changed_data, run):
    key = ("trust-each-other", "not_those_who_stayed", "respondents")
    old = "distrust_russians_in_russia,all,percent,50"
    data = changed_data("published/migrant_surveys.csv", old, old[:-2] + "90")
    assert run.verdict(*key) == "not_identified"
    changed = run_chapter("trust", data=data)
    assert changed.verdict(*key) == "supported"
    assert changed.answer_values["trust-each-other"] != run.answer_values["trust-each-other"]


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
