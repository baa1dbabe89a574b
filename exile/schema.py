"""Declarations read from YAML and TOML into plain dataclasses, strictly.

One technique for the register, the rules, the rules of disclosure, the catalogue of
variables and codebooks. The dataclasses use the standard library alone; pydantic checks
keys, types and choices, ``__post_init__`` the values. A class takes part by
``__pydantic_config__ = STRICT``.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast, get_args, get_type_hints

from exile.errors import InputError

T = TypeVar("T")


def load(path: Path, kind: type[T], **given: Any) -> T:
    """A YAML or TOML file as a value of ``kind``.

    Parameters
    ----------
    given
        Fields that do not stand in the file, such as its own hash.

    Raises
    ------
    InputError
        Naming the file, the key and a remedy: for a missing or broken file, an unknown,
        missing or repeated key, a wrong type, an impossible value.
    """
    return build({**read(path), **given}, kind, where=path.name)


def read(path: Path) -> dict[str, Any]:
    """The mapping that a YAML or TOML file holds, unchecked but for its form."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(str(path), "the file is missing", "Restore it, or name another.") from None
    except UnicodeDecodeError:
        raise InputError(path.name, "it is not UTF-8 text", "Save it as UTF-8.") from None
    try:
        raw = tomllib.loads(text) if path.suffix == ".toml" else parse_yaml(text, path.name)
    except tomllib.TOMLDecodeError as error:
        raise InputError(path.name, f"not TOML: {error}", "Mend that line.") from None
    if not isinstance(raw, dict):
        raise InputError(path.name, "it holds no keys", "Write 'key: value' lines.")
    return raw


def parse_yaml(text: str, where: str) -> Any:
    """YAML without its traps: no repeated keys, no aliases, and yes, no, on, off are words.

    Raises
    ------
    InputError
        Naming the line.
    """
    import yaml

    try:
        # A few lines of aliases can unfold to more than any memory holds.
        for event in yaml.parse(text, Loader=_loader()):
            if isinstance(event, yaml.AliasEvent):
                raise yaml.MarkedYAMLError(
                    problem="aliases (*) are not used here",
                    problem_mark=cast(yaml.Mark, event.start_mark),
                )
        return yaml.load(text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        problem = error.problem or "it is not YAML"
        raise InputError(f"{where}{line}", problem, "Mend that line.") from None
    except yaml.YAMLError as error:
        raise InputError(where, f"not YAML: {error}", "Save it as plain text.") from None


@cache
def _loader() -> type:
    import yaml

    # The parser in C is ten times as fast, where PyYAML was built with it.
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):
        # Only true and false are truth values; "no" is an answer and a country.
        yaml_implicit_resolvers: ClassVar = {
            first: [
                (tag, pattern)
                for tag, pattern in resolvers
                if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
            ]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

        def construct_mapping(self, node, deep=False):
            seen = set()
            for key, _ in node.value:
                name = self.construct_object(key, deep=True)
                if name in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"the key '{name}' stands twice", problem_mark=key.start_mark
                    )
                seen.add(name)
            return super().construct_mapping(node, deep)

    import re

    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
    return Loader


def build(raw: Any, kind: type[T], *, where: str) -> T:
    """Plain values as a value of ``kind``; all faults in one message.

    Raises
    ------
    InputError
        As :func:`load`.
    """
    from pydantic import ValidationError

    try:
        # By way of JSON, since strict checks admit a list for a tuple there and nowhere else.
        return _adapter(cast(Any, kind)).validate_json(json.dumps(raw, default=str))
    except ValidationError as refused:
        faults = [_fault(raw, kind, error) for error in refused.errors(include_url=False)]
    (path, problem, remedy), *others = faults
    more = "".join(f"\n{where}, {p}: {q}. {r}" for p, q, r in others[:9])
    raise InputError(f"{where}, {path}" if path else where, problem, remedy + more)


@cache
def _adapter(kind: Any):
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _fault(raw: Any, kind: type, error: Mapping[str, Any]) -> tuple[str, str, str]:
    """Where, what, and what to do."""
    path, key = _path(raw, error["loc"]), str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            return path, f"unknown key '{key}'", nearest(key, _names(kind), "Leave it out.")
        case "missing" | "missing_argument":
            return path, f"'{key}' is missing", "Add it."
        case "literal_error":
            expected = error["ctx"]["expected"].replace(" or ", ", ")
            choices = [c.strip("' ") for c in expected.split(",")]
            hint = nearest(str(error["input"]), choices, f"Use one of {', '.join(choices)}.")
            return path, f"'{error['input']}' is not known", hint
        case "value_error":
            problem, _, remedy = str(error["ctx"]["error"]).partition("; ")
            return path, problem, remedy or "Correct it."
    return path, f"{error['msg']}, not {error['input']!r}", "Correct the value."


def nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    """A remedy for a misspelt word."""
    near = get_close_matches(word, list(known), n=1)
    return f"Did you mean '{near[0]}'?" if near else otherwise


def _path(raw: Any, loc: Iterable[str | int]) -> str:
    """The keys to a fault, with an item of a list called by its own id."""
    parts = []
    for step in loc:
        raw = raw[step] if _holds(raw, step) else None
        named = isinstance(step, int) and isinstance(raw, dict) and raw.get("id")
        parts.append(str(named or (step + 1 if isinstance(step, int) else step)))
    return ".".join(parts)


def _holds(raw: Any, step: str | int) -> bool:
    if isinstance(raw, dict):
        return step in raw
    return isinstance(raw, list) and isinstance(step, int) and step < len(raw)


@cache
def _names(kind: type) -> frozenset[str]:
    """The fields of a dataclass and of all dataclasses within it."""
    found: set[str] = set()
    pending, seen = [kind], set()
    while pending:
        one = pending.pop()
        if one in seen:
            continue
        seen.add(one)
        if is_dataclass(one):
            found |= {f.name for f in fields(one)}
            pending += get_type_hints(one).values()
        pending += get_args(one)
    return frozenset(found)
