"""All claims with their findings and verdicts: the one source of cards, ledger and exports."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from math import inf, isfinite

from exile.audit.claims import Claim, Register, unknown_claim
from exile.audit.evidence import Evidence, Finding
from exile.audit.rules import Rules
from exile.audit.verdict import Verdict, judge_all
from exile.errors import InputError
from exile.statistics.intervals import Interval


@dataclass(frozen=True)
class Entry:
    """One claim: its chapter, and a verdict for each part and scope examined.

    ``before`` holds the verdicts by the public record alone, for the findings that a
    survey's microdata have changed or added (then None).
    """

    claim: Claim
    chapter: str | None
    judged: tuple[tuple[Finding, Verdict], ...]
    before: Mapping[tuple[str, str, str], Verdict | None] = field(default_factory=dict)

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


def with_microdata(
    register: Register,
    public: Mapping[str, Iterable[Finding]],
    microdata: Mapping[str, Iterable[Finding]],
    rules: Rules,
) -> dict[str, Entry]:
    """The ledger of a book that holds a survey, with the verdicts before it.

    A finding from the survey takes the place of the public one on the same part and
    scope, whose evidence stays as context; another one is added.

    Raises
    ------
    InputError
        As :func:`build_ledger`.
    """
    public = {chapter: tuple(found) for chapter, found in public.items()}
    ledger = build_ledger(register, public, rules)
    merged = {chapter: {f.key: f for f in found} for chapter, found in public.items()}
    changed = set()
    for chapter, found in microdata.items():
        held = merged.setdefault(chapter, {})
        for finding in found:
            if finding.key in changed:
                raise InputError(
                    chapter, f"'{finding.claim}' is measured twice", "Give each its own part."
                )
            changed.add(finding.key)
            if (old := held.get(finding.key)) is not None:
                _same_question(chapter, finding, old)
                context = (*finding.context, *old.evidence, *old.context)
                finding = replace(finding, context=context)
            held[finding.key] = finding
    full = build_ledger(register, {c: tuple(h.values()) for c, h in merged.items()}, rules)
    verdicts = {f.key: v for entry in ledger.values() for f, v in entry.judged}
    return {
        name: replace(
            entry,
            before={f.key: verdicts.get(f.key) for f, _ in entry.judged if f.key in changed},
        )
        for name, entry in full.items()
    }


def _same_question(chapter: str, finding: Finding, old: Finding) -> None:
    """More data must not change what is asked of them."""
    units = [{e.unit for e in f.evidence} for f in (finding, old)]
    if units[0] == units[1] and finding.true_if != old.true_if:
        raise InputError(
            f"{chapter}, '{finding.claim}', {finding.part or 'whole'}",
            f"true at {finding.true_if} on the survey's answers, at {old.true_if} without them",
            "Use the chapter's own declaration for both.",
        )


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
                    **_before(entry, finding, rules),
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


def _before(entry: Entry, finding: Finding, rules: Rules) -> dict[str, str | None]:
    """The verdict by the public record, where microdata have changed it."""
    if finding.key not in entry.before:
        return {}
    before = entry.before[finding.key]
    return {"verdict_by_public_record": before and rules.verdicts[before.code]["label"]}


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
