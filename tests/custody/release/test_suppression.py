"""Which cells are hidden: nothing small or dominant is shown, and rules apply to all alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from exile.custody.release.account import Account
from exile.custody.release.rules import load_profile
from exile.custody.release.tables import Form, Link, merge
from exile.errors import InputError

STANDARD, STRICT = load_profile(name="standard"), load_profile()
LEVELS = {"sex": ["f", "m"], "active": ["no", "yes"], "host": list("ABCD")}
JOINT = arrays(int, (2, 2, 4), elements=st.one_of(st.integers(0, 12), st.integers(0, 90)))


def account(joint, profile, *tables, forms=(), names=LEVELS, links=()):
    """An account of one population, with these tables asked for in this order."""
    index = pd.MultiIndex.from_product(names.values(), names=names)
    everyone = pd.Series(joint.ravel(), index=index)

    def counts(bases):
        if not set(bases) <= set(names):
            return None
        return everyone.groupby(level=list(bases), sort=False).sum()

    found = Account(profile, counts)
    for name, levels in names.items():
        found.use(Form(name, name, {level: level for level in levels}))
    for form in forms:
        found.use(form)
    found.links += links
    for table in tables:
        found.ask(*table)
    return found


THREE = (("sex", "active"), ("active", "host"), ("host",))


@settings(max_examples=40, deadline=None)
@given(JOINT, st.sampled_from([STANDARD, STRICT]))
def test_nothing_small_or_dominant_is_shown_and_all_is_rounded(joint, profile):
    asked = account(joint, profile, *THREE)
    settled = asked.settle()
    for name, released in settled.released.items():
        table = settled.prepared.tables[name]
        exact, shown = table.counts.ravel(), released.counts.notna().to_numpy()
        assert (exact[shown] >= profile.min_cell).all()
        about = released.counts.to_numpy()[shown]
        assert (about % profile.count_step == 0).all()
        assert (np.abs(about - exact[shown]) <= profile.count_step / 2).all()
        for axis in range(table.counts.ndim):
            whole = np.broadcast_to(table.counts.sum(axis, keepdims=True), table.counts.shape)
            if table.counts.shape[axis] > 1:
                assert (exact[shown] <= profile.dominance * whole.ravel()[shown]).all()


@settings(max_examples=40, deadline=None)
@given(JOINT)
def test_a_later_table_takes_nothing_from_those_before_it(joint):
    fewer = account(joint, STANDARD, *THREE[:2])
    more = account(joint, STANDARD, *THREE)
    before, after = fewer.settle().released, more.settle().released
    for name, released in before.items():
        # A third table may only bring groups to protect, of which the first two know nothing.
        if released.counts.index.equals(after[name].counts.index):
            assert after[name].counts.notna().sum() <= len(released.counts)


def test_ample_tables_are_shown_whole():
    asked = account(np.full((2, 2, 4), 50), STRICT, *THREE)
    released = asked.settle().released
    assert not any(r.counts.isna().any() for r in released.values())
    assert (released["active by host"].counts == 100).all()


def test_subtracting_one_table_from_another_is_stopped():
    joint = np.array([[[60, 50, 40, 30], [70, 60, 50, 3]], [[50, 40, 30, 40], [40, 50, 70, 2]]])
    fine = replace(STANDARD, count_step=2)
    asked = account(joint, fine, ("sex", "active"), ("active", "host"))
    gaps = asked.settle().released["active by host"].counts.isna()
    assert gaps["yes", "D"] and gaps["yes"].sum() > 1


def test_two_forms_that_differ_by_few_people_are_not_both_shown():
    """ "Free" by one index and by the other differ in D, where 6 people are."""
    joint = np.zeros((2, 2, 4), int)
    joint[:] = [80, 70, 60, 1]
    joint[0, 0, 3] = 3
    one, other = (
        Form(name, "host", {h: "free" if h in free else "unfree" for h in "ABCD"})
        for name, free in (("one", "AD"), ("other", "A"))
    )
    asked = account(joint, STRICT, ("one", "active"), ("other", "active"), forms=(one, other))
    released = asked.settle().released
    assert released["one by active"].counts.notna().all()
    assert released["other by active"].counts.isna().any()
    alone = account(joint, STRICT, ("other", "active"), forms=(one, other))
    assert alone.settle().released["other by active"].counts.notna().all()


def test_what_definition_links_is_protected_together():
    """Who did anything and who rallied differ by 5: the rest follows by subtraction."""
    names = {"any": ["no", "yes"], "rally": ["no", "yes"]}
    joint = np.array([[200, 0], [5, 150]])
    link = Link(("any", "rally"), frozenset({("no", "yes")}))
    asked = account(joint, STRICT, ("any",), ("rally",), names=names, links=(link,))
    released = asked.settle().released
    assert released["any"].counts.notna().all() and released["rally"].counts.isna().all()


@given(
    st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 60), min_size=2), st.integers(0, 60)
)
def test_rare_levels_join_each_other_or_the_most_frequent(sizes, silent):
    sizes = {**sizes, "missing": silent}
    merged = merge(Form("x", "x", {level: level for level in sizes}), sizes, 20)
    own: dict[str, int] = {}
    for level, n in sizes.items():
        own[merged.level_of[level]] = own.get(merged.level_of[level], 0) + n
    assert sum(own.values()) == sum(sizes.values())
    if any(n >= 20 for level, n in sizes.items() if level != "missing"):
        assert min(own.values()) >= 20
    for level, n in sizes.items():
        if level != "missing" and n >= 20:
            assert merged.level_of[level] == level


@pytest.mark.parametrize("activity", ["before_rally", "after_volunteering"])
def test_host_sex_and_an_activity_together_are_refused(activity):
    names = {"sex": ["f", "m"], activity: ["no", "yes"], "host": list("ABCD")}
    region = Form("region", "host", dict.fromkeys("ABCD", "all"))
    for third in ("host", "region"):
        asked = account(
            np.full((2, 2, 4), 100),
            STANDARD,
            ("sex", activity, third),
            names=names,
            forms=(region,),
        )
        with pytest.raises(InputError, match="together"):
            asked.settle()


def test_what_was_not_counted_jointly_is_named():
    asked = account(np.full((2, 2, 4), 50), STRICT, ("sex", "age"))
    asked.use(Form("age", "age", {"young": "young"}))
    with pytest.raises(InputError, match="not counted jointly"):
        asked.settle()


@pytest.mark.parametrize("size", [3, 19])
def test_a_survey_of_few_shows_nothing(size):
    joint = np.zeros((2, 2, 4), int)
    joint[0, 0, 0] = size
    asked = account(joint, STRICT, *THREE)
    assert all(r.counts.isna().all() for r in asked.settle().released.values())
