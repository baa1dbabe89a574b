"""The loader accepts what the data package declares and explains what it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from exile.data import figure, sources, table
from exile.data.descriptor import descriptors
from exile.data.location import data_directory
from exile.errors import InputError

TABLES = sorted(n for n, d in descriptors(data_directory()).items() if d.is_table)


def replace(path: Path, old: str, new: str) -> None:
    """Replaces the first occurrence; the test is void if there is none."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_every_table_loads_with_its_declared_columns(name):
    assert list(table(name).columns) == descriptors(data_directory())[name].columns


def test_types_are_those_declared():
    estimates = table("exodus_estimates")
    assert estimates["value"].dtype == "float64"
    assert pd.api.types.is_datetime64_any_dtype(estimates["window_start"])
    assert table("migrant_surveys")["base_n"].dtype == "Int64"


def test_a_caller_cannot_change_what_the_next_one_reads():
    first = table("trust")
    first.loc[:, "value"] = -1.0
    assert (table("trust")["value"] != -1.0).any()


def test_sources_are_indexed_by_id():
    assert sources().loc["article", "publisher"] == "University of Helsinki"


def test_importing_loads_no_heavy_library():
    heavy = "'pandera', 'frictionless', 'pooch', 'pyreadstat', 'statsmodels'"
    code = f"import sys, exile.data; print([m for m in ({heavy}) if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class TestFigure:
    def test_reads_the_article(self):
        before = figure("ART-05")
        assert (before.value, before.unit, before.source_id) == (49, "percent", "article")
        assert before.share == 0.49
        assert before.table == "article_figures"

    def test_base_is_a_whole_number_where_published(self):
        assert figure("OTH-46").base_n == 2519
        assert figure("ART-05").base_n is None

    def test_range_has_ends_and_no_value(self):
        autumn = figure("EX029")
        assert (autumn.value, autumn.low, autumn.high) == (None, 300_000, 600_000)

    def test_words_are_in_the_row(self):
        assert figure("HC002").row["value_text"] == "2nd"

    def test_ids_are_unique_across_tables(self):
        ids = pd.concat(
            table(name)["figure_id"] for name in TABLES if "figure_id" in table(name).columns
        )
        assert ids.is_unique

    def test_no_share_of_a_count(self):
        with pytest.raises(InputError, match=r"ART-01: not a percentage but 1000000.0 \(count\)"):
            _ = figure("ART-01").share

    def test_unknown_id(self):
        with pytest.raises(InputError, match="figure 'ART-99': no such figure"):
            figure("ART-99")

    def test_id_in_two_tables(self, data_copy):
        replace(data_copy / "benchmarks/trust.csv", "\nTR001,", "\nHT001,")
        with pytest.raises(InputError, match="stands in host_tensions and trust"):
            figure("HT001")


class TestRefusals:
    """Each bad input has a message with file, column, row and remedy."""

    def test_unknown_table(self):
        with pytest.raises(
            InputError, match=r"lists no such table. It lists .*chronicles, .*trust"
        ):
            table("exodus")

    def test_files_that_are_no_tables(self):
        with pytest.raises(InputError, match="lists no such table"):
            table("rules")

    def test_missing_folder(self, monkeypatch, tmp_path):
        monkeypatch.setenv("EXILE_DATA_DIR", str(tmp_path / "nowhere"))
        with pytest.raises(InputError, match="data folder 'nowhere': it does not exist"):
            table("trust")

    def test_missing_descriptor(self, monkeypatch, tmp_path):
        monkeypatch.setenv("EXILE_DATA_DIR", str(tmp_path))
        with pytest.raises(InputError, match=r"datapackage.json: the file is missing"):
            table("trust")

    def test_broken_descriptor(self, data_copy):
        (data_copy / "datapackage.json").write_text("{", encoding="utf-8")
        with pytest.raises(InputError, match=r"datapackage.json: not valid JSON"):
            table("trust")

    def test_missing_file(self, data_copy):
        (data_copy / "benchmarks/trust.csv").unlink()
        with pytest.raises(InputError, match=r"benchmarks/trust.csv: the file is missing"):
            table("trust")

    def test_missing_sources(self, data_copy):
        (data_copy / "sources.csv").unlink()
        with pytest.raises(InputError, match=r"sources.csv: the file is missing"):
            table("trust")

    def test_sources_without_ids(self, data_copy):
        replace(data_copy / "sources.csv", "source_id", "id")
        with pytest.raises(InputError, match=r"sources.csv, header: missing column 'source_id'"):
            table("trust")

    def test_not_utf8(self, data_copy):
        path = data_copy / "benchmarks/trust.csv"
        path.write_bytes(path.read_bytes().replace(b"Russia", b"Russ\xef\xbf", 1))
        with pytest.raises(InputError, match="not a CSV file in UTF-8"):
            table("trust")

    def test_line_with_too_many_cells(self, data_copy):
        path = data_copy / "benchmarks/trust.csv"
        path.write_text(path.read_text(encoding="utf-8") + "a" + "," * 40 + "\n", encoding="utf-8")
        with pytest.raises(InputError, match="not a CSV file"):
            table("trust")

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("iso3", "iso4", r"header: missing columns \['iso3'\]; unknown columns \['iso4'\]"),
            ("geography,iso3", "iso3,geography", "header: columns in another order"),
        ],
    )
    def test_wrong_header(self, data_copy, old, new, message):
        replace(data_copy / "benchmarks/trust.csv", old, new)
        with pytest.raises(InputError, match=message):
            table("trust")

    @pytest.mark.parametrize(
        ("name", "file", "old", "new", "message"),
        [
            (
                "article_figures",
                "article_figures.csv",
                "ART-05,12,49,",
                "ART-05,12,149,",
                r"article_figures.csv, value, line 6 \(ART-05\): '149' .* 0 to 100 where unit",
            ),
            (
                "article_figures",
                "article_figures.csv",
                "ART-05,12,49,",
                "ART-05,12,many,",
                r"value, line 6 \(ART-05\): 'many' is not a number",
            ),
            (
                "article_figures",
                "article_figures.csv",
                "ART-05,12,49,",
                "ART-05,12,,",
                r"value, line 6 \(ART-05\): the cell is empty",
            ),
            (
                "article_figures",
                "article_figures.csv",
                "ART-05,12,49,percent",
                "ART-05,12,49,per cent",
                r"unit, line 6 \(ART-05\): 'per cent' is not allowed. .* one of percent, count",
            ),
            (
                "migrant_surveys",
                "published/migrant_surveys.csv",
                ",2000,host_country",
                ",2000.5,host_country",
                r"base_n, line 11 \(OR1-08\): '2000.5' is not a whole number",
            ),
            (
                "article_figures",
                "article_figures.csv",
                "\nART-05,",
                "\nART-04,",
                r"line 6: ART-04 stands there a second time. figure_id must be unique",
            ),
            (
                "exodus_estimates",
                "benchmarks/exodus_estimates.csv",
                ",150000,300000,left_spring",
                ",150000,30000,left_spring",
                r"low, line 7 \(EX006\): '150000' is not allowed.*not above high",
            ),
            (
                "exodus_estimates",
                "benchmarks/exodus_estimates.csv",
                "2022-04-15",
                "mid-April",
                r"window_end, line 7 \(EX006\): 'mid-April' is not a date",
            ),
            (
                "trust",
                "benchmarks/trust.csv",
                ",RUS,",
                ",Rus,",
                r"iso3, line 2 \(TR001\): 'Rus' is not allowed.*like",
            ),
            (
                "trust",
                "benchmarks/trust.csv",
                "DF_TRUSTSURVEYS",
                "DF_TRUST",
                r"source_id, line 2 \(TR001\): 'DF_TRUST' is not in sources.csv. Add it there",
            ),
            (
                "chronicles",
                "cells/chronicles.csv",
                "\n1,education,one_question,academic_degree,man,18-34,rural,yes,1,",
                "\n1,education,one_question,academic_degree,man,18-34,rural,yes,0,",
                r"n, line 2 \(1 / education / .*\): '0' is not allowed.*at least 1",
            ),
            (
                "chronicles",
                "cells/chronicles.csv",
                "\n1,education,one_question,",
                "\n1,education,other_question,",
                r"'education / other_question' is not in cells/chronicles_items.csv",
            ),
        ],
    )
    def test_wrong_cell(self, data_copy, name, file, old, new, message):
        replace(data_copy / file, old, new)
        with pytest.raises(InputError, match=message):
            table(name)
