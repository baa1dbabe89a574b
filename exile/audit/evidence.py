"""Evidence and findings: what a chapter hands to the verdict rules."""

from __future__ import annotations

from dataclasses import dataclass

from exile.errors import InputError
from exile.statistics.intervals import Interval

UNITS = frozenset(["share", "share_difference", "ratio", "odds_ratio", "count"])


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One estimate, or the bounds that the record sets, for one quantity.

    Parameters
    ----------
    label : str
        What was estimated, in plain words.
    grade : str
        ``A`` to ``E``: what stands behind it (``rules.toml``).
    scope : str
        Whom it speaks of (``rules.toml``).
    unit : str
        ``share`` and ``share_difference`` are fractions; ``ratio``,
        ``odds_ratio`` and ``count`` are what they say.
    region : Interval or None
        R, the values that the record admits before chance; a point estimate is
        an interval of width 0. None where there is no figure (grade E).
    interval : Interval or None
        CI(R), the 95 % confidence interval, united over R. Equal to ``region``
        where no sampling model applies, as with other people's estimates.
    interval_90 : Interval or None
        The 90 % interval, for the equivalence test of the published size.
    sources : tuple of str
        Source ids (``sources.csv``).
    figures : tuple of str
        Ids of the rows of compiled figures that were used.
    method : str
        How the number was made, in a clause.
    n, deff : float or None
        Respondents behind it, and the design effect.
    p_value : float or None
        Worst case over everything the record admits.
    robustness : float or None
        Selection ratio (lambda* or Gamma*), or factor by which the estimate would have
        to be off, that overturns it; the least favourable declared scenario.
    """

    label: str
    grade: str
    scope: str
    unit: str
    region: Interval | None
    interval: Interval | None = None
    interval_90: Interval | None = None
    sources: tuple[str, ...]
    figures: tuple[str, ...] = ()
    method: str
    n: float | None = None
    deff: float | None = None
    p_value: float | None = None
    robustness: float | None = None

    def __post_init__(self):
        where = f"evidence '{self.label}'"
        if self.unit not in UNITS:
            raise InputError(where, f"unit '{self.unit}' is not known", f"Use {sorted(UNITS)}.")
        if (self.region is None) != (self.grade == "E"):
            raise InputError(where, "grade E means no figure", "Give a region, or grade E.")
        if not self.sources:
            raise InputError(where, "no source", "Name at least one source id.")
        if self.p_value is not None and not 0 <= self.p_value <= 1:
            raise InputError(where, f"p-value {self.p_value} is impossible", "It lies in 0-1.")
        if self.interval is None and self.region is not None:
            object.__setattr__(self, "interval", self.region)
        if self.interval is not None and not self.region.within(self.interval):
            raise InputError(
                where,
                f"the interval {self.interval} does not hold the region {self.region}",
                "CI(R) is the union of the intervals over R.",
            )

    @property
    def estimate(self) -> float | None:
        """The point estimate, where the record gives a point."""
        if self.region is None or self.region.width:
            return None
        return self.region.low


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a chapter says of a claim, or of one part of it, for one scope.

    Parameters
    ----------
    claim, part, scope : str
        Which assertion, and of whom. ``part`` is empty unless the claim holds
        assertions of different fate.
    true_if : Interval or None
        T, the values of the estimand that make the claim true, the null left
        out. None where the claim has no estimand: it is not empirical.
    published : Interval or None
        The values that the article printed, on the estimand's scale; None where
        it gives a direction only.
    evidence : tuple of Evidence
        What decides. Only the best grade among them is used.
    context : tuple of Evidence
        What is shown beside it and does not decide.
    summary : str
        The finding in a sentence.
    settled_by : str
        The number that would settle the claim.
    """

    claim: str
    scope: str
    true_if: Interval | None
    published: Interval | None = None
    evidence: tuple[Evidence, ...] = ()
    context: tuple[Evidence, ...] = ()
    summary: str
    settled_by: str
    part: str = ""

    def __post_init__(self):
        where = f"finding on '{self.claim}'"
        for item in (*self.evidence, *self.context):
            if not isinstance(item, Evidence):
                raise TypeError(
                    f"{where}: {type(item).__name__} is not evidence; synthetic data verify "
                    "code and compute power, and never decide a claim"
                )
        if (self.true_if is None) == bool(self.evidence):
            raise InputError(
                where,
                "an empirical claim needs both evidence and the values that make it true",
                "Give both, or neither for a claim that is not empirical.",
            )
        units = {e.unit for e in self.evidence}
        if len(units) > 1:
            raise InputError(
                where, f"evidence in several units {sorted(units)}", "One estimand, one unit."
            )
        if any(e.scope != self.scope for e in self.evidence):
            raise InputError(
                where,
                f"evidence of another scope than '{self.scope}' cannot decide it",
                "Record a finding for each scope.",
            )

    @property
    def key(self) -> tuple[str, str, str]:
        return self.claim, self.part, self.scope
