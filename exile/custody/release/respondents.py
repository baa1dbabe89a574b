"""The tables that a run shows: declared in the catalogue, protected together, set as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

import pandas as pd

from exile.custody.catalogue import MISSING, YES_NO, catalogue
from exile.custody.counts.run import load_counts, load_run
from exile.custody.release.estimates import answered
from exile.custody.release.profile import Profile
from exile.custody.release.suppression import Released, release
from exile.wording import people, percent


@cache
def released_tables(folder: Path, profile: Profile) -> Mapping[tuple[str, ...], Released]:
    """All tables of a run, each protected together with all that it shares a variable with.

    A table that shares none holds those who answered; tables that do must hold the same
    people, and so have missing answers as a level.
    """
    known, present = catalogue(), set(load_run(folder).variables)
    plan = [together for together in known.releases if set(together) <= present]
    linked, released = {}, {}
    for together in plan:
        items = set(together) - set(known.attributes)
        topics = (t for t, variables in known.topics.items() if items <= set(variables))
        cells = load_counts(folder, next(topics) if items else "persons")
        if any(set(together) & set(other) for other in plan if other != together):
            linked[together] = cells.groupby(list(together))["n"].sum()
        else:
            counts = answered(cells, *together).groupby(list(together))["n"].sum()
            released |= release({together: counts}, profile, merge_into=_rest(together))
    if linked:
        every = {v for counts in linked.values() for v in counts.index.names}
        released |= release(linked, profile, merge_into=_rest(every))
    return released


def _rest(variables: Iterable[str]) -> dict[str, str]:
    """Where answers too rare to be shown go: with "no", or with those who gave none."""
    return {v: "no" if _levels(v) == YES_NO else MISSING for v in variables}


def heading(variables: Sequence[str]) -> str:
    """What a table is of, last variable first."""
    return " by ".join(v.replace("_", " ") for v in reversed(variables)).capitalize()


def as_html(found: Released, variables: Sequence[str], over: str | Sequence[str], mark: str) -> str:
    """A protected table in whole percents; a dash for what is hidden."""
    shares = _in_order(found.shares(over=over))
    frame = shares.unstack(variables[-1]) if len(variables) > 1 else shares.to_frame("share")
    order = [x for x in _levels(variables[-1]) if x in frame]
    frame = frame[order + [x for x in frame if x not in order]]
    heads = "".join(f"<th scope='col'>{escape(_worded(c))}</th>" for c in frame.columns)
    rows = "".join(
        f"<tr><th scope='row'>{escape(_worded(level))}</th>"
        + "".join(f"<td>{'–' if pd.isna(x) else percent(x)}</td>" for x in row)
        + "</tr>"
        for level, row in zip(frame.index, frame.to_numpy(), strict=True)
    )
    of = "each row" if over else "all"
    return (
        f"<div class='table-scroll'><table class='released'><caption>{mark}{heading(variables)}: "
        f"percent of {of}, n ≈ {people(found.total)}</caption>"
        f"<thead><tr><td>{escape(_worded(variables[0]))}</td>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _levels(variable: str) -> tuple[str, ...]:
    known = catalogue()
    if variable in known.derived_levels:
        return known.derived_levels[variable]
    return known.variables[variable].levels


def _worded(level: object) -> str:
    return "no answer, or rare" if level == MISSING else str(level).replace("_", " ")


def _in_order(shares: pd.Series) -> pd.Series:
    """With the first variable's levels as the catalogue orders them."""
    first = shares.index.get_level_values(0)
    order = {level: i for i, level in enumerate(_levels(shares.index.names[0]))}
    rank = sorted(range(len(shares)), key=lambda i: order.get(first[i], len(order)))
    return shares.iloc[rank]
