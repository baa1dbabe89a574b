"""The engine that runs in a browser judges as the book does, from JSON alone."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

from exile import case
from exile.audit import Citation, Evidence, Interval, Scenario
from exile.audit.claims import Register
from exile.audit.evidence import Finding
from exile.audit.records import decode, encode
from exile.audit.rules import Rules
from exile.audit.verdict import judge
from exile.judge import Judge, state
from exile.wording import Amount

PACKAGE = Path(case.__file__).parent
ENGINE = [
    *(PACKAGE / "audit").glob("*.py"),
    PACKAGE / "statistics" / "intervals.py",
    *(PACKAGE / f"{name}.py" for name in ("__init__", "errors", "judge", "wording")),
]


def imported(tree: ast.Module) -> set[str]:
    """Modules that a file imports when it is loaded or run, outside type checking."""
    typing_only = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", ENGINE, ids=lambda p: p.name)
def test_the_engine_needs_the_standard_library_alone(path):
    own = {"exile.audit", "exile.errors", "exile.judge", "exile.statistics.intervals",
           "exile.wording"}  # fmt: skip
    for name in imported(ast.parse(path.read_text("utf-8"))):
        lazy = path.name == "__init__.py" and name in ("exile.whatif", "exile.notebook")
        inside = any(name == o or name.startswith(f"{o}.") for o in own)
        assert lazy or inside or name.split(".")[0] in sys.stdlib_module_names, name


def evidence(**changes) -> Evidence:
    fields = {
        "label": "a lead",
        "grade": "B",
        "region": Interval(0.1, 0.12, low_open=True),
        "interval": Interval(0.02, float("inf")),
        "figures": ("F1",),
        "cited": (Citation("s", "F1"), Citation("t", "F2", benchmark=True)),
        "method": "m",
        "p_value": 0.001,
        "scenarios": (Scenario(n=611, deff=2, interval=Interval(-0.1, 0.3)),),
    }
    return Evidence(**fields | changes)


@pytest.fixture(scope="module")
def judging() -> Judge:
    register, rules = case.register(), case.rules()
    found = [
        Finding(claim="better-off", part="lead", scope="respondents", summary="s",
                evidence=(evidence(), evidence(label="against", region=Interval.point(-0.2),
                                               interval=None, set_aside="other_wording")))
    ]  # fmt: skip
    held = state(register, rules, found, {"en": {}}, {"better-off": {"x": Amount(0.1)}})
    return Judge(json.dumps(held))


def test_register_rules_and_findings_survive_the_journey_unchanged():
    register, rules = case.register(), case.rules()
    assert decode(json.loads(json.dumps(encode(register))), Register) == register
    assert decode(json.loads(json.dumps(encode(rules))), Rules) == rules
    item = Finding(claim="a", part="b", scope="context", summary="s", evidence=(evidence(),))
    assert decode(json.loads(json.dumps(encode(item))), Finding) == item


def code(judging: Judge, **settings) -> str:
    told = json.loads(judging.judge(json.dumps(settings), "better-off"))["better-off"]
    return next(p["verdict"] for p in told["parts"] if p["part"] == "lead")


def test_with_nothing_chosen_it_judges_as_published(judging):
    (found,) = judging.findings
    assert code(judging) == judge(found, judging.register, judging.rules).code == "direction_only"


STEM = "better-off/lead/respondents/"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"everywhere": {"trifle": 0}}, "supported"),
        ({"everywhere": {"scenario": evidence().scenarios[0].name}}, "inconclusive"),
        ({"readings": {"better-off/lead": "ten_points"}}, "inconclusive"),
        ({"counts": {f"{STEM}against": True}}, "not_identified"),
        ({"counts": {f"{STEM}a lead": False}}, "not_identified"),
        ({"moved": {f"{STEM}a lead": -0.5}}, "inconclusive"),
    ],
)
def test_each_kind_of_choice_reaches_the_verdict(judging, settings, expected):
    assert code(judging, **settings) == expected


def test_a_choice_wears_the_headline_that_it_would_give(judging):
    options = [{}, {"counts": {f"{STEM}against": True}}]
    worn = json.loads(judging.headlines("{}", "better-off", json.dumps(options)))
    for option, headline in zip(options, worn, strict=True):
        told = json.loads(judging.judge(json.dumps(option), "better-off"))["better-off"]
        assert told["headline"] == headline


def test_with_a_figure_supposed_the_sentence_quotes_no_number_of_the_book(judging):
    moved = {"moved": {f"{STEM}a lead": 0.3}}
    told = json.loads(judging.judge(json.dumps(moved), "better-off"))["better-off"]
    assert not any(ch.isdigit() for ch in told["answer"])


def test_the_choices_of_a_claim_are_those_of_its_register_entry(judging):
    offered = json.loads(judging.choices("better-off"))
    (reading,) = offered["readings"]
    declared = case.register().claims["better-off"].parts["lead"].readings
    assert [o["value"] for o in reading["options"]] == ["main", *declared]
    assert {e["label"]: e["decides"] for e in offered["evidence"]} == {
        "a lead": True, "against": False,
    }  # fmt: skip
