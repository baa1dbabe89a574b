"""The book as built gives nobody away."""

from __future__ import annotations

import time
from pathlib import Path

from exile.custody.leaks.scan import scanned


def test_the_book_holds_no_leak_and_is_read_within_a_minute(site: Path):
    began = time.monotonic()
    scanner = scanned(site, min_cell=20)
    assert [str(leak) for leak in sorted(scanner.leaks)] == []
    assert time.monotonic() - began < 60
    # What was scanned is the book: pages, notebooks and the wheel's tables among it.
    assert scanner.read["markup"] > 40
    assert scanner.read["notebook"] > 10
    assert scanner.read["zip"] == 1
