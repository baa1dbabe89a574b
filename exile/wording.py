"""How numbers are written, on cards, in charts and in prose alike."""

from __future__ import annotations

from math import isinf

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
