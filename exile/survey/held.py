"""The survey that this build holds, as a chapter sees it.

A chapter measures on exact cells and shows what :meth:`Held.table` and
:meth:`Held.record` let out: rounded, protected, and for synthetic data without a verdict.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

import pandas as pd
from IPython.display import Markdown, display

from exile import case
from exile.audit import Evidence, Finding
from exile.data import data_directory
from exile.disclosure.profile import Profile, load_profile
from exile.disclosure.tables import Released, release
from exile.errors import InputError
from exile.publish import MICRODATA, hand_over
from exile.statistics.intervals import Interval
from exile.survey import RUN_VARIABLE
from exile.survey.catalogue import YES_NO, catalogue
from exile.survey.coding import MISSING
from exile.survey.count import Run, load_counts, load_run
from exile.survey.estimates import Measured, answered
from exile.wording import people, percent, points

PROFILE_VARIABLE = "EXILE_DISCLOSURE_PROFILE"
# How exactly an estimate may leave the run, by unit.
STEPS = {"share": 0.01, "share_difference": 0.01, "odds_ratio": 0.1, "ratio": 0.1}


class SyntheticEstimate:
    """An estimate from made-up respondents. It is no evidence and gets no verdict."""

    def __init__(self, measured: Measured):
        self.measured = measured


class Held:
    """A counted survey: its description, exact cells, and the ways out."""

    def __init__(self, folder: Path):
        if not (folder / "run.json").is_file():
            raise InputError(
                f"{RUN_VARIABLE}",
                "it names no counted survey",
                "Run: make book SURVEY=… CODEBOOK=…",
            )
        self.folder = folder
        self.run: Run = load_run(folder)
        self.profile: Profile = profile()

    @property
    def synthetic(self) -> bool:
        return self.run.synthetic

    def has(self, *variables: str) -> bool:
        """Whether the file holds all of these."""
        return set(variables) <= set(self.run.variables)

    def cells(self, table: str) -> pd.DataFrame:
        """Exact counts of a topic. They must not be displayed.

        Raises
        ------
        InputError
            If the survey has no such table.
        """
        if not (self.folder / f"{table}.csv").is_file():
            raise InputError(
                f"table '{table}'", "the survey has none", "Ask has() for its variables first."
            )
        return load_counts(self.folder, table)

    def controls(self, cells: pd.DataFrame, *names: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """Cells fit for a model, and those of the named attributes that can be controls.

        Levels with too few people for the profile are merged into "other"; an attribute
        without two levels left, or mostly missing, is left out.
        """
        kept, used = cells.copy(), []
        for attribute in names:
            if attribute not in kept:
                continue
            sizes = kept.groupby(attribute)["n"].sum()
            rare = [k for k, n in sizes.items() if n < self.profile.min_cell]
            kept[attribute] = kept[attribute].replace(dict.fromkeys(rare, "other"))
            sizes = kept.groupby(attribute)["n"].sum().drop(index="missing", errors="ignore")
            if (sizes >= self.profile.min_cell).sum() < 2 or sizes.sum() < kept["n"].sum() / 2:
                continue
            if sizes.min() < self.profile.min_cell:
                kept[attribute] = kept[attribute].replace({sizes.idxmin(): "missing"})
            used.append(attribute)
        return kept, tuple(used)

    def released(self, *variables: str) -> Released:
        """The protected table of these variables, as released together with all others."""
        return _released(self.folder)[" × ".join(variables)]

    def safe(self, measured: Measured) -> bool:
        """Whether enough people stand behind an estimate for it to leave."""
        enough = self.profile.min_cell
        return measured.n >= enough and measured.least >= enough

    def evidence(self, measured: Measured) -> Evidence | SyntheticEstimate:
        """The estimate as evidence, rounded; or, from synthetic data, something that is none.

        Raises
        ------
        InputError
            If too few people stand behind it.
        """
        if not self.safe(measured):
            raise InputError(
                f"'{measured.label}'",
                f"fewer than {self.profile.min_cell} people stand behind a part of it",
                "It is withheld: test safe() first, or use record().",
            )
        if self.synthetic:
            return SyntheticEstimate(measured)
        out = measured.published(STEPS[measured.unit])
        return Evidence(
            label=out.label,
            grade=self.run.grade,
            scope="respondents",
            unit=out.unit,
            region=Interval.point(out.estimate),
            interval=out.interval,
            interval_90=out.interval_90,
            sources=(MICRODATA,),
            method=out.method,
            n=out.n,
            deff=out.deff,
            p_value=out.p_value,
            robustness=out.robustness,
        )

    def record(
        self,
        *,
        claim: str,
        part: str = "",
        true_if: Interval,
        published: Interval | None = None,
        measured: Measured | Sequence[Measured],
        settled_by: str = "It is settled for the people in this file; for others, their answers.",
    ) -> None:
        """Hand what was measured to the book.

        With real data it becomes evidence for the claim; with synthetic data the estimate
        is shown, marked, and nothing is judged; with too few people it is withheld.
        """
        case.register()[claim]
        found = [measured] if isinstance(measured, Measured) else list(measured)
        about = f"**{claim}**" + (f" ({part})" if part else "")
        if any(not self.safe(m) for m in found):
            self.say(f"{about}: withheld, since fewer than {self.profile.min_cell} people stand "
                     "behind a part of it.")  # fmt: skip
            return
        words = "; ".join(self.words(m) for m in found)
        if self.synthetic:
            self.say(f"{about}: {words}. SYNTHETIC respondents: no verdict.")
            return
        finding = Finding(
            claim=claim,
            part=part,
            scope="respondents",
            true_if=true_if,
            published=published,
            evidence=tuple(self.evidence(m) for m in found),
            summary=f"{words[0].upper()}{words[1:]}.",
            settled_by=settled_by,
        )
        hand_over(finding, microdata=True)

    def words(self, measured: Measured) -> str:
        """An estimate as it may be printed."""
        out = measured.published(STEPS[measured.unit])
        low, high = out.interval.low, out.interval.high
        if out.unit == "share":
            least = f"{100 * low:.0f}".replace("-", "−")
            size = f"{percent(out.estimate)} ({least} to {percent(high)})"
        elif out.unit == "share_difference":
            span = f"{100 * low:.0f} to {100 * high:.0f}".replace("-", "−")
            size = f"{points(out.estimate)} ({span})"
        else:
            size = f"odds ratio {out.estimate:.1f} ({low:.1f} to {high:.1f})"
        text = f"{out.label}: {size}, n ≈ {people(out.n)}"
        if out.missing >= 0.01:
            text += f", {percent(out.missing)} without an answer"
        if out.bounds and out.missing >= 0.01:
            text += f" (with any answers of theirs {percent(out.bounds.low)} to {percent(out.bounds.high)})"
        return text

    def say(self, text: str) -> None:
        """A computed sentence on the page."""
        display(Markdown(text))

    def table(self, *variables: str, over: str | Sequence[str] = ()) -> None:
        """Show the protected table of these variables, as percentages."""
        found = self.released(*variables)
        mark = "SYNTHETIC, no finding. " if self.synthetic else ""
        if found.withheld:
            named = " by ".join(v.replace("_", " ") for v in reversed(variables))
            self.say(f"*{mark}{named.capitalize()}: the table is withheld: {found.withheld}.*")
            return
        shares = _in_order(found.shares(over=over))
        frame = shares.unstack(variables[-1]) if len(variables) > 1 else shares.to_frame("share")
        order = [x for x in _levels(variables[-1]) if x in frame]
        frame = frame[order + [x for x in frame if x not in order]]
        shown = frame.map(lambda x: "–" if pd.isna(x) else percent(x))
        rows = "".join(
            "<tr><th scope='row'>"
            + escape(" · ".join(map(_worded, k if isinstance(k, tuple) else (k,))))
            + "</th>" + "".join(f"<td>{escape(v)}</td>" for v in row) + "</tr>"
            for k, row in zip(shown.index, shown.to_numpy(), strict=True)
        )  # fmt: skip
        heads = "".join(f"<th scope='col'>{escape(_worded(c))}</th>" for c in shown.columns)
        asked = " by ".join(v.replace("_", " ") for v in reversed(variables))
        from IPython.display import HTML

        display(
            HTML(
                f"<div class='table-scroll'><table class='released'><caption>{mark}{asked.capitalize()}: "
                f"percent of {'each row' if over else 'all'}, n ≈ {found.total:,.0f}</caption>"
                f"<thead><tr><td>{escape(variables[0].replace('_', ' '))}</td>{heads}</tr></thead>"
                f"<tbody>{rows}</tbody></table></div>"
            )
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


def profile() -> Profile:
    """The disclosure profile of this run: strict, unless the run's keeper chose otherwise."""
    chosen = os.environ.get(PROFILE_VARIABLE, "strict")
    return load_profile(data_directory() / "disclosure.toml", chosen)


@cache
def held() -> Held | None:
    """The survey of this build, or None in the public book."""
    named = os.environ.get(RUN_VARIABLE)
    return Held(Path(named)) if named else None


def release_plan(variables: Sequence[str]) -> list[tuple[str, ...]]:
    """The tables that a run releases, as far as its variables allow."""
    known, present = catalogue(), set(variables)
    return [t for t in known.releases if set(t) <= present]


@cache
def _released(folder: Path) -> Mapping[str, Released]:
    """All tables of a run, each protected together with all that it shares a variable with.

    A table that shares none holds those who answered; tables that do must hold the same
    people, and so have missing answers as a level.
    """
    run = load_run(folder)
    known = catalogue()
    plan = release_plan(run.variables)
    linked, released = {}, {}
    for together in plan:
        items = set(together) - set(known.attributes)
        topics = (t for t, variables in known.topics.items() if items <= set(variables))
        cells = load_counts(folder, next(topics) if items else "persons")
        name = " × ".join(together)
        if any(set(together) & set(other) for other in plan if other != together):
            linked[name] = cells.groupby(list(together))["n"].sum()
        else:
            counts = answered(cells, *together).groupby(list(together))["n"].sum()
            released |= release({name: counts}, profile(), merge_into=_rest(together))
    if linked:
        every = {v for counts in linked.values() for v in counts.index.names}
        released |= release(linked, profile(), merge_into=_rest(every))
    return released


def _rest(variables: Iterable[str]) -> dict[str, str]:
    """Where answers too rare to be shown go: with "no", or with those who gave none."""
    return {v: "no" if _levels(v) == YES_NO else MISSING for v in variables}
