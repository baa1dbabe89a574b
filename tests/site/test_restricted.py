"""A book made from a release: its verdicts stand, every page says so, and nothing else runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from small_books import JUPYTER_BOOK, chapter

from exile.custody import RUN_VARIABLE
from exile.custody.release import outputs
from exile.custody.release.outputs import NEUTRAL, VERSION, About, Cell, Output, Release, Shown

FRONT = "# Front\n\n```{claim-ledger}\n```\n\n```{source-list}\n```\n"
ANSWERS = """## On the respondents' own answers

```{code-cell}
:tags: [hide-input, respondents]
raise SystemExit("this must not run")
```

```{release}
```
"""
ABOUT = About(
    survey="<b>A & B</b>", custodian="the tests", fieldwork="never", grade="A", synthetic=False,
    people=520, waves=(1,), variables=("before_rally", "after_rally"), weighted=False,
    profile="strict", file_sha256="a" * 64, codebook_sha256="b" * 64, rules_sha256="c" * 64,
    made="2026-01-01",
)  # fmt: skip
SHOWN = Shown(
    "change in rallies", "share_difference", "m", "−23 points (−26 to −20), n ≈ 1,950",
    -0.23, -0.26, -0.2, 1950,
)  # fmt: skip
RULES = ("rule", "100 to 999 people", "every cell behind it is shown")
VERDICT = Output(
    "rallies-1", "rallies", 1, "verdict", *RULES, "Change in rallies: −23 points.",
    claim="rallies-49-26", part="fall", scope="respondents", verdict="reproduced",
    estimates=(SHOWN,),
)  # fmt: skip
TABLE = Output(
    "rallies-2", "rallies", 1, "table", *RULES, "After rally.", variables=("after_rally",),
    absorbed=((),), cells=(Cell(("yes",), 120), Cell(("no",), None)),
)  # fmt: skip


@pytest.fixture
def made(make_book, tmp_path_factory):
    """The page of a small book, built with a release, and what the build said."""

    def make(*given: Output, signed: bool = True, inside: bool = False, **run):
        folder = make_book(front=FRONT, rallies=chapter("rallies-49-26", part="fall"))
        (folder / "book" / "respondents").mkdir()
        (folder / "book" / "respondents" / "rallies.md").write_text(ANSWERS, encoding="utf-8")
        to = tmp_path_factory.mktemp("restricted")
        release = Release(VERSION, replace(ABOUT, **run), given)
        outputs.write(release, to / "release.json")
        if signed:
            outputs.approve(to / "release.json", "Anna A.", "read every table")
            outputs.approve(to / "release.json", "Boris B.", "read every table")
        out = folder if inside else to
        done = subprocess.run(
            [*JUPYTER_BOOK, str(folder), "--path-output", str(out), "-W", "-n", "--keep-going"],
            capture_output=True, text=True, check=False,
            env={**os.environ, "NO_COLOR": "1", RUN_VARIABLE: str(to / "release.json")},
        )  # fmt: skip
        return out / "_build" / "html", done

    return make


def entry(site: Path) -> dict:
    claims = json.loads((site / "claims.json").read_text(encoding="utf-8"))
    return next(c for c in claims if c["id"] == "rallies-49-26")


def test_a_released_verdict_stands_and_the_card_shows_both(made):
    site, done = made(VERDICT, TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    text = json.dumps(entry(site))
    assert "eproduced" in text and "microdata" in text
    page = (site / "book" / "rallies.html").read_text(encoding="utf-8")
    assert re.search(r"By the public record alone: .*?", page)
    assert "RESTRICTED. Made with respondent-level data" in page and "noindex" in page
    # A codebook's words are text, whatever they look like.
    assert "<b>A & B</b>" not in page and "&lt;b&gt;A &amp; B" in page
    assert "a" * 64 in page and "Anna A." in page
    assert "<td>120</td>" in page and "<td>–</td>" in page
    assert "this must not run" in page  # the code is shown
    assert {p.name for p in (site / "release").iterdir()} == {
        "release.json", "ro-crate-metadata.json",
    }  # fmt: skip


def test_a_verdict_without_numbers_stands_too(made):
    site, done = made(replace(VERDICT, estimates=(), text=NEUTRAL))
    assert done.returncode == 0, done.stdout + done.stderr
    assert NEUTRAL in (site / "book" / "rallies.html").read_text(encoding="utf-8")


def test_a_rehearsal_is_marked_on_every_page_and_moves_no_verdict(made):
    site, done = made(replace(VERDICT, verdict=None), synthetic=True, grade=None)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "microdata" not in json.dumps(entry(site)).replace("verdict_by_public_record", "")
    for page in site.glob("book/*.html"):
        text = page.read_text(encoding="utf-8")
        assert "REHEARSAL with made-up respondents" in text and "MADE UP" in text, page


def test_without_signatures_no_page_is_made(made):
    site, done = made(VERDICT, signed=False)
    assert done.returncode != 0 and not [*site.glob("**/*.html")]
    assert "2 more approvals needed" in re.sub(r"\s+", " ", done.stderr + done.stdout)


def test_the_public_build_refuses_to_start_with_a_run_in_its_environment(made):
    site, done = made(VERDICT, inside=True)
    assert done.returncode != 0 and not [*site.glob("**/*.html")]
    assert f"unset {RUN_VARIABLE}" in re.sub(r"\s+", " ", done.stderr + done.stdout)


def test_without_a_release_the_same_book_is_the_public_one(make_book, monkeypatch):
    from small_books import build

    monkeypatch.delenv(RUN_VARIABLE, raising=False)
    folder = make_book(front=FRONT, rallies=chapter("rallies-49-26", part="fall"))
    (folder / "book" / "respondents").mkdir()
    (folder / "book" / "respondents" / "rallies.md").write_text(ANSWERS, encoding="utf-8")
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (folder / "_build" / "html" / "book" / "rallies.html").read_text(encoding="utf-8")
    assert "own answers" not in page and "RESTRICTED" not in page
