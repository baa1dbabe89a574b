"""The chapter on power: it covers every open claim, judges none, and its numbers are right."""

from __future__ import annotations

import re
from math import inf

import numpy as np
import pytest
import yaml
from scipy.stats import binom
from statsmodels.stats.proportion import power_proportions_2indep

from exile import case
from exile.audit.verdict import judge
from tests.book.conftest import ROOT, RULES

CHAPTER = "could_it_have_seen_it"
# Parts tested together, read from the register's text.
FAMILY = (ROOT / "data" / "claims.yaml").read_text(encoding="utf-8").count("confirmatory: true")
LINK = re.compile(r"\{claim\}`[^`<]+<([\w-]+)>`")


@pytest.fixture(scope="module")
def chapter(run_chapter):
    return run_chapter(CHAPTER)


def listed(chapter):
    """Claims in the chapter's tables, in order."""
    return [
        claim
        for cell in chapter.notebook.cells
        for output in cell.get("outputs", ())
        for claim in LINK.findall(output.get("data", {}).get("text/markdown", ""))
    ]


def rows(chapter):
    (first, *_) = [
        output["data"]["text/markdown"]
        for cell in chapter.notebook.cells
        for output in cell.get("outputs", ())
        if "text/markdown" in output.get("data", {})
    ]
    lines = [[c.strip() for c in line.strip("|").split("|")] for line in first.splitlines()]
    return {LINK.search(line[0])[1]: line for line in lines[2:]}


def drawn(chapter):
    """The first chart's numbers by what they ask: from the best case to the worst, and needed."""
    bars, marks = sorted(
        chapter.charts[0]["spec"]["datasets"].values(), key=lambda d: "must" in d[0]
    )
    return {
        mark["row"].split(" +")[0]: {
            "must": mark["must"],
            "best": min(b["best"] for b in bars if b["row"] == mark["row"]),
            "worst": max(
                inf if b["worst"] is None else b["worst"] for b in bars if b["row"] == mark["row"]
            ),
        }
        for mark in marks
    }


def test_every_claim_that_is_not_identified_has_one_row(chapter, run_chapter):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [c["file"] for part in toc["parts"] for c in part["chapters"]]
    texts = {f: (ROOT / f"{f}.md").read_text(encoding="utf-8") for f in files}
    judging = [f.removeprefix("book/") for f, text in texts.items() if "record(" in text]
    found = [f for name in judging for f in run_chapter(name).findings.values()]
    open_claims = {
        f.claim for f in found if judge(f, case.register(), RULES).code == "not_identified"
    }
    assert sorted(listed(chapter)) == sorted(open_claims)
    assert chapter.phrases["cs_open"].strip("'") == str(len(open_claims))


def test_it_judges_nothing(chapter):
    assert not chapter.findings
    text = (ROOT / "book" / f"{CHAPTER}.md").read_text(encoding="utf-8")
    assert "record(" not in text and "Evidence" not in text


def test_the_simulation_is_marked_on_the_page(chapter):
    assert [("SYNTHETIC" in str(chart["spec"])) for chart in chapter.charts] == [False, True]


def test_a_majority_against_the_exact_binomial(chapter):
    """The least share above one half, best case: 80 % power by enumeration."""
    n = 2000
    p = 0.5 + drawn(chapter)["against the war, each wave"]["best"]
    k = np.arange(n + 1)
    seen = np.abs(k / n - 0.5) > 1.959964 * 0.5 / np.sqrt(n)
    assert binom.pmf(k, n, p)[seen].sum() == pytest.approx(0.8, abs=0.01)


def test_women_and_men_against_statsmodels(chapter):
    """Equal groups, rallies at 26 %, the panel at half its size and Bonferroni's level."""
    gap = drawn(chapter)["rallies now, women and men"]["worst"]
    power = power_proportions_2indep(gap, 0.26 - gap / 2, 611 / 4, alpha=0.05 / FAMILY).power
    assert power == pytest.approx(0.8, abs=1e-3)


def test_the_rallies_by_simulation(chapter):
    """The least fall in the worst case, in samples where nobody rallied both times."""
    fall = drawn(chapter)["change in doing anything"]["worst"]
    n, before = 611 // 2, 0.49
    after = before + fall
    p = (
        [0, before, after, 1 - before - after]
        if before + after <= 1
        else [before + after - 1, 1 - after, 1 - before, 0]
    )
    _, fell, rose, _ = np.random.default_rng(1).multinomial(n, p, 20_000).T
    z = np.abs(rose - fell) / np.sqrt(rose + fell)
    assert np.mean(z > 1.959964) == pytest.approx(0.8, abs=0.02)


def test_what_it_would_see_follows_from_the_three_numbers(chapter):
    """For the first of the claims that share a row of the chart."""
    numbers = drawn(chapter)
    said = {re.search(r"`([^`<]+?) <", row[0])[1]: row[4] for row in rows(chapter).values()}
    assert len(numbers) > 10
    for asks, number in numbers.items():
        sure, best = number["must"] >= number["worst"], number["must"] >= number["best"]
        assert said[asks] == ("yes" if sure else "at best" if best else "no"), asks


def test_right_analyses_pass_and_wrong_ones_fail(chapter):
    (data,) = [d for d in chapter.charts[1]["spec"]["datasets"].values() if "kind" in d[0]]
    low, high = binom.interval(0.999, 1000, 0.95)
    inside = {row["analysis"]: low <= 1000 * row["coverage"] <= high for row in data}
    kinds = {row["analysis"]: row["kind"] == "right" for row in data}
    assert inside == kinds


def test_a_stated_size_is_read_from_the_register(run_chapter, changed_figures, chapter):
    """With a smaller fall in rallies, the survey could no longer be sure to see it."""
    assert case.register().claims["rallies-49-26"].states["after"] == "ART-06"
    changed = run_chapter(CHAPTER, data=changed_figures({"ART-06": 45}))
    assert rows(chapter)["rallies-49-26"][4] == "yes"
    assert rows(changed)["rallies-49-26"][4] == "no"
