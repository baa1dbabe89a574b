"""All claims with their findings and verdicts: the one source of cards, ledger and exports."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from math import inf, isfinite

from exile.audit.claims import Claim, Register, unknown_claim
from exile.audit.evidence import Evidence, Finding
from exile.audit.rules import Rules
from exile.audit.verdict import Verdict, judge_all
from exile.errors import InputError
from exile.statistics.intervals import Interval


@dataclass(frozen=True)
class Entry:
    """One claim: its chapter, and a verdict for each part and scope examined."""

    claim: Claim
    chapter: str | None
    judged: tuple[tuple[Finding, Verdict], ...]

    @property
    def audited(self) -> bool:
        return bool(self.judged)


def build_ledger(
    register: Register, findings: Mapping[str, Iterable[Finding]], rules: Rules
) -> dict[str, Entry]:
    """Judge every finding and file it under its claim.

    Parameters
    ----------
    findings : mapping of str to findings
        By chapter.

    Raises
    ------
    InputError
        If a finding names a claim outside the register, two chapters take up
        one claim, or one chapter judges the same part and scope twice.
    """
    chapter_of: dict[str, str] = {}
    unique: dict[tuple[str, str, str], Finding] = {}
    for chapter, recorded in findings.items():
        for finding in recorded:
            if finding.claim not in register.claims:
                raise unknown_claim(finding.claim, register, where=chapter)
            if finding.scope not in rules.scopes:
                raise InputError(
                    chapter, f"scope '{finding.scope}' is not declared", f"Use {[*rules.scopes]}."
                )
            for item in (*finding.evidence, *finding.context):
                if item.grade not in rules.grades or item.scope not in rules.scopes:
                    raise InputError(
                        f"{chapter}, evidence '{item.label}'",
                        f"grade '{item.grade}' or scope '{item.scope}' is not declared",
                        f"Grades: {[*rules.grades]}; scopes: {[*rules.scopes]}.",
                    )
            first = chapter_of.setdefault(finding.claim, chapter)
            if first != chapter:
                raise InputError(
                    chapter,
                    f"claim '{finding.claim}' is already judged in {first}",
                    "Judge a claim in one chapter and link to it from the other.",
                )
            if finding.key in unique:
                raise InputError(
                    chapter,
                    f"claim '{finding.claim}' has two findings for scope '{finding.scope}'",
                    "Give each its own part, or merge their evidence.",
                )
            unique[finding.key] = finding
    verdicts = judge_all(unique.values(), rules)
    return {
        claim.id: Entry(
            claim,
            chapter_of.get(claim.id),
            tuple((f, verdicts[f.key]) for f in unique.values() if f.claim == claim.id),
        )
        for claim in register.claims.values()
    }


def export(
    ledger: Mapping[str, Entry],
    rules: Rules,
    address: Mapping[str, str],
    secondary: Collection[str] = (),
) -> list[dict]:
    """The ledger as plain records, for ``claims.json``.

    Parameters
    ----------
    address : mapping of str to str
        The page of each chapter.
    secondary : collection of str
        Ids of sources that report somebody else's figures.
    """
    return [
        {
            "id": entry.claim.id,
            "paragraph": entry.claim.paragraph,
            "statement": entry.claim.statement,
            "kind": entry.claim.kind,
            "chapter": f"{address[entry.chapter]}#{entry.claim.id}" if entry.chapter else None,
            "status": "audited" if entry.audited else "not yet audited",
            "verdicts": [
                {
                    "part": finding.part,
                    "scope": finding.scope,
                    "verdict": rules.verdicts[verdict.code]["label"],
                    "grade": verdict.grade,
                    "robustness": verdict.robustness,
                    "p_value": verdict.p_value,
                    "summary": finding.summary,
                    "settled_by": finding.settled_by,
                    "evidence": [
                        _export_evidence(e, decides, secondary)
                        for items, decides in ((finding.evidence, True), (finding.context, False))
                        for e in items
                    ],
                }
                for finding, verdict in entry.judged
            ],
        }
        for entry in ledger.values()
    ]


def _export_evidence(evidence: Evidence, decides: bool, secondary: Collection[str]) -> dict:
    interval = evidence.interval
    return {
        "label": evidence.label,
        "decides": decides,
        "grade": evidence.grade,
        "scope": evidence.scope,
        "unit": evidence.unit,
        "estimate": evidence.estimate,
        "lower": _finite(interval.low) if interval else None,
        "upper": _finite(interval.high) if interval else None,
        "n": evidence.n,
        "deff": evidence.deff,
        "source_ids": list(evidence.sources),
        "figure_ids": list(evidence.figures),
        "secondary_source_ids": [s for s in evidence.sources if s in secondary],
        "method": evidence.method,
    }


def _finite(x: float) -> float | None:
    return x if isfinite(x) else None


# Findings travel from the chapter's kernel to the builder as JSON, which knows no infinity.


def encode(finding: Finding) -> dict:
    """A finding as JSON-ready values; :func:`decode` gives it back unchanged."""

    def walk(value):
        if isinstance(value, dict):
            return {k: walk(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [walk(v) for v in value]
        if isinstance(value, float) and not isfinite(value):
            return str(value)
        # numpy scalars are numbers to the reader and must be numbers in JSON
        return value.item() if hasattr(value, "item") else value

    return walk(asdict(finding))


def decode(raw: dict) -> Finding:
    """The finding that :func:`encode` wrote."""

    def interval(value: dict | None) -> Interval | None:
        ends = {"inf": inf, "-inf": -inf}
        return value and Interval(**{k: ends.get(v, v) for k, v in value.items()})

    def evidence(value: dict) -> Evidence:
        fields = dict(value)
        for name in ("region", "interval", "interval_90"):
            fields[name] = interval(fields[name])
        for name in ("sources", "figures"):
            fields[name] = tuple(fields[name])
        number = {"inf": inf, "-inf": -inf}
        fields = {k: number.get(v, v) if isinstance(v, str) else v for k, v in fields.items()}
        return Evidence(**fields)

    fields = dict(raw)
    fields["true_if"], fields["published"] = (
        interval(raw["true_if"]),
        interval(raw["published"]),
    )
    fields["evidence"] = tuple(map(evidence, raw["evidence"]))
    fields["context"] = tuple(map(evidence, raw["context"]))
    return Finding(**fields)
