"""Findings and ledgers as plain records, for kernels, ``claims.json`` and the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from math import inf, isfinite
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from exile.audit.evidence import Evidence, Finding
from exile.audit.ledger import Entry, Judged
from exile.audit.rules import Rules

T = TypeVar("T")
ENDS = {"inf": inf, "-inf": -inf}


def encode(value: Any) -> Any:
    """A dataclass as JSON-ready values; :func:`decode` gives it back unchanged.

    JSON knows no infinity: infinite numbers become text.
    """
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {k: encode(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [encode(v) for v in value]
    # numpy scalars are numbers to the reader and must be numbers in JSON
    value = value.item() if hasattr(value, "item") else value
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def decode(raw: Any, kind: type[T]) -> T:
    """The value of a dataclass, or of another annotated type, that :func:`encode` wrote."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        if raw is None:
            return None  # type: ignore[return-value]
        options = [k for k in get_args(kind) if k is not type(None)]
        structured = [k for k in options if get_origin(k) or is_dataclass(k)]
        takes = structured[0] if structured and isinstance(raw, dict | list) else options[0]
        return decode(raw, takes)
    if is_dataclass(kind):
        kinds = _kinds(kind)
        return kind(**{k: decode(v, kinds[k]) for k, v in raw.items() if k in kinds})
    if origin is tuple:
        inner = get_args(kind)
        types = [inner[0]] * len(raw) if inner[-1] is Ellipsis else inner
        return tuple(decode(v, k) for v, k in zip(raw, types, strict=True))  # type: ignore[return-value]
    if origin is not None and origin is not Literal and isinstance(raw, dict):
        return {k: decode(v, get_args(kind)[1]) for k, v in raw.items()}  # type: ignore[return-value]
    if kind is float and isinstance(raw, str):
        return ENDS[raw]  # type: ignore[return-value]
    return raw


@cache
def _kinds(kind: Any) -> dict[str, Any]:
    """The type of each field; asked for once, as that takes longer than all the rest."""
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind)}


def decode_finding(raw: Mapping[str, Any]) -> Finding:
    return decode(raw, Finding)


def export(
    ledger: Mapping[str, Entry], rules: Rules, address: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The ledger for ``claims.json``, whole: readers can judge it again.

    Parameters
    ----------
    address : mapping of str to str
        The page of each chapter.
    """
    return [
        {
            "id": entry.claim.id,
            "paragraph": entry.claim.paragraph,
            "statement": entry.statement,
            "statement_ru": entry.statements["ru"],
            "kind": entry.claim.kind,
            "chapter": f"{address[entry.chapter]}#{entry.claim.id}" if entry.chapter else None,
            "status": "audited" if entry.audited else "not yet audited",
            "headline": entry.headline and _headline(entry, rules),
            "answer": entry.answers.get("en"),
            "answer_ru": entry.answers.get("ru"),
            "verdicts": [_judged(j, rules) for j in entry.judged],
        }
        for entry in ledger.values()
    ]


def _headline(entry: Entry, rules: Rules) -> dict[str, str]:
    assert entry.headline is not None
    code, scope = entry.headline.code, entry.headline.scope
    words = next(r.words for r in rules.headlines if r.code == code)
    people = rules.scopes[scope]
    return {
        "code": code, "word": words.en, "word_ru": words.ru,
        "scope": scope, "people": people.en, "people_ru": people.ru,
    }  # fmt: skip


def _judged(judged: Judged, rules: Rules) -> dict[str, Any]:
    finding, verdict, part = judged.finding, judged.verdict, judged.part
    before = judged.before
    return {
        "part": finding.part,
        "words": part.words,
        "kind": part.kind,
        "core": part.core,
        "scope": finding.scope,
        "verdict": verdict.code,
        "label": rules.verdicts[verdict.code].en,
        **(
            {"verdict_by_public_record": before.code if before else None}
            if before or judged.added
            else {}
        ),
        "grade": verdict.grade,
        "robustness": verdict.robustness,
        "p_value": verdict.p_value,
        "summary": finding.summary,
        "settled_by": part.settles(finding.scope),
        "dependence": encode(judged.dependence) if judged.dependence else None,
        "tipping": encode(finding.tipping) if finding.tipping else None,
        "evidence": [_evidence(e) for e in finding.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    whole = encode(evidence)
    return {
        **whole,
        "decides": not evidence.set_aside,
        "estimate": evidence.estimate,
        "source_ids": list(evidence.source_ids),
        "secondary_source_ids": list(
            dict.fromkeys(c.source for c in evidence.cited if c.second_hand)
        ),
    }
