"""Judge it yourself in a browser says what Python says."""

from __future__ import annotations

import json

import pytest
from served import ask

from exile.judge import Judge
from exile.site.pdf import browser

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
