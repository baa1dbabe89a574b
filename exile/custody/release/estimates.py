"""What a chapter measures on a survey's counts.

An estimate is exact inside the run, where it is held against the article's figure. What
leaves is the same estimate once more, made from released counts alone, so that it tells
nothing that these do not tell (see :mod:`exile.custody.release.account`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil, exp, floor, inf, isfinite, sqrt
from typing import TypeAlias

import pandas as pd
from scipy.stats import norm

from exile.custody.catalogue import MISSING
from exile.errors import InputError
from exile.statistics.intervals import Interval
from exile.statistics.logistic import logit
from exile.statistics.paired import PairedTable
from exile.statistics.survey import difference, share

Cells: TypeAlias = pd.DataFrame
# How finely an estimate is printed, by unit.
STEPS = {"share": 0.01, "share_difference": 0.01, "odds_ratio": 0.1, "ratio": 0.1}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One estimate from respondents' answers.

    Attributes
    ----------
    label, method : str
    unit : str
        As in :class:`exile.audit.Evidence`.
    estimate : float
        Fractions for shares and their differences.
    interval, interval_90 : Interval
    n : float
        People behind it, unweighted.
    missing : float
        Share of people without a usable answer.
    p_value : float or None
    bounds : Interval or None
        The estimate if those without an answer had all said yes, or all no (Manski 1990).
    """

    label: str
    unit: str
    method: str
    estimate: float
    interval: Interval
    interval_90: Interval
    n: float
    missing: float = 0.0
    p_value: float | None = None
    bounds: Interval | None = None

    def printed(self) -> Measured:
        """The estimate to the nearest step of its unit, its intervals rounded outward."""
        step = STEPS[self.unit]

        def to(x: float, whole: Callable[[float], int]) -> float:
            return round(whole(round(x / step, 6)) * step, 6) if isfinite(x) else x

        def outward(i: Interval) -> Interval:
            return Interval(to(i.low, floor), to(i.high, ceil))

        return replace(
            self,
            estimate=to(self.estimate, round),
            interval=outward(self.interval),
            interval_90=outward(self.interval_90),
            bounds=outward(self.bounds) if self.bounds else None,
            missing=round(self.missing, 2),
        )


def answered(cells: Cells, *variables: str) -> Cells:
    """The cells of those who answered all of these."""
    kept = (cells[list(variables)] != MISSING).all(axis=1)
    return cells[kept].reset_index(drop=True)


def among(cells: Cells, where: Mapping[str, str]) -> Cells:
    """The cells of one group, for example ``{"departure": "after_mobilisation"}``."""
    for variable, level in where.items():
        cells = cells[cells[variable] == level]
    return cells.reset_index(drop=True)


def measured_share(cells: Cells, variable: str, level: str, *, label: str) -> Measured:
    """Share of those who answered; Wilson interval at the effective sample size.

    Raises
    ------
    InputError
        If nobody answered.
    """
    asked = _someone(cells, label)
    valid = _someone(answered(asked, variable), label)
    yes = valid[variable] == level
    found = share(valid, yes)
    n = float(valid["n"].sum())
    weight = valid["w"].sum() / asked["w"].sum()
    low = found.estimate * weight
    return Measured(
        label=label,
        unit="share",
        method="share of those who answered; Wilson interval at the effective sample size",
        estimate=found.estimate,
        interval=found.interval(),
        interval_90=found.interval(0.90),
        n=n,
        missing=1 - n / asked["n"].sum(),
        bounds=Interval(low, max(low, min(1.0, low + 1 - weight))),
    )


def measured_gap(
    cells: Cells, variable: str, level: str, by: str, pair: tuple[str, str], *, label: str
) -> Measured:  # fmt: skip
    """Share in the first group minus share in the second, those who answered both."""
    valid = answered(_someone(cells, label), variable, by)
    groups = [_someone(valid[valid[by] == g].reset_index(drop=True), label) for g in pair]
    shares = [share(g, g[variable] == level) for g in groups]
    contrast = difference(*shares)
    n = float(valid.loc[valid[by].isin(pair), "n"].sum())
    return Measured(
        label=label,
        unit="share_difference",
        method="difference of two shares, linearised variance",
        estimate=contrast.estimate,
        interval=contrast.interval(),
        interval_90=contrast.interval(0.90),
        n=n,
        missing=1 - n / cells.loc[cells[by].isin([*pair, MISSING]), "n"].sum(),
        p_value=contrast.p_value,
    )


def distance(gap: Measured) -> Measured:
    """The size of a difference whatever its sign; 0 is in its interval if it was in the gap's."""

    def folded(i: Interval) -> Interval:
        ends = sorted((abs(i.low), abs(i.high)))
        return Interval(0.0 if i.contains(0) else ends[0], ends[1])

    return replace(
        gap,
        estimate=abs(gap.estimate),
        interval=folded(gap.interval),
        interval_90=folded(gap.interval_90),
    )


def paired_table(cells: Cells, before: str, after: str) -> PairedTable:
    """Unweighted counts of people by what they did before and after, both answered."""
    valid = answered(cells, before, after)
    found = valid.groupby([before, after])["n"].sum()
    return PairedTable(
        *(
            round(found.get(key, 0))
            for key in [("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")]
        )
    )


def measured_change(cells: Cells, before: str, after: str, *, label: str) -> Measured:
    """Change in the share who did something, same people before and after.

    Without weights: McNemar's exact test and Newcombe's paired interval (1998). With
    weights: the weighted mean of the change a person made, linearised variance.
    """
    valid = _someone(answered(_someone(cells, label), before, after), label)
    table = paired_table(valid, before, after)
    weighted = not (valid["w"] == valid["n"]).all()
    if weighted:
        moved = (valid[after] == "yes").astype(float) - (valid[before] == "yes").astype(float)
        total = valid["w"].sum()
        estimate = float((valid["w"] * moved).sum() / total)
        n = valid["n"].sum()
        variance = float((valid["w2"] * (moved - estimate) ** 2).sum()) / total**2 * n / (n - 1)

        def span(level: float) -> Interval:
            margin = float(norm.isf((1 - level) / 2)) * sqrt(variance)
            return Interval(max(-1.0, estimate - margin), min(1.0, estimate + margin))

        p = float(2 * norm.sf(abs(estimate) / sqrt(variance))) if variance else 1.0
        method = "weighted change within persons, linearised variance"
    else:
        estimate, span, p = table.change, table.newcombe, table.p_exact
        method = "change within persons; McNemar's exact test, Newcombe's paired interval"
    return Measured(
        label=label,
        unit="share_difference",
        method=method,
        estimate=estimate,
        interval=span(0.95),
        interval_90=span(0.90),
        n=table.n,
        missing=1 - table.n / cells["n"].sum(),
        p_value=p,
    )


def measured_odds_ratio(
    cells: Cells, outcome: str, predictor: str, level: str, controls: tuple[str, ...], *, label: str
) -> tuple[Measured, Measured]:  # fmt: skip
    """Odds ratio of one level of a predictor, and its average marginal effect.

    Logit with heteroskedasticity-robust errors, others alike by the controls; people
    with any of these missing are left out. Where some level has only yes or only no, the
    last controls are left out until there is an estimate; ``method`` names those that were
    kept.

    Returns
    -------
    (Measured, Measured)
        The odds ratio, and the difference in probability.
    """
    used = [predictor, *controls]
    valid = _someone(answered(_someone(cells, label), outcome, *used), label)
    kept = [c for c in controls if valid[c].nunique() > 1]
    crossed = valid.groupby([predictor, outcome])["n"].sum().unstack(fill_value=0)
    if min(crossed.shape) < 2 or crossed.to_numpy().min() == 0:
        return _nothing("odds_ratio", label, valid), _nothing("share_difference", label, valid)
    while True:
        try:
            fit = logit(valid, " + ".join([predictor, *kept]), valid[outcome] == "yes")
            break
        except InputError:
            if not kept:
                raise
            kept.pop()
    term = next(t for t in fit.coefficients.index if t.startswith(predictor) and level in t)
    row = fit.coefficients.loc[term]
    effects = fit.marginal_effects
    effect = effects[(effects["variable"] == predictor) & (effects["level"] == level)].iloc[0]
    n = float(valid["n"].sum())
    controlled = f"others alike by {', '.join(kept).replace('_', ' ')}" if kept else "no controls"

    def made(unit: str, method: str, centre: float, found: pd.Series, to: Callable) -> Measured:
        def span(z: float) -> Interval:
            return Interval(to(centre - z * found["se"]), to(centre + z * found["se"]))

        return Measured(
            label=label, unit=unit, method=f"{method}, {controlled}", estimate=to(centre),
            interval=span(float(norm.isf(0.025))), interval_90=span(float(norm.isf(0.05))),
            n=n, missing=1 - n / cells["n"].sum(), p_value=float(found["p"]),
        )  # fmt: skip

    return (
        made("odds_ratio", "logit with robust errors", row["estimate"], row, exp),
        made("share_difference", "average marginal effect of a logit", float(effect["effect"]),
             effect, lambda x: max(-1.0, min(1.0, x))),
    )  # fmt: skip


def _nothing(unit: str, label: str, cells: Cells) -> Measured:
    """What cannot be estimated, since a cell is empty."""
    anything = Interval(0, inf) if unit == "odds_ratio" else Interval(-1, 1)
    return Measured(
        label=label,
        unit=unit,
        method="no estimate: a cell is empty",
        estimate=1.0 if unit == "odds_ratio" else 0.0,
        interval=anything,
        interval_90=anything,
        n=float(cells["n"].sum()),
    )


def _someone(cells: Cells, label: str) -> Cells:
    if cells.empty or not cells["n"].sum():
        raise InputError(label, "nobody answered", "Check the codebook's codes.")
    return cells
