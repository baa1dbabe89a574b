"""Judge it yourself: the published verdicts at first, loaded only when asked for, small enough."""

from __future__ import annotations

import gzip
import json

import pytest
from served import eager, pages

from exile.judge import Judge

MOST_COMPRESSED = 8_000_000


@pytest.fixture(scope="module")
def judging(site) -> Judge:
    return Judge((site / "judge" / "state.json").read_text("utf-8"))


def test_with_nothing_chosen_all_verdicts_and_answers_are_the_published_ones(site, judging):
    told = json.loads(judging.judge("{}"))
    for claim in json.loads((site / "claims.json").read_text("utf-8")):
        now = told[claim["id"]]
        assert now["headline"] == claim["headline"]["code"]
        assert now["answer"] == claim["answer"]
        assert {(p["part"], p["scope"]): p["verdict"] for p in now["parts"]} == {
            (v["part"], v["scope"]): v["verdict"] for v in claim["verdicts"]
        }


def test_the_engine_is_small_and_no_page_asks_for_it(site):
    packed = sum(len(gzip.compress(p.read_bytes(), 6)) for p in (site / "judge").iterdir())
    assert packed <= MOST_COMPRESSED
    for page in pages(site):
        loaded = [p.name for p in eager(site, page)]
        assert not {"pyodide.mjs", "state.json", "engine.zip"} & {*loaded}, page
        assert page == "book/judge.html" or "judge.js" not in loaded


def test_what_a_claim_may_choose_from_is_json_that_browsers_read(judging):
    def refuse(constant: str):
        raise AssertionError(constant)

    for claim in json.loads(judging.claims()):
        json.loads(judging.choices(claim["id"]), parse_constant=refuse)
