"""Aids to reading: terms, time and date, the way from a claim id to its claim."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import date
from pathlib import Path

from test_downloads import CHAPTERS
from test_pages import open_page

from exile.site.reading import last_changed

BOOK = Path(__file__).parents[2] / "book"


def test_chapters_say_how_long_they_take_and_stay_short(site):
    minutes = []
    for name in CHAPTERS:
        html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
        minutes += map(int, re.findall(r'class="page-line">About (\d+) min to read', html))
    assert len(minutes) == len(CHAPTERS)
    # Prose and cards: what is neither folded, nor a table, nor a line of sources.
    assert max(minutes) <= 8


def test_a_date_is_told_only_where_git_knows_it(tmp_path):
    """All that a shallow checkout knows is its oldest commit, which did not change every page."""
    whole, shallow = tmp_path / "whole", tmp_path / "shallow"
    assert last_changed(tmp_path, "page") is None
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "init", "--quiet", whole], check=True)
    for name, day in (("page.md", "2024-02-29"), ("other.md", "2024-03-01")):
        (whole / name).touch()
        subprocess.run(["git", "add", "."], cwd=whole, check=True)
        command = ["git", *identity, "commit", "--quiet", "--message", name]
        dates = {"GIT_AUTHOR_DATE": f"{day}T12:00", "GIT_COMMITTER_DATE": f"{day}T12:00"}
        subprocess.run(command, cwd=whole, check=True, env=os.environ | dates)
    clone = ["git", "clone", "--quiet", "--depth", "1", whole.as_uri(), shallow]
    subprocess.run(clone, check=True)
    assert last_changed(whole, "page") == date(2024, 2, 29)
    assert last_changed(shallow, "page") is None


def test_terms_are_explained_once_a_page_where_they_are_first_used(site):
    explained = 0
    for name in CHAPTERS:
        html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
        links = re.findall(
            r'<a class="term[^"]*" href="glossary.html#([\w-]+)" title="([^"]+)"', html
        )
        assert len(links) == len({anchor for anchor, _ in links})
        assert all(len(definition) > 20 for _, definition in links)
        explained += len(links)
    assert explained > len(CHAPTERS)


def test_every_explained_term_stands_in_the_glossary(site):
    glossary = (site / "book" / "glossary.html").read_text(encoding="utf-8")
    for name in CHAPTERS:
        html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
        for anchor in re.findall(r'href="glossary.html#([\w-]+)"', html):
            assert f'id="{anchor}"' in glossary


def test_code_is_folded_until_a_reader_opens_all(site, tmp_path):
    html = (site / "book" / "history.html").read_text(encoding="utf-8")
    cells = html.count('class="cell_input')
    assert cells
    assert html.count('<details class="admonition hide above-input">') >= cells
    assert 'class="code-switch"' in html
    assert not re.findall(r'<details class="admonition hide[^>]* open', html)


def test_second_hand_sources_carry_a_sign_that_is_explained_once(site):
    for page in (site / "book").glob("*.html"):
        html = page.read_text(encoding="utf-8")
        assert "secondary coverage)" not in html
        signs = html.count('class="second-hand"')
        assert html.count('id="second-hand"') == bool(signs), page.name


def test_every_page_says_where_to_report_an_error(site):
    for page in [*(site / "book").glob("*.html"), *(site / "claims").rglob("*.html")]:
        html = page.read_text(encoding="utf-8")
        assert re.search(
            r'href="(mailto:\?subject=|https://github\.com/[^"]+/issues/new\?)', html
        ), page


def test_a_link_into_a_folded_part_opens_it(site, tmp_path):
    html = (site / "book" / "history.html").read_text(encoding="utf-8")
    anchor = re.search(r'href="#(number-[\w-]+)"', html)[1]
    dom, _ = open_page(site / "book" / "history.html", tmp_path, 20_000, f"#{anchor}")
    assert re.search(r'<details class="numbers"[^>]* open=""', dom)
