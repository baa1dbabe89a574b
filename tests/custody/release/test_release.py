"""Releases as an attacker sees them: from what is public, with the rules known."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from exile.custody.release import load_profile, release, residual_df_ok, safe_share
from exile.custody.release.joint import Layout, Published, feasible_intervals
from exile.custody.release.suppression import _read, _Suppression
from exile.errors import InputError

RULES = Path(__file__).parents[3] / "data" / "disclosure.toml"
STANDARD = load_profile(RULES, "standard")
STRICT = load_profile(RULES)
JOINT = arrays(int, (2, 2, 4), elements=st.one_of(st.integers(0, 12), st.integers(0, 90)))
LEVELS = {"sex": ["f", "m"], "active": ["no", "yes"], "host": ["A", "B", "C", "D"]}


def people(joint):
    """Counts by sex, activity and host country as one series."""
    return pd.Series(joint.ravel(), index=pd.MultiIndex.from_product(LEVELS.values(), names=LEVELS))


def counted(everyone, *variables):
    return everyone.groupby(level=list(variables), sort=False).sum()


def linked(joint):
    everyone = people(joint)
    return {
        "sex x active": counted(everyone, "sex", "active"),
        "active x host": counted(everyone, "active", "host"),
        "host": counted(everyone, "host"),
    }


def attacked(released, total, profile, coarser=None):
    """Intervals of the suppressed cells, worked out from the public side alone."""
    views, gaps = {}, {}
    for name, table in released.items():
        variables = tuple(table.counts.index.names)
        levels = tuple(
            tuple(dict.fromkeys(table.counts.index.get_level_values(v))) for v in variables
        )
        layout = Layout(variables, levels)
        counts = table.counts.to_numpy().reshape(layout.shape)
        gaps[name] = np.isnan(counts)
        below, above = profile.count_step // 2, (profile.count_step - 1) // 2
        shares = {
            tuple(map(variables.index, over)): table.shares(over).to_numpy().reshape(layout.shape)
            for size in range(len(variables))
            for over in combinations(variables, size)
        }
        views[name] = Published(
            layout,
            np.where(gaps[name], 0, np.maximum(counts - below, profile.min_cell)),
            np.where(gaps[name], np.inf, counts + above),
            shares,
            profile.percent_step / 200,
        )
    return feasible_intervals(views, gaps, total, coarser), gaps


def assert_protected(tables, released, profile, coarser=None):
    total = int(next(iter(tables.values())).sum())
    found, gaps = attacked(released, total, profile, coarser)
    for name, table in released.items():
        truth = tables[name].reindex(table.counts.index, fill_value=0).to_numpy()
        low, high = found[name].reshape(-1, 2)[gaps[name].ravel()].T
        inside = truth[gaps[name].ravel()]
        assert ((low <= inside) & (inside <= high)).all()
        if not table.withheld:
            assert (high - low >= profile.protection_width).all()
            assert (high >= profile.protection_maximum).all()


@settings(max_examples=60, deadline=None)
@given(JOINT, st.sampled_from([STANDARD, STRICT]))
def test_no_gap_can_be_narrowed_down_from_all_tables_together(joint, profile):
    tables = linked(joint)
    assert_protected(tables, release(tables, profile), profile)


@settings(max_examples=60, deadline=None)
@given(JOINT, st.sampled_from([STANDARD, STRICT]))
def test_nothing_small_or_dominant_is_shown(joint, profile):
    tables = linked(joint)
    for name, table in release(tables, profile).items():
        exact = tables[name].reindex(table.counts.index)
        shown = table.counts.notna()
        assert (table.suppressed == ~shown).all()
        assert (exact[shown] >= profile.min_cell).all()
        assert (table.counts[shown] % profile.count_step == 0).all()
        assert ((table.counts - exact)[shown].abs() <= profile.count_step / 2).all()
        assert bool(table.withheld) == (not shown.any())
        for variable in exact.index.names:
            over = [v for v in exact.index.names if v != variable]
            groups = exact.groupby(level=over).transform("sum") if over else exact.sum()
            shares = table.shares(over)
            given_ = shares.notna()
            assert (shown | ~given_).all()
            assert (exact[given_] >= profile.min_cell).all()
            assert ((groups - exact)[given_] >= profile.min_cell).all()
            assert ((exact / groups)[shown] <= profile.dominance).all()
            assert ((shares - exact / groups)[given_].abs() <= 0.005 + 1e-9).all()
            assert np.allclose(shares[given_] * 100, (shares[given_] * 100).round())


def test_ample_tables_are_shown_whole():
    tables = linked(np.full((2, 2, 4), 50))
    released = release(tables, STRICT)
    assert not any(table.suppressed.any() for table in released.values())
    assert (released["active x host"].counts == 100).all()
    assert (released["active x host"].shares("host") == 0.5).all()
    assert released["host"].total == 800


def test_subtracting_one_table_from_another_is_stopped():
    # Few of those in D are active. The row of all who are active follows from the other
    # table, so alone the gap would be that row less the hosts shown.
    joint = np.array([[[60, 50, 40, 30], [70, 60, 50, 3]], [[50, 40, 30, 40], [40, 50, 70, 2]]])
    tables = linked(joint)
    fine = replace(STANDARD, count_step=1)
    alone = {name: tables[name] for name in ("active x host",)}
    released = release(tables, fine)
    gaps = released["active x host"].suppressed
    assert gaps["yes", "D"]
    assert gaps["yes"].sum() > 1
    assert_protected(tables, released, fine)
    assert release(alone, fine)["active x host"].suppressed["yes", "D"]


def test_subtracting_across_a_recoding_is_stopped():
    hosts = pd.Series([90, 25, 31, 7], index=pd.Index(LEVELS["host"], name="host"))
    regions = pd.Series([115, 38], index=pd.Index(["far", "near"], name="region"))
    recoding = {"region": ("host", {"A": "far", "B": "far", "C": "near", "D": "near"})}
    tables, fine = {"host": hosts, "region": regions}, replace(STANDARD, count_step=1)
    # Unaware of the recoding, the release hides B beside D, and shows C and its region.
    found, _ = attacked(release(tables, fine), 153, fine, recoding)
    assert found["host"][3].tolist() == [7, 7]
    released = release(tables, fine, coarser=recoding)
    assert released["host"].suppressed["D"]
    assert not released["region"].withheld or not released["host"].withheld
    assert_protected(tables, released, fine, recoding)


def test_a_gap_in_a_two_way_table_with_exact_margins_gets_partners():
    cells = pd.Series(
        [20, 50, 18, 8, 19, 22, 17, 32, 12],
        index=pd.MultiIndex.from_product([list("abc"), list("xyz")], names=["row", "column"]),
    )
    tables = {
        "cells": cells,
        "rows": cells.groupby("row").sum(),
        "columns": cells.groupby("column").sum(),
    }
    fine = replace(STANDARD, count_step=1)
    released = release(tables, fine)["cells"]
    assert released.suppressed["b", "x"]
    assert released.suppressed.unstack().loc["b"].sum() >= 2
    assert released.suppressed.unstack()["x"].sum() >= 2
    assert not released.withheld
    assert_protected(tables, release(tables, fine), fine)


@settings(max_examples=10, deadline=None)
@given(JOINT)
def test_a_finished_pattern_needs_no_more(joint):
    """What pruning publishes again leaves every suppressed cell protected."""
    tables = linked(joint) | {"all": people(joint)}
    search = _Suppression(_read(tables, {}), STANDARD, {})
    pattern = search.run()
    if joint.sum() >= STANDARD.min_cell:
        again = search.complete(pattern)
        assert all(np.array_equal(again[name], pattern[name]) for name in pattern)


@settings(max_examples=25, deadline=None)
@given(JOINT)
def test_withheld_tables_say_so_and_show_nothing(joint):
    for table in release(linked(joint), STRICT).values():
        if table.withheld:
            assert table.counts.isna().all()
            assert all(table.shares(over).isna().all() for over in table.fractions)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(16)), st.permutations(range(4)))
def test_reordering_categories_reorders_the_release(sizes, order):
    # Distinct counts, so that no choice is a tie.
    everyone = people(3 * np.array(sizes) ** 2 // 2)
    table = counted(everyone, "active", "host")
    moved = table.reindex([LEVELS["host"][i] for i in order], level="host")
    moved = moved.sort_index(level="active", sort_remaining=False, kind="stable")
    if table.is_unique:
        first = release({"t": table}, STANDARD)["t"].counts
        second = release({"t": moved}, STANDARD)["t"].counts
        pd.testing.assert_series_equal(first, second.reindex(first.index))


def test_rare_levels_are_merged_in_all_tables_alike():
    joint = np.array([[[60, 50, 6, 4], [70, 60, 5, 3]], [[50, 40, 3, 4], [40, 50, 4, 2]]])
    released = release(linked(joint), STRICT, merge_into={"host": "elsewhere"})
    for name in ("active x host", "host"):
        hosts = set(released[name].counts.index.get_level_values("host"))
        assert hosts == {"A", "B", "elsewhere"}
    assert released["host"].counts["elsewhere"] == 30


def test_a_rest_that_stays_small_takes_the_next_smallest_level():
    hosts = pd.Series([90, 60, 31, 3], index=pd.Index(LEVELS["host"], name="host"))
    released = release({"host": hosts}, STRICT, merge_into={"host": "rest"})["host"]
    assert released.counts.to_dict() == {"A": 90, "B": 60, "rest": 30}
    assert not released.suppressed.any()


def test_an_empty_cell_is_hidden_unless_it_is_impossible():
    cells = pd.Series(
        [80, 70, 0, 60, 90, 75],
        index=pd.MultiIndex.from_product([["no", "yes"], list("ABC")], names=["active", "host"]),
    )
    cells = cells.rename({"A": "C", "C": "A"}, level="host")
    assert release({"t": cells}, STANDARD)["t"].suppressed["no", "A"]
    known = release({"t": cells}, STANDARD, impossible={"t": [("no", "A")]})["t"]
    assert known.counts["no", "A"] == 0
    assert not known.suppressed.any()
    with pytest.raises(InputError, match="not an empty cell"):
        release({"t": cells}, STANDARD, impossible={"t": [("yes", "A")]})


def test_the_only_shown_cell_of_a_group_has_no_share():
    # Its share would give the other: 30 of 36.
    cells = pd.Series(
        [300, 200, 250, 30, 100, 150, 120, 6],
        index=pd.MultiIndex.from_product([["no", "yes"], list("ABCD")], names=["active", "host"]),
    )
    released = release({"t": cells}, STANDARD)["t"]
    assert released.suppressed["yes", "D"]
    assert released.counts["no", "D"] == 30
    assert np.isnan(released.shares("host")["no", "D"])
    assert released.shares("host")["no", "A"] == 0.75
    assert released.shares("active")["no", "D"] == 0.04


def test_missing_combinations_are_empty_cells():
    cells = pd.Series(
        [80, 70, 90],
        index=pd.MultiIndex.from_tuples(
            [("no", "A"), ("no", "B"), ("yes", "A")], names=["active", "host"]
        ),
    )
    assert release({"t": cells}, STANDARD)["t"].suppressed["yes", "B"]


@pytest.mark.parametrize("size", [0, 9, 10, 500])
def test_tables_of_one_cell_and_of_nobody(size):
    table = pd.Series([size], index=pd.Index(["all"], name="group"))
    released = release({"t": table, "empty": table * 0} if size == 0 else {"t": table}, STANDARD)
    if size < 10:
        assert all(t.withheld and t.counts.isna().all() for t in released.values())
        assert np.isnan(released["t"].total)
    else:
        assert released["t"].counts["all"] == released["t"].total == size


def test_no_tables_no_release():
    assert release({}, STRICT) == {}


@pytest.mark.parametrize("activity", ["before_rally", "after_volunteering"])
def test_host_sex_and_an_activity_together_are_refused(activity):
    everyone = people(np.full((2, 2, 4), 100)).rename_axis(["sex", activity, "host"])
    with pytest.raises(InputError, match="together"):
        release({"t": everyone}, STANDARD)
    assert release({"t": counted(everyone, "sex", activity)}, STANDARD)


def test_a_recoded_host_country_is_still_a_host_country():
    everyone = people(np.full((2, 2, 4), 100)).rename_axis(["sex", "before_rally", "region"])
    with pytest.raises(InputError, match="together"):
        release({"t": everyone}, STANDARD, coarser={"region": ("host", {})})


def test_two_recodings_of_one_variable_are_refused():
    young = pd.Series([60, 90], index=pd.Index(["to 24", "from 25"], name="young"))
    old = pd.Series([67, 83], index=pd.Index(["to 29", "from 30"], name="old"))
    ages = {"young": ("age", {20: "to 24", 27: "from 25", 40: "from 25"})}
    ages["old"] = ("age", {20: "to 29", 27: "to 29", 40: "from 30"})
    with pytest.raises(InputError, match="two recodings of 'age'"):
        release({"a": young, "b": old}, STANDARD, coarser=ages)


@pytest.mark.parametrize(
    "table",
    [
        pd.Series([10.5, 20.0], index=pd.Index(["a", "b"], name="x")),
        pd.Series([10, -1], index=pd.Index(["a", "b"], name="x")),
        pd.Series([10, 20], index=["a", "b"]),
        pd.Series([10, 20], index=pd.Index(["a", "a"], name="x")),
        pd.Series([10, 20], index=pd.Index(["a", None], name="x")),
        pd.Series([], index=pd.Index([], name="x"), dtype=int),
    ],
    ids=["weighted", "negative", "unnamed", "repeated", "missing", "no cells"],
)
def test_malformed_tables_are_refused(table):
    with pytest.raises(InputError):
        release({"t": table}, STANDARD)


def test_tables_of_different_respondents_are_refused():
    tables = linked(np.full((2, 2, 4), 50))
    tables["host"] = tables["host"] + [1, 0, 0, -1]
    with pytest.raises(InputError, match="differ in respondents by host"):
        release(tables, STANDARD)


def test_a_variable_cannot_be_both_merged_and_recoded():
    tables = linked(np.full((2, 2, 4), 50))
    recoding = {"region": ("host", dict.fromkeys("ABCD", "all"))}
    with pytest.raises(InputError, match="both merged and recoded"):
        release(tables, STANDARD, merge_into={"host": "rest"}, coarser=recoding)


def test_shares_over_a_strange_variable_are_refused():
    released = release(linked(np.full((2, 2, 4), 50)), STANDARD)["host"]
    for over in ("age", "host", ["host", "sex"]):
        with pytest.raises(InputError, match="Name some"):
            released.shares(over)


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_share_needs_enough_on_either_side(k, rest):
    share = safe_share(k, k + rest, STRICT)
    if min(k, rest) < 20:
        assert share is None
    else:
        assert abs(share - k / (k + rest)) <= 0.005 + 1e-12
        assert share == round(share, 2)


def test_models_need_spare_degrees_of_freedom():
    assert residual_df_ok(100, 5, 20, STANDARD)
    assert residual_df_ok(15, 5, 20, STANDARD)
    assert not residual_df_ok(14, 5, 20, STANDARD)
    assert not residual_df_ok(1000, 4, 4, STANDARD)


def test_profiles_are_read_and_the_strict_one_is_the_default(tmp_path):
    assert (STRICT.name, STRICT.min_cell, STANDARD.min_cell) == ("strict", 20, 10)
    for profile in (STRICT, STANDARD):
        assert profile.protection_width >= profile.min_cell
        assert profile.protection_maximum >= profile.min_cell
    with pytest.raises(InputError, match="no profile 'lenient'"):
        load_profile(RULES, "lenient")
    with pytest.raises(InputError, match="missing"):
        load_profile(tmp_path / "none.toml")
    text = RULES.read_text(encoding="utf-8")
    for spoilt, problem in [
        (text.replace("dominance", "dominanse"), "incomplete"),
        (text.replace("count_step = 10", "count_step = 0"), "out of range"),
        (text.replace("protection_width = 20", "protection_width = 3"), "less than small"),
    ]:
        (tmp_path / "rules.toml").write_text(spoilt, encoding="utf-8")
        with pytest.raises(InputError, match=problem):
            load_profile(tmp_path / "rules.toml")
