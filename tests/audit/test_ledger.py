"""Findings are filed under their claims, once, and survive the way to the builder."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from exile.audit import Evidence, Finding, Interval
from exile.audit.claims import load_register
from exile.audit.ledger import build_ledger, decode, encode, export
from exile.audit.rules import load_rules
from exile.errors import InputError

DATA = Path(__file__).parents[2] / "data"
REGISTER, RULES = load_register(DATA / "claims.yaml"), load_rules(DATA / "rules.toml")


def finding(claim: str = "one-million-left", **changes) -> Finding:
    item = Evidence(
        label="people who left",
        grade="C",
        scope="all_2022_migrants",
        unit="count",
        region=Interval(5e5, inf),
        sources=("article",),
        method="made up for this test",
        robustness=inf,
    )
    fields = {
        "claim": claim,
        "scope": "all_2022_migrants",
        "true_if": Interval(8e5, 1.25e6),
        "evidence": (item,),
        "summary": "s",
        "settled_by": "a count",
    }
    return Finding(**fields | changes)


def test_findings_survive_json_unchanged():
    item = finding()
    assert decode(json.loads(json.dumps(encode(item), allow_nan=False))) == item


def test_every_claim_has_an_entry_and_only_judged_ones_a_chapter():
    ledger = build_ledger(REGISTER, {"book/x": [finding()]}, RULES)
    assert ledger.keys() == REGISTER.claims.keys()
    assert [e.claim.id for e in ledger.values() if e.audited] == ["one-million-left"]
    assert ledger["one-million-left"].chapter == "book/x"


def test_the_export_has_the_promised_fields():
    ledger = build_ledger(REGISTER, {"book/x": [finding()]}, RULES)
    records = export(ledger, RULES, {"book/x": "book/x.html"}, secondary={"article"})
    record = next(r for r in records if r["status"] == "audited")
    assert record["chapter"] == "book/x.html#one-million-left"
    verdict = record["verdicts"][0]
    assert {"scope", "verdict", "grade", "robustness", "evidence"} <= verdict.keys()
    keys = {"label", "estimate", "lower", "upper", "unit", "n", "source_ids", "method"}
    assert keys <= verdict["evidence"][0].keys()
    assert verdict["evidence"][0]["secondary_source_ids"] == ["article"]
    json.dumps(record, allow_nan=False)


@pytest.mark.parametrize(
    ("findings", "message"),
    [
        ({"book/x": [finding("one-milion-left")]}, "book/x: no claim 'one-milion-left'"),
        ({"book/x": [finding()], "book/y": [finding()]}, "already judged in book/x"),
        ({"book/x": [finding(), finding()]}, "two findings for scope"),
        (
            {"book/x": [finding(context=(replace(finding().evidence[0], grade="F"),))]},
            "grade 'F' or scope 'all_2022_migrants' is not declared",
        ),
    ],
)
def test_conflicts_are_refused(findings, message):
    with pytest.raises(InputError, match=message):
        build_ledger(REGISTER, findings, RULES)
