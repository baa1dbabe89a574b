"""Figures that a reader supposes to be otherwise, and loaded tables edited without saying so."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from math import isnan

import pandas as pd

from exile.errors import InputError

_supposed: dict[str, float] = {}
# Tables handed out, by name: they follow what is supposed, and edits in them are noticed.
_handed: list[tuple[str, weakref.ref]] = []
# A table in which more figures than this differ was converted on purpose, not edited.
MOST_EDITS = 3


def active() -> Mapping[str, float]:
    """Supposed values by figure id."""
    return _supposed


def override(figures: Mapping[str, float]) -> None:
    """Suppose these values instead of the published ones, and no others.

    Raises
    ------
    InputError
        For an unknown figure or an impossible value; nothing is changed then.
    """
    from exile.data.figures import figure, figure_tables

    for figure_id, value in figures.items():
        if figure_id not in figure_tables():
            from exile.schema import nearest

            hint = nearest(figure_id, figure_tables(), "Ids stand in the tables of data/.")
            raise InputError("what_if", f"no figure '{figure_id}'", hint)
        if not isinstance(value, int | float) or isinstance(value, bool) or isnan(value):
            raise InputError(f"what_if, {figure_id}", f"{value!r} is no number", "Give a number.")
        if figure(figure_id).unit.startswith("percent") and not -100 <= value <= 1000:
            raise InputError(
                f"what_if, {figure_id}", f"{value} % is impossible", "Percentages, not fractions."
            )
    before = dict(_supposed)
    _supposed.clear()
    _supposed.update({k: float(v) for k, v in figures.items()})
    for name, frame in _alive():
        _apply(frame, {**_published(name, frame, before), **_supposed})


def hand_out(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A table on its way to a chapter, with what is supposed put in."""
    if {"figure_id", "value"} <= {*frame.columns}:
        _apply(frame, _supposed)
        _handed[:] = [(n, r) for n, r in _handed if r() is not None]
        _handed.append((name, weakref.ref(frame)))
    return frame


def check_unedited(name: str, figure_id: str) -> None:
    """Refuse to answer for a figure that was edited in a loaded table.

    Raises
    ------
    InputError
        Naming the call that makes the change count everywhere.
    """
    from exile.data.tables import loaded

    for held, frame in _alive():
        if held != name or "value" not in frame.columns or "figure_id" not in frame.columns:
            continue
        true = loaded(name).set_index("figure_id")["value"]
        now = frame.set_index("figure_id")["value"]
        if not now.index.is_unique or not pd.api.types.is_numeric_dtype(now):
            continue
        was = true.reindex(now.index)
        was.update(pd.Series(dict(_supposed), dtype="float64"))
        edited = now[(now != was) & ~(now.isna() & was.isna())]
        if figure_id in edited.index and len(edited) <= MOST_EDITS:
            raise InputError(
                f"figure '{figure_id}'",
                f"a loaded table {name} says {edited[figure_id]:g}, its file {was[figure_id]:g}",
                f"Say what_if({{'{figure_id}': {edited[figure_id]:g}}}), so that everything "
                "follows, or load the table again.",
            )


def _alive() -> list[tuple[str, pd.DataFrame]]:
    return [(name, frame) for name, ref in _handed if (frame := ref()) is not None]


def _published(name: str, frame: pd.DataFrame, ids: Mapping[str, float]) -> dict[str, float]:
    from exile.data.tables import loaded

    values = loaded(name).set_index("figure_id")["value"]
    return {i: values[i] for i in ids if i in values.index}


def _apply(frame: pd.DataFrame, values: Mapping[str, float]) -> None:
    for figure_id, value in values.items():
        rows = frame.index[frame["figure_id"] == figure_id]
        if len(rows):
            frame.loc[rows, "value"] = value
            for end in ("low", "high"):
                if end in frame.columns and frame.loc[rows, end].notna().any():
                    frame.loc[rows, end] = value
