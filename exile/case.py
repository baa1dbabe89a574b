"""This audit's own register, rules and answers, read from ``data/`` and ``book/answers/``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from exile import schema
from exile.audit.claims import Register, Stated
from exile.audit.evidence import Finding
from exile.audit.rules import Rules, check_amended, digest
from exile.audit.verdict import truth_of
from exile.data import data_directory
from exile.data.overrides import active, hand_out
from exile.data.reads import note
from exile.data.tables import loaded
from exile.errors import InputError
from exile.statistics.intervals import Interval


def register() -> Register:
    """The claims of the article, with its printed numbers."""
    note("register")
    return _held()


def rules() -> Rules:
    """The declared verdict rules, with what :func:`exile.what_if` supposes of them.

    Raises
    ------
    InputError
        Where a rule is missing or impossible, or was changed without an amendment.
    """
    from exile.whatif import changed, supposed_rules

    return changed(declared_rules(), supposed_rules())


def declared_rules() -> Rules:
    """The verdict rules as published."""
    note("rules")
    return _declared()


def declared() -> tuple[Register, Rules]:
    """Both, for those who note themselves which claim they look at."""
    from exile.whatif import changed, supposed_rules

    return _held(), changed(_declared(), supposed_rules())


def _held() -> Register:
    folder = data_directory()
    stamps = tuple(_stamp(folder / name) for name in ("claims.yaml", "article_figures.csv"))
    return _register(folder, stamps, tuple(active().items()))


def _declared() -> Rules:
    path = data_directory() / "rules.toml"
    return _rules(path, _stamp(path))


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=4)
def _register(folder: Path, stamps: tuple[int, ...], supposed: tuple) -> Register:
    path = folder / "claims.yaml"
    raw = schema.read(path)
    claims = raw.get("claims") or []
    if not isinstance(claims, list) or not claims:
        raise InputError(path.name, "it holds no claims", "List them under 'claims:'.")
    by_id: dict[str, Any] = {}
    for position, claim in enumerate(claims, start=1):
        name = claim.get("id") if isinstance(claim, dict) else None
        if not isinstance(name, str):
            raise InputError(f"{path.name}, claim {position}", "no id", "Every claim needs one.")
        if name in by_id:
            raise InputError(f"{path.name}, {name}", "the id is used twice", "Rename one of them.")
        by_id[name] = claim
    printed = hand_out("article_figures", loaded("article_figures").copy())
    numbers = {
        row.figure_id: {"value": row.value, "unit": row.unit, "hedge": row.hedge}
        for row in printed.itertuples()
        if row.unit in ("percent", "count")
    }
    return schema.build({**raw, "claims": by_id, "numbers": numbers}, Register, where=path.name)


@lru_cache(maxsize=4)
def _rules(path: Path, stamp: int) -> Rules:
    rules = read_rules(path)
    check_amended(rules, path.name)
    return rules


def read_rules(path: Path) -> Rules:
    """Rules as they stand in a file, whether or not an amendment admits the change."""
    raw = schema.read(path)
    return schema.build({**raw, "digest": digest(raw)}, Rules, where=path.name)


def stated(claim_id: str, name: str) -> Stated:
    """A number as the article states it, for example ``stated("car-27-4", "russia")``.

    Raises
    ------
    InputError
        If the claim is unknown or states no such number.
    """
    note("claim", claim_id)
    held = _held()
    claim = held.claims.get(claim_id)
    if claim is None:
        raise InputError("claim id", f"no claim '{claim_id}'", held.hint(claim_id))
    if name not in claim.states:
        raise InputError(
            f"claims.yaml, {claim_id}",
            f"the article states no '{name}' there",
            f"It states {sorted(claim.states) or 'no number'}.",
        )
    return held.stated(claim_id, name)


def truth(claim_id: str, part: str, reading: str = "main") -> Interval:
    """T: the values that make a part true, from the register."""
    note("claim", claim_id)
    held = _held()
    named = held.claims[claim_id].parts.get(part) if claim_id in held.claims else None
    finding = Finding(
        claim=claim_id, part=part, scope=named.of[0] if named else "respondents", summary=""
    )
    return truth_of(finding, held, rules(), reading)


def answer_templates() -> dict[str, dict[str, dict[str, str]]]:
    """The sentences of the answers by language, claim and headline; none outside the book."""
    root = data_directory().parent
    # The wheel holds the answers beside its tables.
    folder = root / "answers" if (root / "answers").is_dir() else root / "book" / "answers"
    paths = {language: folder / f"{language}.toml" for language in ("en", "ru")}
    return {
        language: schema.build(
            schema.read(path), dict[str, dict[str, str]], where=f"answers/{path.name}"
        )
        for language, path in paths.items()
        if path.is_file()
    }
