"""The declared release rules, read from their file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from exile.errors import InputError


@dataclass(frozen=True)
class Profile:
    """Thresholds of one release profile.

    ``dominance`` is a fraction, ``percent_step`` percentage points, all else respondents
    or, for ``residual_df``, degrees of freedom. ``forbidden`` lists combinations of
    variables, each a tuple of the beginnings of their names.
    """

    name: str
    min_cell: int
    dominance: float
    residual_df: int
    percent_step: int
    count_step: int
    protection_width: int
    protection_maximum: int
    forbidden: tuple[tuple[str, ...], ...]


def load_profile(path: Path, name: str = "strict") -> Profile:
    """Read one profile.

    Raises
    ------
    InputError
        Where the file, the profile or one of its thresholds is missing, where a
        threshold is not positive, or where suppressed cells would be protected less
        than small cells are.
    """
    if not path.is_file():
        raise InputError(
            str(path), "the release rules are missing", "Restore them from the repository."
        )
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    profiles = raw.get("profiles", {})
    if name not in profiles:
        raise InputError(
            path.name, f"no profile '{name}'", f"Choose one of {', '.join(sorted(profiles))}."
        )
    try:
        forbidden = tuple(tuple(combination) for combination in raw["together"]["forbidden"])
        profile = Profile(name=name, forbidden=forbidden, **profiles[name])
    except (KeyError, TypeError) as wrong:
        raise InputError(
            path.name,
            f"profile '{name}' is incomplete or has an unknown entry ({wrong})",
            "Give it exactly the thresholds of the other profile.",
        ) from None
    if min(profiles[name].values()) <= 0 or profile.dominance > 1:
        raise InputError(
            path.name,
            f"profile '{name}' has a threshold out of range",
            "Give positive thresholds, and dominance as a fraction.",
        )
    if min(profile.protection_width, profile.protection_maximum) < profile.min_cell:
        raise InputError(
            path.name,
            f"profile '{name}' protects suppressed cells less than small cells",
            "Set protection_width and protection_maximum to min_cell or more.",
        )
    return profile
