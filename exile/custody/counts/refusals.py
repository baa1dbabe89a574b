"""What must hold of a survey's interviews before anything is counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from exile.custody.counts.interviews import Coded, Interviews
from exile.custody.source.codebook import Codebook
from exile.custody.source.coding import AGES, FAULTY, NONE, UNDECLARED
from exile.errors import InputError

SHOWN = 5
# A text that so many gave is a code that was not declared; fewer, and it may be an answer.
SHARED = 10
# What programs write for no answer.
MARKS = re.compile(r"#?NULL!?|#?N/?A!?|#VALUE!|NaN|None|\.[a-z]?|-{1,2}", re.IGNORECASE)
# More persons than this share tell two stories: then the ids do not hold persons together.
STRANGERS = 0.1


@dataclass(frozen=True)
class Fault:
    """``mend`` makes the best of an accepted fault; None if it cannot be accepted."""

    kind: str
    column: str
    affected: int
    problem: str
    remedy: str
    mend: Callable[[], object] | None = None


def check(found: Interviews, codebook: Codebook) -> dict[str, int]:
    """Refuse answers that would make the counts wrong, or set them missing if accepted.

    Returns
    -------
    dict
        For each kind of fault that the codebook accepts, the interviews it affected.

    Raises
    ------
    InputError
        For the first fault: its column, the interviews affected and what to do.
    """
    accepted: dict[str, int] = {}
    for fault in _faults(found, codebook):
        if not fault.affected:
            continue
        if fault.kind in codebook.accept and fault.mend:
            fault.mend()
            accepted[fault.kind] = accepted.get(fault.kind, 0) + fault.affected
            continue
        also = f" Or accept it: accept: [{fault.kind}] in the codebook." if fault.mend else ""
        raise InputError(
            f"survey, column '{fault.column}'",
            f"{fault.problem} in {fault.affected:,} interviews",
            fault.remedy + also,
        )
    if not len(found.person):
        raise InputError("survey", "no interview is left", "Check the codebook's weights.")
    return accepted


def differing(found: Interviews, codebook: Codebook) -> dict[str, int]:
    """Refuse, unless accepted, if too many persons differ in what cannot change.

    Raises
    ------
    InputError
        Naming the column, since ids that do not match persons are the likely cause.
    """
    accepted = 0
    for name, item in found.items.items():
        differ = found.notes.get(f"{name}: differ", 0)
        if differ <= STRANGERS * found.notes.get(f"{name}: asked twice", 0):
            continue
        if "contradictions" not in codebook.accept:
            raise InputError(
                f"survey, column '{item.mapping.column}'",
                f"{differ:,} persons give two answers on '{name}', which cannot change",
                "Check that the ids match persons. Or accept it: accept: [contradictions] in the "
                "codebook; the earliest interview's answer then counts.",
            )
        accepted += differ
    return {"contradictions": accepted} if accepted else {}


def _faults(found: Interviews, codebook: Codebook) -> Iterator[Fault]:
    person = codebook.mappings["respondent"].column
    yield Fault("ids", person, found.nameless, "the id is missing", "Give every respondent an id.")
    if "wave" in found.items:
        yield from _waves(found, found.items["wave"])
    twice = _twice(found)
    several = "wave" in codebook.mappings or codebook.waves
    yield Fault(
        "ids", person, twice, "the same id answers a wave more than once",
        "Keep one interview a person and wave" + ("." if several else ", or map the variable 'wave'."),
    )  # fmt: skip
    if found.weight is not None:
        yield from _weights(found, codebook.mappings["weight"].column)
    for name, item in list(found.items.items()):
        if name != "wave":
            yield from _answers(found, name, item)
    yield from _none_and_some(found)


def _waves(found: Interviews, item: Coded) -> Iterator[Fault]:
    column = item.mapping.column
    yield Fault(
        "undeclared_codes", column, int((item.places == FAULTY).sum()),
        f"{_codes(item, UNDECLARED)} not in the codebook",
        "Declare them under variables.wave, as a wave.",
    )  # fmt: skip
    yield Fault(
        "waves", column, int((item.places == NONE).sum()), "the wave is missing",
        "Give every interview its wave.",
    )  # fmt: skip
    if absent := sorted({int(w) for w in item.mapping.codes.values()} - set(item.places.tolist())):
        raise InputError(
            f"survey, column '{column}'",
            f"wave {', '.join(map(str, absent))} is declared and has no interview",
            "Take it out of the codebook, or add the file's missing part.",
        )


def _twice(found: Interviews) -> int:
    """Interviews whose person answers their wave more than once."""
    key = found.person.astype(np.int64) * 128 + found.wave
    if (np.diff(key) > 0).all():
        return 0
    key.sort()
    same = np.diff(key) == 0
    return int((np.append(same, False) | np.append(False, same)).sum())


def _weights(found: Interviews, column: str) -> Iterator[Fault]:
    weight = found.weight
    assert weight is not None, "asked for where there is a column of weights"

    def above_zero() -> None:
        # Mended later, when other interviews may have gone.
        assert found.weight is not None
        found.keep(found.weight > 0)

    yield Fault(
        "weights", column, int((~np.isfinite(weight)).sum()), "the weight is missing or no number",
        "Give every respondent a weight.",
    )  # fmt: skip
    yield Fault(
        "weights", column, int((weight < 0).sum()), "the weight is negative",
        "Weights are above zero.",
    )  # fmt: skip
    yield Fault(
        "zero_weights", column, int((weight == 0).sum()), "the weight is zero",
        "Weights are above zero.", above_zero,
    )  # fmt: skip
    weight = found.weight  # without those that have just gone
    assert weight is not None
    low, high = (weight.min(), weight.max()) if len(weight) else (1, 1)
    yield Fault(
        "weights", column, int(len(weight) if high > 1e6 * low else 0),
        "the largest weight is more than a million times the smallest",
        "Name the column of weights, not of ids or sizes.",
    )  # fmt: skip


def _answers(found: Interviews, name: str, item: Coded) -> Iterator[Fault]:
    def silence() -> None:
        item.places[item.places == FAULTY] = NONE

    column = item.mapping.column
    faulty = int((item.places == FAULTY).sum())
    if item.mapping.variable.kind == "years" and not item.mapping.codes:
        yield Fault(
            "impossible_ages", column, faulty,
            "the year of birth is not a number from 1900 to 2015" if item.mapping.born
            else f"the age is not a number from {AGES[0]} to {AGES[1]}",
            "Correct it, or name its codes under missing.", silence,
        )  # fmt: skip
    else:
        yield Fault(
            "undeclared_codes", column, faulty, f"{_codes(item, UNDECLARED)} not in the codebook",
            f"Declare them under variables.{name}, as a level or as missing.", silence,
        )  # fmt: skip
    yield Fault(
        "empty_items", column, 0 if (item.places != NONE).any() else len(item.places),
        f"'{name}' is missing", "Take the variable out of the codebook, or correct its codes.",
        lambda: found.items.pop(name),
    )  # fmt: skip


def _none_and_some(found: Interviews) -> Iterator[Fault]:
    for period in ("before", "after"):
        none = found.items.get(f"{period}_none")
        some = [
            i for v, i in found.items.items()
            if v.startswith(f"{period}_") and v != f"{period}_none"
        ]  # fmt: skip
        if none is None or not some:
            continue
        clash = (none.places == 1) & np.any([i.places == 1 for i in some], axis=0)

        def silence(clash=clash, items=(none, *some)) -> None:
            for item in items:
                item.places[clash] = NONE

        yield Fault(
            "contradictions", none.mapping.column, int(clash.sum()),
            "'none of these' stands beside an activity", "Correct them.", silence,
        )  # fmt: skip


def _codes(item: Coded, kind: str) -> str:
    """The codes with a fate, as far as a message may show them: numbers, marks, shared texts."""
    found = Counter(
        {code: sum(by.values()) for (code, _, what), by in item.tally.items() if what.kind == kind}
    )
    shown = sorted(
        code for code, n in found.items()
        if re.fullmatch(r"-?\d{1,3}", code) or MARKS.fullmatch(code)
        or (n >= SHARED and len(code) <= 40)
    )  # fmt: skip
    if not shown:
        return "texts that are"
    more = " …" if len(found) > min(len(shown), SHOWN) else ""
    return f"codes {', '.join(shown[:SHOWN])}{more} are"
