"""Numbers read the same wherever they stand."""

from __future__ import annotations

from math import inf

import pytest

from exile import wording

SPACE = "\u202f"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (wording.percent(0.273), f"27{SPACE}%"),
        (wording.percent(0.273, 1), f"27.3{SPACE}%"),
        (wording.percent(-0.001), f"0{SPACE}%"),
        (wording.points(-0.234), "−23 points"),
        (wording.points(0.01), "1 point"),
        (wording.points(-0.001), "0 points"),
        (wording.people(700_000), "700,000"),
        (wording.people(inf), "no limit"),
        (wording.times(3.04), "3.0 times"),
    ],
)
def test_numbers(written, expected):
    assert written == expected
