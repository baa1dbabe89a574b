"""The data package is valid for any Frictionless tool and agrees with the files."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from exile.data import table
from exile.data.__main__ import main

DATA = Path(__file__).parents[2] / "data"
PACKAGE = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {resource["name"]: resource for resource in PACKAGE["resources"]}


def test_frictionless_finds_no_fault():
    command = [str(Path(sys.executable).parent / "frictionless"), "validate", "--json"]
    done = subprocess.run(
        [*command, str(DATA / "datapackage.json")], capture_output=True, text=True, check=False
    )
    report = json.loads(done.stdout)
    assert report["valid"], [task["errors"][:1] for task in report["tasks"] if not task["valid"]]
    assert report["stats"]["tasks"] == len(RESOURCES)


@pytest.mark.parametrize("name", RESOURCES)
def test_committed_hash_and_size_match(name):
    content = (DATA / RESOURCES[name]["path"]).read_bytes()
    declared = RESOURCES[name]["hash"], RESOURCES[name]["bytes"]
    assert declared == (f"sha256:{sha256(content).hexdigest()}", len(content)), (
        "run 'python -m exile.data package' and commit the result"
    )


def test_every_data_file_is_listed():
    kept = {p.relative_to(DATA).as_posix() for p in DATA.rglob("*") if p.is_file()}
    listed = {resource["path"] for resource in PACKAGE["resources"]}
    assert kept - listed == {"README.md", "datapackage.json"}


@pytest.mark.parametrize("name", RESOURCES)
def test_every_resource_states_its_terms(name):
    assert all(licence["path"].startswith("https://") for licence in RESOURCES[name]["licenses"])


@pytest.mark.parametrize("name", [n for n, r in RESOURCES.items() if "schema" in r])
def test_every_cited_table_names_its_sources(name):
    fields = {field["name"] for field in RESOURCES[name]["schema"]["fields"]}
    keys = [tuple(k["fields"]) for k in RESOURCES[name]["schema"].get("foreignKeys", [])]
    if "source_id" in fields and name != "sources":
        assert ("source_id",) in keys


def test_files_end_lines_alike():
    for resource in PACKAGE["resources"]:
        assert b"\r" not in (DATA / resource["path"]).read_bytes(), resource["path"]


def test_refresh_notices_a_changed_table(data_copy, capsys):
    assert main(["package", "--check"]) == 0
    path = data_copy / "benchmarks/trust.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert main(["package", "--check"]) == 1
    assert "run 'python -m exile.data package'" in capsys.readouterr().out
    assert main(["package"]) == 0
    assert main(["package", "--check"]) == 0


class TestMeaning:
    """What the columns promise beyond their types."""

    def test_bounds_of_estimates(self):
        estimates = table("exodus_estimates").set_index("bound")
        assert estimates.loc["range", ["low", "high"]].notna().all(axis=None)
        assert estimates.loc["at_least", "low"].notna().all()
        assert estimates.loc["point", "value"].notna().all()

    def test_windows_of_estimates_fit_what_is_estimated(self):
        estimates = table("exodus_estimates")
        mobilisation = "2022-09-21"
        before = estimates[estimates["estimand"].isin(["left_spring", "left_before_mobilisation"])]
        autumn = estimates[estimates["estimand"] == "left_autumn"]
        total = estimates[estimates["estimand"] == "left_total"]
        assert (before["window_end"] <= mobilisation).all()
        assert (autumn["window_start"] == mobilisation).all()
        assert (total["window_end"] > mobilisation).all()

    def test_every_figure_says_something(self):
        for name, resource in RESOURCES.items():
            fields = [f["name"] for f in resource.get("schema", {}).get("fields", [])]
            if "figure_id" in fields:
                said = [c for c in ("value", "value_text", "low", "high") if c in fields]
                assert table(name)[said].notna().any(axis=1).all(), name


class TestWhoseFigures:
    """Relations of sources are judged by who made the figures, not by who prints them."""

    FIGURES = table("migrant_surveys").merge(table("sources"), on="source_id")

    def relations(self, survey):
        return {*self.FIGURES.loc[self.FIGURES["survey"].str.startswith(survey), "relation"]}

    def test_the_articles_own_survey_and_coverage_of_it_are_the_same_team(self):
        assert self.relations("OutRush") == {"same_team"}

    def test_the_survey_that_recruited_its_first_wave_is_a_partner(self):
        assert self.relations("OK Russians") == {"partner"}

    def test_a_source_with_figures_of_others_has_a_row_for_them(self):
        own = self.FIGURES["survey"].str.match("OutRush|OK Russians")
        mixed = {*self.FIGURES.loc[own, "source_id"]} & {*self.FIGURES.loc[~own, "source_id"]}
        # The authors quote totals of others without naming them.
        assert mixed <= {"helsinki_insight"}

    def test_the_article_is_its_authors_own(self):
        figures = table("article_figures").merge(table("sources"), on="source_id")
        assert {*figures["relation"]} == {"same_team"}
