"""How numbers are written, on cards, in charts and in prose alike."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exile.audit.claims import Stated

# A narrow space that does not break keeps a number and its unit on one line.
_SPACE = "\u202f"


def _sign(x: float) -> str:
    return "−" if x < 0 else ""


def percent(share: float, decimals: int = 0) -> str:
    """``0.273`` as ``27 %``."""
    return f"{_sign(round(share, decimals + 2))}{abs(share) * 100:.{decimals}f}{_SPACE}%"


def points(difference: float, decimals: int = 0) -> str:
    """``-0.234`` as ``−23 points``."""
    amount = f"{abs(difference) * 100:.{decimals}f}"
    return f"{_sign(round(difference, decimals + 2))}{amount} point{'' if amount == '1' else 's'}"


def people(count: float) -> str:
    """``700000`` as ``700,000``."""
    return "no limit" if isinf(count) else f"{_sign(count)}{abs(count):,.0f}"


def times(ratio: float, decimals: int = 1) -> str:
    """``3.04`` as ``3.0 times``."""
    return "any number of times" if isinf(ratio) else f"{ratio:.{decimals}f} times"


@dataclass(frozen=True)
class Amount:
    """A number or a range, to be written in either language.

    Parameters
    ----------
    low, high : float
        On the scale of the analysis: fractions for ``percent`` and ``points``. One number
        where ``high`` is left out or rounds to the same.
    unit : str
        ``percent``, ``points``, ``people``, ``times``, ``count`` or ``year``.
    decimals : int
        Digits after the point; ``people`` and ``year`` have none.
    """

    low: float
    high: float | None = None
    unit: str = "percent"
    decimals: int | None = None

    def text(self, language: str = "en") -> str:
        ends = [self.low] if self.high is None else [self.low, self.high]
        written = list(dict.fromkeys(self._number(x, language) for x in ends))
        between = " to " if language == "en" else "–"
        if any(x.startswith("−") for x in written):
            between = " to " if language == "en" else " … "
        return between.join(written) + self._unit(language)

    def __str__(self) -> str:
        return self.text("en")

    def _number(self, x: float, language: str) -> str:
        if isinf(x):
            return "no limit" if language == "en" else "без предела"
        scaled = x * 100 if self.unit in ("percent", "points") else x
        places = self.decimals if self.decimals is not None else {"times": 1}.get(self.unit, 0)
        if self.unit == "count" and self.decimals is None and scaled != int(scaled):
            places = 1
        digits = (
            f"{abs(scaled):.{places}f}" if self.unit == "year" else f"{abs(scaled):,.{places}f}"
        )
        sign = "−" if scaled < 0 and float(digits.replace(",", "")) else ""
        if language == "ru":
            # Russian groups digits from five on, by a space, and has a decimal comma.
            whole, _, rest = digits.partition(".")
            whole = whole.replace(",", _SPACE if len(whole) > 5 else "")
            digits = f"{whole},{rest}" if rest else whole
        return sign + digits

    def _unit(self, language: str) -> str:
        return f"{_SPACE}%" if self.unit == "percent" else ""


def printed(stated: Stated) -> Amount:
    """A printed number of the article, for an answer; the sentence says its hedge."""
    if stated.unit == "percent":
        return Amount(stated.number, unit="percent")
    return Amount(stated.number, unit="people")
