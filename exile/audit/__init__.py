"""Claims, evidence, rules and verdicts, of any article. Needs the standard library alone."""

from exile.audit.evidence import Citation, Evidence, Finding, Known, Scenario, Tipping
from exile.audit.verdict import judge
from exile.statistics.intervals import Interval

__all__ = [
    "Citation", "Evidence", "Finding", "Interval", "Known", "Scenario", "Tipping", "judge",
]  # fmt: skip
