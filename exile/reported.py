"""Percentages known only from print: rounding, unknown sample sizes, and evidence from both.

An article or a report prints a whole percentage and often not on how many people it
rests. Chance is computed for each declared sample size and design effect; the least
favourable decides, and the others are handed over as scenarios.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import pandas as pd

from exile.audit.evidence import Scenario
from exile.case import rules
from exile.data import figure, table
from exile.statistics.intervals import Interval
from exile.statistics.survey import (
    Contrast,
    ShareEstimate,
    contrast_region,
    difference,
    published_share,
)

# A sample of volunteers tells no more than half as many people drawn at random (our assumption).
DESIGN_EFFECTS = (1.0, 1.5, 2.0)


def sizes() -> tuple[int, int]:
    """The sample sizes between which the article's base may lie: its panel, and all surveys."""
    return int(figure("OR2-01").value or 0), int(figure("ART-04").value or 0)


def answers(name: str, item: str, **where: str) -> pd.DataFrame:
    """The cells of one item of a table of cells, for given values of other columns.

    >>> answers("chronicles", "education", wave="3")  # doctest: +SKIP
    """
    cells = table(name)
    kept = cells["item"] == item
    for column, value in where.items():
        kept &= cells[column] == value
    return cells[kept].reset_index(drop=True)


def rounded(share: float) -> Interval:
    """Every share that prints as this whole percentage."""
    half, held = rules().half_unit, min(1.0, max(0.0, share))
    return Interval(max(0.0, held - half), min(1.0, held + half))


def ends(share: float | Interval, n: float | None = None, deff: float = 2.0) -> list[ShareEstimate]:
    """A printed share at both ends of what it may stand for.

    Parameters
    ----------
    share : float or Interval
        A whole percentage as a fraction, or the values for which a hedge stands.
    n : float, optional
        Respondents; the smallest declared size where nobody published it.
    """
    span = share if isinstance(share, Interval) else rounded(share)
    people = int(n or min(sizes()))
    return [published_share(p, people, deff) for p in (span.low, span.high)]


def against(
    share: float | Interval,
    benchmark: Sequence[ShareEstimate],
    measure: Callable[[ShareEstimate, ShareEstimate], Contrast] = difference,
    n: float | None = None,
) -> dict[str, Any]:
    """A printed share compared with a benchmark, as fields of an Evidence.

    The least favourable sample size and design effect decide; with a published ``n`` only
    the design effect varies.

    Returns
    -------
    dict
        ``region``, ``interval``, ``interval_90``, ``p_value``, ``n``, ``deff``, ``scenarios``.
    """
    found = []
    for people, deff in product([n] if n else sizes(), DESIGN_EFFECTS):
        first = ends(share, people, deff)
        wide = contrast_region(measure, first, benchmark)
        ninety = contrast_region(measure, first, benchmark, level=0.90)
        found.append(
            Scenario(
                n=float(people), deff=deff, interval=_holding(wide.confidence, wide.estimate),
                interval_90=_holding(ninety.confidence, wide.estimate), p_value=wide.p_value,
            )
        )  # fmt: skip
        region = wide.estimate
    worst = max(found, key=lambda s: s.deff / s.n)
    return {
        "region": region,
        "interval": worst.interval,
        "interval_90": worst.interval_90,
        "p_value": worst.p_value,
        "n": worst.n,
        "deff": worst.deff,
        "scenarios": tuple(s for s in found if s != worst),
    }


def level(share: float | Interval, n: float | None = None) -> dict[str, Any]:
    """A printed share by itself, as fields of an Evidence; see :func:`against`."""
    span = share if isinstance(share, Interval) else rounded(share)
    found = []
    for people, deff in product([n] if n else sizes(), DESIGN_EFFECTS):
        each = ends(span, people, deff)
        found.append(
            Scenario(
                n=float(people), deff=deff,
                interval=_holding(Interval.hull(*(e.interval() for e in each)), span),
                interval_90=_holding(Interval.hull(*(e.interval(0.90) for e in each)), span),
            )
        )  # fmt: skip
    worst = max(found, key=lambda s: s.deff / s.n)
    return {
        "region": span,
        "interval": worst.interval,
        "interval_90": worst.interval_90,
        "n": worst.n,
        "deff": worst.deff,
        "scenarios": tuple(s for s in found if s != worst),
    }


def _holding(interval: Interval, region: Interval) -> Interval:
    """Wilson's interval at a share of 0 or 1 can end a rounding error inside it."""
    return Interval.hull(interval, region)
