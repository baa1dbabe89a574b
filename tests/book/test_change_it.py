"""What each chapter proposes under "Change it" moves what the chapter says that it moves."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

import pytest
from nbformat.v4 import new_code_cell

from exile import case
from exile.audit.ledger import Key, judge_claim
from exile.audit.verdict import PUBLISHED
from tests.book.conftest import ROOT, RULES, ChapterRun, execute

BOOK = ROOT / "book"
SECTION = re.compile(r"^## Change it\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)

# What the prose beside each call names, as (claim, part, scope) and the verdict that it says, if
# any. Only this list is written by hand; the calls are those that the pages print.
SAID: dict[str, list[tuple[Key, str | None]]] = {
    'what_if({"ART-06": 47})': [(("rallies-49-26", "fall", "respondents"), "inconclusive")],
    'what_if({"ART-06": 15, "ART-08": 15, "ART-10": 15})': [
        (("remain-active", "many", "respondents"), "not_identified"),
        (("remain-active", "as_many", "respondents"), "contradicted"),
    ],
    'what_if({"OTH-14": 73})': [(("anti-war-stance", "lead", "respondents"), "supported")],
    'what_if(readings={"anti-war-stance/lead": "open_only"})': [
        (("anti-war-stance", "lead", "respondents"), None)
    ],
    'what_if({"HT041": 11.8})': [(("tensions", "hosts_armenia", "context"), None)],
    'what_if({"HT001": 6.9})': [(("tensions", "hosts_georgia", "context"), None)],
    'what_if({"ART-13": 30})': [(("car-27-4", "lead", "respondents"), None)],
    'what_if({"RP006": 26})': [(("higher-education-80-27", "russia", "context"), "contradicted")],
    'what_if({"OTH-06": 33})': [(("more-educated", "lead", "respondents"), None)],
    'what_if(readings={"car-27-4/russia": "telephone"})': [
        (("car-27-4", "russia", "context"), "contradicted")
    ],
    'what_if({"HR0040": 3, "HR0052": 3, "HR0064": 3})': [
        (("protest-banned-russia", "georgia", "context"), "supported")
    ],
    'what_if({"EH006": 440_000})': [(("biggest-exodus", "largest", "context"), "direction_only")],
    'what_if(readings={"biggest-exodus/largest": "whole_wave"})': [
        (("biggest-exodus", "largest", "context"), "contradicted")
    ],
    'what_if(readings={"free-communication/can_speak": "without_fear"})': [
        (("free-communication", "can_speak", "respondents"), None)
    ],
    'what_if({"OKR-08": 60})': [(("means-to-stay-afloat", "most_for_months", "respondents"), None)],
    'what_if({"ZO1-08": 5})': [
        (("first-wave-professions", "it_above_russia", "respondents"), None)
    ],
    'what_if({"CRC-25": 70})': [
        (("trust-each-other", "not_those_who_stayed", "respondents"), "direction_only")
    ],
    'what_if({"OTH-67": 4})': [
        (("emigrants-2014-2022-active", "in_each_cause", "context"), "contradicted")
    ],
    'what_if({"ORP-10": 1})': [
        (("women-more-active", "helping_compatriots", "respondents"), "repeated")
    ],
    'what_if({"OTH-14": 8})': [
        (("emigration-as-protest", "leavers_name_war", "respondents"), "not_identified")
    ],
}


def proposals() -> list[tuple[str, str]]:
    """Chapter and call, for each call that a page proposes."""
    found = []
    for page in sorted(BOOK.glob("*.md")):
        for section in SECTION.findall(page.read_text("utf-8")):
            for code in CODE.findall(section):
                found += [(page.stem, call) for call in code.splitlines() if call.strip()]
    return found


PROPOSED = [(chapter, call) for chapter, call in proposals() if call.startswith("what_if(")]


def given(call: str, name: str) -> dict:
    """What a call hands over under a name, or as its only positional argument."""
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    if name == "figures" and node.args:
        return ast.literal_eval(node.args[0])
    return next((ast.literal_eval(k.value) for k in node.keywords if k.arg == name), {})


def verdicts(run: ChapterRun, readings: dict[str, str]) -> dict[Key, str]:
    """Each finding's verdict, with parts read as they are supposed to be."""
    register = case.register()
    judged: dict[Key, str] = {}
    for claim in {key[0] for key in run.findings}:
        found = [f for f in run.findings.values() if f.claim == claim]
        picks = {
            f.key: replace(PUBLISHED, reading=reading)
            for f in found
            if (reading := readings.get(f"{claim}/{f.part}"))
        }
        codes, _ = judge_claim(register.claims[claim], found, register, RULES, picks)
        judged |= {key: verdict.code for key, verdict in codes.items()}
    return judged


def supposing(chapter: str, call: str) -> ChapterRun:
    """The chapter as it runs when the call stands before its first cell."""
    cell = new_code_cell(f"from exile import what_if\n{call}")
    return execute(BOOK / f"{chapter}.md", first=cell)


@pytest.mark.parametrize(("chapter", "call"), PROPOSED)
def test_a_proposed_change_moves_what_the_page_says(run_chapter, chapter, call):
    before = run_chapter(chapter)
    readings = given(call, "readings")
    # A reading changes how findings are judged, and none of the findings.
    after = supposing(chapter, call) if given(call, "figures") else before
    was, now = verdicts(before, {}), verdicts(after, readings)
    for key, verdict in SAID.get(call, ()):
        assert now[key] != was[key], f"{call} leaves {key} as it is"
        assert verdict in (None, now[key]), f"{call} makes {key} {now[key]}"
    summaries = {k: f.summary for k, f in before.findings.items()}
    assert (
        now != was
        or summaries != {k: f.summary for k, f in after.findings.items()}
        or before.phrases != after.phrases
    ), f"{call} moves nothing"


def test_every_chapter_with_findings_proposes_a_change():
    chapters = {p.stem for p in BOOK.glob("*.md") if "record(" in p.read_text("utf-8")}
    assert {chapter for chapter, _ in proposals()} == chapters


def test_whatever_is_said_of_a_call_is_said_of_one_that_a_page_proposes():
    assert not set(SAID) - {call for _, call in PROPOSED}
