"""Books of a page or two, right or wrong in one way, and the command that builds them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

JUPYTER_BOOK = [str(Path(sys.prefix) / "bin" / "jupyter-book"), "build"]

HEAD = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n"

FINDING = """
```{{code-cell}}
from exile.audit import Evidence, Interval
from exile.audit.answers import places
from exile.case import answer_templates, register
from exile.publish import answer, record
from exile.wording import Amount

gap = Evidence(
    label="a gap", grade="C", region=Interval(0.2, 0.3), sources=("{source}",),
    method="made up for this test",
)
record("{claim}", "{part}", "respondents", gap, summary="A gap.")
asked = {{
    name
    for told in answer_templates().values()
    for sentence in told.get("{claim}", {{}}).values()
    for name in places(sentence)
}}
if "{claim}" in register().claims:
    asked -= {{*register().claims["{claim}"].states}}
    answer("{claim}", **{{name: Amount(0.2) for name in asked}})
```
"""
CARD = "\n```{{claim-card}} {claim}\n```\n"


def chapter(
    claim: str = "better-off", *, part: str = "lead", card: bool = True, source: str = "article"
) -> str:
    """The text of a chapter that judges one claim."""
    body = FINDING.format(claim=claim, part=part, source=source)
    return f"{HEAD}# {claim}\n{CARD.format(claim=claim) if card else ''}{body}"


def build(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*JUPYTER_BOOK, str(folder), "-W", "-n", "--keep-going"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )
