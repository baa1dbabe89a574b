"""What a survey of a given size could have noticed: power of score tests.

A score test takes its error from the null hypothesis. Once it is likelier than not to
notice an effect, it notices larger ones more often, even where a cell empties; a Wald test
on the log odds ratio loses power there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, sqrt

from scipy.optimize import brentq
from scipy.stats import norm

from exile.errors import InputError

NOTICED = 0.8


@dataclass(frozen=True)
class Alternative:
    """An effect, and the spread of its estimate from one observation.

    Attributes
    ----------
    effect : float
        Difference of shares.
    sd_null, sd : float
        Standard deviation of √n·estimate if there is no effect, and if there is this one.
    """

    effect: float
    sd_null: float
    sd: float

    def power(self, n: float, deff: float = 1.0, alpha: float = 0.05) -> float:
        """Chance that a two-sided score test at ``alpha`` rejects, by the normal limit.

        Parameters
        ----------
        n, deff : float
            Respondents and design effect; the test has n/deff to go by.
        """
        if not (n > 0 and deff > 0 and 0 < alpha < 1):
            raise InputError(
                "power", f"n {n}, deff {deff}, alpha {alpha}", "Positive, and alpha in (0, 1)."
            )
        shift = self.effect * sqrt(n / deff)
        limit = norm.isf(alpha / 2) * self.sd_null
        if self.sd == 0:
            return float(abs(shift) > limit)
        return float(norm.cdf((shift - limit) / self.sd) + norm.cdf((-shift - limit) / self.sd))


def against_bound(bound: float, share: float) -> Alternative:
    """A share that is tested against a fixed bound."""
    _in_unit("against_bound", bound, share)
    return Alternative(share - bound, sqrt(bound * (1 - bound)), sqrt(share * (1 - share)))


def two_groups(group: float, outcome: float, odds_ratio: float) -> Alternative:
    """Share of yes in a group less that outside it, from the margins and the odds ratio.

    The joint share is Plackett's (1965); the variance under no difference is
    pooled, as in Pearson's test.

    Parameters
    ----------
    group, outcome : float
        Share of everybody in the group, and share of everybody who says yes.
    odds_ratio : float
        0 and infinity are legal: a cell is empty.
    """
    _in_unit("two_groups", group, outcome)
    if not odds_ratio >= 0:
        raise InputError("two_groups", f"odds ratio {odds_ratio}", "It is zero or more.")
    if odds_ratio == 0:
        joint = max(0.0, group + outcome - 1)
    elif odds_ratio == inf:
        joint = min(group, outcome)
    else:
        s = 1 + (group + outcome) * (odds_ratio - 1)
        root = sqrt(max(0.0, s * s - 4 * odds_ratio * (odds_ratio - 1) * group * outcome))
        # The rationalised root loses no digits near an odds ratio of 1.
        joint = 2 * odds_ratio * group * outcome / (s + root)
    return _joint(group, outcome, joint)


def paired_change(before: float, change: float) -> Alternative:
    """Change of a share within the same people, in the least favourable joint table.

    McNemar's test counts those who changed (Connor 1987); the more of them,
    the less a given change stands out. As many change as the margins allow.
    """
    after = before + change
    _in_unit("paired_change", before, after)
    changed = before + after - 2 * max(0.0, before + after - 1)
    return Alternative(change, sqrt(changed), sqrt(max(0.0, changed - change**2)))


def detectable_share(
    bound: float, n: float, deff: float = 1.0, alpha: float = 0.05, below: bool = False
) -> float | None:
    """Least distance from a bound that is noticed four times in five; None if not attainable."""
    room = bound if below else 1 - bound
    sign = -1 if below else 1
    return _least(lambda d: against_bound(bound, bound + sign * d), room, n, deff, alpha)


def detectable_change(
    before: float, n: float, deff: float = 1.0, alpha: float = 0.05, fall: bool = False
) -> float | None:
    """Least change noticed four times in five, without its sign; None if not attainable."""
    room = before if fall else 1 - before
    sign = -1 if fall else 1
    return _least(lambda d: paired_change(before, sign * d), room, n, deff, alpha)


def detectable_odds_ratio(
    group: float,
    outcome: float,
    n: float,
    deff: float = 1.0,
    alpha: float = 0.05,
    below: bool = False,
) -> float | None:
    """Odds ratio nearest to 1 that is noticed four times in five.

    Parameters
    ----------
    below : bool
        Look among odds ratios under 1.

    Returns
    -------
    float or None
        None if it is not attainable: even with an empty cell the margins
        allow no difference large enough.
    """
    _in_unit("detectable_odds_ratio", group, outcome)
    independent = group * outcome
    end = max(0.0, group + outcome - 1) if below else min(group, outcome)
    sign = -1 if below else 1
    moved = _least(
        lambda d: _joint(group, outcome, independent + sign * d),
        abs(end - independent),
        n,
        deff,
        alpha,
    )
    if moved is None:
        return None
    joint = independent + sign * moved
    apart = (group - joint) * (outcome - joint)
    return joint * (1 - group - outcome + joint) / apart if apart > 0 else inf


def _least(
    build: Callable[[float], Alternative], room: float, n: float, deff: float, alpha: float
) -> float | None:
    """Where the power first reaches :data:`NOTICED`, between 0 and what the cells permit."""
    if build(room).power(n, deff, alpha) < NOTICED:
        return None
    return float(brentq(lambda d: build(d).power(n, deff, alpha) - NOTICED, 0.0, room, xtol=1e-10))


def _joint(group: float, outcome: float, joint: float) -> Alternative:
    inside, outside = joint / group, (outcome - joint) / (1 - group)
    return Alternative(
        inside - outside,
        sqrt(outcome * (1 - outcome) / (group * (1 - group))),
        sqrt(
            max(0.0, inside * (1 - inside)) / group
            + max(0.0, outside * (1 - outside)) / (1 - group)
        ),
    )


def _in_unit(where: str, *shares: float) -> None:
    if not all(-1e-12 <= p <= 1 + 1e-12 for p in shares) or not 0 < shares[0] < 1:
        raise InputError(where, f"shares {shares}", "Shares lie in 0-1, the first inside it.")
