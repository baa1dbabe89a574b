"""The variables that the book can use, as ``data/survey/variables.yaml`` declares them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from exile import schema
from exile.audit.claims import STRICT
from exile.data import data_directory

AGE_BOUNDS = (18, 35, 45, 55)
YES_NO = ("yes", "no")
# What stands in every table for no answer, and in a codebook beside the levels.
MISSING = "missing"
Kind = Literal["id", "weight", "wave", "years", "category", "yes_no", "country"]


@dataclass(frozen=True)
class Variable:
    """One variable: its kind, the levels that answers may take, and what it means.

    ``constant``: it cannot change between interviews, and is taken from any.
    """

    __pydantic_config__ = STRICT

    kind: Kind
    means: str
    levels: tuple[str, ...] = ()
    constant: bool = False
    name: str = ""


@dataclass(frozen=True)
class Derived:
    """What is made in the pass over the file; a source that ends in an underscore stands
    for all activities with that beginning, "none of these" left out."""

    __pydantic_config__ = STRICT

    sources: tuple[str, ...]
    levels: tuple[str, ...]
    means: str


@dataclass(frozen=True)
class Need:
    """What a file must hold to bear on one part of a claim."""

    __pydantic_config__ = STRICT

    claim: str
    part: str
    variables: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Everything declared."""

    __pydantic_config__ = STRICT

    variables: dict[str, Variable]
    derived: dict[str, Derived]
    attributes: tuple[str, ...]
    topics: dict[str, tuple[str, ...]]
    needs: tuple[Need, ...]

    def __post_init__(self):
        known = {*self.variables, *self.derived}
        named = [*self.attributes, *(v for t in self.topics.values() for v in t)]
        named += [v for n in self.needs for v in n.variables]
        if lost := [v for v in named if v not in known]:
            raise ValueError(f"'{lost[0]}' is no variable; Declare it, or correct its name.")

    @property
    def countable(self) -> frozenset[str]:
        """What some table of counts holds."""
        return frozenset((*self.attributes, *(v for t in self.topics.values() for v in t)))

    def sources(self, derived: str, present: frozenset[str]) -> tuple[str, ...]:
        """The present variables that a derived one is made from."""
        found = []
        for name in self.derived[derived].sources:
            if name.endswith("_"):
                found += [
                    v for v in self.variables if v.startswith(name) and not v.endswith("_none")
                ]
            else:
                found.append(name)
        return tuple(v for v in found if v in present)


@cache
def catalogue() -> Catalogue:
    """Read the declaration.

    Raises
    ------
    InputError
        If it is missing or holds an unknown key or word.
    """
    read = schema.load(Path(data_directory(), "survey", "variables.yaml"), Catalogue)
    levels = {"yes_no": YES_NO, "years": read.derived["age_group"].levels}
    return replace(
        read,
        variables={
            name: replace(v, name=name, levels=levels.get(v.kind, v.levels))
            for name, v in read.variables.items()
        },
    )
