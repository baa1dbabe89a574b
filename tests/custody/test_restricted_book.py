"""The whole book on made-up respondents: built, marked, clean, and without a verdict from them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from exile.case import stated
from exile.custody.rehearsal.population import population
from exile.custody.release.profile import load_profile
from exile.data import data_directory

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, str]:
    """The folder that the documented command leaves, and what it printed."""
    folder = tmp_path_factory.mktemp("restricted")
    survey = folder / "SYNTHETIC_emigrants.csv"
    population(n=2000, seed=1, missing={"after_rally": 0.03}).write(survey)
    codebook = data_directory() / "survey" / "codebook.example.yaml"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "exile", "survey", "build", str(survey)),
            *("--codebook", str(codebook), "--to", str(folder / "out")),
        ],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "out", done.stdout


def pages(site: Path) -> dict[str, str]:
    return {
        p.relative_to(site).as_posix(): p.read_text(encoding="utf-8")
        for p in site.glob("book/*.html")
    }


def test_only_the_site_and_the_notice_are_left(built):
    folder, said = built
    assert sorted(p.name for p in folder.iterdir()) == ["RESTRICTED.txt", "site"]
    assert "site/index.html" in said
    assert "SYNTHETIC" in (folder / "RESTRICTED.txt").read_text(encoding="utf-8")
    assert not [*folder.rglob("*.jupyter_cache"), *folder.rglob("answers.duckdb")]


def test_every_page_says_what_it_is(built):
    for name, text in pages(built[0] / "site").items():
        assert "SYNTHETIC respondents. Nothing here is a finding" in text, name
        assert '<meta name="robots" content="noindex">' in text, name


def test_no_verdict_moves(built):
    """Claim by claim, the verdicts are those of the public book."""
    for claim in json.loads((built[0] / "site" / "claims.json").read_text(encoding="utf-8")):
        for verdict in claim["verdicts"]:
            assert "verdict_by_public_record" not in verdict
            assert all(e["grade"] != "A" for e in verdict["evidence"] if e["decides"])
            assert all("microdata" not in e["source_ids"] for e in verdict["evidence"])


def respondents(built, chapter: str) -> str:
    """What a chapter says of the respondents, as plain text."""
    html = (built[0] / "site" / "book" / f"{chapter}.html").read_text(encoding="utf-8")
    section = html[html.index('id="on-the-respondents-own-answers"') :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", section))


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        ("rallies-49-26", "change in rallies"),
        ("volunteer-compatriots-10-32", "change in help for compatriots"),
        ("volunteer-ukrainians-4-29", "change in help for Ukrainians"),
    ],
)
def test_the_pages_recover_what_was_planted(built, claim, label):
    said = respondents(built, "activism")
    found = re.search(rf"{label}: (−?\d+) points \((−?\d+) to (−?\d+)\)", said)
    estimate, low, high = (int(x.replace("−", "-")) for x in found.groups())
    planted = 100 * (stated(claim, "after").number - stated(claim, "before").number)
    assert low <= planted <= high and low <= estimate <= high
    assert f"{claim}: {label}" in said and "SYNTHETIC respondents: no verdict." in said


def test_prior_activism_is_found_and_marked(built):
    said = respondents(built, "what_drives_activism")
    found = re.search(r"odds ratio ([\d.]+) \(([\d.]+) to ([\d.]+)\)", said)
    assert float(found[2]) > 1
    assert "prior-activism-predicts" in said and "no verdict" in said


def test_released_tables_show_whole_percents_and_no_small_cell(built):
    least = load_profile(data_directory() / "disclosure.toml").min_cell
    tables = [
        table
        for text in pages(built[0] / "site").values()
        for table in re.findall(r"<table class=['\"]released.*?</table>", text, re.DOTALL)
    ]
    assert len(tables) >= 5
    for table in tables:
        assert "SYNTHETIC, no finding" in table
        total = int(re.search(r"n ≈ ([\d,]+)", table)[1].replace(",", ""))
        assert total % 10 == 0 and total >= least
        for cell in re.findall(r"<td>([^<]*)</td>", table.split("<tbody>")[1]):
            assert re.fullmatch(r"–|\d+\W%", cell), cell


def test_the_book_of_the_repository_is_untouched(built):
    assert not (ROOT / "_build" / "html" / "RESTRICTED.txt").exists()
    left = [p.name for folder in ("book", "data") for p in (ROOT / folder).rglob("*")]
    assert not [name for name in left if "SYNTHETIC" in name or "RESTRICTED" in name]
