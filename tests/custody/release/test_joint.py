"""The audit against closed forms, and against the joint table written out in full."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from exile.custody.release.joint import Layout, Programme, Published, components
from exile.errors import InputError

TEXTBOOK = np.array([[20, 50, 10], [8, 19, 22], [17, 32, 12]])


def feasible_intervals(published, targets, total, coarser=None):
    """By table, (low, high) of each target cell given everything published; else NaN."""
    found = {name: np.full((*cells.shape, 2), np.nan) for name, cells in targets.items()}
    layouts = {name: layout for name, (layout, _) in published.items()}
    for members in components(layouts, coarser or {}):
        programme = Programme({name: layouts[name] for name in members}, total, coarser or {})
        known = programme._constraints({name: published[name][1] for name in members})
        wanted = programme._wanted({name: targets[name] for name in members if name in targets})
        for name, cell, place in wanted:
            found[name][cell] = programme._extremes(place, known)[:2]
    return found


def layout(counts, variables):
    return Layout(variables, tuple(tuple(range(size)) for size in counts.shape))


def exact(counts, variables):
    return layout(counts, variables), Published(counts.astype(float), counts.astype(float))


def holding_back(counts, variables, mask):
    known = Published(np.where(mask, 0.0, counts), np.where(mask, np.inf, counts))
    return layout(counts, variables), known


def with_margins(counts, mask):
    return {
        "rows": exact(counts.sum(axis=1), ("row",)),
        "columns": exact(counts.sum(axis=0), ("column",)),
        "cells": holding_back(counts, ("row", "column"), mask),
    }


def intervals(tables, mask, counts):
    return feasible_intervals(tables, {"cells": mask}, int(counts.sum()))["cells"]


def test_one_gap_between_exact_margins_is_no_secret():
    mask = np.zeros((3, 3), bool)
    mask[1, 0] = True
    assert intervals(with_margins(TEXTBOOK, mask), mask, TEXTBOOK)[1, 0].tolist() == [8, 8]


def test_a_rectangle_of_gaps_is_as_wide_as_its_corners_allow():
    mask = np.zeros((3, 3), bool)
    mask[np.ix_([1, 2], [0, 2])] = True
    found = intervals(with_margins(TEXTBOOK, mask), mask, TEXTBOOK)
    # Corners move together: two rise by what the other two can lose, and the reverse.
    assert found[1, 0].tolist() == [8 - min(8, 12), 8 + min(22, 17)]
    assert found[2, 2].tolist() == [12 - min(8, 12), 12 + min(22, 17)]


@settings(deadline=None)
@given(arrays(int, (2, 2), elements=st.integers(0, 40)))
def test_margins_alone_give_the_frechet_bounds(counts):
    mask = np.ones((2, 2), bool)
    found = intervals(with_margins(counts, mask), mask, counts)
    rows, columns, total = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    for i, j in product(range(2), repeat=2):
        assert found[i, j].tolist() == [
            max(0, rows[i] + columns[j] - total),
            min(rows[i], columns[j]),
        ]


@pytest.mark.parametrize(
    "scopes",
    [["ab", "bc", "cd"], ["ab", "bc", "ac"], ["ab", "bc", "cd", "da"], ["abc", "cd", "d"]],
    ids=["chain", "triangle", "ring", "nested"],
)
@settings(max_examples=20, deadline=None)
@given(arrays(int, (2, 2, 3, 2), elements=st.integers(0, 15)), st.randoms(use_true_random=False))
def test_cliques_give_what_the_whole_joint_table_gives(scopes, joint, random):
    tables, masks = {}, {}
    for scope in scopes:
        away = tuple(i for i, v in enumerate("abcd") if v not in scope)
        counts = joint.sum(axis=away).transpose([sorted(scope).index(v) for v in scope])
        masks[scope] = np.array([random.random() < 0.4 for _ in range(counts.size)]).reshape(
            counts.shape
        )
        tables[scope] = holding_back(counts, tuple(scope), masks[scope])
    total = int(joint.sum())
    found = feasible_intervals(tables, masks, total)

    cells = np.indices(joint.shape).reshape(4, -1)
    rows, right, targets = [np.ones(joint.size)], [total], []
    for scope, (_, table) in tables.items():
        for cell in np.ndindex(table.low.shape):
            held = [cells["abcd".index(v)] == i for v, i in zip(scope, cell, strict=True)]
            inside = np.all(held, axis=0).astype(float)
            if masks[scope][cell]:
                targets.append((inside, found[scope][cell]))
            else:
                rows.append(inside)
                right.append(table.low[cell])
    for inside, (low, high) in targets[:4]:
        ends = [linprog(sign * inside, A_eq=np.array(rows), b_eq=right) for sign in (1, -1)]
        assert low == max(0, np.ceil(ends[0].fun - 1e-4))
        assert high == np.floor(-ends[1].fun + 1e-4)


def test_a_coarser_variable_gives_away_what_it_adds_up():
    fine, coarse = np.array([50, 30, 7]), np.array([50, 37])
    mask = np.array([False, False, True])
    tables = {
        "cells": holding_back(fine, ("host",), mask),
        "regions": (Layout(("region",), (("x", "y"),)), Published(coarse * 1.0, coarse * 1.0)),
        "other": exact(np.array([80, 7]), ("unrelated",)),
    }
    recoding = {"region": ("host", {0: "x", 1: "y", 2: "y"})}
    # Without a known total, 7 would follow from the region alone; it does with it as well.
    found = feasible_intervals(tables, {"cells": mask}, 87, recoding)
    assert found["cells"][2].tolist() == [7, 7]
    tables["cells"] = holding_back(fine, ("host",), np.array([False, True, True]))
    found = feasible_intervals(tables, {"cells": mask}, 87, recoding)
    assert found["cells"][2].tolist() == [0, 37]


def test_tables_of_different_people_are_refused():
    tables = {"a": exact(np.array([5, 5]), ("x",)), "b": exact(np.array([4, 7]), ("x",))}
    with pytest.raises(InputError, match="no set of respondents"):
        feasible_intervals(tables, {"a": np.array([True, True])}, 10)


def test_linked_tables_too_large_to_audit_are_refused():
    wide = np.ones((40, 40), int)
    tables = {pair: exact(wide, tuple(pair)) for pair in ("ab", "bc", "ac")}
    with pytest.raises(InputError, match="64000 cells"):
        feasible_intervals(tables, {}, 1600)
