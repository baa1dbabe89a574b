"""The declared rules, read from their frozen file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from math import inf
from pathlib import Path

from exile.audit.claims import Stated
from exile.errors import InputError
from exile.statistics.intervals import Interval


@dataclass(frozen=True)
class Rules:
    """Thresholds, labels and the confirmatory family; ``digest`` names this version."""

    digest: str
    grades: dict[str, str]
    scopes: dict[str, str]
    verdicts: dict[str, dict[str, str]]
    family: tuple[str, ...]
    alpha: float
    equivalence_points: float
    equivalence_ratio: tuple[float, float]
    substantive_points: float
    substantive_ratio: dict[str, float]
    moderate_from: float
    strong_from: float
    about: tuple[float, float]
    almost_points: float
    almost_ratio: float
    half_unit: float
    amendments: tuple[dict, ...]

    def truth(self, stated: Stated) -> Interval:
        """The numbers that make a stated figure true, on the scale of the analysis."""
        x = stated.number
        top = 1.0 if stated.unit == "percent" else inf
        match stated.hedge:
            case "more_than":
                return Interval(x, top, low_open=True)
            case "at_least":
                return Interval(x, top)
            case "about":
                return Interval(x * self.about[0], min(top, x * self.about[1]))
            case "almost":
                low = x - self.almost_points if stated.unit == "percent" else x * self.almost_ratio
                return Interval(low, x, high_open=True)
        half = self.half_unit if stated.unit == "percent" else 0.0
        return Interval(max(0.0, x - half), min(top, x + half))


@cache
def load_rules(path: Path) -> Rules:
    """Read the rules and fingerprint them.

    Raises
    ------
    InputError
        Where a rule is missing.
    """
    if not path.is_file():
        raise InputError(str(path), "the rules are missing", "Restore them from the repository.")
    text = path.read_bytes()
    raw = tomllib.loads(text.decode("utf-8"))
    try:
        return Rules(
            # Line ends differ between checkouts on different systems; the rules do not.
            digest=sha256(text.replace(b"\r\n", b"\n")).hexdigest(),
            grades=raw["grades"],
            scopes=raw["scopes"],
            verdicts=raw["verdicts"],
            family=tuple(raw["confirmatory"]["family"]),
            alpha=raw["confirmatory"]["alpha"],
            equivalence_points=raw["equivalence"]["points"] / 100,
            equivalence_ratio=tuple(raw["equivalence"]["ratio"]),
            substantive_points=raw["substantive"]["points"] / 100,
            substantive_ratio={k: raw["substantive"][k] for k in ("ratio", "odds_ratio")},
            moderate_from=raw["robustness"]["moderate_from"],
            strong_from=raw["robustness"]["strong_from"],
            about=tuple(raw["hedges"]["about"]["ratio"]),
            almost_points=raw["hedges"]["almost"]["below_by_points"] / 100,
            almost_ratio=raw["hedges"]["almost"]["below_by_ratio"],
            half_unit=raw["hedges"]["half_unit_points"] / 100,
            amendments=tuple(raw.get("amendments", ())),
        )
    except KeyError as missing:
        raise InputError(
            path.name, f"no entry {missing}", "Restore it; verdicts need every rule."
        ) from None
