"""A restricted build stands complete and clean, outside any repository, or not at all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from exile.__main__ import main
from exile.custody import RUN_VARIABLE, build
from exile.custody.catalogue import catalogue
from exile.custody.counts.run import load_run
from exile.errors import InputError
from tests.custody.conftest import codebook, frame, write

BOOK = Path(__file__).parents[2] / "book"


@pytest.fixture
def sphinx(monkeypatch):
    """Stands for the build of the pages: writes one page, whatever the test puts on it."""
    page = {"html": "<p>nothing</p>"}

    def stand_in(partial: Path) -> None:
        page["run"] = load_run(partial / "counts")
        html = partial / "_build" / "html"
        html.mkdir(parents=True)
        (html / "index.html").write_text(page["html"], encoding="utf-8")

    monkeypatch.setattr(build, "_sphinx", stand_in)
    return page


@pytest.fixture
def given(tmp_path):
    return write(frame().assign(told="I fled from Omsk by night"), tmp_path / "people.csv")


def run(given: Path, tmp_path: Path, to: Path) -> int:
    book = codebook(tmp_path)
    return main(["survey", "build", str(given), "--codebook", str(book), "--to", str(to)])


def test_it_leaves_the_site_and_a_notice_and_no_counts(sphinx, given, tmp_path):
    assert run(given, tmp_path, tmp_path / "out") == 0
    found = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*")}
    assert found == {"site", "site/index.html", "RESTRICTED.txt"}
    assert "the tests" in (tmp_path / "out" / "RESTRICTED.txt").read_text()
    assert not (tmp_path / "out.partial").exists()


LEAKS = {
    "an open answer": "<p>… i FLED from Omsk&nbsp;by night</p>",
    "respondents as rows": "<script>var d=[{}]</script>".format(
        ",".join(f'{{"id":{i},"age":{20 + i % 50},"sex":1}}' for i in range(700))
    ),
    "an address": "<p>write to ivan.petrov@mail.ru</p>",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_leaves_nothing(sphinx, given, tmp_path, leak, capsys):
    sphinx["html"] = LEAKS[leak]
    assert run(given, tmp_path, tmp_path / "out") == 1
    assert not (tmp_path / "out").exists() and not (tmp_path / "out.partial").exists()
    said = capsys.readouterr().err
    assert "index.html" in said and "Omsk" not in said and "petrov" not in said


def test_a_failing_chapter_leaves_nothing(given, tmp_path, monkeypatch):
    def fail(partial: Path) -> None:
        raise InputError("restricted book", "the build failed", "See above.")

    monkeypatch.setattr(build, "_sphinx", fail)
    assert run(given, tmp_path, tmp_path / "out") == 1
    assert not [*tmp_path.glob("out*")]


def test_it_refuses_a_folder_that_exists(sphinx, given, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    assert run(given, tmp_path, tmp_path / "out") == 1
    assert "exists already" in capsys.readouterr().err and "run" not in sphinx


def test_it_refuses_a_folder_that_git_could_take_up(sphinx, given, tmp_path, capsys):
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert run(given, tmp_path, tmp_path / "repository" / "deep" / "out") == 1
    assert "lies in the git repository" in capsys.readouterr().err and "run" not in sphinx


def test_the_counts_are_only_the_users_to_read(given, tmp_path, monkeypatch):
    modes = []

    def look(partial: Path) -> None:
        modes.extend(p.stat().st_mode & 0o077 for p in (partial, partial / "counts"))
        raise InputError("x", "y", "z")

    monkeypatch.setattr(build, "_sphinx", look)
    run(given, tmp_path, tmp_path / "out")
    assert modes == [0, 0]


def test_check_says_claim_by_claim_what_the_file_can_decide(given, tmp_path, capsys):
    assert main(["survey", "check", str(given), "--codebook", str(codebook(tmp_path))]) == 0
    said = capsys.readouterr().out
    assert re.search(r"rallies-49-26 +yes", said)
    assert re.search(r"trust-each-other +\S.* +no, lacks trust_emigrants", said)
    claims = said.partition("It bears on")[2]
    assert len(re.findall(r"  (yes|no, lacks .+)$", claims, re.MULTILINE)) == len(catalogue().needs)


def test_init_overwrites_nothing(given, tmp_path, capsys):
    there = tmp_path / "mine.yaml"
    there.write_text("precious")
    assert main(["survey", "init", str(given), "--to", str(there)]) == 1
    assert there.read_text() == "precious" and "exists already" in capsys.readouterr().err


# The chapters' analyses of respondents.


def supplements() -> dict[str, str]:
    """The chapters that take up respondents' answers; the ledger only sums them up."""
    found = {p.stem: p.read_text(encoding="utf-8") for p in BOOK.glob("respondents/*.md")}
    return {name: text for name, text in found.items() if "code-cell" in text}


@pytest.mark.parametrize("name", sorted(supplements()))
def test_a_supplement_belongs_to_a_chapter_and_marks_what_it_shows(name):
    assert (BOOK / f"{name}.md").is_file()
    text = supplements()[name]
    cells = re.findall(r"^```\{code-cell\}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    # The scanner holds cells with this tag to the rules of restricted material.
    assert cells and all("respondents]" in cell.splitlines()[0] for cell in cells)
    # Exact counts are never displayed, nor findings made past the door.
    assert not re.search(r"\bdisplay\(|\bshow\(|(?<!survey\.)\brecord\(", text)


def test_every_need_is_met_by_a_supplement():
    text = "".join(supplements().values())
    for need in catalogue().needs:
        assert f'"{need.claim}"' in text, need.claim
        assert not need.part or f'"{need.part}"' in text or "{stream} {words}" in text, need


def test_the_public_book_has_no_supplement(monkeypatch):
    from exile.site.restricted import chapter_text

    monkeypatch.delenv(RUN_VARIABLE, raising=False)
    for name in supplements():
        path = BOOK / f"{name}.md"
        assert chapter_text(path) == path.read_text(encoding="utf-8")


def test_claims_json_says_the_verdict_before(tmp_path):
    """A finding on microdata replaces the public one, whose verdict stays on record."""
    from dataclasses import replace

    from exile.audit import Evidence, Finding
    from exile.audit.ledger import export, with_microdata
    from exile.case import register, rules
    from exile.statistics.intervals import Interval

    shared = {"label": "x", "scope": "respondents", "unit": "share_difference", "method": "m"}
    public = Finding(
        claim="rallies-49-26", scope="respondents", true_if=Interval.below(0), summary="s",
        settled_by="s",
        evidence=(Evidence(**shared, grade="D", sources=("article",), region=Interval(-0.2, 0.1)),),
    )  # fmt: skip
    told = replace(
        public,
        published=Interval(-0.24, -0.22),
        evidence=(
            Evidence(**shared, grade="A", sources=("article",), region=Interval.point(-0.23)),
        ),
    )
    ledger = with_microdata(register(), {"a": [public]}, {"a": [told]}, rules())
    (row,) = [r for r in export(ledger, rules(), {"a": "a.html"}) if r["id"] == public.claim]
    (verdict,) = row["verdicts"]
    assert verdict["verdict_by_public_record"] == "Not identified"
    assert verdict["verdict"] == "Reproduced"
    assert [e["grade"] for e in verdict["evidence"]] == ["A", "D"]
    json.dumps(row)

    moved = replace(told, true_if=Interval.above(0))
    with pytest.raises(InputError, match="true at"):
        with_microdata(register(), {"a": [public]}, {"a": [moved]}, rules())
