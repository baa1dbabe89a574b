"""What a chapter measures on a survey's cells, and what of it may leave.

An estimate is exact inside the run and is compared with the article's figure there;
what leaves is rounded outward to whole points, and withheld if too few people stand
behind it (disclosure control: METHODS of the Five Safes' "safe outputs").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil, exp, floor, inf, isfinite, log10, sqrt

import numpy as np
import pandas as pd
from patsy import dmatrix
from scipy.special import expit
from scipy.stats import norm

from exile.custody.catalogue import MISSING
from exile.custody.release.profile import Profile, load_profile
from exile.custody.release.suppression import residual_df_ok
from exile.data import data_directory
from exile.errors import InputError
from exile.statistics.intervals import Interval
from exile.statistics.logistic import logit
from exile.statistics.paired import PairedTable
from exile.statistics.selection import tipping_ratio
from exile.statistics.survey import difference, share

Cells = pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One estimate from respondents' answers.

    Attributes
    ----------
    label, method : str
    unit : str
        As in :class:`exile.audit.Evidence`.
    estimate : float
        Exact: fractions for shares and their differences.
    interval, interval_90 : Interval
    n : int
        People behind it, unweighted.
    least : int
        The smallest unweighted count that the estimate shows: a numerator, its
        complement or a discordant cell.
    missing : float
        Share of people without a usable answer.
    p_value, robustness, deff : float or None
    bounds : Interval or None
        The estimate if those without an answer had all said yes, or all no (Manski 1990).
    """

    label: str
    unit: str
    method: str
    estimate: float
    interval: Interval
    interval_90: Interval
    n: int
    least: int
    missing: float = 0.0
    p_value: float | None = None
    robustness: float | None = None
    deff: float | None = None
    bounds: Interval | None = None

    def published(self, step: float) -> Measured:
        """The estimate to the nearest ``step``, its intervals rounded outward."""

        def down(x: float) -> float:
            return floor(round(x / step, 6)) * step if isfinite(x) else x

        def up(x: float) -> float:
            return ceil(round(x / step, 6)) * step if isfinite(x) else x

        def outward(i: Interval | None) -> Interval | None:
            return i and Interval(_tidy(down(i.low)), _tidy(up(i.high)))

        value = _tidy(round(self.estimate / step) * step) if isfinite(self.estimate) else inf
        return Measured(
            **{
                **self.__dict__,
                "estimate": value,
                "interval": outward(self.interval),
                "interval_90": outward(self.interval_90),
                "bounds": outward(self.bounds),
                # Two digits upward: a p-value with sixteen tells the table.
                "p_value": self.p_value and _ceil_digits(self.p_value),
                "robustness": self.robustness and floor(10 * self.robustness) / 10
                if self.robustness is not None and isfinite(self.robustness)
                else self.robustness,
                "n": round(self.n, -1),
                "deff": self.deff and round(self.deff, 1),
                "missing": round(self.missing, 2),
            }
        )


def answered(cells: Cells, *variables: str) -> Cells:
    """The cells of those who answered all of these."""
    kept = (cells[list(variables)] != MISSING).all(axis=1)
    return cells[kept].reset_index(drop=True)


def among(cells: Cells, where: Mapping[str, str] | None) -> Cells:
    """The cells of one group, for example ``{"departure": "after_mobilisation"}``."""
    for variable, level in (where or {}).items():
        cells = cells[cells[variable] == level]
    return cells.reset_index(drop=True)


def measured_share(
    cells: Cells,
    variable: str,
    levels: str | tuple[str, ...],
    *,
    label: str,
    threshold: float = 0.5,
) -> Measured:
    """Share of those who answered; Wilson interval at the effective sample size.

    Parameters
    ----------
    threshold : float
        The share against which selection would have to work, for robustness.

    Raises
    ------
    InputError
        If nobody answered.
    """
    wanted = (levels,) if isinstance(levels, str) else levels
    asked = _someone(cells, label)
    valid = _someone(answered(asked, variable), label)
    yes = valid[variable].isin(wanted)
    found = share(valid, yes)
    k, n = int(valid.loc[yes, "n"].sum()), int(valid["n"].sum())
    weight = valid["w"].sum() / asked["w"].sum()
    low = found.estimate * weight
    end = found.interval()
    beyond = end.low if found.estimate > threshold else end.high
    return Measured(
        label=label,
        unit="share",
        method="share of those who answered; Wilson interval at the effective sample size",
        estimate=found.estimate,
        interval=end,
        interval_90=found.interval(0.90),
        n=n,
        least=min(k, n - k),
        missing=1 - n / asked["n"].sum(),
        deff=found.deff,
        robustness=_tipping(beyond, threshold, above=found.estimate > threshold),
        bounds=Interval(low, max(low, min(1.0, low + 1 - weight))),
    )


def measured_gap(
    cells: Cells, variable: str, levels: str | tuple[str, ...], by: str, pair: tuple[str, str], *,
    label: str,
) -> Measured:  # fmt: skip
    """Share in the first group minus share in the second, those who answered both."""
    wanted = (levels,) if isinstance(levels, str) else levels
    valid = answered(_someone(cells, label), variable, by)
    groups = [_someone(valid[valid[by] == g].reset_index(drop=True), label) for g in pair]
    shares = [share(g, g[variable].isin(wanted)) for g in groups]
    contrast = difference(*shares)
    ks = [int(g.loc[g[variable].isin(wanted), "n"].sum()) for g in groups]
    ns = [int(g["n"].sum()) for g in groups]
    clear = [s.interval() for s in shares]
    higher = contrast.estimate > 0
    ratio = (
        _tipping(clear[0].low, clear[1].high, above=True)
        if higher
        else _tipping(clear[1].low, clear[0].high, above=True)
    )
    return Measured(
        label=label,
        unit="share_difference",
        method="difference of two shares, linearised variance",
        estimate=contrast.estimate,
        interval=contrast.interval(),
        interval_90=contrast.interval(0.90),
        n=sum(ns),
        least=min(min(k, n - k) for k, n in zip(ks, ns, strict=True)),
        missing=1 - sum(ns) / cells.loc[cells[by].isin([*pair, MISSING]), "n"].sum(),
        p_value=contrast.p_value,
        robustness=ratio,
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
            int(found.get(key, 0))
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
        least=min(table.n10, table.n01, table.n11 + table.n10, table.n11 + table.n01),
        missing=1 - table.n / cells["n"].sum(),
        p_value=p,
        robustness=table.gamma_adjusted,
    )


def measured_odds_ratio(
    cells: Cells,
    outcome: str,
    predictor: str,
    level: str,
    controls: tuple[str, ...],
    *,
    label: str,
    profile: Profile | None = None,
) -> tuple[Measured, Measured]:
    """Odds ratio of one level of a predictor, and its average marginal effect.

    Logit with heteroskedasticity-robust errors, others alike by the controls; people
    with any of these missing are left out. A control with a single level left, or with
    a level that holds too few people, is merged or left out by the caller. A saturated model,
    or one with too few degrees of freedom to spare, shows nothing (``least`` is 0). Where
    some level has only yes or only no, the last controls are left out until there is an
    estimate; ``method`` names those that were kept.

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
    parameters, n = len(fit.coefficients), int(valid["n"].sum())
    patterns = len(valid[[predictor, *kept]].drop_duplicates())
    effects = fit.marginal_effects
    effect = effects[(effects["variable"] == predictor) & (effects["level"] == level)].iloc[0]
    least = int(crossed.to_numpy().min())
    # One yes-or-no predictor alone is a table of counts, and released by its cells.
    profile = profile or load_profile(data_directory() / "disclosure.toml")
    if kept and not residual_df_ok(n, parameters, patterns, profile):
        least = 0

    def ends(estimate: float, se: float, transform: Callable[[float], float], z: float) -> Interval:
        return Interval(transform(estimate - z * se), transform(estimate + z * se))

    z95, z90 = float(norm.isf(0.025)), float(norm.isf(0.05))
    common = {"n": n, "least": least, "missing": 1 - n / cells["n"].sum()}
    controlled = f"others alike by {', '.join(kept).replace('_', ' ')}" if kept else "no controls"
    near = row["low"] if row["estimate"] > 0 else -row["high"]
    odds = Measured(
        label=label,
        unit="odds_ratio",
        method=f"logit with robust errors, {controlled}",
        estimate=exp(row["estimate"]),
        interval=ends(row["estimate"], row["se"], exp, z95),
        interval_90=ends(row["estimate"], row["se"], exp, z90),
        p_value=float(row["p"]),
        # How far selection on both would have to go together: the nearer limit itself.
        robustness=max(1.0, exp(near)),
        **common,
    )
    marginal = Measured(
        label=label,
        unit="share_difference",
        method=f"average marginal effect of a logit, {controlled}",
        estimate=float(effect["effect"]),
        interval=ends(effect["effect"], effect["se"], lambda x: max(-1.0, min(1.0, x)), z95),
        interval_90=ends(effect["effect"], effect["se"], lambda x: max(-1.0, min(1.0, x)), z90),
        p_value=float(effect["p"]),
        **common,
    )
    return odds, marginal


def _nothing(unit: str, label: str, cells: Cells) -> Measured:
    """What cannot be estimated, since a cell is empty; it is never shown."""
    anything = Interval(0, inf) if unit == "odds_ratio" else Interval(-1, 1)
    return Measured(
        label=label,
        unit=unit,
        method="no estimate: a cell is empty",
        estimate=1.0 if unit == "odds_ratio" else 0.0,
        interval=anything,
        interval_90=anything,
        n=int(cells["n"].sum()),
        least=0,
    )


def attrition_weighted(panel: Cells, attributes: tuple[str, ...], absent: str) -> Cells:
    """Stayers of a panel, weighted by the inverse of their chance to have stayed.

    The chance is a logit of staying on the attributes and on the first answer. The
    weights are taken as known, which widens intervals a little.

    Parameters
    ----------
    panel : cells with columns first and second
    """
    valid = answered(panel, "first")
    stayed = valid["second"] != absent
    used = [a for a in (*attributes, "first") if a in valid and valid[a].nunique() > 1]
    if stayed.all() or not used:
        chance = pd.Series(valid.loc[stayed, "w"].sum() / valid["w"].sum(), index=valid.index)
    else:
        fit = logit(valid, " + ".join(used), stayed)
        design = np.asarray(dmatrix(" + ".join(used), valid))
        chance = pd.Series(expit(design @ fit.coefficients["estimate"].to_numpy()), valid.index)
    factor = 1 / chance[stayed]
    kept = valid[stayed].assign(
        w=valid.loc[stayed, "w"] * factor, w2=valid.loc[stayed, "w2"] * factor**2
    )
    return kept[kept["second"] != MISSING].reset_index(drop=True)


def _tipping(inside: float, outside: float, *, above: bool) -> float | None:
    """How unequally people must have been reached to move one share to the other."""
    if (inside <= outside) if above else (inside >= outside):
        return 1.0
    if not 0 < inside < 1 or not 0 < outside < 1:
        return None
    ratio = tipping_ratio(inside, outside)
    return max(ratio, 1 / ratio)


def _someone(cells: Cells, label: str) -> Cells:
    if cells.empty or not cells["n"].sum():
        raise InputError(label, "nobody answered", "Check the codebook's codes.")
    return cells


def _tidy(x: float) -> float:
    return round(x, 6) if isfinite(x) else x


def _ceil_digits(p: float) -> float:
    if p <= 1e-12:
        return 1e-12
    power = floor(log10(p)) - 1
    return min(1.0, ceil(p / 10**power) * 10.0**power)
