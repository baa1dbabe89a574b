"""Exports and metadata hold to their formats, and say what the pages say."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import feedparser
import jsonschema
import pytest
import rocrate
from rocrate.rocrate import ROCrate
from served import pages, run
from test_downloads import CHAPTERS

from exile.site.metadata import PICTURES, SITEMAP, claims_csv, picture_size, sitemap

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


@pytest.fixture(scope="module")
def validators(tmp_path_factory) -> Path:
    """Programs of an environment that holds validators which do not get along with the book."""
    folder = tmp_path_factory.mktemp("validators")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install = ["pip", "install", "--quiet", "-r", Path(__file__).with_name("validators.txt")]
    subprocess.run([folder / "bin" / "python", "-m", *install], check=True)
    return folder / "bin"


def test_the_crate_is_one(site, validators, tmp_path):
    held = Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld"

    def faults(folder: Path) -> set[str]:
        command = [validators / "python", Path(__file__).with_name("crate.py"), held, folder]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
        return {f["text"] for f in json.loads(said.stdout)}

    assert not faults(site)
    wrong = json.loads((site / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    (root,) = (node for node in wrong["@graph"] if node["@id"] == "./")
    del root["datePublished"]
    root["hasPart"] = []
    wrong["@graph"] = [node for node in wrong["@graph"] if node["@type"] != "File"]
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(wrong), encoding="utf-8")
    assert any("datePublished" in text for text in faults(tmp_path))


def test_the_citation_file_is_one(validators, tmp_path):
    def valid(path: Path) -> bool:
        command = [validators / "cffconvert", "--validate", "--infile", path]
        return not subprocess.run(command, capture_output=True, check=False).returncode

    assert valid(ROOT / "CITATION.cff")
    wrong = tmp_path / "CITATION.cff"
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    wrong.write_text(text.replace("title:", "tittle:", 1), encoding="utf-8")
    assert not valid(wrong)


def test_the_sitemap_names_each_page_once(site, claims):
    names = [page.removesuffix(".html") for page in pages(site) if page.startswith("book/")]
    builder = SimpleNamespace(get_target_uri="{}.html".format)
    env = SimpleNamespace(all_docs=set(names), exile_ledger={c["id"]: None for c in claims})
    app = SimpleNamespace(env=env, builder=builder, config=SimpleNamespace(root_doc="book/index"))
    root = ElementTree.fromstring(sitemap(app, "https://owner.github.io/name"))
    assert root.tag == f"{{{SITEMAP}}}urlset"
    assert {child.tag for child in root} == {f"{{{SITEMAP}}}url"}
    said = [loc.text for loc in root.iter(f"{{{SITEMAP}}}loc")]
    # Every page of the book, every claim in two languages, the Russian front page.
    assert len(said) == len(root) == len(set(said)) == len(names) + 2 * len(claims) + 1
    for loc in said:
        path = site / loc.removeprefix("https://owner.github.io/name/")
        assert (path / "index.html" if path.is_dir() else path).is_file(), loc


def linked(site: Path, name: str) -> list[dict]:
    """The nodes of a page's linked data."""
    data = document(site, name)
    assert data["@context"] == "https://schema.org"
    return data["@graph"]


def document(site: Path, name: str) -> dict:
    html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return json.loads(text.replace("<\\/", "</"))


def test_linked_data_is_schema_org(site, tmp_path):
    """Every type, property and kind of value, by the vocabulary's types."""

    def faults(documents: dict[str, dict]) -> list[dict]:
        path = tmp_path / "pages.json"
        path.write_text(json.dumps(documents), encoding="utf-8")
        return run("linked_data.cjs", str(path))

    right = {p.stem: document(site, p.stem) for p in sorted((site / "book").glob("*.html"))}
    assert not faults(right)

    def page(**more) -> dict:
        return {
            "@context": "https://schema.org",
            "@graph": [{"@type": "ScholarlyArticle", "headline": "A page"} | more],
        }

    wrong = {
        "property": page(headlines="A page"),
        "type": page(author={"@type": "Persons", "name": "Ann"}),
        "value": page(author=1),
        "right": page(author={"@type": "Person", "name": "Ann"}),
    }
    assert [fault["page"] for fault in faults(wrong)] == ["property", "type", "value"]


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_describes_itself(site, name):
    html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    for tag in ('name="citation_title"', 'name="citation_author"', 'property="og:description"'):
        assert html.count(f"<meta {tag}") == 1
    (article,) = [n for n in linked(site, name) if n["@type"] == "ScholarlyArticle"]
    assert article["headline"] and article["author"] and article["license"]
    assert len(article["description"]) > 80
    assert picture_size(site / PICTURES / f"{name}.png") == (1200, 630)


def test_every_verdict_is_reviewed_once_with_its_own_label(site, claims):
    reviews = [
        (n["claimReviewed"], n["reviewRating"]["alternateName"])
        for name in CHAPTERS
        for n in linked(site, name)
        if n["@type"] == "ClaimReview"
    ]
    expected = [
        (f"{c['statement']} ({v['words']})", v["label"]) for c in claims for v in c["verdicts"]
    ]
    assert sorted(reviews) == sorted(expected)
    for name in CHAPTERS:
        for node in linked(site, name):
            if node["@type"] == "ClaimReview":
                assert node["itemReviewed"]["appearance"]["url"].startswith("https://")
