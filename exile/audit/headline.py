"""One word for a claim, and its people, by the table in the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exile.audit.claims import Claim, Scope
from exile.audit.rules import Rules, VerdictCode
from exile.audit.verdict import Verdict

# From the narrowest people to the widest. Facts about Russia and the world join any of them.
WIDENING: tuple[Scope, ...] = ("respondents", "surveyed_stream", "all_2022_migrants")
WORLD: Scope = "context"


@dataclass(frozen=True)
class Headline:
    """``code`` is a key of the headlines in the rules, ``scope`` the people it speaks of."""

    code: str
    scope: Scope


def headline(claim: Claim, verdicts: Mapping[tuple[str, str], Verdict], rules: Rules) -> Headline:
    """The headline for the widest people for whom something core is decided.

    Parameters
    ----------
    verdicts : mapping of (part, scope) to Verdict
        Of the claim's own findings. A core part without one is open for these people.
    """
    core = {name: part for name, part in claim.parts.items() if part.core}
    empirical = {name: part for name, part in core.items() if part.empirical}
    people = [s for s in WIDENING if any(s in part.of for part in core.values())]
    if not people or not empirical:
        codes = [_code(verdicts, name, WORLD, part.of) for name, part in core.items()]
        return Headline(word(codes, rules), people[0] if people else WORLD)
    found = None
    for scope in people:
        decided_here = any(
            _group(_code(verdicts, name, scope, part.of), rules) not in ("open", None)
            for name, part in empirical.items()
            if scope in part.of
        )
        codes = [_code(verdicts, name, scope, part.of) for name, part in core.items()]
        if found is None or decided_here:
            found = Headline(word(codes, rules), scope)
    assert found is not None, "people were found above"
    return found


def _code(
    verdicts: Mapping[tuple[str, str], Verdict], part: str, scope: Scope, of: Iterable[Scope]
) -> VerdictCode:
    """The part's verdict for these people; a fact about the world is one for all."""
    of = tuple(of)
    at = scope if scope in of else WORLD if WORLD in of else of[0] if scope == WORLD else scope
    verdict = verdicts.get((part, at))
    return verdict.code if verdict else "not_identified"


def word(codes: Iterable[str], rules: Rules) -> str:
    """The first headline of the table that matches the verdicts of the core parts."""
    present = {_group(code, rules) for code in codes} - {None}
    for rule in rules.headlines:
        needed = not rule.needs or present & set(rule.needs)
        if needed and (rule.only is None or present <= set(rule.only)):
            return rule.code
    raise AssertionError("the rules' last headline matches whatever is left")


def _group(code: str, rules: Rules) -> str | None:
    return next((group for group, codes in rules.groups.items() if code in codes), None)
