"""Helpers of the audit book: data in, evidence judged, pages out.

Dependencies run one way: :mod:`exile.statistics` knows only numbers,
:mod:`exile.audit` (claims, evidence, rules, verdicts) knows only
statistics, :mod:`exile.data` reads and checks the tables, and
:mod:`exile.site` turns chapters into a book. Nothing imports the book.
"""

from typing import Any

__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    # What readers change in a notebook; not imported before it is asked for.
    if name == "what_if":
        from exile.whatif import what_if

        return what_if
    if name == "compare":
        from exile.notebook import compare

        return compare
    raise AttributeError(f"module 'exile' has no attribute '{name}'")
