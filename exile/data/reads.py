"""What this process has read of the data, so that a chapter runs again when that changed.

Each reader notes what it was asked for: a whole table, or one row of it. What readers
need among themselves, such as ids to compare with, is not noted.
"""

from __future__ import annotations

import sys

MIME = "application/vnd.exile.reads+json"

_noted: set[tuple[str, str]] = set()


def note(kind: str, name: str = "") -> None:
    """Remember that something was read: ``note("figure", "EE03")``."""
    _noted.add((kind, name))


def report() -> None:
    """Display all that was read and every module that is loaded, for the builder of the book."""
    from IPython.display import display

    told = {"read": sorted(_noted), "modules": sorted(sys.modules)}
    display({MIME: told}, raw=True)
