"""Which claims a counted survey can decide, and what it lacks for the others."""

from __future__ import annotations

from dataclasses import dataclass

from exile.custody.catalogue import Need, catalogue
from exile.custody.counts.run import Run
from exile.custody.source.codebook import ACCEPTABLE
from exile.wording import people


@dataclass(frozen=True)
class Coverage:
    """One part of a claim, and the variables that the file lacks for it."""

    need: Need
    lacks: tuple[str, ...]


def coverage(run: Run) -> list[Coverage]:
    """In the order of the catalogue."""
    return [
        Coverage(need, tuple(v for v in need.variables if v not in run.variables))
        for need in catalogue().needs
    ]


def report(run: Run) -> str:
    """Coverage claim by claim, for a terminal."""
    found = coverage(run)
    able = [c for c in found if not c.lacks]
    weighted = "weighted" if run.weighted else "unweighted"
    size = f"{people(run.persons)} persons, {people(run.interviews)} interviews"
    lines = [f"{run.name}: {size}, waves {', '.join(map(str, run.waves))}, {weighted}."]
    if run.synthetic:
        lines.append("SYNTHETIC respondents: the book shows estimates and judges no claim.")
    lines += [
        f"Accepted, {kind}: {people(count)} interviews; {ACCEPTABLE[kind]}."
        for kind, count in run.accepted.items()
    ]
    lines.append(f"It bears on {len(able)} of {len(found)} parts of claims:")
    width = max(len(_name(c.need)) for c in found)
    lines += [
        f"  {_name(c.need):{width}}  "
        + ("yes" if not c.lacks else f"no, lacks {', '.join(c.lacks)}")
        for c in found
    ]
    return "\n".join(lines)


def _name(need: Need) -> str:
    return need.claim + (f" ({need.part})" if need.part else "")
