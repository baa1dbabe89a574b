"""The declared rules: thresholds, words, and how claims' headlines follow from verdicts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from math import inf
from typing import Literal, get_args

from exile.audit.claims import STRICT, Bounds, Grade, Register, Scope, Stated, Unit
from exile.errors import InputError
from exile.statistics.intervals import Interval

VerdictCode = Literal[
    "not_empirical", "not_identified", "contradicted", "inconclusive", "entailed", "reproduced",
    "corroborated", "supported", "direction_only", "repeated", "on_record",
]  # fmt: skip
Strength = Literal["fragile", "moderate", "strong"]
IN_POINTS = frozenset(["share", "share_difference"])


@dataclass(frozen=True)
class Words:
    """A term in both languages, with its meaning in a sentence."""

    __pydantic_config__ = STRICT

    en: str
    ru: str
    meaning: str = ""
    meaning_ru: str = ""

    def in_(self, language: str) -> str:
        return self.ru if language == "ru" else self.en


@dataclass(frozen=True)
class Hedges:
    __pydantic_config__ = STRICT

    about_ratio: tuple[float, float]
    almost_points: float
    almost_ratio: float
    half_unit_points: float

    def __post_init__(self):
        if not 0 < self.about_ratio[0] <= 1 <= self.about_ratio[1]:
            raise ValueError("'about' must hold the number itself; Write [0.8, 1.25].")
        if not 0 < self.almost_ratio <= 1 or not 0 < self.almost_points < 50:
            raise ValueError("'almost' is no margin below; Write 5 points and 0.9.")
        if not 0 <= self.half_unit_points <= 5:
            raise ValueError("half a unit is 0 to 5 points; Write 0.5 for whole percentages.")


@dataclass(frozen=True)
class Equivalence:
    __pydantic_config__ = STRICT

    points: float
    ratio: tuple[float, float]

    def __post_init__(self):
        if not 0 < self.points < 100 or not 0 < self.ratio[0] < 1 < self.ratio[1]:
            raise ValueError("the margin of equivalence holds no zero; Write 5 and [0.8, 1.25].")


@dataclass(frozen=True)
class Trifle:
    __pydantic_config__ = STRICT

    points: float
    ratio: float
    odds_ratio: float

    def __post_init__(self):
        if not 0 <= self.points < 100 or self.ratio < 1 or self.odds_ratio < 1:
            raise ValueError("a trifle is no negative distance; Write points, and ratios from 1.")


@dataclass(frozen=True)
class Robustness:
    __pydantic_config__ = STRICT

    moderate_from: float
    strong_from: float
    labels: dict[Strength, Words]

    def __post_init__(self):
        if not 1 < self.moderate_from < self.strong_from:
            raise ValueError(
                "'strong_from' must lie above 'moderate_from', and both above 1; Exchange them."
            )


@dataclass(frozen=True)
class Alternatives:
    """Other values of the rules' own thresholds, under which every part is judged again."""

    __pydantic_config__ = STRICT

    alpha: tuple[float, ...]
    equivalence_points: tuple[float, ...]
    trifle_points: tuple[float, ...]


@dataclass(frozen=True)
class HeadlineRule:
    """Matches where one of ``needs`` is present and nothing outside ``only``.

    Both name groups of verdicts; an empty ``needs`` asks for none.
    """

    __pydantic_config__ = STRICT

    code: str
    words: Words
    needs: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Amendment:
    """A change of the rules, with the verdicts it moved: ``claim/part/scope`` to old and new."""

    __pydantic_config__ = STRICT

    date: str
    change: str
    before: str
    after: str
    verdicts: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Rules:
    """All thresholds and words; ``digest`` names this version."""

    __pydantic_config__ = STRICT

    version: int
    declared: str
    grades: dict[Grade, Words]
    relations: dict[Literal["independent", "partner", "same_team"], Words]
    set_aside: dict[str, Words]
    scopes: dict[Scope, Words]
    hedges: Hedges
    equivalence: Equivalence
    trifle: Trifle
    robustness: Robustness
    alpha: float
    alternatives: Alternatives
    verdicts: dict[VerdictCode, Words]
    groups: dict[str, tuple[VerdictCode, ...]]
    headlines: tuple[HeadlineRule, ...]
    amendments: tuple[Amendment, ...]
    digest: str = ""

    def __post_init__(self):
        if not 0 < self.alpha < 0.5:
            raise ValueError(f"alpha {self.alpha} is no level of significance; Write 0.05.")
        codes = set(get_args(VerdictCode))
        if missing := codes - set(self.verdicts):
            raise ValueError(f"verdicts {sorted(missing)} have no words; Restore them.")
        grouped = [code for codes in self.groups.values() for code in codes]
        if sorted(grouped) != sorted(codes):
            raise ValueError(
                "each verdict belongs to one group; Look for a missing or repeated one under "
                "[groups]."
            )
        for rule in self.headlines:
            if unknown := {*rule.needs, *(rule.only or ())} - set(self.groups):
                raise ValueError(f"headline '{rule.code}' names unknown groups {sorted(unknown)}")
        if self.headlines[-1].needs or self.headlines[-1].only is not None:
            raise ValueError("the last headline must match whatever is left; Take off its terms.")

    @property
    def half_unit(self) -> float:
        """Half a unit of a printed percentage, as a fraction."""
        return self.hedges.half_unit_points / 100

    @property
    def about(self) -> tuple[float, float]:
        """The factors between which "about" holds."""
        return self.hedges.about_ratio

    def truth(self, stated: Stated) -> Interval:
        """The numbers that a stated figure stands for, on the scale of the analysis."""
        x, hedges = stated.number, self.hedges
        percent = stated.unit == "percent"
        top = 1.0 if percent else inf
        match stated.hedge:
            case "more_than":
                return Interval(x, top, low_open=True)
            case "at_least":
                return Interval(x, top)
            case "about":
                return Interval(x * hedges.about_ratio[0], min(top, x * hedges.about_ratio[1]))
            case "almost":
                low = x - hedges.almost_points / 100 if percent else x * hedges.almost_ratio
                return Interval(max(0.0, low), x, high_open=True)
        half = self.half_unit if percent else 0.0
        return Interval(max(0.0, x - half), min(top, x + half))

    def numbers(self, bounds: Bounds, claim: str, register: Register) -> Interval:
        """The set of values that ``bounds`` declares, on the scale of the analysis."""
        if bounds.states is None:
            low = bounds.above if bounds.above is not None else bounds.at_least
            high = bounds.below if bounds.below is not None else bounds.at_most
            return Interval(
                -inf if low is None else low,
                inf if high is None else high,
                bounds.above is not None,
                bounds.below is not None,
            )
        first = self.truth(register.stated(claim, bounds.states))
        if bounds.minus is not None:
            other = self.truth(register.stated(claim, bounds.minus))
            return Interval(
                first.low - other.high,
                first.high - other.low,
                first.low_open or other.high_open,
                first.high_open or other.low_open,
            )
        if bounds.up_to is not None:
            last = self.truth(register.stated(claim, bounds.up_to))
            return Interval(first.low, last.high, first.low_open, last.high_open)
        return first

    def trifle_of(self, unit: Unit | str) -> float:
        """How far from the edge of T is more than a trifle: points as a fraction, or a factor."""
        if unit in IN_POINTS:
            return self.trifle.points / 100
        return self.trifle.odds_ratio if unit == "odds_ratio" else self.trifle.ratio


def digest(raw: Mapping) -> str:
    """The fingerprint of rules as read from their file, without the list of amendments."""
    kept = {k: v for k, v in raw.items() if k not in ("amendments", "digest")}
    text = json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(text.encode()).hexdigest()


def check_amended(rules: Rules, file: str) -> None:
    """Rules that were changed must say so.

    Raises
    ------
    InputError
        If the chain of amendments does not lead to the rules as they are.
    """
    remedy = "Take the change back, or write the amendment with 'exile amend REASON'."
    chain = rules.amendments
    if not chain or chain[-1].after != rules.digest:
        raise InputError(file, "the rules differ from the last amendment", remedy)
    for earlier, later in pairwise(chain):
        if later.before != earlier.after:
            raise InputError(
                f"{file}, amendment of {later.date}", "it does not follow on the one before", remedy
            )
