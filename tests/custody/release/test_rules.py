"""The rules of release are read strictly: nothing that protects nobody passes."""

from __future__ import annotations

import pytest

from exile.custody.release.rules import load_profile
from exile.data import data_directory
from exile.errors import InputError

RULES = data_directory() / "disclosure.toml"
SPOILT = {
    "a minimum of one": ("min_cell = 20 ", "min_cell = 1 ", "min_cell is below 5"),
    "nothing forbidden": (
        '["host", "sex", "before_"],\n  ["host", "sex", "after_"],',
        "",
        "no combin",
    ),
    "a misspelt key": ("min_cell = 20", "min_sell = 20", "Did you mean 'min_cell'"),
    "a missing key": ("dominance = 0.9 ", "# ", "'dominance' is missing"),
    "no dominance": ("dominance = 0.9", "dominance = 1.0", "dominance is a fraction"),
    "nobody signs": ("approvals = 2", "approvals = 0", "approvals is below 1"),
    "exact counts": ("count_step = 10 ", "count_step = 1 ", "count_step is below 2"),
    "less than small": ("protection_width = 20", "protection_width = 3", "protected less"),
    "text for a number": ("min_cell = 20", 'min_cell = "20"', "valid integer"),
    "another key": ("forbidden = [", "forbade = [", "Did you mean 'forbidden'"),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_rules_that_protect_nobody_are_refused(tmp_path, spoilt):
    old, new, problem = SPOILT[spoilt]
    text = RULES.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "disclosure.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        load_profile(path)


def test_the_strict_profile_is_the_default_and_takes_two():
    assert load_profile().name == "strict" and load_profile().approvals == 2
    with pytest.raises(InputError, match="no profile 'strikt'. Did you mean 'strict'"):
        load_profile(name="strikt")
