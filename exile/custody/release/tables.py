"""Tables as they are protected: variables in the form that is shown, and what links them.

A variable may be shown in several *forms*: all its levels, or two groups of them. Rare
levels are taken together first, in every table alike. Two forms of one variable differ by
groups that stand in no table and that subtraction isolates; such groups are protected like
cells, as tables that are never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations, product

import numpy as np
import pandas as pd

from exile.custody.catalogue import MISSING
from exile.custody.release.joint import Layout
from exile.custody.release.rules import Profile
from exile.errors import InputError


@dataclass(frozen=True)
class Form:
    """A variable as releases show it.

    Parameters
    ----------
    name, base : str
        Its own name, and that of the variable in the counts.
    level_of : mapping
        Every level of the base to one of its own.
    absorbed : frozenset
        Its levels that took in others with too few people to stand alone.
    """

    name: str
    base: str
    level_of: Mapping[str, str]
    absorbed: frozenset[str] = frozenset()

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.level_of.values()))


@dataclass(frozen=True)
class Link:
    """What is known of variables together: combinations of levels that cannot occur."""

    bases: tuple[str, ...]
    impossible: frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """Exact counts over a layout; they never leave. ``shown``: else it only links others.

    ``counts`` are None where the variables were not counted jointly.
    """

    layout: Layout
    counts: np.ndarray | None
    impossible: np.ndarray
    shown: bool = True


@dataclass(frozen=True)
class Prepared:
    """All tables of a run by name, with the forms that they use and how forms recode.

    ``forms`` are merged, ``asked`` as they were before.
    """

    tables: Mapping[str, Table]
    forms: Mapping[str, Form]
    asked: Mapping[str, Form]
    coarser: Mapping[str, tuple[str, Mapping[str, str]]]

    def onto(self, form: str) -> dict[str, str]:
        """Levels of a form as asked to those that it is released with."""
        before, after = self.asked[form].level_of, self.forms[form].level_of
        return {before[level]: after[level] for level in before}


Counts = Callable[[tuple[str, ...]], pd.Series | None]


def title(names: Iterable[str]) -> str:
    """The name of a table of these forms."""
    return " by ".join(names)


def prepare(
    asked: Iterable[tuple[str, ...]],
    forms: Mapping[str, Form],
    counts: Counts,
    profile: Profile,
    links: Iterable[Link] = (),
) -> Prepared:
    """Everything that is asked for, merged, and linked as an attacker would link it.

    Parameters
    ----------
    asked : iterable of tuples of str
        Tables, by the names of their forms.
    counts : callable
        Joint unweighted counts of base variables, of the same people whatever the
        variables: a Series with one index level for each, or None if there is none.

    Raises
    ------
    InputError
        Where a table holds a forbidden combination or is not counted.
    """
    asked = list(dict.fromkeys(asked))
    used = {name: forms[name] for together in asked for name in together}
    for together in asked:
        _refuse_forbidden([used[name].base for name in together], profile)
    one_way = {base: _counted(counts, (base,)) for base in {f.base for f in used.values()}}
    merged = {n: merge(f, one_way[f.base].to_dict(), profile.min_cell) for n, f in used.items()}
    classes = {base: _classes(base, one_way[base].index, merged.values()) for base in one_way}
    coarser = {
        name: (_star(form.base), {
            kind: form.level_of[level] for level, kind in classes[form.base].items()
        })
        for name, form in merged.items()
    }  # fmt: skip

    def shaped(axes: Sequence[tuple[str, str, Mapping[str, str]]], shown: bool) -> Table:
        """A table over axes: (variable, base, place of each level of the base)."""
        layout = Layout(
            tuple(variable for variable, *_ in axes),
            tuple(tuple(dict.fromkeys(place.values())) for *_, place in axes),
        )
        bases = tuple(base for _, base, _ in axes)
        found = _counted(counts, bases) if shown else counts(bases)
        possible = np.zeros(layout.shape, dtype=bool)
        told = [link for link in links if set(link.bases) <= set(bases)]
        for levels in product(*(place for *_, place in axes)):
            held = dict(zip(bases, levels, strict=True))
            if not any(tuple(held[b] for b in link.bases) in link.impossible for link in told):
                possible[_cell(axes, layout, levels)] = True
        if found is None:
            return Table(layout, None, ~possible, shown)
        array = np.zeros(layout.shape, dtype=np.int64)
        for key, n in found.items():
            array[_cell(axes, layout, key if isinstance(key, tuple) else (key,))] += n
        if (array[~possible] > 0).any():
            raise InputError(title(bases), "it holds answers that cannot be", "Mend the counts.")
        return Table(layout, array, ~possible, shown)

    tables = {
        title(names): shaped([(n, merged[n].base, merged[n].level_of) for n in names], True)
        for names in asked
    }
    for bases in _isolating(asked, merged, classes):
        axes = [(_star(base), base, classes[base]) for base in bases]
        tables[f"groups of {title(bases)}"] = shaped(axes, False)
    for link in links:
        if set(link.bases) <= set(classes):
            axes = [(_star(base), base, classes[base]) for base in link.bases]
            tables.setdefault(f"groups of {title(link.bases)}", shaped(axes, False))
    return Prepared(tables, merged, used, coarser)


def merge(form: Form, sizes: Mapping[str, int], least: int) -> Form:
    """The form with its rare levels, and too few missing answers, in another one.

    Levels with fewer than ``least`` people join those without an answer; if these are too
    few even so, all of them join the most frequent level.
    """
    own: dict[str, int] = {}
    for level, n in sizes.items():
        own[form.level_of[level]] = own.get(form.level_of[level], 0) + n
    pool = {level for level, n in own.items() if n < least} | ({MISSING} & own.keys())
    rest = [level for level in own if level not in pool]
    if not rest or pool == {MISSING} and own[MISSING] >= least or not pool:
        return form
    to = MISSING
    if sum(own[level] for level in pool) < least:
        to = max(rest, key=lambda level: own[level])
    level_of = {level: to if kind in pool else kind for level, kind in form.level_of.items()}
    return replace(form, level_of=level_of, absorbed=frozenset({to}))


def _counted(counts: Counts, bases: tuple[str, ...]) -> pd.Series:
    found = counts(bases)
    if found is None:
        raise InputError(
            title(bases),
            "they are not counted jointly",
            "List them in one topic of variables.yaml.",
        )
    return found


def _star(base: str) -> str:
    return f"{base}*"


def _cell(axes: Sequence, layout: Layout, levels: Sequence[str]) -> tuple[int, ...]:
    return tuple(
        own.index(place[level])
        for (*_, place), own, level in zip(axes, layout.levels, levels, strict=True)
    )


def _classes(base: str, levels: Iterable[str], forms: Iterable[Form]) -> dict[str, str]:
    """Levels of a base to groups of those that every form takes together."""
    own = [form for form in forms if form.base == base]
    return {level: " / ".join(form.level_of[level] for form in own) for level in levels}


def _isolating(
    asked: Sequence[tuple[str, ...]], forms: Mapping[str, Form], classes: Mapping[str, Mapping]
) -> list[tuple[str, ...]]:
    """Variables of the groups by which two forms of one variable differ, in two tables."""
    found = []
    for first, second in combinations(asked, 2):
        for one, other in product(first, second):
            base = forms[one].base
            if one == other or base != forms[other].base:
                continue
            others = [
                [forms[n].base for n in table if forms[n].base != base] for table in (first, second)
            ]
            shared = sorted(set(others[0]) & set(others[1]))
            # Where one form is as fine as all together, its own table holds the groups.
            finest = [
                len(set(forms[n].level_of.values())) == len(set(classes[base].values()))
                and sorted(rest) == shared
                for n, rest in zip((one, other), others, strict=True)
            ]
            if not any(finest):
                found.append((base, *shared))
    return list(dict.fromkeys(found))


def _refuse_forbidden(variables: Sequence[str], profile: Profile) -> None:
    for combination in profile.forbidden:
        for chosen in permutations(variables, len(combination)):
            if all(v.startswith(start) for v, start in zip(chosen, combination, strict=True)):
                raise InputError(
                    title(variables),
                    f"it holds {', '.join(combination)} together",
                    "Leave one of these variables out.",
                )
