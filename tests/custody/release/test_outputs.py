"""A release is signed by name before any page is made, and any change voids the signature."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace

import pytest

from exile.__main__ import main
from exile.custody.release import crate, outputs
from exile.custody.release.outputs import NEUTRAL, VERSION, About, Cell, Output, Release
from exile.custody.release.pages import block
from exile.errors import InputError

ABOUT = About(
    survey="A & B", custodian="the tests", fieldwork="never", grade="A", synthetic=False,
    people=520, waves=(1,), variables=("sex",), weighted=False, profile="strict",
    file_sha256="a" * 64, codebook_sha256="b" * 64, rules_sha256="c" * 64, made="2026-01-01",
)  # fmt: skip
TABLE = Output(
    "trust-1", "trust", 1, "table", "rule", "0 to 99 people", "hidden", "Trust by sex.",
    variables=("sex", "trust"), absorbed=((), ("no",)), over=("sex",),
    cells=(
        Cell(("man", "yes"), 60), Cell(("man", "no"), 40),
        Cell(("woman", "yes"), None), Cell(("woman", "no"), 30),
    ),
)  # fmt: skip
RELEASE = Release(VERSION, ABOUT, (TABLE,), ("dropped: stdout of cell 1 of trust",))


@pytest.fixture
def path(tmp_path):
    outputs.write(RELEASE, tmp_path / "release.json")
    return tmp_path / "release.json"


def test_it_reads_as_it_was_written_and_by_its_owner_alone(path):
    assert outputs.read(path) == RELEASE
    assert path.stat().st_mode & 0o077 == 0


def test_two_different_people_must_sign_in_the_strict_profile(path):
    with pytest.raises(InputError, match="2 more approvals"):
        outputs.approved(path)
    outputs.approve(path, "Anna A.", "read every table")
    with pytest.raises(InputError, match="approved it already"):
        outputs.approve(path, " anna a. ", "read every table again")
    with pytest.raises(InputError, match="1 more approval needed"):
        outputs.approved(path)
    outputs.approve(path, "Boris B.", "compared with the rules")
    assert outputs.approved(path).signed_by == ("Anna A.", "Boris B.")


def test_one_is_enough_in_the_standard_profile(tmp_path):
    path = tmp_path / "release.json"
    outputs.write(replace(RELEASE, run=replace(ABOUT, profile="standard")), path)
    outputs.approve(path, "Anna A.", "read every table")
    assert outputs.approved(path)


@pytest.mark.parametrize(
    ("by", "comment"), [("", "read every table"), ("Anna", ""), ("Anna", "ok")]
)
def test_a_signature_needs_a_name_and_a_comment(path, by, comment):
    with pytest.raises(InputError, match="no name or no comment"):
        outputs.approve(path, by, comment)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"about": 60', '"about": 70'), ('"trust-1"', '"trust-2"'), ("520", "530"), ("A & B", "C")],
)
def test_a_change_after_signing_voids_the_signatures(path, old, new):
    outputs.approve(path, "Anna A.", "read every table")
    outputs.approve(path, "Boris B.", "read every table")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match="2 more approvals"):
        outputs.approved(path)


def test_the_command_shows_then_signs(path, capsys):
    assert main(["survey", "approve", str(path)]) == 0
    said = capsys.readouterr().out
    assert "man, yes: about 60" in said and "woman, yes: hidden" in said and "dropped" in said
    sign = ["survey", "approve", str(path), "--comment", "read it all"]
    assert main([*sign, "--by", "Anna A."]) == 0
    assert "1 more" in capsys.readouterr().out
    assert main([*sign, "--by", "Anna A."]) == 1
    assert main([*sign, "--by", "Boris B."]) == 0
    assert "publish" in capsys.readouterr().out


def test_a_broken_or_older_file_is_refused(path):
    text = path.read_text(encoding="utf-8")
    for spoilt, problem in (
        (text.replace('"version": 1', '"version": 0'), "version 0"),
        (text[:-20], "no JSON"),
        (text.replace('"kind"', '"kynd"'), "unknown key 'kynd'"),
    ):
        path.write_text(spoilt, encoding="utf-8")
        with pytest.raises(InputError, match=problem):
            outputs.read(path)


def test_a_table_stands_as_counts_and_as_shares_where_the_row_is_whole():
    html = block(TABLE)
    cells = re.findall(r"<td>([^<]*)</td>", html.split("<tbody>")[1])
    assert [c.replace("\u202f", " ") for c in cells] == ["60 (60 %)", "40 (40 %)", "–", "30"]
    assert "no, or no answer or rare" in html


def test_a_hidden_table_is_the_neutral_sentence():
    assert NEUTRAL in block(replace(TABLE, cells=(), text=f"Trust. {NEUTRAL}"))


def test_the_crate_names_custodian_fingerprint_and_who_signed(path):
    outputs.approve(path, "Anna A.", "read every table")
    made = crate.crate(outputs.read(path))
    held = {item["@id"]: item for item in made["@graph"]}
    assert held["#custodian"]["name"] == "the tests"
    assert held["#survey"]["sha256"] == "a" * 64
    assert held["#check-1"]["agent"] == {"@id": "#person-1"}
    assert held["#person-1"]["name"] == "Anna A."
    # Every reference leads to something that the crate describes, or out of it.
    for item in made["@graph"]:
        for value in item.values():
            for ref in value if isinstance(value, list) else [value]:
                if isinstance(ref, dict) and not ref["@id"].startswith("http"):
                    assert ref["@id"] in held, ref
    json.dumps(asdict(RELEASE))
