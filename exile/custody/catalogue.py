"""The variables that the book can use, as ``data/survey/variables.yaml`` declares them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from exile.data import data_directory
from exile.errors import InputError

AGE_BOUNDS = (18, 35, 45, 55)
YES_NO = ("yes", "no")


@dataclass(frozen=True)
class Variable:
    """One variable: its kind, the levels that answers may take, and what it means."""

    name: str
    kind: str
    levels: tuple[str, ...]
    means: str


@dataclass(frozen=True)
class Need:
    """What a file must hold to bear on one part of a claim."""

    claim: str
    part: str
    variables: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Everything declared; ``derived`` maps a name to what it is made from."""

    variables: dict[str, Variable]
    derived: dict[str, tuple[str, ...]]
    derived_levels: dict[str, tuple[str, ...]]
    attributes: tuple[str, ...]
    topics: dict[str, tuple[str, ...]]
    releases: tuple[tuple[str, ...], ...]
    needs: tuple[Need, ...]

    def sources(self, derived: str, present: frozenset[str]) -> tuple[str, ...]:
        """The present variables that a derived one is made from.

        A declared name that ends in an underscore stands for all activities with that
        beginning, "none of these" left out.
        """
        found = []
        for name in self.derived[derived]:
            if name.endswith("_"):
                found += [
                    v for v in self.variables if v.startswith(name) and not v.endswith("_none")
                ]
            else:
                found.append(name)
        return tuple(v for v in found if v in present)

    def available(self, present: frozenset[str]) -> frozenset[str]:
        """The present variables and what can be derived from them."""
        return present | {d for d in self.derived if self.sources(d, present)}


@cache
def catalogue() -> Catalogue:
    """Read the declaration.

    Raises
    ------
    InputError
        If it is missing.
    """
    path = Path(data_directory(), "survey", "variables.yaml")
    if not path.is_file():
        raise InputError(
            "survey/variables.yaml", "it is missing", "Restore it from the repository."
        )
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    variables = {
        name: Variable(
            name,
            entry["kind"],
            YES_NO if entry["kind"] == "yes_no" else tuple(entry.get("levels", ())),
            entry["means"],
        )
        for name, entry in raw["variables"].items()
    }
    return Catalogue(
        variables,
        {name: tuple(entry["from"]) for name, entry in raw["derived"].items()},
        {name: tuple(entry["levels"]) for name, entry in raw["derived"].items()},
        tuple(raw["attributes"]),
        {name: tuple(together) for name, together in raw["topics"].items()},
        tuple(tuple(together) for together in raw["releases"]),
        tuple(Need(n["claim"], n["part"], tuple(n["needs"])) for n in raw["decides"]),
    )
