"""A register of one claim, and evidence made up for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exile import case
from exile.audit import Citation, Evidence, Finding, Interval
from exile.audit.claims import Article, Bounds, Claim, Part, Reading, Register, Stated

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def rules():
    return case.read_rules(DATA / "rules.toml")


LEAD = Part(
    words="more of the one than of the other",
    kind="comparison",
    core=True,
    of=("respondents", "all_2022_migrants"),
    unit="share_difference",
    true_if=Bounds(above=0),
    because="The sentence asserts a lead.",
    readings={
        "clear": Reading(words="ten points or more", because="x", true_if=Bounds(at_least=0.1))
    },
)


def register_of(parts: dict[str, Part], **numbers: Stated) -> Register:
    """One claim, 'a', that states the given numbers under their own names."""
    claim = Claim(
        id="a", paragraph=1, kind="comparison", statement="A.", parts=parts,
        states={name: name for name in numbers},
    )  # fmt: skip
    return Register(Article("t", "p", "u"), {"a": claim}, (), numbers)


def evidence(low: float = 0.2, high: float | None = None, **changes) -> Evidence:
    """A difference found by somebody independent and read in two of their tables."""
    fields = {
        "label": "a quantity",
        "grade": "B",
        "region": Interval(low, low if high is None else high),
        "figures": ("F1", "F2"),
        "cited": (Citation("s", "F1"), Citation("s", "F2")),
        "method": "made up for this test",
    }
    return Evidence(**fields | changes)


def finding(*items: Evidence, scope: str = "respondents", part: str = "lead") -> Finding:
    return Finding(claim="a", part=part, scope=scope, evidence=items, summary="a summary")


def aside(item: Evidence, reason: str = "other_wording") -> Evidence:
    return replace(item, set_aside=reason)
