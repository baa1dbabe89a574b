"""The rehearsal: the whole restricted book of made-up people, marked, signed, without a verdict."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from exile.case import stated
from exile.custody.release import outputs
from exile.custody.release.rules import load_profile

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """What the documented command leaves."""
    to = tmp_path_factory.mktemp("rehearsal") / "out"
    done = subprocess.run(
        [sys.executable, "-m", "exile", "survey", "rehearse", "--to", str(to)],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return to


def pages(folder: Path) -> dict[str, str]:
    return {p.stem: p.read_text(encoding="utf-8") for p in folder.glob("site/book/*.html")}


def test_release_crate_and_site_are_left_and_nothing_else(folder):
    found = {p.name for p in folder.iterdir()}
    people = "SYNTHETIC_emigrants.csv"
    assert found == {"release.json", "ro-crate-metadata.json", "site", people}
    # The tables of the site are the public ones.
    tables = [p for p in folder.rglob("*.csv") if not p.is_relative_to(folder / "site")]
    tables.remove(folder / people)
    assert not [*folder.rglob("*.jupyter_cache"), *tables]


def test_every_page_says_what_it_is(folder):
    """Chapters, claims in both languages, charts by themselves, tables, and the lost page."""
    found = list(folder.glob("site/**/*.html"))
    assert len(found) > 200
    for page in found:
        text = page.read_text(encoding="utf-8")
        assert text.count("REHEARSAL with made-up respondents") == 1, page
        assert "MADE UP" in text, page
        assert '<meta name="robots" content="noindex">' in text, page


def test_it_shows_what_signing_looks_like(folder):
    release = outputs.approved(folder / "release.json")
    assert len(release.signed_by) == 2 and all("Nobody" in name for name in release.signed_by)
    page = pages(folder)["your_own_microdata"]
    assert release.run.file_sha256 in page and release.run.custodian in page
    assert all(name in page for name in release.signed_by)


def test_no_verdict_moves(folder):
    """Claim by claim, the verdicts are those of the public book."""
    assert "microdata" not in (folder / "site" / "claims.json").read_text(encoding="utf-8")
    for output in outputs.read(folder / "release.json").outputs:
        assert output.verdict is None


def test_the_pages_recover_what_was_planted(folder):
    said = pages(folder)["activism"]
    found = re.search(r"Change in rallies: (−?\d+) points \((−?\d+) to (−?\d+)\)", said)
    _, low, high = (int(x.replace("−", "-")) for x in found.groups())
    claim = "rallies-49-26"
    planted = 100 * (stated(claim, "after").number - stated(claim, "before").number)
    assert low <= planted <= high


def test_released_tables_are_rounded_and_hold_no_small_cell(folder):
    least = load_profile().min_cell
    tables = [
        table
        for text in pages(folder).values()
        for table in re.findall(r"<table class=['\"]released.*?</table>", text, re.DOTALL)
    ]
    assert len(tables) >= 5
    for table in tables:
        for cell in re.findall(r"<td>([^<]*)</td>", table.split("<tbody>")[1]):
            assert re.fullmatch(r"–|[\d,]+( \(\d+\W%\))?", cell), cell
            if cell != "–":
                about = int(cell.split(" ")[0].replace(",", ""))
                assert about % 10 == 0 and about >= least


def test_the_book_of_the_repository_is_untouched():
    done = subprocess.run(
        ["git", "status", "--porcelain", "--", "book", "data"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "SYNTHETIC" not in done.stdout
