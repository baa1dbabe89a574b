"""Exports and metadata hold to their formats, and say what the pages say."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path

import feedparser
import jsonschema
import pytest
import yaml
from rocrate.rocrate import ROCrate
from test_downloads import CHAPTERS

from exile.site.metadata import PICTURES, claims_csv, picture_size

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def claims(site) -> list[dict]:
    return json.loads((site / "claims.json").read_text(encoding="utf-8"))


def test_claims_json_fits_its_published_schema(site, claims):
    schema = json.loads((site / "claims.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(claims)


def test_the_schema_refuses_a_typed_verdict(site, claims):
    schema = json.loads((site / "claims.schema.json").read_text(encoding="utf-8"))
    claims[0]["verdicts"][0]["verdict"] = "True"
    try:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema).validate(claims)
    finally:
        claims[:] = json.loads((site / "claims.json").read_text(encoding="utf-8"))


def test_claims_csv_says_what_claims_json_says(site, claims):
    with (site / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = [(r["id"], r["part"], r["scope"], r["verdict"]) for r in csv.DictReader(file)]
    assert rows == [
        (c["id"], v["part"], v["scope"], v["verdict"]) for c in claims for v in c["verdicts"]
    ]


@pytest.mark.parametrize("start", "=+-@\t")
def test_no_cell_of_the_csv_is_a_formula(claims, start):
    hostile = [claims[0] | {"statement": f"{start}HYPERLINK(1)", "verdicts": []}]
    (row,) = csv.DictReader(claims_csv(hostile).splitlines())
    assert row["statement"].startswith("'")


def test_each_claim_has_an_address_that_leads_to_it(site, claims):
    for claim in claims:
        page = site / "claims" / claim["id"] / "index.html"
        target = re.search(r'content="0; url=([^"]+)"', page.read_text("utf-8"))[1]
        file, _, anchor = target.partition("#")
        assert anchor == claim["id"]
        assert f'id="{anchor}"' in (page.parent / file).resolve().read_text("utf-8")


def test_the_feed_is_atom_and_dates_each_amendment(site):
    feed = feedparser.parse((site / "feed.xml").read_bytes())
    assert not feed.bozo and feed.version == "atom10"
    assert feed.feed.id and feed.feed.title and feed.feed.updated
    rules = (ROOT / "data" / "rules.toml").read_text(encoding="utf-8")
    assert len(feed.entries) == 1 + rules.count("[[amendments]]")
    assert len({e.id for e in feed.entries}) == len(feed.entries)


def test_the_crate_lists_files_that_exist(site, tmp_path):
    crate = ROCrate(str(site))
    assert crate.name and crate.description and crate.license and crate.datePublished
    listed = [p.id for p in crate.root_dataset["hasPart"]]
    assert listed and all((site / p).is_file() for p in listed)
    assert {"claims.json", "claims.csv"} <= set(listed)
    assert [p for p in listed if p.endswith(".whl")]


def test_the_citation_file_has_what_its_format_requires():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert cited["message"] and cited["title"] and cited["authors"]
    assert isinstance(cited["date-released"], date)
    assert cited["type"] in ("software", "dataset")


def linked(site: Path, name: str) -> list[dict]:
    html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    data = json.loads(text.replace("<\\/", "</"))
    assert data["@context"] == "https://schema.org"
    return data["@graph"]


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_describes_itself(site, name):
    html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    for tag in ('name="citation_title"', 'name="citation_author"', 'property="og:description"'):
        assert html.count(f"<meta {tag}") == 1
    (article,) = [n for n in linked(site, name) if n["@type"] == "ScholarlyArticle"]
    assert article["headline"] and article["author"] and article["license"]
    assert len(article["description"]) > 80
    width, height = picture_size(site / PICTURES / f"{name}.png")
    assert width >= 1000 and height >= 400


def test_every_verdict_is_reviewed_once_with_its_own_label(site, claims):
    reviews = [
        (n["claimReviewed"], n["reviewRating"]["alternateName"])
        for name in CHAPTERS
        for n in linked(site, name)
        if n["@type"] == "ClaimReview"
    ]
    expected = [
        (c["statement"] + (f" ({v['part']})" if v["part"] else ""), v["verdict"])
        for c in claims
        for v in c["verdicts"]
    ]
    assert sorted(reviews) == sorted(expected)
    for name in CHAPTERS:
        for node in linked(site, name):
            if node["@type"] == "ClaimReview":
                assert node["itemReviewed"]["appearance"]["url"].startswith("https://")


def test_a_lost_reader_is_told_so(site):
    html = (site / "404.html").read_text(encoding="utf-8")
    assert "Page not found" in html
    assert not re.findall(r'(?:src|href)="', html)
