"""Evidence and findings: what a chapter hands to the verdict rules."""

from __future__ import annotations

from dataclasses import dataclass

from exile.audit.claims import Grade, Scope
from exile.errors import InputError
from exile.statistics.intervals import Interval


@dataclass(frozen=True)
class Citation:
    """Where a piece of evidence comes from: a source, and the figure read there.

    ``relation`` is that of the figures' producer to the article's team: ``independent``,
    ``partner`` or ``same_team``. ``second_hand``: we read a report of the figure.
    ``benchmark``: what the estimate is compared with, which lends it no independence.
    """

    source: str
    figure: str = ""
    second_hand: bool = False
    relation: str = "independent"
    benchmark: bool = False


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The same estimate under another sample size or design effect."""

    n: float
    deff: float
    interval: Interval
    interval_90: Interval | None = None
    p_value: float | None = None

    @property
    def name(self) -> str:
        return f"{self.n:g} people had been asked, design effect {self.deff:g}"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One estimate, or the bounds that the record sets, for one quantity.

    Parameters
    ----------
    label : str
        What was estimated, in plain words.
    grade : str
        ``A`` to ``E``: what stands behind it (``rules.toml``).
    region : Interval or None
        R, the values that the record allows before chance; a point estimate is
        an interval of width 0. None where there is no figure (grade E).
    interval : Interval or None
        CI(R), the 95 % confidence interval, united over R. Equal to ``region``
        where no sampling model applies, as with other people's estimates.
    interval_90 : Interval or None
        The 90 % interval, for the equivalence test of the printed size.
    figures : tuple of str
        Ids of the figures used; their sources follow from them.
    sources : tuple of str
        Further sources, of what no figure holds.
    benchmarks : tuple of str
        Ids of the figures or sources that the estimate is compared with, such as
        Russia's side of a difference.
    method : str
        How the number was made, in a clause.
    n, deff : float or None
        Respondents behind it, and the design effect.
    p_value : float or None
        Worst case over everything the record allows.
    robustness : float or None
        Selection ratio (lambda* or Gamma*), or factor by which the estimate would have
        to be off, that overturns it; the least favourable declared scenario.
    scenarios : tuple of Scenario
        The estimate under the other declared sample sizes and design effects.
    readings : tuple of str
        Readings of the part that it answers; all of them where empty.
    set_aside : str
        Empty where it decides; else the declared reason why it is only shown.
    search : str
        Grade E: the row of ``searches.csv`` on which the absence stands.
    unit, scope : str
        Filled from the part that it is recorded for; only evidence set aside may differ.
    cited : tuple of Citation
        Filled from the data when it is recorded.
    """

    label: str
    grade: Grade
    region: Interval | None
    interval: Interval | None = None
    interval_90: Interval | None = None
    figures: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()
    method: str
    n: float | None = None
    deff: float | None = None
    p_value: float | None = None
    robustness: float | None = None
    scenarios: tuple[Scenario, ...] = ()
    readings: tuple[str, ...] = ()
    set_aside: str = ""
    search: str = ""
    unit: str = ""
    scope: str = ""
    cited: tuple[Citation, ...] = ()

    def __post_init__(self):
        where = f"evidence '{self.label}'"
        if (self.region is None) != (self.grade == "E"):
            raise InputError(where, "grade E means no figure", "Give a region, or grade E.")
        if (self.grade == "E") != bool(self.search):
            raise InputError(
                where,
                "an absence stands on a search, and nothing else does",
                "Name a row of data/searches.csv for grade E, and only there.",
            )
        if not (self.figures or self.sources or self.search):
            raise InputError(where, "no figure and no source", "Name what it was read in.")
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

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Every source, those of the figures first."""
        return tuple(dict.fromkeys(c.source for c in self.cited))

    @property
    def measured(self) -> tuple[Citation, ...]:
        """What the estimate itself rests on, without what it is compared with."""
        return tuple(c for c in self.cited if not c.benchmark) or self.cited

    @property
    def second_hand(self) -> bool:
        """Whether all of it was read in reports of the figures."""
        return bool(self.cited) and all(c.second_hand for c in self.measured)

    @property
    def independent(self) -> bool:
        """Whether somebody other than the article's team and its partners measured any of it."""
        return any(c.relation == "independent" for c in self.measured)


@dataclass(frozen=True)
class Known:
    """A known value of a comparable quantity, for "as strong as what?"."""

    label: str
    value: float
    figure: str = ""


@dataclass(frozen=True, kw_only=True)
class Tipping:
    """What one would have to believe: the quantity on which an open part turns.

    Parameters
    ----------
    quantity : str
        In plain words, such as "graduates among those who left after the mobilisation".
    value : float
        Where it tips, in ``unit``.
    true_side : str
        On which side of it the part is true: ``above`` or ``below``.
    known : tuple of Known
        Values of comparable quantities.
    none_known : str
        Why there is none, where there is none.
    """

    quantity: str
    value: float
    unit: str
    true_side: str
    known: tuple[Known, ...] = ()
    none_known: str = ""

    def __post_init__(self):
        where = f"tipping quantity '{self.quantity}'"
        if self.true_side not in ("above", "below"):
            raise InputError(where, f"side '{self.true_side}'", "Write above or below.")
        if bool(self.known) == bool(self.none_known):
            raise InputError(
                where, "nothing to compare it with", "Give a known value, or say why none exists."
            )


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a chapter says of one part of a claim, for one scope.

    What would make it true stands in the register and nowhere else.

    Parameters
    ----------
    claim, part, scope : str
        Which assertion, and of whom.
    evidence : tuple of Evidence
        What decides, and with ``set_aside`` what is shown beside it.
    summary : str
        The finding in a sentence.
    tipping : Tipping, optional
        For an open part: the quantity that would settle it.
    """

    claim: str
    part: str
    scope: Scope
    evidence: tuple[Evidence, ...] = ()
    summary: str
    tipping: Tipping | None = None

    def __post_init__(self):
        for item in self.evidence:
            if not isinstance(item, Evidence):
                raise TypeError(
                    f"finding on '{self.claim}': {type(item).__name__} is not evidence; "
                    "synthetic data verify code and compute power, and never decide a claim"
                )

    @property
    def key(self) -> tuple[str, str, str]:
        return self.claim, self.part, self.scope

    @property
    def deciding(self) -> tuple[Evidence, ...]:
        return tuple(e for e in self.evidence if not e.set_aside)
