"""The scanner finds what is planted, says nothing of what it found, and passes the book."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plant import ANSWER, CHAPTER, PLANTS, ROOT, RUSSIAN, SECRETS, Plant, clean_site

from exile.custody.leaks.leak import REMEDIES
from exile.custody.leaks.raw import Secrets
from exile.custody.leaks.scan import scan
from exile.errors import InputError


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return clean_site(tmp_path / "site")


def test_a_clean_site_passes(clean: Path):
    assert scan(clean, min_cell=10, secrets=SECRETS) == []


@pytest.mark.parametrize("planted", PLANTS, ids=lambda planted: planted.name)
def test_what_is_planted_is_found_and_not_repeated(clean: Path, planted: Plant):
    planted.put(clean)
    leaks = scan(clean, min_cell=10, secrets=SECRETS)
    report = "\n".join(map(str, leaks))
    assert planted.secret not in report
    hidden = planted.secret in planted.file
    file = "downloads/(name withheld)" if hidden else planted.file
    assert (file, planted.kind) in {(leak.file, leak.kind) for leak in leaks}, report
    assert all(leak.remedy == REMEDIES[leak.kind] for leak in leaks)


def test_every_kind_of_leak_is_planted():
    assert {planted.kind for planted in PLANTS} == set(REMEDIES)
    assert len({planted.name for planted in PLANTS}) == len(PLANTS) >= 36


@given(
    st.sampled_from([ANSWER, RUSSIAN]),
    st.integers(0, 40),
    st.integers(12, 30),
    st.sampled_from([str.upper, str.title, lambda s: s.replace(" ", " \n "), lambda s: s]),
)
def test_any_twelve_characters_of_an_answer_are_a_quotation(answer, begin, length, change):
    part = answer[begin : begin + length].strip()
    # What stands beside it is no part of the answer.
    assert (SECRETS.quoted(f"#{change(part)}#") >= 12) == (len(part) >= 12)


@given(st.text(alphabet="abcdefghij ", max_size=300))
def test_words_of_no_answer_are_no_quotation(text):
    assert SECRETS.quoted(text) == 0


def test_a_common_turn_of_phrase_is_no_quotation_but_a_long_one_is():
    answer = "because of the war I had to leave my home and my work behind"
    secrets = Secrets([], [answer])
    secrets.allow_for(["They left because of the war I had to leave my home and my work."])
    assert secrets.quoted("gone because of the war") == 0
    assert secrets.quoted("because of the war I had to leave my home") >= 32
    assert secrets.quoted("and my work behind") > 0


@given(st.integers(0, 10**12))
def test_an_id_is_a_whole_word(number):
    assert SECRETS.named(f"case {number}.") == (number == 912004417)
    assert SECRETS.named(str(number), under_id=True) == (number in (48213, 912004417))


def test_what_the_site_said_before_is_no_quotation_unless_long(clean: Path, tmp_path: Path):
    before = clean_site(tmp_path / "before")
    for folder, words in ((before, ANSWER), (clean, ANSWER[:20])):
        page = folder / CHAPTER
        page.write_text(page.read_text("utf-8").replace("Of all", f"{words}: of all"), "utf-8")
    secrets = Secrets([], [ANSWER])
    assert scan(clean, min_cell=10, secrets=secrets)
    assert not scan(clean, min_cell=10, secrets=secrets, before=before)
    assert scan(before, min_cell=10, secrets=secrets, before=before)


def test_secrets_do_not_show_themselves():
    assert "brother" not in repr(SECRETS)
    assert "912004417" not in repr(SECRETS)


@pytest.mark.parametrize("min_cell", [10, 20])
def test_a_count_at_the_threshold_may_be_published(clean: Path, min_cell: int):
    path = clean / CHAPTER
    text = path.read_text("utf-8")
    for count, leaks in ((min_cell, 0), (min_cell - 1, 1), (1, 1), (0, 0)):
        path.write_text(text.replace('"n": 90', f'"n": {count}'), "utf-8")
        found = [leak for leak in scan(clean, min_cell=min_cell) if leak.kind == "small cell"]
        assert bool(found) == bool(leaks), count


def test_a_table_left_in_data_is_not_public_because_it_lies_there(clean: Path):
    declared = clean / "data" / "benchmarks" / "historical_cases.csv"
    declared.write_bytes(declared.read_bytes() + b"telegram,@vera_in_exile\n")
    assert [leak.file for leak in scan(clean, min_cell=10)] == [
        "data/benchmarks/historical_cases.csv"
    ]


def _command(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "exile.custody.leaks", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def test_the_command_fails_with_a_line_for_each_leak(clean: Path, tmp_path: Path):
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"ids": [], "answers": [ANSWER]}), "utf-8")
    passed = _command(clean, "--secrets", secrets)
    assert passed.returncode == 0, passed.stderr
    assert re.search(r"\d+ files", passed.stdout)
    (clean / "a.txt").write_text(ANSWER, "utf-8")
    failed = _command(clean, "--secrets", secrets)
    assert failed.returncode == 1
    assert [line.split(":")[0] for line in failed.stdout.splitlines()] == ["a.txt, line 1"]
    assert "brother" not in failed.stdout + failed.stderr


def test_a_file_of_secrets_in_another_form_is_refused(tmp_path: Path):
    path = tmp_path / "secrets.json"
    path.write_text(f'["{ANSWER}"]', "utf-8")
    with pytest.raises(InputError) as refused:
        Secrets.read(path)
    assert "brother" not in str(refused.value)
