"""A codebook: which column of a survey's file is which variable, and what its codes mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import yaml

from exile import schema
from exile.audit.claims import STRICT
from exile.custody.catalogue import MISSING, YES_NO, Variable, catalogue
from exile.custody.source.columns import canonical, number
from exile.custody.source.countries import ISO
from exile.custody.source.reading import Form
from exile.errors import InputError

# What a codebook may tell the checks to accept; each names what then happens.
ACCEPTABLE = {
    "zero_weights": "rows with weight 0 are left out",
    "undeclared_codes": "answers with undeclared codes count as missing",
    "impossible_ages": "ages outside 14 to 110 count as missing",
    "contradictions": "'none of these' beside an activity counts as missing; of two answers "
    "about what cannot change, the earliest interview's counts",
    "empty_items": "an item without any answer is left out",
}
Fault = Literal[
    "zero_weights", "undeclared_codes", "impossible_ages", "contradictions", "empty_items"
]
OPEN = "FILL IN"
Place = str | int
Code = str | int | float


@dataclass(frozen=True)
class About:
    """``same_data_as_article``: the file is the one that the article reports on, which makes
    evidence from it grade A; any other survey of emigrants is grade B."""

    __pydantic_config__ = STRICT

    name: str
    custodian: str
    fieldwork: str
    same_data_as_article: bool
    synthetic: bool = False

    def __post_init__(self):
        for key in ("name", "custodian", "fieldwork"):
            if getattr(self, key).strip() in ("", OPEN):
                raise ValueError(f"'{key}' is not filled in; Say it in a few words.")


@dataclass(frozen=True)
class Entry:
    """One variable's place in a file, as the codebook writes it.

    ``column`` is a name, a number counted from 1, or one of these for each wave. Answers
    become levels by ``codes``, or by ``cuts``: each level and the number or date from which
    on it holds. ``born`` says that the column holds years of birth, and the year of the
    interviews. A code mapped to the word ``missing`` is no answer. ``blank`` is the level that an empty cell stands for, where a questionnaire
    lets tick all that apply.
    """

    __pydantic_config__ = STRICT

    column: Place | dict[str, Place]
    codes: dict[str, str] = field(default_factory=dict)
    missing: tuple[Code, ...] = ()
    cuts: dict[str, Code | None] = field(default_factory=dict)
    blank: str = ""
    born: int | dict[str, int] | None = None


@dataclass(frozen=True)
class Written:
    """A codebook as it stands in its file."""

    __pydantic_config__ = STRICT

    about: About
    variables: dict[str, Entry]
    file: Form = field(default_factory=Form)
    accept: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """One variable's place in a file, checked.

    ``codes`` maps a code, in its canonical form, to a level; ``missing`` holds the codes
    that stand for no answer, ``ranges`` the ranges of such; ``cuts`` (from, level) in order;
    ``born`` the year of the interviews, by wave or "" for all.
    """

    variable: Variable
    columns: dict[str, Place]
    codes: dict[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    ranges: tuple[tuple[float, float], ...] = ()
    cuts: tuple[tuple[float | str, str], ...] = ()
    blank: str = ""
    born: dict[str, int] = field(default_factory=dict)

    @property
    def column(self) -> str:
        """As a message names it."""
        return ", ".join(map(str, dict.fromkeys(self.columns.values())))

    def in_wave(self, wave: str) -> Place | None:
        return self.columns.get(wave, self.columns.get(""))


@dataclass(frozen=True)
class Codebook:
    """A checked codebook."""

    path: Path
    about: About
    form: Form
    accept: frozenset[str]
    mappings: dict[str, Mapping]
    digest: str

    @property
    def present(self) -> frozenset[str]:
        return frozenset(self.mappings)

    @property
    def waves(self) -> list[str]:
        """The waves that have columns, or files, of their own."""
        named = chain(self.form.waves, *(m.columns for m in self.mappings.values()))
        return sorted({wave for wave in named if wave}, key=int)


def load_codebook(path: Path) -> Codebook:
    """Read a codebook and check it against the catalogue.

    Raises
    ------
    InputError
        With the line, for a field that is missing, unknown or of the wrong kind, a
        variable, level or country that does not exist, a code that stands for two things,
        a column that serves two variables.
    """
    if not path.is_file():
        raise InputError(
            f"codebook {path.name}", "there is no such file", "Draft one: exile survey init FILE."
        )
    raw = schema.read(path)
    content = path.read_bytes()
    lines = _lines(content.decode("utf-8"))
    try:
        for keys, problem in _collisions(raw):
            raise _wrong(keys, problem, "Leave one of them.")
        written = schema.build(_worded(_plain(raw)), Written, where=path.name)
        mappings = {name: _mapping(name, entry) for name, entry in written.variables.items()}
        _check_columns(mappings)
    except InputError as problem:
        raise _located(problem, path, lines) from None
    if "respondent" not in mappings:
        raise InputError(
            f"codebook {path.name}, variables", "'respondent' is missing", "Name the column of ids."
        )
    return Codebook(
        path,
        written.about,
        written.file,
        frozenset(written.accept),
        mappings,
        sha256(content.replace(b"\r\n", b"\n")).hexdigest(),
    )


def _mapping(name: str, entry: Entry) -> Mapping:
    variables = catalogue().variables
    if name not in variables:
        raise _wrong(
            ("variables", name),
            "the book knows no such variable",
            schema.nearest(name, variables, "See data/survey/variables.yaml."),
        )
    variable = variables[name]
    columns = entry.column if isinstance(entry.column, dict) else {"": entry.column}
    if OPEN in columns.values() or OPEN in (*entry.codes, *entry.codes.values()):
        raise _wrong(("variables", name), f"'{OPEN}' stands there", "Fill it in, or delete it.")
    born = entry.born if isinstance(entry.born, dict) else {"": entry.born} if entry.born else {}
    for wave in chain(columns, born):
        if wave and not re.fullmatch(r"[1-9]\d?", wave):
            raise _wrong(("variables", name), f"'{wave}' is no wave", "Number the waves from 1.")
    words = {canonical(code): level.strip() for code, level in entry.codes.items()}
    codes = {code: level for code, level in words.items() if level != MISSING}
    missing, ranges = _missing(name, entry)
    if twice := sorted(missing & set(codes)):
        raise _wrong(
            ("variables", name, "codes", twice[0]),
            f"code {twice[0]} is both '{codes[twice[0]]}' and missing", "Leave one of them.",
        )  # fmt: skip
    missing |= words.keys() - codes.keys()
    _check_kind(name, variable, entry, codes)
    for code, level in codes.items():
        value = number(code)
        if any(value is not None and a <= value <= b for a, b in ranges):
            raise _wrong(
                ("variables", name, "codes", code), f"code {code} is both '{level}' and missing",
                "Leave one of them.",
            )  # fmt: skip
    for level in filter(None, (*codes.values(), *entry.cuts, entry.blank)):
        _check_level(name, variable, level, next((c for c, v in codes.items() if v == level), ""))
    return Mapping(variable, columns, codes, missing, ranges, _cuts(name, entry), entry.blank, born)


def _check_kind(name: str, variable: Variable, entry: Entry, codes: dict[str, str]) -> None:
    where = ("variables", name)
    kind = variable.kind
    if kind in ("category", "yes_no") and not codes and not entry.cuts:
        raise _wrong(where, "it has no codes", f"Map codes to {', '.join(variable.levels)}.")
    if kind in ("id", "weight") and (codes or entry.cuts or entry.missing or entry.blank):
        raise _wrong(where, "an id or a weight has no codes", "Give the column alone.")
    if entry.born and (kind != "years" or codes or entry.cuts):
        raise _wrong((*where, "born"), "only an age follows from a year of birth", "Delete it.")
    if codes and entry.cuts:
        raise _wrong((*where, "cuts"), "codes and cuts stand side by side", "Leave one of them.")
    if entry.cuts and kind not in ("category", "yes_no", "years"):
        raise _wrong((*where, "cuts"), "this variable has no cuts", "Use codes.")


def _check_level(name: str, variable: Variable, level: str, code: str) -> None:
    where = ("variables", name, "codes", code) if code else ("variables", name)
    if variable.levels and level not in variable.levels:
        remedy = f"The levels are {', '.join(variable.levels)}."
        raise _wrong(where, f"'{level}' is no level", remedy)
    if variable.kind == "country" and level not in ISO:
        raise _wrong(where, f"'{level}' is no country code", "Use ISO 3166-1, such as GEO.")
    if variable.kind == "wave" and not re.fullmatch(r"[1-9]\d?", level):
        raise _wrong(where, f"'{level}' is no wave", "Number the waves from 1.")


def _check_columns(mappings: dict[str, Mapping]) -> None:
    """A column serves one variable: before and after cannot be read from the same answers."""
    used: dict[tuple[str, Place], str] = {}
    for name, mapping in mappings.items():
        for wave, place in mapping.columns.items():
            other = used.setdefault((wave, place), name)
            if other != name:
                raise _wrong(
                    ("variables", name), f"column '{place}' serves '{other}' already",
                    "A column holds one variable.",
                )  # fmt: skip


def _missing(name: str, entry: Entry) -> tuple[frozenset[str], tuple[tuple[float, float], ...]]:
    codes, ranges = set(), []
    for given in entry.missing:
        bounds = (
            re.fullmatch(r"(-?[\d.]+)\.\.(-?[\d.]+)", given) if isinstance(given, str) else None
        )
        if not bounds:
            codes.add(canonical(given))
            continue
        low, high = number(bounds[1]), number(bounds[2])
        if low is None or high is None or low > high:
            raise _wrong(("variables", name, "missing"), f"'{given}' is no range", "Write 90..99.")
        ranges.append((low, high))
    return frozenset(codes), tuple(ranges)


def _cuts(name: str, entry: Entry) -> tuple[tuple[float | str, str], ...]:
    """Cuts from the lowest on: all numbers, or all dates."""
    where = ("variables", name, "cuts")
    given = [(start, level) for level, start in entry.cuts.items() if start is not None]
    first = [(level, start) for level, start in entry.cuts.items() if start is None]
    dates = any(isinstance(start, str) for start, _ in given)
    for start, _ in given:
        if dates and not _is_date(start):
            raise _wrong(where, f"'{start}' is no date", "Write a number, or 2022-02-24.")
    if len(first) > 1:
        raise _wrong(where, "two levels have no beginning", "Only the lowest has none.")
    if len({start for start, _ in given}) < len(given):
        raise _wrong(where, "two levels begin at the same place", "Correct one of them.")
    lowest = [("" if dates else float("-inf"), level) for level, _ in first]
    return (*lowest, *sorted(given))


def _is_date(text: object) -> bool:
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _plain(raw: Any) -> Any:
    """Keys as text, which JSON wants, each in its canonical form."""
    if isinstance(raw, dict):
        return {canonical(k): _plain(v) for k, v in raw.items()}
    return [_plain(v) for v in raw] if isinstance(raw, list) else raw


def _worded(raw: Any) -> Any:
    """Numbers and truth values as words where words are meant: a year, a wave, a yes."""
    if not isinstance(raw, dict):
        return raw
    if isinstance(about := raw.get("about"), dict) and type(about.get("fieldwork")) is int:
        about["fieldwork"] = str(about["fieldwork"])
    variables = raw.get("variables")
    for entry in variables.values() if isinstance(variables, dict) else ():
        if isinstance(codes := isinstance(entry, dict) and entry.get("codes"), dict):
            for code, level in codes.items():
                if isinstance(level, bool | int):
                    words = {True: YES_NO[0], False: YES_NO[1]}
                    codes[code] = words[level] if isinstance(level, bool) else str(level)
    return raw


def _collisions(raw: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Keys that are one code in two spellings, such as 1 and "1.0"."""
    if not isinstance(raw, dict):
        return
    for key, times in Counter(map(canonical, raw)).items():
        if times > 1:
            yield (*keys, key), f"{keys[-1] if keys else 'the key'} '{key}' stands there twice"
    for key, value in raw.items():
        yield from _collisions(value, (*keys, canonical(key)))


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of each key, by the path to it."""
    found: dict[tuple[str, ...], int] = {}

    def walk(node: yaml.Node, keys: tuple[str, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                path = (*keys, canonical(key.value) if isinstance(key.value, str) else "")
                found[path] = key.start_mark.line + 1
                walk(value, path)

    root = yaml.compose(text, yaml.SafeLoader)
    if root is not None:
        walk(root, ())
    return found


class _Wrong(InputError):
    """Carries the keys to the fault until its line is known."""

    keys: tuple[str, ...] = ()


def _wrong(keys: tuple[str, ...], problem: str, remedy: str) -> _Wrong:
    error = _Wrong(".".join(keys), problem, remedy)
    error.keys = keys
    return error


def _located(problem: InputError, path: Path, lines: dict[tuple[str, ...], int]) -> InputError:
    """The same with the codebook's name and the line."""
    keys = (
        problem.keys
        if isinstance(problem, _Wrong)
        else tuple(problem.where.partition(", ")[2].split("."))
    )
    while keys and keys not in lines:
        keys = keys[:-1]
    line = f", line {lines[keys]}" if keys else ""
    field_ = problem.where.partition(", ")[2] if not isinstance(problem, _Wrong) else problem.where
    where = f"codebook {path.name}{line}" + (f", {field_}" if field_ else "")
    return InputError(where, problem.problem, problem.remedy)
