"""What this process has read of the data, so that a chapter runs again when that changed.

Each reader notes what it was asked for: a whole table, or one row of it. What readers
need among themselves, such as ids to compare with, is not noted.
"""

from __future__ import annotations

import sys

_noted: set[tuple[str, str]] = set()


def note(kind: str, name: str = "") -> None:
    """Remember that something was read: ``note("figure", "EE03")``."""
    _noted.add((kind, name))


def noted() -> list[tuple[str, str]]:
    """All that was read so far, sorted."""
    return sorted(_noted)


def modules() -> list[str]:
    """Every module of the package, and every other one at the top, that is loaded."""
    return sorted({n if n.startswith("exile.") else n.partition(".")[0] for n in sys.modules})
