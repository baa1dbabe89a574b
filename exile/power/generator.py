"""Exact joint distributions with planted effects, and samples from them.

Two ways lead to one. :func:`minimum_entropy` takes margins and conditional log odds
ratios, all variables on a par. :meth:`Generator.followed_by` adds an outcome by a
logit, given what is there already. Both keep the whole table of cells, so that the
truth is a number and not an average of simulations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit

from exile.errors import InputError
from exile.power.made_up import SOURCE, SyntheticTable, synthetic_id
from exile.statistics.standardisation import rake

# A variable and one of its levels.
Level = tuple[str, str]
Margins = Mapping[str, Mapping[str, float]]
Effects = Mapping[tuple[Level, Level], float]

_NUMBERS = ("probability", "weight")


@dataclass(frozen=True)
class Generator:
    """A joint distribution of categories from which samples are drawn.

    Attributes
    ----------
    cells : DataFrame
        One row per combination of levels: the variables, ``probability`` of
        being in the sample (they sum to 1), and ``weight``, the survey weight
        of everybody in the cell.
    assumptions : tuple of str
        What was declared, in words; every sample carries them.
    """

    cells: pd.DataFrame
    assumptions: tuple[str, ...]

    @property
    def variables(self) -> list[str]:
        return [c for c in self.cells if c not in _NUMBERS]

    @cached_property
    def _marked(self) -> pd.DataFrame:
        """The variables alone, kept because thousands of samples start from them."""
        return self.cells[self.variables].assign(source=SOURCE)

    def population_share(self, variable: str) -> pd.Series:
        """Shares of the levels in the population that the weights stand for."""
        mass = self.cells["probability"] * self.cells["weight"]
        return mass.groupby(self.cells[variable]).sum() / mass.sum()

    def counts(self, n: int, seed: int, repetitions: int = 1) -> np.ndarray:
        """Multinomial counts of the cells, an array of repetitions × cells."""
        probability = self.cells["probability"].to_numpy()
        return np.random.default_rng(seed).multinomial(
            n, probability / probability.sum(), repetitions
        )

    def counted(self, counts: np.ndarray) -> pd.DataFrame:
        """Cells as :mod:`exile.statistics.survey` takes them, from one row of counts."""
        weight = self.cells["weight"].to_numpy()
        return self._marked.assign(n=counts, w=counts * weight, w2=counts * weight**2)

    def expected(self, n: int) -> pd.DataFrame:
        """The cells of a sample without chance: fractions of people, and the truth."""
        return self.counted(n * self.cells["probability"].to_numpy())

    def draw(self, n: int, seed: int) -> SyntheticTable:
        """Cells of one sample of ``n``: the variables, n, w and w2."""
        return SyntheticTable(self.counted(self.counts(n, seed)[0]), self.assumptions, seed)

    def respondents(self, n: int, seed: int) -> SyntheticTable:
        """One sample of ``n``, a row for each respondent: id, weight and the variables."""
        rng = np.random.default_rng(seed)
        probability = self.cells["probability"].to_numpy()
        rows = rng.choice(len(self.cells), n, p=probability / probability.sum())
        frame = self.cells[["weight", *self.variables]].iloc[rows].reset_index(drop=True)
        frame.insert(0, "id", [synthetic_id(i) for i in range(1, n + 1)])
        return SyntheticTable(frame, self.assumptions, seed)

    def followed_by(
        self, outcome: str, share: float, effects: Mapping[Level, float] | None = None
    ) -> Generator:
        """The same with one more variable, answered yes or no by a logit of the others.

        The intercept is set so that the share of yes is met. The declared log
        odds ratios hold given the other predictors; an odds ratio that leaves
        them out differs from the declared one (it does not collapse).

        Raises
        ------
        InputError
            If the outcome exists, the share is 0 or 1, or a predictor is unknown.
        """
        where = f"outcome '{outcome}'"
        if outcome in self.cells or not 0 < share < 1:
            raise InputError(
                where, f"share {share}, or the name is taken", "A new name, and 0 < share < 1."
            )
        linear = np.zeros(len(self.cells))
        for level, theta in (effects or {}).items():
            linear += theta * self._has(level, where)
        mass = (self.cells["probability"] * self.cells["weight"]).to_numpy()
        mass = mass / mass.sum()
        intercept = brentq(lambda a: mass @ expit(a + linear) - share, -50, 50, xtol=1e-13)
        yes = expit(intercept + linear)
        parts = [
            self.cells.assign(**{outcome: word, "probability": self.cells["probability"] * p})
            for word, p in (("yes", yes), ("no", 1 - yes))
        ]
        said = (
            f"{outcome}: {share:.1%} yes, by a logit",
            *_worded({(level, (outcome, "yes")): t for level, t in (effects or {}).items()}),
        )
        columns = [*self.variables, outcome, *_NUMBERS]
        return Generator(pd.concat(parts, ignore_index=True)[columns], (*self.assumptions, *said))

    def recruited(self, ratios: Mapping[Level, float]) -> Generator:
        """A sample in which some came more readily, with the weights that undo it.

        Parameters
        ----------
        ratios : mapping of level to float
            How many times as likely as the others its members are to be sampled.
        """
        times = np.ones(len(self.cells))
        for level, ratio in ratios.items():
            times *= np.where(self._has(level, "recruitment"), ratio, 1.0)
        probability = self.cells["probability"] * times
        said = tuple(f"{v} = {x} sampled {r:g} times as readily" for (v, x), r in ratios.items())
        return Generator(
            self.cells.assign(
                probability=probability / probability.sum(), weight=self.cells["weight"] / times
            ),
            (*self.assumptions, *said),
        )

    def _has(self, level: Level, where: str) -> np.ndarray:
        variable, value = level
        if variable not in self.variables or value not in set(self.cells[variable]):
            raise InputError(
                where, f"nobody has {variable} = {value}", f"Variables: {self.variables}."
            )
        return (self.cells[variable] == value).to_numpy()


def minimum_entropy(margins: Margins, effects: Effects | None = None) -> Generator:
    """The distribution with these margins and conditional log odds ratios, and nothing else.

    The seed exp(Σ θ·z_a·z_b), z being 1 at a level and 0 elsewhere, is fitted
    to the margins by iterative proportional fitting (Deming & Stephan 1940),
    which leaves every odds ratio as it is. The result is the nearest to the
    seed in relative entropy (Csiszár 1975). Pairs without an effect are
    independent given all other variables, though not always marginally.

    Parameters
    ----------
    margins : mapping of variable to mapping of level to share
        Each sums to 1.
    effects : mapping of pairs of levels to float
        θ, the log odds ratio of the two levels against the others, given all else.

    Raises
    ------
    InputError
        If a margin is no composition or an effect names an unknown level.
    """
    levels = [list(shares) for shares in margins.values()]
    cells = pd.MultiIndex.from_product(levels, names=list(margins)).to_frame(index=False)
    plain = Generator(cells.assign(probability=1 / len(cells), weight=1.0), ())
    logarithm = np.zeros(len(cells))
    for (a, b), theta in (effects or {}).items():
        if a[0] == b[0]:
            raise InputError("effect", f"{a} and {b} are of one variable", "Name two variables.")
        logarithm += theta * plain._has(a, "effect") * plain._has(b, "effect")
    seed = np.exp(logarithm)
    start = cells.assign(n=1, w=seed, w2=seed**2)
    fitted = rake(start, margins).cells["w"].to_numpy()
    said = (
        *(
            f"{name}: " + ", ".join(f"{level} {share:.1%}" for level, share in shares.items())
            for name, shares in margins.items()
        ),
        *_worded(effects or {}),
        "whatever is not declared is independent given the rest",
    )
    return Generator(cells.assign(probability=fitted / fitted.sum(), weight=1.0), said)


def _worded(effects: Effects) -> tuple[str, ...]:
    return tuple(
        f"odds ratio of {a[0]} = {a[1]} and {b[0]} = {b[1]}: {np.exp(theta):.2f}"
        for (a, b), theta in effects.items()
    )
