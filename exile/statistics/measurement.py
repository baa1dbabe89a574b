"""How wrong the two measurements of a change would have to be to make it from nothing."""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p

from exile.errors import InputError


def reference_period_tipping(before: float, after: float) -> float:
    """Ratio of the reference periods, before to after, at which the two rates are equal.

    Under a constant hazard a share p in T months means a rate −ln(1 − p)/T, so
    the rates agree at T_before/T_after = ln(1 − before)/ln(1 − after). Where
    the periods are unknown, the ratio shows how far a change of *share* is
    from a change of *rate*.

    Raises
    ------
    InputError
        If a share is not strictly between 0 and 1.
    """
    for name, share in (("before", before), ("after", after)):
        if not 0 < share < 1:
            raise InputError(
                f"reference_period_tipping, {name}",
                f"{share} has no finite positive rate",
                "Give a share strictly between 0 and 1.",
            )
    return log1p(-before) / log1p(-after)


@dataclass(frozen=True)
class MisclassificationTipping:
    """Error rates each of which would by itself make the whole observed change.

    Attributes
    ----------
    false_positive : float
        Share of those who did not act who say that they did, in the period
        with the larger share.
    false_negative : float
        Share of those who acted who say that they did not, in the period with
        the smaller share.
    """

    false_positive: float
    false_negative: float


def misclassification_tipping(before: float, after: float) -> MisclassificationTipping:
    """Tipping rates of a rise or, mirrored, of a fall.

    A rise from p1 to p2 disappears if (p2 − p1)/(1 − p1) of those inactive
    after were counted as active, or if (p2 − p1)/p2 of those active before
    were counted as inactive.
    """
    small, large = sorted((before, after))
    if small == large:
        return MisclassificationTipping(0.0, 0.0)
    return MisclassificationTipping((large - small) / (1 - small), (large - small) / large)
