"""A codebook: which column of a survey's file is which variable, and what its codes mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import yaml

from exile.custody.catalogue import Variable, catalogue
from exile.errors import InputError

# What a codebook may tell the checks to accept; each names what then happens.
ACCEPTABLE = {
    "zero_weights": "rows with weight 0 are left out",
    "undeclared_codes": "answers with undeclared codes count as missing",
    "impossible_ages": "ages outside 14 to 110 count as missing",
    "contradictions": "contradictory answers count as missing",
    "empty_items": "an item without any answer is left out",
}
ABOUT = {"name": str, "custodian": str, "fieldwork": str, "same_data_as_article": bool}


@dataclass(frozen=True)
class Mapping:
    """One variable's place in a file.

    ``codes`` maps a code, in its canonical form (:func:`canonical`), to a level;
    ``missing`` holds the codes that stand for no answer.
    """

    variable: Variable
    column: str
    codes: dict[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Codebook:
    """A checked codebook.

    ``same_data`` says that the file is the one that the article reports on, which makes
    evidence from it grade A; any other survey of emigrants is grade B.
    """

    path: Path
    name: str
    custodian: str
    fieldwork: str
    same_data: bool
    synthetic: bool
    encoding: str
    accept: frozenset[str]
    mappings: dict[str, Mapping]
    digest: str

    @property
    def present(self) -> frozenset[str]:
        return frozenset(self.mappings)

    @property
    def columns(self) -> list[str]:
        return sorted({m.column for m in self.mappings.values()})


def canonical(value: object) -> str:
    """A code as one text, whatever format stored it: ``1``, ``1.0`` and ``" 1 "`` are "1".

    SPSS and Stata keep numbers as floats, CSV as text; the same survey must read alike.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value).strip()
    if re.fullmatch(r"[+-]?\d+(\.0*)?", text):
        return str(int(float(text)))
    return text


def load_codebook(path: Path) -> Codebook:
    """Read a codebook and check it against the catalogue.

    Raises
    ------
    InputError
        For a missing file, a field that is missing, unknown or of the wrong kind, a
        variable or level outside the catalogue, or a code that stands for two things.
    """
    if not path.is_file():
        raise InputError(
            f"codebook {path.name}", "there is no such file", "Draft one: exile survey init FILE."
        )
    try:
        content = path.read_bytes()
        raw = yaml.safe_load(content.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise InputError(
            f"codebook {path.name}", f"it is not YAML in UTF-8 ({_first_line(problem)})", "Mend it."
        ) from None
    if not isinstance(raw, dict):
        raise _wrong(path, "", "it holds no fields")
    known = {"about", "file", "accept", "variables"}
    if extra := sorted(set(raw) - known):
        raise _wrong(path, extra[0], "no such field", f"Use {sorted(known)}.")
    about = _section(path, raw, "about")
    for name, kind in ABOUT.items():
        if not isinstance(about.get(name), kind) or about[name] == "":
            raise _wrong(path, f"about.{name}", f"it is missing or not a {kind.__name__}")
    file = raw.get("file") or {}
    accept = frozenset(raw.get("accept") or ())
    if unknown := sorted(accept - set(ACCEPTABLE)):
        raise _wrong(path, f"accept, '{unknown[0]}'", "unknown", f"Use {[*ACCEPTABLE]}.")
    declared = _section(path, raw, "variables")
    if "respondent" not in declared:
        raise _wrong(path, "variables.respondent", "it is missing", "Name the column of ids.")
    return Codebook(
        path,
        about["name"],
        about["custodian"],
        about["fieldwork"],
        about["same_data_as_article"],
        bool(about.get("synthetic", False)),
        str(file.get("encoding", "utf-8")),
        accept,
        {name: _mapping(path, name, entry) for name, entry in declared.items()},
        sha256(content.replace(b"\r\n", b"\n")).hexdigest(),
    )


def _mapping(path: Path, name: str, entry: object) -> Mapping:
    variables = catalogue().variables
    where = f"variables.{name}"
    if name not in variables:
        raise _wrong(path, where, "the book knows no such variable", "See survey/variables.yaml.")
    variable = variables[name]
    if not isinstance(entry, dict) or not isinstance(entry.get("column"), str):
        raise _wrong(path, where, "it names no column", "Write: {column: NAME, codes: {…}}.")
    if extra := sorted(set(entry) - {"column", "codes", "missing"}):
        raise _wrong(path, f"{where}.{extra[0]}", "no such field", "Use column, codes, missing.")
    missing = frozenset(canonical(code) for code in entry.get("missing") or ())
    codes = {canonical(c): canonical(level) for c, level in (entry.get("codes") or {}).items()}
    if variable.kind in ("category", "yes_no") and not codes:
        raise _wrong(path, where, "it has no codes", f"Map codes to {list(variable.levels)}.")
    if variable.kind in ("id", "weight", "years") and codes:
        raise _wrong(path, f"{where}.codes", "a number or an id needs none", "Delete them.")
    for code, level in codes.items():
        if code in missing:
            raise _wrong(path, where, f"code {code} is both '{level}' and missing")
        if variable.levels and level not in variable.levels:
            raise _wrong(
                path,
                where,
                f"code {code} is mapped to '{level}'",
                f"The levels are {list(variable.levels)}.",
            )
        if variable.kind == "country" and not re.fullmatch(r"[A-Z]{3}", level):
            raise _wrong(path, where, f"'{level}' is no country code", "Use ISO 3166-1, as GEO.")
        if variable.kind == "wave" and not re.fullmatch(r"[1-9]\d?", level):
            raise _wrong(path, where, f"'{level}' is no wave", "Number the waves from 1.")
    return Mapping(variable, entry["column"], codes, missing)


def _section(path: Path, raw: dict, name: str) -> dict:
    if not isinstance(raw.get(name), dict):
        raise _wrong(path, name, "the section is missing")
    return raw[name]


def _wrong(
    path: Path, field_name: str, problem: str, remedy: str = "Compare the example"
) -> InputError:
    where = f"codebook {path.name}" + (f", {field_name}" if field_name else "")
    remedy = remedy if remedy.endswith(".") else f"{remedy}: survey/codebook.example.yaml."
    return InputError(where, problem, remedy)


def _first_line(problem: Exception) -> str:
    return str(problem).splitlines()[0]
