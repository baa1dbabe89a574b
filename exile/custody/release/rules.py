"""The declared rules of release, read from ``data/disclosure.toml``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from exile import schema
from exile.audit.claims import STRICT
from exile.data import data_directory
from exile.errors import InputError

PROFILE_VARIABLE = "EXILE_DISCLOSURE_PROFILE"


@dataclass(frozen=True)
class Profile:
    """Thresholds of one profile; ``dominance`` is a fraction, all else counts people.

    ``approvals``: how many different people must sign a release. ``forbidden``: variables,
    by the beginnings of their names, that no table may hold together.
    """

    __pydantic_config__ = STRICT

    min_cell: int
    dominance: float
    count_step: int
    protection_width: int
    protection_maximum: int
    approvals: int
    name: str = ""
    forbidden: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self):
        for least, where in ((5, "min_cell"), (2, "count_step"), (1, "approvals")):
            if getattr(self, where) < least:
                raise ValueError(f"{where} is below {least}; Set it to {least} or more.")
        if not 0.5 <= self.dominance < 1:
            raise ValueError("dominance is a fraction from 0.5 to below 1; Give such a one.")
        if min(self.protection_width, self.protection_maximum) < self.min_cell:
            raise ValueError(
                "hidden cells are protected less than small ones; Set protection_width and "
                "protection_maximum to min_cell or more."
            )
        if self.min_cell < self.count_step:
            raise ValueError(
                "small cells would be rounded to none; Set count_step to min_cell or less."
            )


@dataclass(frozen=True)
class Rules:
    """The whole file."""

    __pydantic_config__ = STRICT

    version: int
    forbidden: tuple[tuple[str, ...], ...]
    profiles: dict[str, Profile]

    def __post_init__(self):
        if not self.forbidden or any(len(names) < 2 or "" in names for names in self.forbidden):
            raise ValueError("no combination is forbidden, or one of a single name; Name some.")


def load_profile(path: Path | None = None, name: str = "strict") -> Profile:
    """One profile of the rules, by default of the book's own file.

    Raises
    ------
    InputError
        Where an entry is missing, unknown, or would protect nobody, or the profile is unknown.
    """
    path = path or data_directory() / "disclosure.toml"
    rules = schema.load(path, Rules)
    if name not in rules.profiles:
        hint = schema.nearest(name, rules.profiles, f"Choose one of {', '.join(rules.profiles)}.")
        raise InputError(path.name, f"no profile '{name}'", hint)
    return replace(rules.profiles[name], name=name, forbidden=rules.forbidden)
