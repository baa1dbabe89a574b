"""Judging again in a reader's browser: the book's own engine on the book's own findings.

Needs the standard library alone. ``state`` is everything that verdicts follow from, as
JSON; ``Judge`` answers the page's questions in JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from exile.audit.answers import GENERIC, answer
from exile.audit.claims import Register
from exile.audit.evidence import Evidence, Finding
from exile.audit.ledger import Key, judge_claim
from exile.audit.records import decode, encode
from exile.audit.rules import Rules
from exile.audit.verdict import PUBLISHED, Choice, Verdict, part_of
from exile.statistics.intervals import Interval
from exile.wording import Amount

# What applies to all claims: name, question, and how an option changes the rules.
EVERYWHERE = ("alpha", "corrected", "second_hand", "trifle", "equivalence", "scenario")


def state(
    register: Register,
    rules: Rules,
    findings: Iterable[Finding],
    templates: Mapping[str, Mapping[str, Mapping[str, str]]],
    values: Mapping[str, Mapping[str, Amount]],
) -> dict[str, Any]:
    """All that verdicts and answers follow from, JSON-ready."""
    return {
        "register": encode(register),
        "rules": encode(rules),
        "findings": [encode(f) for f in findings],
        "templates": encode(templates),
        "values": encode({c: {n: encode(a) for n, a in v.items()} for c, v in values.items()}),
    }


@dataclass(frozen=True)
class Settings:
    """What a reader has chosen otherwise; empty means as published.

    Parameters
    ----------
    everywhere : mapping
        ``alpha``, ``trifle`` and ``equivalence`` (points), ``corrected``, ``second_hand``,
        ``scenario``.
    readings : mapping of "claim/part" to reading
    counts : mapping of "claim/part/scope/label" to whether that evidence decides
    moved : mapping of "claim/part/scope/label" to the value supposed for that evidence
    """

    everywhere: Mapping[str, Any]
    readings: Mapping[str, str]
    counts: Mapping[str, bool]
    moved: Mapping[str, float]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Settings:
        return cls(*(raw.get(n, {}) for n in ("everywhere", "readings", "counts", "moved")))


class Judge:
    """The audit's findings, judged under whatever a reader chooses."""

    def __init__(self, text: str):
        raw = json.loads(text)
        self.register: Register = decode(raw["register"], Register)
        self.rules: Rules = decode(raw["rules"], Rules)
        self.findings = [decode(f, Finding) for f in raw["findings"]]
        self.audited = [c for c in self.register.claims if any(f.claim == c for f in self.findings)]
        self.templates = raw["templates"]
        self.values = {
            c: {n: decode(a, Amount) for n, a in v.items()} for c, v in raw["values"].items()
        }

    def claims(self) -> str:
        """Ids and statements of what is audited, in the register's order."""
        return json.dumps(
            [{"id": c, "statement": self.register.statement(c)} for c in self.audited]
        )

    def judge(self, settings: str, claim: str = "") -> str:
        """Headline, answer and parts of one claim or of all, under these settings."""
        chosen = Settings.of(json.loads(settings))
        wanted = [claim] if claim else self.audited
        return json.dumps(encode({c: self._told(c, chosen) for c in wanted}), allow_nan=False)

    def headlines(self, settings: str, claim: str, options: str) -> str:
        """The headline that each of several settings would give a claim, in their order."""
        base = json.loads(settings)
        found = []
        for option in json.loads(options):
            merged = {k: {**base.get(k, {}), **option.get(k, {})} for k in {*base, *option}}
            found.append(self._told(claim, Settings.of(merged))["headline"])
        return json.dumps(encode(found), allow_nan=False)

    def choices(self, claim: str) -> str:
        """What may be chosen for a claim: readings, evidence, and what applies everywhere."""
        parts = self.register.claims[claim].parts
        own = [f for f in self.findings if f.claim == claim]
        readings = [
            {
                "key": f"{claim}/{name}",
                "words": part.words,
                "options": [{"value": "main", "words": "as the book reads it"}]
                + [{"value": n, "words": r.words} for n, r in part.readings.items()],
            }
            for name, part in parts.items()
            if part.readings and any(f.part == name for f in own)
        ]
        evidence = [
            {
                "key": f"{claim}/{f.part}/{f.scope}/{e.label}",
                "part": parts[f.part].words,
                "people": self.rules.scopes[f.scope].en,
                "label": e.label,
                "grade": e.grade,
                "unit": parts[f.part].unit,
                "value": None if e.region is None else (e.region.low + e.region.high) / 2,
                "decides": not e.set_aside,
                "because": self.rules.set_aside[e.set_aside].en if e.set_aside else "",
                "second_hand": e.second_hand,
            }
            for f in own
            for e in f.evidence
            if e.region is not None and e.unit in ("", parts[f.part].unit)
        ]
        scenarios = sorted({s.name for f in own for e in f.evidence for s in e.scenarios})
        return json.dumps(
            encode({"readings": readings, "evidence": evidence, "scenarios": scenarios}),
            allow_nan=False,
        )

    def _told(self, claim_id: str, chosen: Settings) -> dict[str, Any]:
        claim, rules = self.register.claims[claim_id], self._rules(chosen)
        findings = [self._moved(f, chosen) for f in self.findings if f.claim == claim_id]
        picks = {f.key: self._choice(f, chosen) for f in findings}
        verdicts, head = judge_claim(claim, findings, self.register, rules, picks)
        words = next(r.words for r in rules.headlines if r.code == head.code)
        people = rules.scopes[head.scope].en
        if any(key.startswith(f"{claim_id}/") for key in chosen.moved):
            # The sentence's numbers are the book's; with others supposed it would not be true.
            text = GENERIC["en"].format(word=words.en, people=people)
        else:
            templates, values = self.templates.get("en", {}), self.values.get(claim_id, {})
            text = answer(claim, head, templates, values, rules, "en")
        return {
            "headline": head.code,
            "word": words.en,
            "people": people,
            "answer": text,
            "parts": [self._part(key, verdict, rules) for key, verdict in verdicts.items()],
        }

    def _part(self, key: Key, verdict: Verdict, rules: Rules) -> dict[str, str]:
        claim, part, scope = key
        return {
            "part": part,
            "scope": scope,
            "words": self.register.claims[claim].parts[part].words,
            "people": rules.scopes[scope].en,  # type: ignore[index]
            "verdict": verdict.code,
            "label": rules.verdicts[verdict.code].en,
        }

    def _rules(self, chosen: Settings) -> Rules:
        rules, given = self.rules, chosen.everywhere
        if "alpha" in given:
            rules = replace(rules, alpha=float(given["alpha"]))
        if "trifle" in given:
            rules = replace(rules, trifle=replace(rules.trifle, points=float(given["trifle"])))
        if "equivalence" in given:
            points = float(given["equivalence"])
            rules = replace(rules, equivalence=replace(rules.equivalence, points=points))
        return rules

    def _choice(self, finding: Finding, chosen: Settings) -> Choice:
        part = part_of(finding, self.register)
        reading = chosen.readings.get(f"{finding.claim}/{finding.part}", "main")
        stem = f"{finding.claim}/{finding.part}/{finding.scope}/"
        counts = {
            e.label: chosen.counts[stem + e.label]
            for e in finding.evidence
            if stem + e.label in chosen.counts
        }
        return replace(
            PUBLISHED,
            reading=reading if reading in part.readings else "main",
            admit=frozenset(label for label, counted in counts.items() if counted),
            leave_out=frozenset(label for label, counted in counts.items() if not counted),
            second_hand=bool(chosen.everywhere.get("second_hand", True)),
            corrected=bool(chosen.everywhere.get("corrected", True)),
            scenario=chosen.everywhere.get("scenario"),
        )

    def _moved(self, finding: Finding, chosen: Settings) -> Finding:
        """The finding with evidence moved to the values that are supposed."""
        stem = f"{finding.claim}/{finding.part}/{finding.scope}/"
        moved = tuple(
            _at(e, float(chosen.moved[stem + e.label])) if stem + e.label in chosen.moved else e
            for e in finding.evidence
        )
        return replace(finding, evidence=moved)


def _at(evidence: Evidence, value: float) -> Evidence:
    """Evidence whose region lies around another value, with its intervals; chance is kept."""
    if evidence.region is None:
        return evidence
    by = value - (evidence.region.low + evidence.region.high) / 2
    if not isfinite(by):
        return evidence

    def shifted(interval: Interval | None) -> Interval | None:
        return interval and replace(interval, low=interval.low + by, high=interval.high + by)

    return replace(
        evidence,
        region=shifted(evidence.region),
        interval=shifted(evidence.interval),
        interval_90=shifted(evidence.interval_90),
        # The p-value was of the figure as published.
        p_value=None,
        robustness=None,
        scenarios=(),
    )
