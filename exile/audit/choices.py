"""How far a verdict depends on our own choices: every declared one is tried with every other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from exile.audit.claims import Part, Register
from exile.audit.evidence import Finding
from exile.audit.rules import Rules
from exile.audit.verdict import PUBLISHED, Choice, judge, part_of

# More pieces set aside than this would make more combinations than a reader could follow.
MOST_ADMITTED = 4


@dataclass(frozen=True)
class Dependence:
    """In how many combinations of the declared choices a verdict stands.

    Attributes
    ----------
    stands, total : int
        Combinations with the published verdict, and all.
    leading : str
        The choice that moves it most, empty where none does.
    moves : dict of str to float
        For each choice: the share of combinations with it in which the verdict differs,
        less the share where that choice is as published.
    verdicts : dict of str to int
        How many combinations give each verdict.
    """

    stands: int
    total: int
    leading: str = ""
    moves: dict[str, float] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)


# One dimension: its options by name, each a change of the choice and of the rules. The
# first is the published one.
Option = tuple[str, dict, dict]


def dimensions(finding: Finding, part: Part, rules: Rules) -> list[list[Option]]:
    """The declared choices that bear on this finding."""
    if not part.empirical or not finding.evidence:
        return []
    found: list[list[Option]] = []
    counting = [e for e in finding.evidence if e.grade != "E" and e.unit in ("", part.unit)]
    if part.readings:
        options: list[Option] = [("", {}, {})]
        options += [(f"read as {r.words}", {"reading": n}, {}) for n, r in part.readings.items()]
        found.append(options)
    aside = [e for e in counting if e.set_aside][:MOST_ADMITTED]
    found += [
        [("", {}, {}), (f"admit “{e.label}”", {"admit": frozenset([e.label])}, {})] for e in aside
    ]
    deciding = [e for e in counting if not e.set_aside]
    if len(deciding) > 1:
        options = [("", {}, {})]
        options += [
            (f"leave out “{e.label}”", {"leave_out": frozenset([e.label])}, {}) for e in deciding
        ]
        found.append(options)
    if any(e.second_hand for e in counting):
        found.append([("", {}, {}), ("no second-hand figures", {"second_hand": False}, {})])
    names = dict.fromkeys(s.name for e in deciding for s in e.scenarios)
    if names:
        found.append([("", {}, {}), *((f"as if {n}", {"scenario": n}, {}) for n in names)])
    if any(e.p_value is not None or e.interval != e.region for e in deciding):
        found.append(_thresholds("alpha", rules.alternatives.alpha, rules))
        if part.confirmatory:
            found.append([("", {}, {}), ("no correction for many tests", {"corrected": False}, {})])
    if part.size is not None:
        found.append(_thresholds("equivalence", rules.alternatives.equivalence_points, rules))
    elif part.kind != "existence":
        found.append(_thresholds("trifle", rules.alternatives.trifle_points, rules))
    return [d for d in found if len(d) > 1]


def _thresholds(name: str, values: tuple[float, ...], rules: Rules) -> list[Option]:
    others: list[tuple[str, dict]]
    if name == "alpha":
        others = [(f"at {v:.0%} significance", {"alpha": v}) for v in values if v != rules.alpha]
    elif name == "equivalence":
        margin = rules.equivalence
        others = [
            (f"same size within {v:g} points", {"equivalence": replace(margin, points=v)})
            for v in values
            if v != margin.points
        ]
    else:
        now = rules.trifle
        others = [
            (f"{v:g} points is a trifle", {"trifle": replace(now, points=v)})
            for v in values
            if v != now.points
        ]
    return [("", {}, {}), *((label, {}, change) for label, change in others)]


def combinations(
    finding: Finding, register: Register, rules: Rules
) -> Iterator[tuple[tuple[str, ...], Choice, Rules]]:
    """Every combination: the names of its options, the choice, and the rules."""
    part = part_of(finding, register)
    for options in product(*dimensions(finding, part, rules)):
        chosen: dict = {}
        changed: dict = {}
        for _, choice, change in options:
            for key, value in choice.items():
                chosen[key] = chosen[key] | value if key == "admit" and key in chosen else value
            changed |= change
        yield (
            tuple(name for name, _, _ in options),
            replace(PUBLISHED, **chosen),
            replace(rules, **changed) if changed else rules,
        )


def dependence(finding: Finding, register: Register, rules: Rules) -> Dependence:
    """Judge the finding in every combination of the declared choices."""
    published = judge(finding, register, rules).code
    codes: dict[str, int] = {}
    moved: dict[tuple[int, str], list[int]] = {}
    for names, choice, under in combinations(finding, register, rules):
        code = judge(finding, register, under, choice).code
        codes[code] = codes.get(code, 0) + 1
        for position, name in enumerate(names):
            tally = moved.setdefault((position, name), [0, 0])
            tally[0] += code != published
            tally[1] += 1
    moves = {}
    for (position, name), (different, count) in moved.items():
        if name:
            as_published = moved[position, ""]
            moves[name] = different / count - as_published[0] / as_published[1]
    leading = max(moves, key=lambda n: moves[n], default="")
    total = sum(codes.values())
    return Dependence(
        codes.get(published, 0), total, leading if moves.get(leading, 0) > 0 else "", moves, codes
    )
