"""What a change moved: verdicts, headlines, answers and figures of two builds, side by side.

``python -m exile.site.moved OLD NEW`` compares two folders that hold ``claims.json`` and
``data/`` of a site, and prints Markdown for the summary of a pull request.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path


def moved(old: Path, new: Path) -> str:
    """Tables of what differs, in Markdown."""
    before, after = claims(old), claims(new)
    parts = [
        _table("Verdicts", ("claim", "part", "of whom"), _verdicts(before), _verdicts(after)),
        _table("Headlines", ("claim",), _headlines(before), _headlines(after)),
        _table("Answers", ("claim",), _answers(before), _answers(after)),
        _table("Figures", ("id", "table"), figures(old), figures(new)),
    ]
    told = [part for part in parts if part]
    return "\n\n".join(["## What this moves", *(told or ["No verdict, answer or figure."])])


def claims(site: Path) -> list[dict]:
    return json.loads((site / "claims.json").read_text(encoding="utf-8"))


def figures(site: Path) -> dict[tuple[str, ...], str]:
    """Every row with a ``figure_id``, by id and table, as text."""
    found: dict[tuple[str, ...], str] = {}
    for path in sorted((site / "data").rglob("*.csv")):
        with path.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                if "figure_id" in row:
                    told = (row.get(c, "") for c in ("value", "low", "high", "value_text", "unit"))
                    key = (row["figure_id"], path.stem)
                    found[key] = " ".join(t for t in told if t)
    return found


def _verdicts(of: Iterable[dict]) -> dict[tuple[str, ...], str]:
    return {
        (claim["id"], v["part"], v["scope"]): ", ".join(
            filter(None, (v["label"], v["grade"] and f"grade {v['grade']}", v["robustness"]))
        )
        for claim in of
        for v in claim["verdicts"]
    }


def _headlines(of: Iterable[dict]) -> dict[tuple[str, ...], str]:
    return {(c["id"],): c["headline"]["word"] for c in of if c["headline"]}


def _answers(of: Iterable[dict]) -> dict[tuple[str, ...], str]:
    return {(c["id"],): c["answer"] for c in of if c["answer"]}


def _table(
    title: str,
    names: tuple[str, ...],
    before: Mapping[tuple[str, ...], str],
    after: Mapping[tuple[str, ...], str],
) -> str:
    keys = sorted({*before, *after})
    rows = [(*k, before.get(k, "–"), after.get(k, "–")) for k in keys]
    rows = [row for row in rows if row[-2] != row[-1]]
    if not rows:
        return ""
    lines = [(*names, "before", "now"), ("---",) * (len(names) + 2), *rows]
    text = "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)
    return f"### {title}: {len(rows)}\n\n{text}"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    print(moved(Path(sys.argv[1]), Path(sys.argv[2])))
