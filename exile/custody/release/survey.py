"""The survey of a run, as a chapter's cells on respondents see it.

A cell measures, and asks for tables, estimates, verdicts and sentences. Nothing is shown
while it runs: what was asked for goes into one account, and leaves together or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import cast

import pandas as pd

from exile.audit.claims import Grade, Scope
from exile.audit.evidence import Evidence, Finding
from exile.audit.verdict import judge, part_of
from exile.case import register, rules
from exile.custody.catalogue import MISSING, YES_NO, catalogue
from exile.custody.counts.run import Run
from exile.custody.release import estimates
from exile.custody.release.account import Account, Estimate, Settled
from exile.custody.release.estimates import Cells, Measured, among, answered
from exile.custody.release.outputs import NEUTRAL, REHEARSED, Cell, Output, Shown, counts_class
from exile.custody.release.rules import Profile
from exile.custody.release.tables import Form, Link, title
from exile.errors import InputError
from exile.limits import MICRODATA
from exile.publish import finding
from exile.statistics.intervals import Interval
from exile.wording import people, percent, points

TABLE_RULE = "cells from {least} people, rounded to {step}, protected together with all else"
ESTIMATE_RULE = "made from released cells alone"
VERDICT_RULE = "the same throughout a box of counts that protects every hidden cell"


@dataclass(frozen=True)
class _Asked:
    """One request, where it was made, and its words."""

    chapter: str
    cell: int
    kind: str
    text: str = ""
    forms: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    key: tuple[str, str, Scope] = ("", "", "context")
    estimates: tuple[Estimate, ...] = ()
    names: tuple[str, ...] = ()


class Survey:
    """A counted survey: what it holds, what can be measured, and the ways out."""

    def __init__(self, run: Run, counts: Mapping[str, Cells], profile: Profile):
        self.run, self.profile, self._counts = run, profile, dict(counts)
        self.account = Account(profile, self._joint)
        self._asked: list[_Asked] = []
        self.chapter, self.cell, self.words = "", 0, frozenset[str]()
        known = catalogue()
        for name in known.derived:
            if name.startswith(("before_", "after_")):
                # Who did nothing of the kind did none of the things that it is made from.
                for source in known.sources(name, frozenset(run.variables)):
                    link = Link((name, source), frozenset({("no", "yes")}))
                    self.account.links.append(link)

    def has(self, *variables: str) -> bool:
        """Whether the file holds all of these."""
        return set(variables) <= set(self.run.variables)

    def counted(self, *variables: str) -> bool:
        """Whether the file holds all of these, and they were counted jointly."""
        return self.has(*variables) and self._joint(variables) is not None

    # What can be measured.

    def share(
        self, variable: str, levels: str | tuple[str, ...], *, label: str,
        where: Mapping[str, str] | None = None,
    ) -> Estimate:  # fmt: skip
        """Share of those who answered, in the group ``where``."""
        chosen = self._two(variable, levels)
        groups = {self._whole(v): level for v, level in (where or {}).items()}

        def compute(cells: Cells) -> Measured:
            return estimates.measured_share(among(cells, groups), chosen, "yes", label=label)

        needs = {**{form: (level,) for form, level in groups.items()}, chosen: YES_NO}
        return self.measure(label, needs, compute)

    def gap(
        self, variable: str, levels: str | tuple[str, ...], by: str, pair: tuple[str, str], *,
        label: str, absolute: bool = False,
    ) -> Estimate:  # fmt: skip
        """Share in the first group minus share in the second; or the size of that difference."""
        chosen, groups = self._two(variable, levels), self._whole(by)

        def compute(cells: Cells) -> Measured:
            found = estimates.measured_gap(cells, chosen, "yes", groups, pair, label=label)
            return estimates.distance(found) if absolute else found

        return self.measure(label, {groups: tuple(pair), chosen: YES_NO}, compute)

    def change(self, before: str, after: str, *, label: str) -> Estimate:
        """Change in the share who did something, same people before and after."""
        forms = self._whole(before), self._whole(after)

        def compute(cells: Cells) -> Measured:
            return estimates.measured_change(cells, *forms, label=label)

        return self.measure(label, dict.fromkeys(forms, YES_NO), compute)

    def odds_ratio(
        self, outcome: str, predictor: str, level: str, controls: Sequence[str] = (), *,
        label: str, effect: bool = False,
    ) -> Estimate:  # fmt: skip
        """Odds ratio of a level of a predictor, others alike by the controls.

        With ``effect``, the average difference in probability. With controls it rests on
        cells that no table shows, so only its verdict can leave.
        """
        chosen, groups = self._whole(outcome), self._whole(predictor)
        exact = self._cells((chosen, groups), controls)
        kept = tuple(c for c in controls if c in exact)

        def compute(cells: Cells) -> Measured:
            found = estimates.measured_odds_ratio(cells, chosen, groups, level, kept, label=label)
            return found[effect]

        levels = tuple(v for v in self.account.forms[groups].levels if v != MISSING)
        needs = {groups: levels, chosen: YES_NO}
        return self.measure(label, needs, compute, exact=exact, finer=kept)

    def grouped(self, name: str, variable: str, groups: Mapping[str, str]) -> str:
        """A coarser form of a variable, as a variable; levels not named count as missing."""
        known = self._levels(variable)
        level_of = {level: groups.get(level, MISSING) for level in known}
        return self.account.use(Form(name, variable, level_of))

    def together(self, name: str, answers: Mapping[str, str]) -> str:
        """A variable that says whether somebody gave all of these answers."""
        joint = (c for c in self._counts.values() if set(answers) <= set(c.columns))
        topic = next(joint, None)
        if topic is None:
            raise InputError(name, "its answers were not counted jointly", "Ask has() first.")
        given = topic[list(answers)]
        held = (given == list(answers.values())).all(axis=1).map({True: "yes", False: "no"})
        counted = topic.assign(**{name: held.where((given != MISSING).all(axis=1), MISSING)})
        self._counts[f"together {name}"] = counted
        for size in range(1, len(answers) + 1):
            for some in combinations(answers, size):
                yes = tuple(answers[v] for v in some)
                cannot = {
                    ("yes", *levels)
                    for levels in product(*([*YES_NO, MISSING] for _ in some))
                    if levels != yes
                }
                cannot |= {
                    ("no", *levels)
                    for levels in product(*([*YES_NO, MISSING] for _ in some))
                    if MISSING in levels
                }
                if size == len(answers):
                    cannot |= {("no", *yes), (MISSING, *yes)}
                self.account.links.append(Link((name, *some), frozenset(cannot)))
        return name

    # What is asked to leave.

    def record(self, claim: str, part: str, scope: Scope, *measured: Estimate) -> None:
        """Ask for a verdict on a part of a claim, with the estimates that it rests on.

        What would make the part true stands in the register.
        """
        part_of(Finding(claim=claim, part=part, scope=scope, summary="."), register())
        self._note("verdict", measured, key=(claim, part, scope))

    def say(self, text: str, **measured: Estimate) -> None:
        """Ask for a sentence; ``{name}`` in it stands for an estimate."""
        names = re.findall(r"\{(\w+)\}", text)
        if set(names) != set(measured):
            raise InputError("say", "names and estimates do not match", "Give each its estimate.")
        self._worded(re.sub(r"\{\w+\}", " ", text))
        self._note("sentence", tuple(measured.values()), text=text, names=tuple(measured))

    def table(self, *variables: str, over: str | Sequence[str] = ()) -> None:
        """Ask for the table of these variables, with percentages within ``over``."""
        forms = tuple(self._whole(v) for v in variables)
        self.account.ask(*forms)
        within = (over,) if isinstance(over, str) and over else tuple(over)
        self._note("table", (), forms=forms, over=within)

    # What leaves.

    def outputs(self) -> tuple[Output, ...]:
        """Everything asked for, as far as it may leave, after the one joint audit."""
        settled = self.account.settle()
        # Verdicts in a fixed order: each one is protected given all before it.
        return tuple(
            getattr(self, f"_{asked.kind}")(asked, settled, f"{asked.chapter}-{number}")
            for number, asked in enumerate(self._asked, 1)
        )

    def _table(self, asked: _Asked, settled: Settled, name: str) -> Output:
        found = settled.released[title(asked.forms)]
        cells = tuple(
            Cell(tuple(map(str, key)), None if pd.isna(n) else int(n))
            for key, n in found.counts.items()
        )
        shown = [c.about for c in cells if c.about is not None]
        heading = " by ".join(v.replace("_", " ") for v in reversed(asked.forms)).capitalize()
        return Output(
            name, asked.chapter, asked.cell, "table",
            TABLE_RULE.format(least=self.profile.min_cell, step=self.profile.count_step),
            counts_class(shown),
            "every cell shown" if len(shown) == len(cells) else "small cells and their partners hidden"
            if shown else NEUTRAL,
            f"{heading}." if shown else f"{heading}. {NEUTRAL}",
            variables=asked.forms,
            absorbed=tuple(tuple(sorted(found.absorbed[f])) for f in asked.forms),
            over=asked.over,
            cells=cells if shown else (),
        )  # fmt: skip

    def _sentence(self, asked: _Asked, settled: Settled, name: str) -> Output:
        shown = [self._shown(e, settled) for e in asked.estimates]
        text, rule = asked.text, "words of the chapter's author"
        if shown:
            rule = ESTIMATE_RULE
            told = {n: s.text for n, s in zip(asked.names, shown, strict=True) if s}
            whole = len(told) == len(asked.names)
            text = re.sub(r"\{(\w+)\}", lambda m: told[m[1]], text) if whole else NEUTRAL
        return Output(
            name, asked.chapter, asked.cell, "sentence", rule, self._class(asked, settled, shown),
            "every cell behind it is shown" if all(shown) else NEUTRAL, text,
            estimates=tuple(s for s in shown if s) if all(shown) else (),
        )  # fmt: skip

    def _verdict(self, asked: _Asked, settled: Settled, name: str) -> Output:
        shown = [self._shown(e, settled) for e in asked.estimates]
        words = (
            "; ".join(f"{s.label}: {s.text}" for s in shown if s) + "." if all(shown) else NEUTRAL
        )
        words, code = f"{words[0].upper()}{words[1:]}", None
        if self.run.synthetic:
            words = f"{words} {REHEARSED}"
        else:
            code = settled.verdict(list(asked.estimates), lambda m: self._judged(asked.key, m))
        reason = "every cell behind it is shown" if all(shown) else NEUTRAL
        claim, part, scope = asked.key
        return Output(
            name, asked.chapter, asked.cell, "verdict",
            f"{ESTIMATE_RULE}; verdict: {VERDICT_RULE}",
            self._class(asked, settled, shown), reason, words,
            claim=claim, part=part, scope=scope, verdict=code,
            estimates=tuple(s for s in shown if s) if all(shown) else (),
        )  # fmt: skip

    def _judged(self, key: tuple[str, str, Scope], measured: Sequence[Measured]) -> str:
        evidence = [self._as_evidence(m) for m in measured]
        return judge(finding(*key, *evidence, summary="."), register(), rules()).code

    def _as_evidence(self, m: Measured) -> Evidence:
        return Evidence(
            label=m.label, grade=cast(Grade, self.run.grade or "A"), region=Interval.point(m.estimate),
            interval=m.interval, interval_90=m.interval_90, sources=(MICRODATA,),
            method=m.method, n=m.n, p_value=m.p_value,
        )  # fmt: skip

    def _shown(self, estimate: Estimate, settled: Settled) -> Shown | None:
        found = settled.public(estimate)
        if found is None:
            return None
        out = found.printed()
        return Shown(
            out.label, out.unit, out.method, worded(out), out.estimate,
            out.interval.low, out.interval.high, int(out.n),
        )  # fmt: skip

    def _class(self, asked: _Asked, settled: Settled, shown: Sequence[Shown | None]) -> str:
        if not shown or not all(shown):
            return counts_class([])
        tables = [settled.released[e.table].counts.dropna() for e in asked.estimates]
        return counts_class([int(n) for counts in tables for n in counts])

    def measure(
        self, label: str, needs: Mapping[str, tuple[str, ...]],
        compute: Callable[[Cells], Measured], *, finer: Sequence[str] = (),
        exact: Cells | None = None,
    ) -> Estimate:  # fmt: skip
        """An estimate by a function of counts.

        Parameters
        ----------
        needs : mapping
            The forms on which it rests, each with the levels that must stand alone.
        compute : callable
            From counts (a column for each form, n, w, w2) to what is measured.
        finer : sequence of str
            Further variables that it uses, in no table: then it is never shown itself.
        """
        self._worded(label)
        basis = tuple(needs)
        if exact is None:
            exact = self._cells((*basis, *finer))
        self.account.ask(*basis)
        return Estimate(label, basis, dict(needs), exact, compute, model=bool(finer))

    def _whole(self, variable: str) -> str:
        """The form that shows a variable as it was counted."""
        if variable in self.account.forms:
            return variable
        levels = self._levels(variable)
        if MISSING not in levels and set(levels) <= set(YES_NO):
            levels = list(YES_NO)
        return self.account.use(Form(variable, variable, {v: v for v in levels}))

    def _two(self, variable: str, levels: str | tuple[str, ...]) -> str:
        """The form that tells some levels of a variable from the others."""
        wanted = (levels,) if isinstance(levels, str) else levels
        known = self.account.forms.get(variable)
        if wanted == ("yes",) or (known and known.base != variable):
            return self._whole(variable)
        level_of = {
            v: MISSING if v == MISSING else "yes" if v in wanted else "no"
            for v in self._levels(variable)
        }
        return self.account.use(Form(f"{variable}: {' or '.join(wanted)}", variable, level_of))

    def _cells(self, names: Sequence[str], controls: Sequence[str] = ()) -> Cells:
        """Exact counts with a column for each form, and those controls that are of use."""
        forms = [self.account.forms[self._whole(name)] for name in names]
        topic = self._topic([f.base for f in forms])
        placed = topic.assign(**{f.name: topic[f.base].map(f.level_of) for f in forms})
        kept = tuple(c for c in controls if c in placed and c not in names)
        if kept:
            placed, kept = self._usable(placed, kept)
        return placed.groupby([*names, *kept], as_index=False)[["n", "w", "w2"]].sum()

    def _usable(self, cells: Cells, controls: Sequence[str]) -> tuple[Cells, tuple[str, ...]]:
        """Controls with rare levels taken together; without those that most did not answer."""
        cells, used = cells.copy(), []
        for name in controls:
            for rest in ("rare", MISSING):
                sizes = cells[cells[name] != MISSING].groupby(name)["n"].sum()
                few = sizes.index[sizes < self.profile.min_cell]
                cells[name] = cells[name].replace(dict.fromkeys(few, rest))
            known = answered(cells, name)
            if known[name].nunique() > 1 and 2 * known["n"].sum() >= cells["n"].sum():
                used.append(name)
        return cells, tuple(used)

    def _topic(self, bases: Sequence[str]) -> Cells:
        found = [c for c in self._counts.values() if set(bases) <= set(c.columns)]
        if not found:
            raise InputError(
                " by ".join(bases), "the survey has no such counts", "Ask has() for its variables."
            )
        return min(found, key=len)

    def _levels(self, variable: str) -> list[str]:
        return sorted(map(str, self._topic((variable,))[variable].unique()))

    def _joint(self, bases: tuple[str, ...]) -> pd.Series | None:
        try:
            return self._topic(bases).groupby(list(bases))["n"].sum()
        except InputError:
            return None

    def _note(self, kind: str, measured: Sequence[Estimate], **more) -> None:
        self._asked.append(_Asked(self.chapter, self.cell, kind, estimates=tuple(measured), **more))

    def _worded(self, text: str) -> None:
        """Refuse words that do not stand in the chapter: they could be answers.

        Numbers come from estimates alone.
        """
        for word in words(text):
            if word not in self.words:
                raise InputError(
                    f"'{self.chapter}', cell {self.cell}",
                    "a label or sentence holds a word that the chapter does not",
                    "Write it out; numbers come by {name} and an estimate.",
                )


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def worded(out: Measured) -> str:
    """A printed estimate in words."""
    low, high = out.interval.low, out.interval.high
    if out.unit == "share":
        size = f"{percent(out.estimate)} ({100 * low:.0f} to {percent(high)})"
    elif out.unit == "share_difference":
        span = f"{100 * low:.0f} to {100 * high:.0f}".replace("-", "−")
        size = f"{points(out.estimate)} ({span})"
    else:
        size = f"odds ratio {out.estimate:.1f} ({low:.1f} to {high:.1f})"
    text = f"{size}, n ≈ {people(out.n)}"
    if out.missing >= 0.01:
        text += f", {percent(out.missing)} without an answer"
        if out.bounds:
            ends = f"{percent(out.bounds.low)} to {percent(out.bounds.high)}"
            text += f" (with any answers of theirs {ends})"
    return text


current: list[Survey] = []


def held() -> Survey | None:
    """The survey of the run that executes this chapter; None in any other process."""
    return current[-1] if current else None
