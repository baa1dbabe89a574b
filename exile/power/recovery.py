"""Does an analysis find what was planted? Repeated samples from a known truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom, norm

from exile.power.generator import Generator
from exile.statistics.intervals import Interval

# Estimate and the ends of its 95 % interval, on the scale where the error is normal.
Estimator = Callable[[pd.DataFrame], tuple[float, float, float]]


@dataclass(frozen=True)
class Recovery:
    """What an analysis made of many samples of one truth.

    Attributes
    ----------
    truth : float
    estimates, lows, highs : array
        One for each sample: the estimate and the ends of its 95 % interval.
    """

    truth: float
    estimates: np.ndarray
    lows: np.ndarray
    highs: np.ndarray

    @property
    def coverage(self) -> float:
        """Share of the intervals that hold the truth."""
        return float(np.mean((self.lows <= self.truth) & (self.truth <= self.highs)))

    @property
    def band(self) -> Interval:
        """Where the coverage of a right 95 % interval lies, with a probability of 99.9 %."""
        return binomial_band(0.95, len(self.estimates))

    @property
    def covers(self) -> bool:
        return self.band.contains(self.coverage)

    @property
    def standardised(self) -> np.ndarray:
        """Errors in units of the standard error that each interval implies."""
        errors = (self.highs - self.lows) / (2 * norm.isf(0.025))
        return (self.estimates - self.truth) / errors

    def rejected(self, null: float = 0.0) -> float:
        """Share of the intervals that exclude a value: the size of a test if it is the truth."""
        return float(np.mean((null < self.lows) | (null > self.highs)))


def binomial_band(share: float, repetitions: int, level: float = 0.999) -> Interval:
    """Where an observed share lies with this probability, if each trial has this chance."""
    low, high = binom.interval(level, repetitions, share)
    return Interval(float(low) / repetitions, float(high) / repetitions)


def recover(
    generator: Generator,
    estimator: Estimator,
    repetitions: int,
    n: int,
    seed: int,
    truth: float | None = None,
) -> Recovery:
    """Draw samples and analyse each as a chapter would.

    Parameters
    ----------
    estimator : callable
        Takes cells (:mod:`exile.statistics.survey`), gives estimate, low, high.
    truth : float, optional
        Without it, the estimator's own value on the exact table of cells. A
        wrong analysis has a truth of its own; to unmask it give the right one.
    """
    if truth is None:
        truth = estimator(generator.expected(n))[0]
    results = [
        estimator(generator.counted(counts)) for counts in generator.counts(n, seed, repetitions)
    ]
    estimates, lows, highs = np.array(results).T
    return Recovery(float(truth), estimates, lows, highs)
