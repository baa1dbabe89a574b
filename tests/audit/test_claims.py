"""The register holds what the article says, and refuses what it cannot mean."""

from __future__ import annotations

import shutil
from string import Formatter

import pytest

from exile import case
from exile.errors import InputError
from tests.audit.conftest import DATA


def test_every_number_that_a_claim_states_stands_in_its_statement():
    for claim in case.register().claims.values():
        for text in (claim.statement, claim.statement_ru):
            places = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert places == set(claim.states), claim.id


def test_every_part_says_in_both_languages_what_it_asserts_and_why_it_would_be_true():
    for claim in case.register().claims.values():
        for name, part in claim.parts.items():
            assert part.words and part.words_ru, (claim.id, name)
            if part.empirical:
                assert part.because, (claim.id, name)
                assert part.settles(part.of[0]), (claim.id, name)
                for reading in part.readings.values():
                    assert reading.words and reading.because, (claim.id, name)


def test_a_change_of_a_printed_number_moves_statement_and_truth(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    path = folder / "article_figures.csv"
    text = path.read_text("utf-8")
    assert text.count("ART-13,17,27,") == 1
    path.write_text(text.replace("ART-13,17,27,", "ART-13,17,72,"), "utf-8")
    monkeypatch.setenv("EXILE_DATA_DIR", str(folder))
    register = case.register()
    assert "72" in register.statement("car-27-4") and "27" not in register.statement("car-27-4")
    assert register.stated("car-27-4", "migrants").number == 0.72


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("- id: car-27-4", "- id: more-educated", "the id is used twice"),
        ("- id: car-27-4", "- idd: car-27-4", "no id"),
        ("    paragraph: 17", "    paragraf: 17", "Did you mean 'paragraph'"),
        ("    paragraph: 17", "    paragraph: -1", "paragraph is not a count"),
        ("    paragraph: 17", "    paragraph: seventeen", "should be a valid integer"),
        ("    kind: comparison", "    kind: comparision", "Did you mean 'comparison'"),
        ("        kind: change", "        kind: chnage", "Did you mean 'change'"),
        ("        unit: share_difference", "        unit: share_diff", "'share_diff' is not known"),
        ("        unit: ratio", "        unit: raito", "Did you mean 'ratio'"),
        ("        of: [context]", "        of: [contxt]", "Did you mean 'context'"),
        ("        of: [context]", "        of: []", "it speaks of nobody"),
        ("        true_if: {above: 1}", "        true_if: {abuve: 1}", "Did you mean 'above'"),
        ("        true_if: {above: 1}", "        true_if: {above: .nan}", "finite"),
        ("        true_if: {above: 1}", "        true_if: {}", "no set of values"),
        ("        true_if: {above: 1}", "        true_if: {above: 1, at_least: 2}", "an end stands"),
        ("        true_if: {above: 1}", '        true_if: {above: "1"}', "valid number"),
        ("        core: true", "        core: yes please", "should be a valid boolean"),
        ("        core: true", "        coer: true", "Did you mean 'core'"),
        ("        true_if: {above: 1}\n", "", "needs true_if"),
        ("rests_on: [one-million-left]", "rests_on: [one-milion-left]", "Did you mean 'one-mill"),
        ("{people_left: ART-01}", "{people_left: ART-99}", "row 'ART-99', which does not exist"),
        ("true_if: {states: people_left}", "true_if: {states: people}", "does not state"),
        ("settles: [women-more-active]", "settles: [woman-more-active]", "Did you mean 'women-"),
        ("claims:\n", "claims:\n  - 7\n", "no id"),
        ("    paragraph: 17", "    paragraph: 17\n    paragraph: 18", "stands twice"),
    ],
)  # fmt: skip
def test_a_misspelt_register_is_refused_with_file_key_and_remedy(
    tmp_path, monkeypatch, old, new, message
):
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    path = folder / "claims.yaml"
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), "utf-8")
    monkeypatch.setenv("EXILE_DATA_DIR", str(folder))
    with pytest.raises(InputError, match=r"claims\.yaml") as refused:
        case.register()
    assert message in str(refused.value), refused.value


def test_a_register_in_a_circle_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    path = folder / "claims.yaml"
    text = path.read_text("utf-8")
    old = "    states: {people_left: ART-01}\n    rests_on: [three"
    assert old in text
    path.write_text(text.replace(old, old.replace("[three", "[biggest-exodus, three")), "utf-8")
    monkeypatch.setenv("EXILE_DATA_DIR", str(folder))
    with pytest.raises(InputError, match="in a circle"):
        case.register()


def test_an_unknown_claim_or_number_names_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'car-27-4'"):
        case.stated("car-27-5", "russia")
    with pytest.raises(InputError, match="It states"):
        case.stated("car-27-4", "rusia")
