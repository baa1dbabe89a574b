"""What if: another figure, rule or reading for the rest of a notebook, and what then moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from exile import case, data
from exile.audit.claims import Register
from exile.audit.rules import Rules
from exile.audit.verdict import PUBLISHED, Choice
from exile.data.overrides import override
from exile.errors import InputError
from exile.schema import nearest

_rules: dict[str, Any] = {}
_readings: dict[tuple[str, str], str] = {}


def what_if(
    figures: Mapping[str, float] | None = None,
    *,
    rules: Mapping[str, Any] | None = None,
    readings: Mapping[str, str] | None = None,
) -> None:
    """Suppose other figures, rules or readings, for all cells that run from here on.

    Each call starts from the published state; ``what_if()`` goes back to it. Tables that
    were loaded before follow.

    Parameters
    ----------
    figures : mapping of figure id to value
        In the unit of its table, such as ``{"ART-14": 9}`` for 9 %.
    rules : mapping of name to value
        Such as ``{"alpha": 0.01, "trifle.points": 5}``: names as in ``rules.toml``.
    readings : mapping of "claim/part" to reading
        Another declared reading of a part, such as ``{"car-27-4/lead": "without_flat"}``.

    Raises
    ------
    InputError
        For an unknown figure, rule or reading, with the nearest name; nothing is changed.
    """
    new_rules = dict(rules or {})
    changed(case.declared_rules(), new_rules)
    new_readings = _readings_of(case.register(), readings or {})
    override(figures or {})
    _rules.clear()
    _rules.update(new_rules)
    _readings.clear()
    _readings.update(new_readings)
    said = [f"{k} = {v}" for k, v in {**(figures or {}), **new_rules, **(readings or {})}.items()]
    print("What if: " + "; ".join(said) if said else "As published.")


def changed(rules: Rules, by: Mapping[str, Any]) -> Rules:
    """Rules with other thresholds.

    Raises
    ------
    InputError
        For a name that the rules do not have, or an impossible value.
    """
    for name, value in by.items():
        section, _, key = name.rpartition(".")
        holder: Any = getattr(rules, section, None) if section else rules
        known = _names(rules)
        if name not in known:
            hint = nearest(name, known, f"Names: {', '.join(known)}.")
            raise InputError("what_if", f"no rule '{name}'", hint)
        try:
            new = replace(holder, **{key: value})
            changed: dict[str, Any] = {section: new}
            rules = replace(rules, **changed) if section else new
        except (ValueError, TypeError) as problem:
            what, _, remedy = str(problem).partition("; ")
            raise InputError(f"what_if, {name}", what, remedy or "Give a number.") from None
    return rules


def _names(rules: Rules) -> list[str]:
    """Thresholds that may be changed: numbers, and pairs of numbers."""
    found = []
    for f in fields(rules):
        value = getattr(rules, f.name)
        if is_dataclass(value):
            found += [
                f"{f.name}.{g.name}"
                for g in fields(value)
                if isinstance(getattr(value, g.name), float | tuple)
            ]
        elif isinstance(value, float):
            found.append(f.name)
    return found


def _readings_of(register: Register, given: Mapping[str, str]) -> dict[tuple[str, str], str]:
    found = {}
    for name, reading in given.items():
        claim, _, part = name.partition("/")
        if claim not in register.claims:
            raise InputError("what_if", f"no claim '{claim}'", register.hint(claim))
        parts = register.claims[claim].parts
        if part not in parts:
            hint = nearest(part, parts, f"Write claim/part; it has {', '.join(parts)}.")
            raise InputError("what_if", f"no part '{part}' of {claim}", hint)
        known = ["main", *parts[part].readings]
        if reading not in known:
            hint = nearest(reading, known, f"Readings: {', '.join(known)}.")
            raise InputError("what_if", f"no reading '{reading}' of {name}", hint)
        found[claim, part] = reading
    return found


def supposed_rules() -> dict[str, Any]:
    return _rules


def supposed_choice(claim: str, part: str) -> Choice:
    """The choice under which a part is judged in this notebook."""
    reading = _readings.get((claim, part), "main")
    return PUBLISHED if reading == "main" else replace(PUBLISHED, reading=reading)


def anything() -> bool:
    """Whether anything differs from the published state."""
    return bool(_rules or _readings or data.overrides.active())
