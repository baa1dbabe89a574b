"""Two runs that differ in one person: how often that shows, and what it tells.

The page on microdata states what is measured here. No rule can exclude it: somebody's number
is where rounding turns.
"""

from __future__ import annotations

import re

import numpy as np

from exile.custody.release import chapters
from exile.data import data_directory
from tests.custody.release.people import people, survey
from tests.custody.release.test_attack import CHAPTER

SURVEYS, REMOVED = 4, 10
PAGE = data_directory().parent / "book" / "your_own_microdata.md"


def settled(answers):
    """The audit of a run; estimates and sentences are made from its cells."""
    held = survey(answers)
    with chapters.holding(held):
        chapters.run_chapter(held, "activism", [CHAPTER])
    return held.account.settle()


def test_the_page_says_how_often_one_person_shows():
    differ = told = 0
    for seed in range(SURVEYS):
        answers = people(900, seed)
        before = settled(answers)
        for gone in np.random.default_rng(seed).choice(len(answers), REMOVED, replace=False):
            after, moved, own = settled(answers.drop(index=gone)), False, False
            for name, released in before.released.items():
                then, now = released.counts, after.released[name].counts
                assert then.index.equals(now.index)
                both = (then - now).dropna()
                # What moves, moves by one step.
                assert set(both.abs()) <= {0.0, 10.0}
                changed = then[(then != now) & ~(then.isna() & now.isna())].index
                moved |= len(changed) > 0
                forms = [before.prepared.forms[f] for f in then.index.names]
                place = tuple(f.level_of[answers.at[gone, f.base]] for f in forms)
                own |= (place if len(place) > 1 else place[0]) in changed
            differ, told = differ + moved, told + own
    pairs = SURVEYS * REMOVED
    print(f"{differ} of {pairs} pairs differ; in {told} a cell that the person was in")
    said = re.search(
        r"(\d+) of (\d+)\s+pairs of runs.*?in (\d+)", PAGE.read_text("utf-8"), re.DOTALL
    )
    assert [int(x) for x in said.groups()] == [differ, pairs, told]
