"""``exile amend``: writes the amendment that a change of the rules needs.

The verdicts before are those of the last build's ``claims.json``; those after follow from
the same findings under the rules as they are now.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from exile import case, schema
from exile.audit.evidence import Evidence, Finding
from exile.audit.records import decode
from exile.audit.rules import digest
from exile.audit.verdict import judge
from exile.data import data_directory
from exile.errors import InputError


def amend(reason: str, built: Path) -> dict[str, tuple[str, str]]:
    """Append an amendment to ``rules.toml``; the verdicts that it moved.

    Parameters
    ----------
    reason : str
        What was changed and why.
    built : Path
        The ``claims.json`` of a build by the rules before the change.

    Raises
    ------
    InputError
        If the rules are as they were, or there is no build to compare with.
    """
    path = data_directory() / "rules.toml"
    raw = schema.read(path)
    now = digest(raw)
    before = raw["amendments"][-1]["after"] if raw.get("amendments") else "declared"
    if now == before:
        raise InputError(path.name, "the rules are as last amended", "There is nothing to write.")
    if not reason.strip():
        raise InputError("exile amend", "no reason", "Say what was changed and why.")
    moved = verdicts_moved(built)
    lines = "".join(f'"{key}" = ["{old}", "{new}"]\n' for key, (old, new) in moved.items())
    quoted = json.dumps(reason, ensure_ascii=False)
    text = path.read_text(encoding="utf-8").rstrip("\n")
    path.write_text(
        f'{text}\n\n[[amendments]]\ndate = "{date.today().isoformat()}"\nchange = {quoted}\n'
        f'before = "{before}"\nafter = "{now}"\n[amendments.verdicts]\n{lines}',
        encoding="utf-8",
    )
    return moved


def verdicts_moved(built: Path) -> dict[str, tuple[str, str]]:
    """The verdicts that differ from a build's, by ``claim/part/scope``: old and new."""
    if not built.is_file():
        raise InputError(str(built), "no such build", "Run 'make book' by the old rules first.")
    register, rules = case.register(), case.read_rules(data_directory() / "rules.toml")
    moved: dict[str, tuple[str, str]] = {}
    for claim in json.loads(built.read_text(encoding="utf-8")):
        for was in claim["verdicts"]:
            finding = Finding(
                claim=claim["id"],
                part=was["part"],
                scope=was["scope"],
                evidence=tuple(decode(e, Evidence) for e in was["evidence"]),
                summary=was["summary"],
            )
            code = judge(finding, register, rules).code
            if code != was["verdict"]:
                moved[f"{finding.claim}/{finding.part}/{finding.scope}"] = (was["verdict"], code)
    return moved


def command(reason: str, built: Path) -> int:
    """Write the amendment, and say what it moves; the exit status."""
    moved = amend(reason, built)
    for key, (old, new) in moved.items():
        print(f"{key}: {old} to {new}")
    print(f"The amendment is written; it moves {len(moved)} verdicts.")
    return 0
