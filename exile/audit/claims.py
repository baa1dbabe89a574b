"""The register: what the article says, claim by claim, and how each claim is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Literal

STRICT = {"extra": "forbid", "strict": True, "allow_inf_nan": False}

Scope = Literal["respondents", "surveyed_stream", "all_2022_migrants", "context"]
Unit = Literal["share", "share_difference", "ratio", "odds_ratio", "count"]
Grade = Literal["A", "B", "C", "D", "E"]
Hedge = Literal["exactly", "about", "almost", "at_least", "more_than"]
HEDGED = {
    "en": {
        "exactly": "", "about": "about ", "almost": "almost ", "at_least": "at least ",
        "more_than": "over ",
    },
    "ru": {
        "exactly": "", "about": "около ", "almost": "почти ", "at_least": "не менее ",
        "more_than": "более ",
    },
}  # fmt: skip
NOT_EMPIRICAL = frozenset(["judgement", "forecast"])


@dataclass(frozen=True)
class Stated:
    """A number as the article gives it.

    ``value`` is in the article's own unit: percentage points for ``percent``,
    persons for ``count``.
    """

    __pydantic_config__ = STRICT

    value: float
    unit: Literal["percent", "count"] = "count"
    hedge: Hedge = "exactly"

    @property
    def number(self) -> float:
        """The value on the scale of the analysis: a fraction for percentages."""
        return self.value / 100 if self.unit == "percent" else self.value

    def text(self, language: str = "en") -> str:
        """The number with its hedge, as readers see it."""
        amount = f"{self.value:,.0f}" if self.value >= 100 else f"{self.value:g}"
        if language == "ru":
            amount = amount.replace(",", "\u202f" if self.value >= 10_000 else "")
            amount = amount.replace(".", ",")
        return HEDGED[language][self.hedge] + amount + ("\u202f%" if self.unit == "percent" else "")

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """A set of numbers, declared by its ends or by what the article prints.

    Parameters
    ----------
    above, at_least, below, at_most : float, optional
        Ends on the scale of the analysis; ``above`` and ``below`` leave the end itself out.
    states : str, optional
        The name of a printed number: all values that it stands for, by the rules for
        rounding and hedges.
    minus, up_to : str, optional
        A second printed number: the difference to it, or the range that ends with it.
    """

    __pydantic_config__ = STRICT

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    states: str | None = None
    minus: str | None = None
    up_to: str | None = None

    def __post_init__(self):
        ends = [self.above, self.at_least, self.below, self.at_most]
        if (self.states is None) == all(e is None for e in ends):
            raise ValueError("no set of values; Give ends, or the printed number it states.")
        if self.states is not None and any(e is not None for e in ends):
            raise ValueError("both ends and a printed number; Keep one of them.")
        if self.states is None and (self.minus or self.up_to):
            raise ValueError("'minus' and 'up_to' need 'states'; Name the first number.")
        if self.minus and self.up_to:
            raise ValueError("both 'minus' and 'up_to'; Keep one of them.")
        if (None not in ends[:2]) or (None not in ends[2:]):
            raise ValueError("an end stands twice; Keep the open or the closed one.")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Another defensible reading of a part.

    With ``true_if`` it puts another question to the same evidence; in any case evidence
    that carries its name counts in it alone.
    """

    __pydantic_config__ = STRICT

    words: str
    because: str
    true_if: Bounds | None = None
    words_ru: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One assertion within a claim, and the reading in which it is judged.

    Parameters
    ----------
    words, words_ru : str
        What it asserts, in a clause.
    kind : str
        A judgement or a forecast has no ``true_if``: no figure decides it today.
    core : bool
        Whether the sentence asserts it; other parts are shown beside it.
    of : tuple of str
        The people it speaks of; it is judged for the first ones first.
    true_if, because
        T, the values of the estimand that make it true, and the reason.
    size : Bounds, optional
        The printed size, where there is one.
    confirmatory : bool
        Whether it belongs to the family tested together.
    settled_by : str or mapping by scope
        What would settle it.
    """

    __pydantic_config__ = STRICT

    words: str
    kind: Literal[
        "existence", "level", "comparison", "change", "association", "ranking", "cause",
        "judgement", "forecast",
    ]  # fmt: skip
    core: bool
    of: tuple[Scope, ...]
    unit: Unit | None = None
    true_if: Bounds | None = None
    because: str = ""
    size: Bounds | None = None
    confirmatory: bool = False
    readings: dict[str, Reading] = field(default_factory=dict)
    settled_by: str | dict[Scope, str] = ""
    words_ru: str = ""

    def __post_init__(self):
        if (self.true_if is None) != (self.kind in NOT_EMPIRICAL):
            raise ValueError(
                f"a {self.kind} {'needs' if self.true_if is None else 'has no'} true_if; "
                "State what would make it true, or call it a judgement or a forecast."
            )
        if not self.of:
            raise ValueError("it speaks of nobody; Name at least one scope under 'of'.")
        if self.true_if and not (self.unit and self.because.strip()):
            raise ValueError("true_if without unit or reason; Add 'unit' and 'because'.")
        if "main" in self.readings:
            raise ValueError("a reading called 'main'; That is the part's own: rename it.")

    @property
    def empirical(self) -> bool:
        return self.true_if is not None

    def settles(self, scope: Scope) -> str:
        """What would settle it for these people."""
        if isinstance(self.settled_by, str):
            return self.settled_by
        return self.settled_by.get(scope, next(iter(self.settled_by.values()), ""))


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One statement of the article, paraphrased.

    ``states`` names the rows of the article's printed numbers, for which the statement
    has places; ``rests_on`` the claims that the article argues it from, in our reading.
    """

    __pydantic_config__ = STRICT

    id: str
    paragraph: int
    kind: Literal[
        "quantity", "comparison", "change", "association", "description", "history",
        "judgement", "forecast", "method",
    ]  # fmt: skip
    statement: str
    parts: dict[str, Part]
    states: dict[str, str] = field(default_factory=dict)
    rests_on: tuple[str, ...] = ()
    statement_ru: str = ""

    def __post_init__(self):
        if self.paragraph < 0:
            raise ValueError("paragraph is not a count; 0 is the standfirst.")
        if not any(p.core for p in self.parts.values()):
            raise ValueError("no core part; Say which part the sentence asserts.")
        for name, part in self.parts.items():
            sets = [part.true_if, part.size, *(r.true_if for r in part.readings.values())]
            for bounds in sets:
                for number in bounds and (bounds.states, bounds.minus, bounds.up_to) or ():
                    if number is not None and number not in self.states:
                        raise ValueError(
                            f"part '{name}' refers to a number '{number}' that the claim does "
                            f"not state; It states {sorted(self.states) or 'none'}."
                        )


@dataclass(frozen=True)
class Request:
    """A number that somebody holds, and the claims that it would help to settle."""

    __pydantic_config__ = STRICT

    number: str
    holder: str
    settles: tuple[str, ...]


@dataclass(frozen=True)
class Article:
    __pydantic_config__ = STRICT

    title: str
    publisher: str
    url: str
    title_ru: str = ""


@dataclass(frozen=True)
class Register:
    """All claims of one article, in the article's order of themes.

    ``numbers`` holds the article's printed numbers by the id of their row.
    """

    __pydantic_config__ = STRICT

    article: Article
    claims: Mapping[str, Claim]
    requests: tuple[Request, ...] = ()
    numbers: Mapping[str, Stated] = field(default_factory=dict)

    def __post_init__(self):
        for request in self.requests:
            for named in request.settles:
                self._known(named, f"the request '{request.number[:40]}…' settles")
        for claim in self.claims.values():
            for named in claim.rests_on:
                self._known(named, f"{claim.id} rests on")
            for name, row in claim.states.items():
                if row not in self.numbers:
                    raise ValueError(
                        f"{claim.id} states '{name}' by row '{row}', which does not exist; "
                        "The article's numbers stand in article_figures.csv."
                    )
        order = TopologicalSorter({c.id: c.rests_on for c in self.claims.values()})
        try:
            order.prepare()
        except CycleError as cycle:
            raise ValueError(
                f"claims rest on each other in a circle: {' on '.join(cycle.args[1])}; "
                "Leave out one of the links."
            ) from None

    def _known(self, claim_id: str, who: str) -> None:
        if claim_id not in self.claims:
            raise ValueError(f"{who} '{claim_id}', which is no claim; {self.hint(claim_id)}")

    def hint(self, claim_id: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(claim_id, self.claims, n=1)
        return f"Did you mean '{near[0]}'?" if near else "The ids stand in data/claims.yaml."

    @property
    def tests(self) -> int:
        """How many parts are tested together."""
        return sum(p.confirmatory for c in self.claims.values() for p in c.parts.values())

    def stated(self, claim_id: str, name: str) -> Stated:
        return self.numbers[self.claims[claim_id].states[name]]

    def statement(self, claim_id: str, language: str = "en") -> str:
        """The claim as readers see it, with its printed numbers."""
        claim = self.claims[claim_id]
        numbers = {name: self.numbers[row].text(language) for name, row in claim.states.items()}
        text = claim.statement_ru if language == "ru" and claim.statement_ru else claim.statement
        return text.format(**numbers)
