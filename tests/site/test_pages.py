"""The built pages, opened from disk in a browser that has no network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from exile.case import register

BROWSER = next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
)
BOOK = Path(__file__).parents[2] / "book"
PAGES = sorted(p.stem for p in BOOK.glob("*.md"))
NO_BROWSER = "no Chromium on this machine: pages were not opened in a browser"


def open_page(page: Path, profile: Path, budget: int, query: str = "") -> tuple[str, str]:
    """The page after its scripts ran for so many milliseconds, and what the browser logged."""
    if BROWSER is None:
        assert "CI" not in os.environ, NO_BROWSER
        pytest.skip(NO_BROWSER)
    result = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={profile}",
            # High enough for every chart to be in view, since charts are drawn on sight.
            "--window-size=1280,25000",
            f"--virtual-time-budget={budget}",
            "--enable-logging=stderr",
            "--dump-dom",
            page.as_uri() + query,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return result.stdout, result.stderr


@pytest.mark.parametrize("name", PAGES)
def test_every_chart_is_drawn_without_network(site, tmp_path, name):
    path = site / "book" / f"{name}.html"
    static = path.read_text(encoding="utf-8")
    figures = static.count('<figure class="chart"')
    # The browser's clock does not wait for its own drawing: now and then it ends before a
    # chart comes into view, and more so on a loaded machine.
    for budget in (20_000, 60_000, 180_000) * 4:
        dom, log = open_page(path, tmp_path, budget)
        if dom.count('data-drawn="live"') == figures:
            break
    problems = [line for line in log.splitlines() if ":CONSOLE" in line and "rror" in line]
    assert not problems
    # Without scripts every chart is a picture; with them, a live one.
    assert static.count('<div class="chart-picture"') == figures
    assert len(re.findall(r'chart-picture"[^>]*><svg[^>]*width="[1-9]', static)) == figures
    assert dom.count('data-drawn="live"') == figures
    source = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    assert bool(figures) == ("show(" in source)


def test_the_ledger_can_be_filtered(site, tmp_path):
    """An address keeps the choice; what stays on the page is what claims.json says."""
    dom, _ = open_page(site / "book" / "ledger.html", tmp_path, 20_000, "?verdict=contradicted")
    shown = re.findall(r"<tbody>.*?<code>([\w-]+)</code>", dom)
    claims = json.loads((site / "claims.json").read_text(encoding="utf-8"))
    contradicted = {
        c["id"] for c in claims if "contradicted" in {v["verdict"] for v in c["verdicts"]}
    }
    assert contradicted
    assert set(shown) == contradicted
    assert f"{len(contradicted)} of {len(claims)} claims" in dom


def test_no_page_asks_another_host_for_anything(site):
    for page in site.rglob("*.html"):
        check_hosts(page.read_text(encoding="utf-8"))


def check_hosts(html: str) -> None:
    loaded = re.findall(r'<(?:script|img|iframe|source)\b[^>]*\bsrc="([^"]+)"', html)
    loaded += re.findall(r'<link\b[^>]*rel="(?:stylesheet|preload)"[^>]*href="([^"]+)"', html)
    loaded += re.findall(r'<link\b[^>]*href="([^"]+)"[^>]*rel="(?:stylesheet|preload)"', html)
    assert not [address for address in loaded if "//" in address]


def test_no_style_sheet_asks_another_host(site):
    for sheet in (site / "_static").rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//[^)]*", text), sheet


def test_inner_links_lead_somewhere(site):
    broken = []
    anchors: dict[Path, set[str]] = {}

    def held(file: Path) -> set[str]:
        if file not in anchors:
            text = file.read_text(encoding="utf-8")
            anchors[file] = set(re.findall(r'\sid="([^"]+)"', text))
        return anchors[file]

    for page in sorted(site.rglob("*.html")):
        if page.name == "404.html":  # stands at any depth, so a script finds the way
            continue
        for address in re.findall(r'<a\b[^>]*href="([^"]+)"', page.read_text(encoding="utf-8")):
            target, _, anchor = address.partition("#")
            if ":" in target or address in ("#", "") or anchor.startswith("q="):
                continue
            if target.endswith(".pdf"):  # printed once the pages are there
                continue
            file = (page.parent / target.partition("?")[0]).resolve() if target else page
            if not file.exists() or (anchor and anchor not in held(file)):
                broken.append(f"{page.relative_to(site)}: {address}")
    assert not broken


def test_claims_json_holds_the_whole_register(site):
    claims = json.loads((site / "claims.json").read_text(encoding="utf-8"))
    assert [c["id"] for c in claims] == [*register().claims]
    for claim in claims:
        for verdict in claim["verdicts"]:
            assert verdict["evidence"] or verdict["verdict"] == "not_empirical"


def test_nothing_at_respondent_level_is_published(site):
    """Charts carry few rows, and no column that could single out a person."""
    for page in (site / "book").glob("*.html"):
        html = page.read_text(encoding="utf-8")
        for raw in re.findall(r'class="chart-spec">(.*?)</script>', html, re.DOTALL):
            for rows in json.loads(raw.replace("<\\/", "</")).get("datasets", {}).values():
                assert len(rows) <= 500
                assert not {k.lower() for row in rows for k in row} & {"id", "idno", "town", "city"}
    raw_files = {".sav", ".dta", ".xls", ".xlsx", ".parquet"}
    assert not [p for p in site.rglob("*") if p.suffix in raw_files]
