"""A codebook is refused with its file, field and remedy; a draft needs no answers."""

from __future__ import annotations

from pathlib import Path

import pyreadstat
import pytest
import yaml

from exile.case import register
from exile.custody.catalogue import catalogue
from exile.custody.counts.run import count_file
from exile.custody.source.codebook import load_codebook
from exile.custody.source.draft import OPEN, draft
from exile.data import data_directory
from exile.errors import InputError
from tests.custody.conftest import codebook, frame, write

WRONG = {
    "no custodian": ({"about": {"custodian": ""}}, "'custodian' is not filled in"),
    "a word for a truth": ({"about": {"same_data_as_article": "yes"}}, "same_data_as_article"),
    "unknown section": ({"colour": 1}, "line 6, colour: unknown key"),
    "unknown fault": ({"accept": ["everything"]}, "'everything' is not known"),
    "unknown variable": ({"variables": {"shoe": {"column": "x"}}}, "variables.shoe"),
    "no ids": ({"variables": {"respondent": None}}, "'respondent' is missing"),
    "no column": ({"variables": {"sex": {"codes": {1: "man"}}}}, "variables.sex.column: 'column' is missing"),
    "no codes": ({"variables": {"sex": {"column": "sex"}}}, "variables.sex: it has no codes"),
    "unknown level": (
        {"variables": {"sex": {"column": "sex", "codes": {1: "male"}}}}, "'male' is no level",
    ),
    "two meanings": (
        {"variables": {"sex": {"column": "sex", "codes": {1: "man"}, "missing": [1.0]}}},
        "code 1 is both",
    ),
    "codes of an age": (
        {"variables": {"age": {"column": "age", "codes": {1: "young"}}}}, "'young' is no level",
    ),
    "no country": (
        {"variables": {"host": {"column": "host", "codes": {1: "Georgia"}}}}, "no country code",
    ),
    "no wave": ({"variables": {"wave": {"column": "wave", "codes": {1: "first"}}}}, "is no wave"),
    "misspelt field": (
        {"variables": {"sex": {"column": "sex", "code": {1: "man"}}}}, "variables.sex.code",
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_each_mistake_names_the_field(tmp_path, wrong):
    changes, where = WRONG[wrong]
    with pytest.raises(InputError) as raised:
        load_codebook(codebook(tmp_path, **changes))
    assert where in str(raised.value) and "codebook.yaml" in str(raised.value)


@pytest.mark.parametrize("content", ["a: [", "- 1", "", "\ufeff: {", "'", "{}"])
def test_what_is_no_codebook(tmp_path, content):
    path = tmp_path / "codebook.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"codebook\.yaml"):
        load_codebook(path)


def test_yes_and_no_may_be_written_as_yaml_reads_them(tmp_path):
    written = {"before_rally": {"column": "b_rally", "codes": {1: True, 2: False}}}
    book = load_codebook(codebook(tmp_path, variables=written))
    assert book.mappings["before_rally"].codes == {"1": "yes", "2": "no"}


def test_the_example_is_valid_and_maps_most_variables():
    book = load_codebook(Path(data_directory(), "survey", "codebook.example.yaml"))
    assert book.about.synthetic and len(book.present) > len(catalogue().variables) / 2


def test_the_catalogue_names_known_claims_and_variables():
    known = catalogue()
    for need in known.needs:
        assert need.part in register().claims[need.claim].parts, need
        assert set(need.variables) <= set(known.variables)
    for together in known.topics.values():
        assert set(together) <= {*known.variables, *known.derived}


LABELS = {
    "id": "Respondent id",
    "wave": "Wave",
    "w": "Design weight",
    "sex": "Пол респондента",
    "age": "Age",
    "edu": "Highest education",
    "host": "Country of residence",
    "b_rally": "Before emigration: took part in rallies",
    "a_rally": "After emigration: took part in rallies",
    "b_comp": "Before emigration: volunteered for compatriots",
    "a_comp": "After emigration: volunteered for compatriots",
    "a_none": "After emigration: none of these",
}
CODES = {
    "sex": {1: "Мужской", 2: "Женский", 9: "Refused"},
    "edu": {1: "School", 2: "Higher"},
    "b_rally": {1: "Yes", 2: "No", 99: "Hard to say"},
    "a_rally": {1: "Yes", 2: "No", 99: "Hard to say"},
    **{c: {1: "Yes", 2: "No"} for c in ("b_comp", "a_comp", "a_none")},
}


class TestDraft:
    def test_a_labelled_file_needs_only_its_name_and_keeper(self, tmp_path):
        """Draft, fill in who keeps the file, and the survey counts as by hand."""
        path = tmp_path / "people.sav"
        pyreadstat.write_sav(frame(), str(path), column_labels=LABELS, variable_value_labels=CODES)
        drafted = yaml.safe_load(draft(path))
        assert drafted["about"]["custodian"] == OPEN
        drafted["about"] |= {"name": "A test", "custodian": "the tests", "fieldwork": "never"}
        book = tmp_path / "drafted.yaml"
        book.write_text(yaml.safe_dump(drafted, allow_unicode=True), encoding="utf-8")
        _, found = count_file(path, load_codebook(book))
        _, expected = count_file(path, load_codebook(codebook(tmp_path)))
        assert found.keys() == expected.keys()
        assert all(found[name].equals(expected[name]) for name in expected)

    @pytest.mark.parametrize("suffix", [".csv", ".sav", ".dta", ".parquet"])
    def test_it_shows_no_answer(self, tmp_path, suffix):
        data = frame().assign(open_answer="I fled from Omsk by bus")
        text = draft(write(data, tmp_path / f"people{suffix}"))
        assert "Omsk" not in text and "open_answer" in text

    def test_a_label_cannot_end_its_comment(self, tmp_path):
        path = tmp_path / "people.sav"
        pyreadstat.write_sav(
            frame().assign(x=1), str(path), column_labels={"x": "odd\nabout: {name: evil}"}
        )
        assert yaml.safe_load(draft(path))["about"]["name"] == OPEN
