"""Claims, evidence, rules and verdicts, of any article."""

from exile.audit.evidence import Evidence, Finding
from exile.audit.verdict import judge
from exile.statistics.intervals import Interval

__all__ = ["Evidence", "Finding", "Interval", "judge"]
