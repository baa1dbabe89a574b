"""Builds: the whole book once, and small books that are right or wrong in one way."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
JUPYTER_BOOK = [str(Path(sys.prefix) / "bin" / "jupyter-book"), "build"]

HEAD = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n"

FINDING = """
```{{code-cell}}
from exile.audit import Evidence, Finding, Interval
from exile.publish import record

gap = Evidence(
    label="a gap", grade="C", scope="respondents", unit="share_difference",
    region=Interval(0.2, 0.3), sources=("{source}",), method="made up for this test",
)
record(Finding(
    claim="{claim}", scope="respondents", true_if=Interval.above(0), evidence=(gap,),
    summary="A gap.", settled_by="A number.",
))
```
"""
CARD = "\n```{{claim-card}} {claim}\n```\n"


def chapter(claim: str = "better-off", *, card: bool = True, source: str = "article") -> str:
    """The text of a chapter that judges one claim."""
    body = FINDING.format(claim=claim, source=source)
    return f"{HEAD}# {claim}\n{CARD.format(claim=claim) if card else ''}{body}"


def build(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*JUPYTER_BOOK, str(folder), "-W", "-n", "--keep-going"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )


@pytest.fixture
def make_book(tmp_path: Path) -> Callable[..., Path]:
    """``make_book(front="...", one="...")`` writes a book of these pages."""

    def make(_config: str = "", **pages: str) -> Path:
        config = (ROOT / "_config.yml").read_text(encoding="utf-8")
        (tmp_path / "_config.yml").write_text(config + _config, encoding="utf-8")
        book = tmp_path / "book"
        book.mkdir(exist_ok=True)
        shutil.copytree(ROOT / "book" / "_static", book / "_static", dirs_exist_ok=True)
        shutil.copy(ROOT / "book" / "references.bib", book)
        first, *others = pages
        toc = f"format: jb-book\nroot: book/{first}\n"
        if others:
            toc += "chapters:\n" + "".join(f"  - file: book/{name}\n" for name in others)
        (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
        for name, text in pages.items():
            (book / f"{name}.md").write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture(scope="session")
def site() -> Path:
    """The built book; nothing runs again if ``make book`` was just run."""
    result = build(ROOT)
    assert result.returncode == 0, re.sub(r"\x1b\[[0-9;]*m", "", result.stdout + result.stderr)
    return ROOT / "_build" / "html"
