"""The list of what a replication should have done counts right, and hides nothing."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

PAGE = Path(__file__).parents[2] / "book" / "replication_items.md"
WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def test_the_sum_is_that_of_the_rows():
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| .+ \| (yes|in part|no|cannot apply) \| (.+) \|$", text, re.MULTILINE)
    counts = Counter(met for met, _ in rows)
    total = len(re.findall(r"^\| (?!Item|-)", text, re.MULTILINE))
    assert total == len(rows) == sum(counts.values())
    said = " ".join(text.split()).lower()
    assert f"of {total} items this book meets {counts['yes']} and" in said
    assert f"meets {counts['in part']} in part" in said
    assert (
        f"{WORDS[counts['no']]} it does not meet, and {WORDS[counts['cannot apply']]} cannot"
        in said
    )
    # What is not met, or cannot be, says why.
    assert all(len(why) > 15 for met, why in rows if met != "yes")
