"""The models against statsmodels on rebuilt answers, the shares against the survey's totals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from exile.data import table


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("who_leaves")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Respondents rebuilt one by one; weights vary within cells, so only estimates are theirs."""
    cells = table("chronicles_leaving").query("item == 'wish_to_emigrate'")
    rows = cells.loc[cells.index.repeat(cells["n"])].reset_index(drop=True)
    return rows.assign(
        w=rows["w"] / rows["n"],
        y=rows["answer"].str.startswith("would_like_to").astype(int),
    )


def test_the_effect_of_opposition_is_statsmodels_average_of_predictions(run, people):
    formula = (
        "y ~ C(war_support, Treatment('supports')) + C(means, Treatment('lower')) "
        "+ C(higher_education, Treatment('no')) + C(sex, Treatment('woman')) "
        "+ C(age_group, Treatment('55+'))"
    )
    import statsmodels.api as sm

    fit = smf.glm(formula, people, family=sm.families.Binomial(), var_weights=people["w"]).fit()
    sides = [
        np.average(fit.predict(people.assign(war_support=view)), weights=people["w"])
        for view in ("against", "supports")
    ]
    found = run.findings["emigration-as-protest", "opponents_wish", "context"].evidence[0]
    assert found.region.low == pytest.approx(sides[0] - sides[1], abs=1e-6)
    assert found.n == len(people)


def test_the_shares_agree_with_the_table_that_holds_everyone(run):
    """Leaving out those who did not state education or means moves the wish by little."""
    cells = table("chronicles").query("item == 'wish_to_emigrate'")
    wished = cells["answer"].str.startswith("would_like_to")
    share = cells.loc[wished, "w"].sum() / cells["w"].sum()
    shown = float(run.phrases["wl_everyone"].strip("'").split("\\u202f")[0])
    assert shown == pytest.approx(100 * share, abs=1.5)


def test_no_group_of_the_table_holds_a_single_person():
    """Nobody's answer can be read off by who they are."""
    cells = table("chronicles_leaving")
    by = ["wave", "item", "war_support", "means", "higher_education", "sex", "age_group"]
    assert cells.groupby(by)["n"].sum().min() >= 2


def test_had_opponents_wished_like_supporters_the_verdict_would_be_another(
    run, run_chapter, tmp_path
):
    """Swap the two views in the table: the sign turns."""
    import shutil
    from pathlib import Path

    source = Path(__file__).parents[2] / "data"
    data = tmp_path / "data"
    shutil.copytree(source, data)
    path = data / "cells" / "chronicles_leaving.csv"
    text = path.read_text(encoding="utf-8")
    swapped = text.replace(",against,", ",@,").replace(",supports,", ",against,")
    path.write_text(swapped.replace(",@,", ",supports,"), encoding="utf-8")
    key = ("emigration-as-protest", "opponents_wish", "context")
    assert run.verdict(*key) == "supported"
    assert run_chapter("who_leaves", data=data).verdict(*key) == "contradicted"
