"""A restricted run writes a release file, complete and clean, outside any repository, or nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exile.__main__ import main
from exile.custody import RUN_VARIABLE, build
from exile.custody.catalogue import catalogue
from exile.custody.release import chapters, outputs
from tests.custody.conftest import codebook, frame, write

BOOK = Path(__file__).parents[2] / "book"


@pytest.fixture
def given(tmp_path):
    return write(frame().assign(told="I fled from Omsk by night"), tmp_path / "people.csv")


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """One chapter of these cells in place of the book's."""

    def put(*codes: str) -> None:
        folder = tmp_path / "respondents"
        folder.mkdir()
        cells = "".join(f"```{{code-cell}}\n{code}\n```\n" for code in codes)
        (folder / "activism.md").write_text(cells, encoding="utf-8")
        monkeypatch.setattr(chapters, "chapters_folder", lambda: folder)

    return put


BEGIN = "from exile.custody.release.survey import held\nsurvey = held()\n"


def run(given: Path, tmp_path: Path, to: Path) -> int:
    book = codebook(tmp_path)
    return main(["survey", "build", str(given), "--codebook", str(book), "--to", str(to)])


def test_it_writes_a_release_and_its_crate_and_nothing_else(chapter, given, tmp_path, capsys):
    chapter(BEGIN + "print(survey._counts)\nsurvey.table('host')")
    assert run(given, tmp_path, tmp_path / "out") == 0
    assert {p.name for p in (tmp_path / "out").rglob("*")} == {
        "release.json",
        "ro-crate-metadata.json",
    }
    release = outputs.read(tmp_path / "out" / "release.json")
    assert release.run.custodian == "the tests" and len(release.run.file_sha256) == 64
    assert release.dropped == ("dropped: stdout of cell 1 of activism",)
    said = capsys.readouterr().out
    assert "dropped: stdout of cell 1 of activism" in said and "Approvals needed: 2" in said


def test_the_folder_is_only_the_users_to_read(chapter, given, tmp_path):
    chapter(BEGIN)
    run(given, tmp_path, tmp_path / "out")
    held = [tmp_path / "out", tmp_path / "out" / "release.json"]
    assert [p.stat().st_mode & 0o077 for p in held] == [0, 0]


SECRETS = {
    "an open answer": 'survey.say("… i FLED from Omsk by night")',
    "an id": 'survey.say("Ask R00000007 about it")',
    "a row": "",
}


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_typed_into_a_chapter_leaves_nothing(chapter, tmp_path, secret, capsys):
    data = frame().assign(told="I fled from Omsk by night")
    if secret == "an id":
        data["id"] = [f"R{i:08}" for i in data["id"]]
    if secret == "a row":
        data = frame()
    given = write(data, tmp_path / "people.csv")
    if secret == "a row":
        row = frame().iloc[3].astype(str).tolist()
        chapter(BEGIN + f'survey.say("{" ".join(row)}")')
    else:
        chapter(BEGIN + SECRETS[secret])
    assert run(given, tmp_path, tmp_path / "out") == 1
    assert not (tmp_path / "out").exists()
    said = capsys.readouterr().err
    assert "cell 1 of activism" in said and "Omsk" not in said and "R0000" not in said


def test_a_failing_cell_leaves_nothing(chapter, given, tmp_path, capsys):
    chapter(BEGIN + "raise ValueError(survey._counts)")
    assert run(given, tmp_path, tmp_path / "out") == 1
    assert not [*tmp_path.glob("out*")]
    assert "line 3: it ended in ValueError" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["out", "deep/out"])
def test_nothing_that_the_user_has_is_touched(chapter, given, tmp_path, name, capsys):
    chapter(BEGIN)
    for there in (tmp_path / name, tmp_path / f"{name}.partial"):
        there.mkdir(parents=True)
        (there / "mine.txt").write_text("precious")
    assert run(given, tmp_path, tmp_path / name) == 1
    assert "exists already" in capsys.readouterr().err
    for there in (tmp_path / name, tmp_path / f"{name}.partial"):
        assert (there / "mine.txt").read_text() == "precious"


def test_it_refuses_a_folder_that_git_could_take_up(given, tmp_path, capsys):
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert run(given, tmp_path, tmp_path / "repository" / "deep" / "out") == 1
    assert "lies in the git repository" in capsys.readouterr().err


def test_without_approval_there_is_no_page(chapter, given, tmp_path, monkeypatch, capsys):
    chapter(BEGIN)
    run(given, tmp_path, tmp_path / "out")
    monkeypatch.setattr(build, "_sphinx", lambda *_: pytest.fail("it was built"))
    assert main(["survey", "publish", str(tmp_path / "out" / "release.json")]) == 1
    assert "2 more approvals needed" in capsys.readouterr().err
    assert not (tmp_path / "out" / "site").exists()


def test_check_says_claim_by_claim_what_the_file_can_decide(given, tmp_path, capsys):
    assert main(["survey", "check", str(given), "--codebook", str(codebook(tmp_path))]) == 0
    said = capsys.readouterr().out
    assert re.search(r"rallies-49-26 .*fall", said)


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
def test_a_supplement_belongs_to_a_chapter_and_every_cell_is_marked(name):
    assert (BOOK / f"{name}.md").is_file()
    text = supplements()[name]
    marked = re.findall(r"^```\{code-cell\}\n:tags: \[.*respondents\]\n", text, re.MULTILINE)
    assert len(marked) == len(chapters.cells(text)) > 0


def test_every_need_is_met_by_a_supplement():
    text = "".join(supplements().values())
    for need in catalogue().needs:
        assert f'"{need.claim}"' in text, need.claim
        assert f'"{need.part}"' in text or "{stream}_{part}" in text, need


def test_the_public_book_has_no_supplement(monkeypatch):
    from exile.site.restricted import supplement

    monkeypatch.delenv(RUN_VARIABLE, raising=False)
    assert not any(supplement(BOOK / f"{name}.md") for name in supplements())


def test_claims_json_says_the_verdict_before():
    """A released verdict replaces the public one, which stays on record beside it."""
    from exile.audit.evidence import Evidence, Finding
    from exile.audit.ledger import with_microdata
    from exile.audit.verdict import Verdict
    from exile.case import register, rules
    from exile.statistics.intervals import Interval

    key = {"claim": "rallies-49-26", "part": "fall", "scope": "respondents"}
    drawn = Evidence(
        label="x", unit="share_difference", scope="respondents", method="m", grade="D",
        sources=("article",), region=Interval(-0.2, 0.1),
    )  # fmt: skip
    public = Finding(**key, evidence=(drawn,), summary="s")
    told = Finding(**key, summary="not shown")
    ledger = with_microdata(
        register(), {"a": [public]}, {"a": [(told, Verdict("reproduced", "A"))]}, rules()
    )
    (judged,) = ledger[public.claim].judged
    assert judged.verdict == Verdict("reproduced", "A") and judged.dependence is None
    assert judged.before.code == "not_identified" and not judged.added
    assert [(e.grade, e.set_aside) for e in judged.finding.evidence] == [("D", "superseded")]
