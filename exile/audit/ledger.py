"""All claims with findings, verdicts and answers: the one source of cards, ledger and exports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from exile.audit.answers import LANGUAGES, answer
from exile.audit.choices import Dependence, dependence
from exile.audit.claims import Claim, Part, Register, Scope
from exile.audit.evidence import Finding
from exile.audit.headline import Headline, headline
from exile.audit.rules import Rules
from exile.audit.verdict import PUBLISHED, Choice, Verdict, judge
from exile.errors import InputError

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Judged:
    """A finding with its verdict, and how far that depends on our choices.

    ``before`` is the verdict by the public record alone, where a survey's microdata have
    changed the finding; ``added`` says that they alone made it.
    """

    finding: Finding
    part: Part
    verdict: Verdict
    dependence: Dependence | None = None
    before: Verdict | None = None
    added: bool = False

    @property
    def scope(self) -> Scope:
        return self.finding.scope


@dataclass(frozen=True)
class Entry:
    """One claim: its chapter, statement, verdicts, headline and answers.

    ``statements`` and ``answers`` are ready to be read, by language.
    """

    claim: Claim
    statements: Mapping[str, str]
    chapter: str | None
    judged: tuple[Judged, ...]
    headline: Headline | None = None
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def audited(self) -> bool:
        return bool(self.judged)

    @property
    def statement(self) -> str:
        return self.statements["en"]


@dataclass(frozen=True)
class Told:
    """What chapters hand over beside findings: the values for a claim's answer."""

    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    templates: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)


def judge_claim(
    claim: Claim,
    findings: Iterable[Finding],
    register: Register,
    rules: Rules,
    choice: Mapping[Key, Choice] | None = None,
    settled: Mapping[Key, Verdict] | None = None,
) -> tuple[dict[Key, Verdict], Headline]:
    """The verdicts of a claim's findings, and its headline.

    ``settled`` holds verdicts reached elsewhere, on numbers that may not be shown.
    """
    chosen, held = choice or {}, settled or {}
    verdicts = {
        f.key: held.get(f.key) or judge(f, register, rules, chosen.get(f.key, PUBLISHED))
        for f in findings
    }
    by_part = {(part, scope): v for (_, part, scope), v in verdicts.items()}
    return verdicts, headline(claim, by_part, rules)


def build_ledger(
    register: Register,
    findings: Mapping[str, Iterable[Finding]],
    rules: Rules,
    told: Told | None = None,
    *,
    depend: bool = True,
    settled: Mapping[Key, Verdict] | None = None,
) -> dict[str, Entry]:
    """Judge every finding and file it under its claim.

    Parameters
    ----------
    findings : mapping of str to findings
        By chapter.
    told : Told, optional
        Templates and values of the answers.
    depend : bool
        Whether to judge each finding in every combination of choices, too.

    Raises
    ------
    InputError
        If a finding names a claim or part outside the register, two chapters take up one
        claim, or one chapter judges the same part and scope twice.
    """
    chapter_of: dict[str, str] = {}
    unique: dict[Key, Finding] = {}
    for chapter, recorded in findings.items():
        for finding in recorded:
            check(finding, register, rules, chapter, settled=finding.key in (settled or {}))
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
                    f"'{finding.claim}', part '{finding.part}' has two findings for scope "
                    f"'{finding.scope}'",
                    "Merge their evidence.",
                )
            unique[finding.key] = finding
    return {
        claim.id: _entry(
            claim,
            chapter_of.get(claim.id),
            unique,
            register,
            rules,
            told or Told(),
            depend,
            settled or {},
        )
        for claim in register.claims.values()
    }


def _entry(
    claim: Claim,
    chapter: str | None,
    unique: Mapping[Key, Finding],
    register: Register,
    rules: Rules,
    told: Told,
    depend: bool,
    settled: Mapping[Key, Verdict],
) -> Entry:
    order = {name: place for place, name in enumerate(claim.parts)}
    own = sorted(
        (f for f in unique.values() if f.claim == claim.id),
        key=lambda f: (order.get(f.part, 0), claim.parts[f.part].of.index(f.scope)),
    )
    statements = {language: register.statement(claim.id, language) for language in LANGUAGES}
    if not own:
        return Entry(claim, statements, chapter, ())
    verdicts, head = judge_claim(claim, own, register, rules, settled=settled)
    judged = tuple(
        Judged(
            f,
            claim.parts[f.part],
            verdicts[f.key],
            dependence(f, register, rules) if depend and f.key not in settled else None,
        )
        for f in own
    )
    values = told.values.get(claim.id, {})
    answers = {
        language: answer(claim, head, told.templates.get(language, {}), values, rules, language)
        for language in LANGUAGES
    }
    return Entry(claim, statements, chapter, judged, head, answers)


def check(
    finding: Finding, register: Register, rules: Rules, where: str, *, settled: bool = False
) -> None:
    """Whether a finding fits the register and the rules; see :func:`build_ledger`."""
    from exile.audit.verdict import part_of

    try:
        part = part_of(finding, register)
    except InputError as problem:
        raise InputError(f"{where}, {problem.where}", problem.problem, problem.remedy) from None
    if part.empirical and not finding.evidence and not settled:
        raise InputError(
            f"{where}, '{finding.claim}', {finding.part}",
            "no evidence",
            "Give some, or call nothing_found with the row of the search.",
        )
    for item in finding.evidence:
        place = f"{where}, evidence '{item.label}'"
        if item.grade not in rules.grades:
            raise InputError(
                place, f"no grade '{item.grade}'", f"Grades: {', '.join(rules.grades)}."
            )
        if item.set_aside and item.set_aside not in rules.set_aside:
            raise InputError(
                place,
                f"'{item.set_aside}' is no declared reason to set evidence aside",
                f"Reasons: {', '.join(rules.set_aside)}.",
            )
        if not item.set_aside and part.empirical and item.unit not in ("", part.unit):
            raise InputError(
                place,
                f"unit '{item.unit}', and the part is in '{part.unit}'",
                "One estimand, one unit.",
            )
        if not item.set_aside and item.scope not in ("", finding.scope):
            raise InputError(
                place,
                f"it speaks of '{item.scope}' and cannot decide '{finding.scope}'",
                "Record a finding for each scope, or set it aside.",
            )
        if unknown := set(item.readings) - set(part.readings):
            raise InputError(
                place,
                f"no readings {sorted(unknown)}",
                f"Readings: {', '.join(part.readings) or 'none'}.",
            )


def with_microdata(
    register: Register,
    public: Mapping[str, Iterable[Finding]],
    microdata: Mapping[str, Iterable[tuple[Finding, Verdict]]],
    rules: Rules,
    told: Told | None = None,
) -> dict[str, Entry]:
    """The ledger of a book that holds a survey, with the verdicts before it.

    A finding from the survey takes the place of the public one on the same part and
    scope, whose evidence is kept beside it as superseded; another one is added. Its
    verdict comes with it: it was reached on exact answers, and its evidence is rounded.

    Raises
    ------
    InputError
        As :func:`build_ledger`.
    """
    public = {chapter: tuple(found) for chapter, found in public.items()}
    merged = {chapter: {f.key: f for f in found} for chapter, found in public.items()}
    before: dict[Key, Verdict | None] = {}
    settled: dict[Key, Verdict] = {}
    for chapter, found in microdata.items():
        held = merged.setdefault(chapter, {})
        for finding, verdict in found:
            settled[finding.key] = verdict
            if finding.key in before:
                raise InputError(
                    chapter, f"'{finding.claim}' is measured twice", "Give each its own part."
                )
            old = held.get(finding.key)
            before[finding.key] = judge(old, register, rules) if old else None
            if old is not None:
                aside = tuple(
                    e if e.set_aside else replace(e, set_aside="superseded") for e in old.evidence
                )
                finding = replace(finding, evidence=(*finding.evidence, *aside))
            held[finding.key] = finding
    findings = {c: tuple(h.values()) for c, h in merged.items()}
    full = build_ledger(register, findings, rules, told, settled=settled)
    if not before:
        return full
    return {
        name: replace(
            entry,
            judged=tuple(
                replace(j, before=before[j.finding.key], added=before[j.finding.key] is None)
                if j.finding.key in before
                else j
                for j in entry.judged
            ),
        )
        for name, entry in full.items()
    }
