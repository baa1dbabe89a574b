"""Judge it yourself: in a browser as in Python, loaded only when asked for, small enough."""

from __future__ import annotations

import gzip
import json

import pytest
from served import ask, eager, pages

from exile.judge import Judge
from exile.site.pdf import browser

MOST_COMPRESSED = 8_000_000
SETTINGS = [
    ("car-27-4", {}),
    ("car-27-4", {"everywhere": {"alpha": 0.01}}),
    ("car-27-4", {"everywhere": {"second_hand": False}}),
    ("tensions", {"readings": {"tensions/hosts_armenia": "most"}}),
    ("tensions", {"everywhere": {"trifle": 5}}),
    ("returned-exiles", {"readings": {"returned-exiles/named": "deported"}}),
    ("one-million-left", {"readings": {"one-million-left/total": "closer"}}),
    ("rallies-49-26", {"everywhere": {"corrected": False, "alpha": 0.01}}),
    ("more-educated", {"readings": {"more-educated/lead": "ten_points"}}),
    ("emigration-as-protest", {"everywhere": {"second_hand": False, "trifle": 0}}),
    ("no-security-threat", {"everywhere": {"equivalence": 10}}),
]


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


@pytest.mark.skipif(not browser(), reason="no Chromium to open the page with")
def test_the_browser_says_what_python_says(site, judging):
    asked = [{"claim": claim, "settings": settings} for claim, settings in SETTINGS]
    (found,) = ask("judge.cjs", site, json.dumps(asked))
    for (claim, settings), told in zip(SETTINGS, found["told"], strict=True):
        here = json.loads(judging.judge(json.dumps(settings), claim))[claim]
        assert (told["word"], told["answer"]) == (here["word"], here["answer"]), (claim, settings)
        assert not told["wide"], "the page is wider than a phone"
    assert not found["foreign"] and not found["errors"]
    assert not found["eager"], "the engine was loaded before anybody asked for it"


def test_the_engine_is_small_and_no_page_asks_for_it(site):
    packed = sum(len(gzip.compress(p.read_bytes(), 6)) for p in (site / "judge").iterdir())
    assert packed <= MOST_COMPRESSED
    for page in pages(site):
        loaded = [p.name for p in eager(site, page)]
        assert not {"pyodide.mjs", "state.json", "engine.zip"} & {*loaded}, page
        assert page == "book/judge.html" or "judge.js" not in loaded
