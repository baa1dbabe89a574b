"""The survey that this build holds, as a chapter sees it.

A chapter measures on exact cells and shows what :meth:`Held.table` and
:meth:`Held.record` let out: rounded, protected, and for synthetic data without a verdict.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pandas as pd
from IPython.display import HTML, Markdown, display

from exile import case
from exile.audit import Evidence, Finding
from exile.custody import RUN_VARIABLE
from exile.custody.catalogue import MISSING
from exile.custody.counts.run import Run, load_counts, load_run
from exile.custody.release import respondents
from exile.custody.release.estimates import Measured
from exile.custody.release.profile import Profile, load_profile
from exile.custody.release.suppression import Released
from exile.data import data_directory
from exile.errors import InputError
from exile.limits import MICRODATA
from exile.publish import hand_over
from exile.statistics.intervals import Interval
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

        Levels with too few people for the profile are taken together as "rare", and count
        as missing if they are too few even so. An attribute without two levels left, or
        mostly missing, is left out.
        """
        kept, used = cells.copy(), []
        for attribute in names:
            if attribute not in kept:
                continue
            few = self._few(kept, attribute)
            kept[attribute] = kept[attribute].replace(dict.fromkeys(few, "rare"))
            few = self._few(kept, attribute)
            kept[attribute] = kept[attribute].replace(dict.fromkeys(few, MISSING))
            known = kept[kept[attribute] != MISSING]
            if known[attribute].nunique() < 2 or 2 * known["n"].sum() < kept["n"].sum():
                continue
            used.append(attribute)
        return kept, tuple(used)

    def _few(self, cells: pd.DataFrame, attribute: str) -> list[str]:
        sizes = cells[cells[attribute] != MISSING].groupby(attribute)["n"].sum()
        return list(sizes.index[sizes < self.profile.min_cell])

    def released(self, *variables: str) -> Released:
        """The protected table of these variables, as released together with all others.

        Raises
        ------
        InputError
            If the catalogue does not list the table, or the file lacks a variable.
        """
        tables = respondents.released_tables(self.folder, self.profile)
        if variables not in tables:
            raise InputError(
                f"table of {' by '.join(variables)}",
                "it is not among the tables of this run",
                "List it under releases in survey/variables.yaml.",
            )
        return tables[variables]

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
            named = respondents.heading(variables)
            self.say(f"*{mark}{named}: the table is withheld: {found.withheld}.*")
        else:
            display(HTML(respondents.as_html(found, variables, over, mark)))


def profile() -> Profile:
    """The disclosure profile of this run: strict, unless the run's keeper chose otherwise."""
    chosen = os.environ.get(PROFILE_VARIABLE, "strict")
    return load_profile(data_directory() / "disclosure.toml", chosen)


@cache
def held() -> Held | None:
    """The survey of this build, or None in the public book."""
    named = os.environ.get(RUN_VARIABLE)
    return Held(Path(named)) if named else None
