"""Levels from labels, in English and Russian: recognised with certainty, or not at all.

A label that negates, qualifies or joins two levels gets none, and a person fills it in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from exile import schema
from exile.audit.claims import STRICT
from exile.custody.catalogue import MISSING, Variable
from exile.custody.source.countries import country
from exile.data import data_directory

Alternatives = tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """Regular expressions by what they tell, as ``data/survey/words.yaml`` declares them."""

    __pydantic_config__ = STRICT

    columns: dict[str, Alternatives]
    periods: dict[str, Alternatives]
    activities: dict[str, Alternatives]
    levels: dict[str, dict[str, Alternatives]]
    no_answer: Alternatives
    negations: Alternatives
    twists: Alternatives
    things: dict[str, Alternatives]
    degrees: dict[str, Alternatives]


@cache
def words() -> Words:
    """The declared words.

    Raises
    ------
    InputError
        For an unknown key or a value of another form.
    """
    return schema.load(Path(data_directory(), "survey", "words.yaml"), Words)


@cache
def any_of(alternatives: Alternatives) -> re.Pattern[str]:
    """What matches wherever one of these does."""
    return re.compile("|".join(alternatives))


def _negation(text: str, *not_counted: str) -> re.Match[str] | None:
    counted = [word for word in words().negations if word not in not_counted]
    return re.search(rf"\b({'|'.join(counted)})\b", text)


def level(variable: Variable, label: str) -> str | None:
    """The level that a label names, ``missing`` if it names no answer, None if unsure."""
    text = " ".join(label.casefold().replace("ё", "е").split()).strip(" .,;:!?\"'«»()")
    if _silent(text):
        return MISSING
    if text.replace(" ", "_") in variable.levels:
        return text.replace(" ", "_")
    if variable.kind == "country":
        return country(label)
    if variable.kind == "years":
        band = re.sub(r"\s*(-|–|—|to|до)\s*", "-", text)
        return band if band in variable.levels else None
    name = "trust" if variable.name.startswith("trust") else variable.name
    by_name = {"means": _means, "education": _education, "departure": _departure}
    if name in by_name:
        return by_name[name](text)
    known = (words().levels.get(key, {}) for key in (variable.kind, name))
    found = {w for one in known for w, given in one.items() if any_of(given).fullmatch(text)}
    return found.pop() if len(found) == 1 else None


def _silent(text: str) -> bool:
    """Whether every part of a label, as between slashes, names no answer."""
    no_answer = any_of(words().no_answer)
    parts = re.split(r"\s*[/,;]\s*|\s+(?:or|или)\s+", text)
    return bool(no_answer.fullmatch(text) or (text and all(map(no_answer.fullmatch, parts))))


def _means(text: str) -> str | None:
    """The step whose thing a label says one cannot afford; a car, if it names one freely."""
    if any_of(words().twists).search(text):
        return None
    steps, things = list(words().things), [any_of(t) for t in words().things.values()]
    negation = _negation(text, "but", "но")
    free, barred = (text[: negation.start()], text[negation.start() :]) if negation else (text, "")
    can = [i for i, thing in enumerate(things) if thing.search(free)]
    cannot = [i for i, thing in enumerate(things) if thing.search(barred)]
    if len(cannot) == 1 and (not can or max(can) < cannot[0]):
        # "Not enough for a car" alone does not say what there is enough for.
        return steps[cannot[0]] if can or cannot[0] == 0 else None
    return "car" if not negation and can and max(can) == 3 else None


def _education(text: str) -> str | None:
    higher, other, unsure = (
        any_of(words().degrees[which]).search(text) for which in ("higher", "other", "unsure")
    )
    if unsure:
        return None
    if other:
        broken_off = re.search(
            r"incomplete|unfinished|неполн|незаконч|неоконч|не закончен|dropped", text
        )
        return None if (higher and not broken_off) or _negation(text, "не") else "other"
    return "higher" if higher and not _negation(text) else None


def _departure(text: str) -> str | None:
    """By the dates that the levels are defined by, and the events of those days."""
    february = re.search(
        r"24(th)?( of)? february|february 24|24 февраля|24[./]0?2[./](20)?22", text
    )
    september = re.search(
        r"2[01](st|th)?( of)? september|september 2[01]|2[01] сентября|2[01][./]0?9[./](20)?22",
        text,
    )
    war = february or re.search(r"\b(war|invasion)\b|войны|вторжени", text)
    call_up = september or re.search(r"mobili[sz]ation|мобилизаци", text)
    before = re.match(r"(before|until|prior to|earlier than|до|раньше|перед)\b", text)
    after = re.match(r"(after|since|from|после|начиная с|с)\b", text)
    if _negation(text) or any_of(words().twists).search(text):
        return None
    if war and call_up:
        return "february_to_september_2022" if not before else None
    if war and before:
        return "before_the_war"
    return "after_mobilisation" if call_up and after else None
