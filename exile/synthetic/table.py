"""How made-up respondents are told from real ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FORM = re.compile(r"SYN-(\d{7,})-(\d)", re.IGNORECASE)


def synthetic_id(number: int) -> str:
    """The id of a made-up respondent, with a check digit."""
    return f"SYN-{number:07d}-{_check_digit(f'{number:07d}')}"


def is_synthetic_id(values: Iterable[object]) -> bool:
    """Whether any value is the id of a made-up respondent."""
    return any(
        (found := _FORM.search(str(value))) and found[2] == _check_digit(found[1])
        for value in values
    )


def _check_digit(digits: str) -> str:
    """Luhn's, which no ordinary numbering has by chance in all its ids."""
    doubled = (int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)
