"""The register: what the article says, claim by claim."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import yaml

from exile.errors import InputError

KINDS = frozenset(
    [
        "quantity",
        "comparison",
        "change",
        "association",
        "description",
        "history",
        "judgement",
        "forecast",
        "method",
    ]
)
HEDGES = frozenset(["exactly", "about", "almost", "at_least", "more_than"])
UNITS = frozenset(["percent", "count"])


@dataclass(frozen=True)
class Stated:
    """A number as the article gives it.

    ``value`` is in the article's own unit: percentage points for ``percent``,
    persons for ``count``.
    """

    value: float
    unit: str = "count"
    hedge: str = "exactly"

    @property
    def number(self) -> float:
        """The value on the scale of the analysis: a fraction for percentages."""
        return self.value / 100 if self.unit == "percent" else self.value

    def __str__(self) -> str:
        words = {"exactly": "", "at_least": "at least ", "more_than": "over "}
        amount = f"{self.value:,.0f}" if self.value >= 100 else f"{self.value:g}"
        amount += "\u202f%" if self.unit == "percent" else ""
        return words.get(self.hedge, f"{self.hedge} ") + amount


@dataclass(frozen=True)
class Claim:
    """One statement of the article, paraphrased.

    ``rests_on`` names the claims that the article argues it from, in our reading.
    """

    id: str
    paragraph: int
    kind: str
    statement: str
    states: dict[str, Stated] = field(default_factory=dict)
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """A number that somebody holds, and the claims that it would help to settle."""

    number: str
    holder: str
    settles: tuple[str, ...]


@dataclass(frozen=True)
class Register:
    """All claims of one article, in the article's order of themes."""

    article: dict[str, str]
    claims: dict[str, Claim]
    requests: tuple[Request, ...] = ()

    def __getitem__(self, claim_id: str) -> Claim:
        try:
            return self.claims[claim_id]
        except KeyError:
            raise unknown_claim(claim_id, self) from None


def unknown_claim(claim_id: str, register: Register, where: str = "claim id") -> InputError:
    from difflib import get_close_matches

    near = get_close_matches(claim_id, register.claims, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else "The ids stand in data/claims.yaml."
    return InputError(where, f"no claim '{claim_id}' in the register", hint)


@cache
def load_register(path: Path) -> Register:
    """Read and check a register.

    Raises
    ------
    InputError
        Naming the claim and the field that is missing, unknown or repeated.
    """
    if not path.is_file():
        raise InputError(str(path), "the register is missing", "Restore it from the repository.")
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    claims: dict[str, Claim] = {}
    for position, record in enumerate(raw.get("claims") or [], start=1):
        claim = _claim(record, f"{path.name}, claim {position}", path.name)
        if claim.id in claims:
            raise InputError(
                f"{path.name}, {claim.id}", "the id is used twice", "Give one of them another id."
            )
        claims[claim.id] = claim
    if not claims:
        raise InputError(path.name, "it holds no claims", "List them under 'claims:'.")
    requests = tuple(
        _request(r, f"{path.name}, request {i}") for i, r in enumerate(raw.get("requests") or [], 1)
    )
    register = Register(raw.get("article") or {}, claims, requests)
    _check_references(register, path.name)
    return register


def _check_references(register: Register, file: str) -> None:
    """Every claim named by another or by a request exists, and no claim rests on itself."""
    for request in register.requests:
        for named in request.settles:
            if named not in register.claims:
                raise unknown_claim(named, register, f"{file}, request '{request.number}'")
    for claim in register.claims.values():
        for named in claim.rests_on:
            if named not in register.claims:
                raise unknown_claim(named, register, f"{file}, {claim.id}.rests_on")
    order = TopologicalSorter({c.id: c.rests_on for c in register.claims.values()})
    try:
        order.prepare()
    except CycleError as cycle:
        raise InputError(
            f"{file}, rests_on",
            f"claims rest on each other in a circle: {' on '.join(cycle.args[1])}",
            "Leave out one of the links.",
        ) from None


def _request(record: dict, where: str) -> Request:
    missing = [k for k in ("number", "holder", "settles") if not record.get(k)]
    if missing:
        raise InputError(where, f"no {', '.join(missing)}", "A request needs all three fields.")
    return Request(record["number"], record["holder"], tuple(record["settles"]))


def _claim(record: dict, where: str, file: str) -> Claim:
    missing = [k for k in ("id", "paragraph", "kind", "statement") if k not in record]
    if missing:
        raise InputError(where, f"no {', '.join(missing)}", "Every claim needs all four fields.")
    where = f"{file}, {record['id']}"
    unknown = set(record) - {"id", "paragraph", "kind", "statement", "states", "rests_on"}
    if unknown:
        raise InputError(where, f"unknown field {sorted(unknown)}", "Check the spelling.")
    if record["kind"] not in KINDS:
        raise InputError(
            where, f"kind '{record['kind']}' is not known", f"Use one of {sorted(KINDS)}."
        )
    if not isinstance(record["paragraph"], int) or record["paragraph"] < 0:
        raise InputError(where, "paragraph is not a count", "0 is the standfirst.")
    states = {name: _stated(s, f"{where}.{name}") for name, s in record.get("states", {}).items()}
    return Claim(
        record["id"],
        record["paragraph"],
        record["kind"],
        record["statement"],
        states,
        tuple(record.get("rests_on", ())),
    )


def _stated(raw: dict, where: str) -> Stated:
    if not isinstance(raw, dict) or not isinstance(raw.get("value"), int | float):
        raise InputError(where, "no numeric value", "Write {value: 27, unit: percent}.")
    stated = Stated(raw["value"], raw.get("unit", "count"), raw.get("hedge", "exactly"))
    if stated.unit not in UNITS or stated.hedge not in HEDGES:
        raise InputError(
            where,
            f"unit '{stated.unit}' or hedge '{stated.hedge}' is not known",
            f"Units: {sorted(UNITS)}; hedges: {sorted(HEDGES)}.",
        )
    if stated.unit == "percent" and not 0 <= stated.value <= 100:
        raise InputError(where, f"{stated.value} % is impossible", "Percentages lie in 0-100.")
    return stated
