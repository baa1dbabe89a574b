"""From findings to verdicts, by the declared rules and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exile.audit.evidence import Evidence, Finding
from exile.audit.rules import Rules
from exile.statistics.intervals import Interval


@dataclass(frozen=True)
class Verdict:
    """The outcome for one finding.

    ``code`` is a key of the verdicts in ``rules.toml``; ``grade`` is that of the
    deciding evidence; ``robustness`` is ``fragile``, ``moderate``, ``strong`` or
    None where nothing was decided or no tipping point applies; ``p_value`` is
    Holm-adjusted within the confirmatory family.
    """

    code: str
    grade: str | None = None
    robustness: str | None = None
    p_value: float | None = None


def judge_all(findings: Iterable[Finding], rules: Rules) -> dict[tuple[str, str, str], Verdict]:
    """Judge findings together, since Holm's correction needs the whole family.

    A claim of the family counts once, with the largest worst-case p-value among
    its findings; a claim of the family without one counts as p = 1.
    """
    findings = list(findings)
    worst: dict[str, float] = {}
    for finding in findings:
        if (p := _worst_p(_deciding(finding))) is not None and finding.claim in rules.family:
            worst[finding.claim] = max(p, worst.get(finding.claim, 0.0))
    adjusted = _holm(worst, rules) if worst else {}
    return {f.key: judge(f, rules, adjusted.get(f.claim)) for f in findings}


def judge(finding: Finding, rules: Rules, family_p: float | None = None) -> Verdict:
    """The verdict on one finding; the first rule that matches wins.

    Parameters
    ----------
    family_p : float, optional
        The claim's Holm-adjusted p-value. Without it a claim of the confirmatory
        family is judged on Bonferroni's bound, which is never smaller.

    Raises
    ------
    TypeError
        If anything but a finding is handed in: synthetic data get no verdict.
    """
    if not isinstance(finding, Finding):
        raise TypeError(f"a verdict needs a finding, not {type(finding).__name__}")
    if finding.true_if is None:
        return Verdict("not_empirical")
    deciding = _deciding(finding)
    grade = deciding[0].grade
    if grade == "E":
        return Verdict("not_identified", grade)
    region = Interval.hull(*(e.region for e in deciding))
    interval = Interval.hull(*(e.interval for e in deciding))
    truth = finding.true_if
    if region.meets(truth) and not region.within(truth):
        return Verdict("not_identified", grade)

    p = _worst_p(deciding)
    if finding.claim in rules.family and p is not None:
        p = min(1.0, p * len(rules.family)) if family_p is None else family_p
    factors = [e.robustness for e in deciding if e.robustness is not None]
    robustness = _robustness(min(factors), rules) if factors else None
    if not interval.meets(truth):
        return Verdict("contradicted", grade, robustness, p)
    if not interval.within(truth) or (p is not None and p > rules.alpha):
        return Verdict("inconclusive", grade, p_value=p)
    if grade == "D":
        return Verdict("entailed", grade, robustness, p)
    if _size_agrees(finding, deciding, interval, rules):
        return Verdict("reproduced" if grade == "A" else "corroborated", grade, robustness, p)
    return Verdict("direction_only", grade, robustness, p)


def _deciding(finding: Finding) -> tuple[Evidence, ...]:
    if not finding.evidence:
        return ()
    best = min(e.grade for e in finding.evidence)
    return tuple(e for e in finding.evidence if e.grade == best)


def _worst_p(deciding: tuple[Evidence, ...]) -> float | None:
    return max((e.p_value for e in deciding if e.p_value is not None), default=None)


def _holm(worst: Mapping[str, float], rules: Rules) -> dict[str, float]:
    from statsmodels.stats.multitest import multipletests

    p_values = [worst.get(claim, 1.0) for claim in rules.family]
    adjusted = multipletests(p_values, alpha=rules.alpha, method="holm")[1]
    return dict(zip(rules.family, map(float, adjusted), strict=True))


def _size_agrees(
    finding: Finding, deciding: tuple[Evidence, ...], interval: Interval, rules: Rules
) -> bool:
    unit = deciding[0].unit
    in_points = unit in ("share", "share_difference")
    if finding.published is None:
        # A direction counts as more than bare when all of the interval is clearly off the null.
        if in_points:
            edge, truth = rules.substantive_points, finding.true_if
            return (truth.low == 0 and interval.low >= edge) or (
                truth.high == 0 and interval.high <= -edge
            )
        if unit in rules.substantive_ratio:
            edge = rules.substantive_ratio[unit]
            return (finding.true_if.low == 1 and interval.low >= edge) or (
                finding.true_if.high == 1 and interval.high <= 1 / edge
            )
        return False
    if deciding[0].grade == "A":
        return all(e.region.within(finding.published) for e in deciding)
    nineties = [e.interval_90 or e.interval for e in deciding]
    low = min(i.low for i in nineties)
    high = max(i.high for i in nineties)
    if in_points:
        margin = finding.published.widen(rules.equivalence_points)
    else:
        down, up = rules.equivalence_ratio
        margin = Interval(finding.published.low * down, finding.published.high * up)
    return Interval(low, high).within(margin)


def _robustness(factor: float, rules: Rules) -> str:
    if factor < rules.moderate_from:
        return "fragile"
    return "moderate" if factor < rules.strong_from else "strong"
