"""From a finding to its verdict, by the declared rules and nothing else.

A verdict depends on the finding, the register's part and the rules: on no other finding.
Multiplicity is counted by Bonferroni over the parts that the register declares as tested
together, so that a sibling never changes another part's verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import isnan
from statistics import NormalDist
from typing import TypeVar

from exile.audit.claims import Grade, Part, Register
from exile.audit.evidence import Evidence, Finding
from exile.audit.rules import IN_POINTS, Rules, Strength, VerdictCode
from exile.errors import InputError
from exile.statistics.intervals import Interval

T = TypeVar("T")


@dataclass(frozen=True)
class Verdict:
    """The outcome for one finding.

    ``code`` is a key of the verdicts in ``rules.toml``; ``grade`` is that of the
    deciding evidence; ``robustness`` is ``fragile``, ``moderate``, ``strong`` or
    None where nothing was decided or no tipping point applies; ``p_value`` is
    corrected for the family tested together.
    """

    code: VerdictCode
    grade: Grade | None = None
    robustness: Strength | None = None
    p_value: float | None = None


@dataclass(frozen=True)
class Choice:
    """What a reader may choose otherwise, besides the thresholds of the rules.

    Parameters
    ----------
    reading : str
        ``main`` or the name of another reading of the part.
    admit, leave_out : frozenset of str
        Labels of evidence that decides although set aside, or does not although admitted.
    second_hand : bool
        Whether evidence read in coverage alone counts.
    scenario : str or None
        Name of a declared sample size and design effect; None: the least favourable.
    corrected : bool
        Whether p-values are corrected for the tests made together.
    """

    reading: str = "main"
    admit: frozenset[str] = frozenset()
    leave_out: frozenset[str] = frozenset()
    second_hand: bool = True
    scenario: str | None = None
    corrected: bool = True


PUBLISHED = Choice()


def judge(
    finding: Finding, register: Register, rules: Rules, choice: Choice = PUBLISHED
) -> Verdict:
    """The verdict on one finding; the first rule that matches wins.

    Raises
    ------
    TypeError
        If anything but a finding is handed in: synthetic data get no verdict.
    InputError
        If the register has no such part or reading.
    """
    if not isinstance(finding, Finding):
        raise TypeError(f"a verdict needs a finding, not {type(finding).__name__}")
    part = part_of(finding, register)
    if not part.empirical:
        return Verdict("not_empirical")
    truth = truth_of(finding, register, rules, choice.reading)
    deciding = deciding_evidence(finding, part, choice)
    if not deciding or deciding[0].grade == "E":
        return Verdict("not_identified", "E")
    grade = deciding[0].grade
    region = Interval.hull(*(given(e.region) for e in deciding))
    interval = Interval.hull(*(_at_level(e, rules.alpha) for e in deciding))
    if region.meets(truth) and not region.within(truth):
        return Verdict("not_identified", grade)

    p = max((e.p_value for e in deciding if e.p_value is not None), default=None)
    if p is not None and part.confirmatory and choice.corrected:
        p = min(1.0, p * register.tests)
    factors = [e.robustness for e in deciding if e.robustness is not None]
    robustness = _robustness(min(factors), rules) if factors else None
    lone = _lone_report(deciding)
    if not interval.meets(truth):
        # One figure that we know from a report alone is too little to call a claim false.
        if lone:
            return Verdict("not_identified", grade, p_value=p)
        return Verdict("contradicted", grade, robustness, p)
    if part.kind == "existence" and interval.within(truth) and grade in "ABC":
        return Verdict("on_record", grade, robustness)
    if not interval.within(truth) or (p is not None and p > rules.alpha):
        return Verdict("inconclusive", grade, p_value=p)
    size = rules.numbers(part.size, finding.claim, register) if part.size else None
    return Verdict(_backed(part, deciding, interval, truth, size, rules), grade, robustness, p)


def _backed(
    part: Part,
    deciding: tuple[Evidence, ...],
    interval: Interval,
    truth: Interval,
    size: Interval | None,
    rules: Rules,
) -> VerdictCode:
    """The code of a verdict on evidence that lies in T throughout."""
    grade = deciding[0].grade
    if grade == "D":
        return "entailed"
    if grade == "A" and size is not None:
        within = all(given(e.region).within(size) for e in deciding)
        return "reproduced" if within else "direction_only"
    if grade != "A" and not any(e.independent for e in deciding):
        return "repeated"
    if size is not None:
        agrees = _equivalent(deciding, size, part.unit, rules) and not _lone_report(deciding)
        return "corroborated" if agrees else "direction_only"
    inner = shrunk(truth, part.unit, rules)
    return "supported" if inner is not None and interval.within(inner) else "direction_only"


def part_of(finding: Finding, register: Register) -> Part:
    """The register's part that a finding speaks of.

    Raises
    ------
    InputError
        Naming the nearest spelling.
    """
    from difflib import get_close_matches

    where = f"finding on '{finding.claim}'"
    claim = register.claims.get(finding.claim)
    if claim is None:
        raise InputError(where, "no such claim in the register", register.hint(finding.claim))
    part = claim.parts.get(finding.part)
    if part is None:
        near = get_close_matches(finding.part, claim.parts, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"It has {', '.join(claim.parts)}."
        raise InputError(where, f"no part '{finding.part}' in the register", hint)
    if finding.scope not in part.of:
        raise InputError(
            f"{where}, {finding.part}",
            f"the register does not speak of '{finding.scope}' there",
            f"It speaks of {', '.join(part.of)}.",
        )
    return part


def truth_of(finding: Finding, register: Register, rules: Rules, reading: str = "main") -> Interval:
    """T: the values of the estimand that make the part true, in this reading."""
    part = part_of(finding, register)
    if reading != "main" and reading not in part.readings:
        raise InputError(
            f"{finding.claim}, {finding.part}",
            f"no reading '{reading}'",
            f"Readings: main{''.join(', ' + r for r in part.readings)}.",
        )
    other = part.readings[reading].true_if if reading != "main" else None
    return rules.numbers(given(other or part.true_if), finding.claim, register)


def deciding_evidence(
    finding: Finding, part: Part, choice: Choice = PUBLISHED
) -> tuple[Evidence, ...]:
    """The evidence of the best grade that counts under a choice."""
    counting = [
        _in_scenario(e, choice.scenario)
        for e in finding.evidence
        if (not e.set_aside or e.label in choice.admit)
        and e.label not in choice.leave_out
        and (choice.second_hand or not e.second_hand)
        and e.unit in ("", part.unit)
    ]
    # Evidence that answers another reading counts in it alone, and there in place of the rest.
    named = [e for e in counting if choice.reading in e.readings]
    counting = named or [e for e in counting if not e.readings]
    best = min((e.grade for e in counting), default="")
    return tuple(e for e in counting if e.grade == best)


def _in_scenario(evidence: Evidence, name: str | None) -> Evidence:
    for scenario in evidence.scenarios:
        if scenario.name == name:
            return replace(
                evidence,
                interval=scenario.interval,
                interval_90=scenario.interval_90,
                p_value=scenario.p_value,
            )
    return evidence


def _at_level(evidence: Evidence, alpha: float) -> Interval:
    """The confidence interval at another level, by the normal approximation."""
    region, interval = given(evidence.region), given(evidence.interval)
    if alpha == 0.05 or region == interval:
        return interval
    normal = NormalDist()
    factor = normal.inv_cdf(1 - alpha / 2) / normal.inv_cdf(0.975)
    low = region.low - _times(region.low - interval.low, factor)
    high = region.high + _times(interval.high - region.high, factor)
    return Interval(low, high, interval.low_open, interval.high_open)


def given(value: T | None) -> T:
    """What evidence of every grade but E has, and every part that figures decide."""
    assert value is not None
    return value


def _times(distance: float, factor: float) -> float:
    return 0.0 if isnan(distance) else distance * factor  # both ends infinite: no distance


def _lone_report(deciding: Iterable[Evidence]) -> bool:
    """Whether all rests on one figure, and that one was read in coverage alone."""
    cited = [c for e in deciding for c in e.measured]
    single = len({c.figure or c.source for c in cited}) == 1
    return single and all(c.second_hand for c in cited)


def _equivalent(
    deciding: tuple[Evidence, ...], size: Interval, unit: str | None, rules: Rules
) -> bool:
    """Two one-sided tests: the 90 % interval lies within the margin around the printed size."""
    ninety = Interval.hull(*(e.interval_90 or given(e.interval) for e in deciding))
    if unit in IN_POINTS:
        return ninety.within(size.widen(rules.equivalence.points / 100))
    down, up = rules.equivalence.ratio
    return ninety.within(Interval(size.low * down, size.high * up))


def shrunk(truth: Interval, unit: str | None, rules: Rules) -> Interval | None:
    """T without a trifle at each of its ends; None where nothing is left."""
    by = rules.trifle_of(unit or "")
    if unit in IN_POINTS:
        low, high = truth.low + by, truth.high - by
    else:
        low, high = truth.low * by, truth.high / by
    return Interval(low, high) if low <= high else None


def _robustness(factor: float, rules: Rules) -> Strength:
    if factor < rules.robustness.moderate_from:
        return "fragile"
    return "moderate" if factor < rules.robustness.strong_from else "strong"
