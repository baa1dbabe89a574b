"""What stops the build, with which words, and what a good build leaves."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from small_books import HEAD, JUPYTER_BOOK, build, chapter

from exile.data import data_directory, figure

SOURCES = "\n```{source-list}\n```\n"
FRONT = f"# Front\n\n```{{claim-ledger}}\n```\n{SOURCES}"
EMPTY_FRONT = f"# Front\n{SOURCES}"


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        pytest.param(
            {"one": HEAD + "# One\n\n```{code-cell}\n1 / 0\n```\n"},
            "one.md: a code cell failed",
            id="cell error",
        ),
        pytest.param(
            {"one": chapter("better-of")},
            "no such claim in the register. Did you mean 'better-off'?",
            id="finding on an unknown claim",
        ),
        pytest.param(
            {"one": chapter(part="laed")},
            "no part 'laed' in the register. Did you mean 'lead'?",
            id="finding on an unknown part",
        ),
        pytest.param(
            {"one": "# One\n\n```{claim-card} better-of\n```\n"},
            "claim 'better-of': no such claim. Did you mean 'better-off'?",
            id="card of an unknown claim",
        ),
        pytest.param(
            {"one": chapter(), "two": chapter()},
            "book/two: claim 'better-off' is already judged in book/one",
            id="two chapters in conflict",
        ),
        pytest.param(
            {"one": chapter(card=False)},
            "book/one: it judges 'better-off' but shows no card of it",
            id="a verdict nobody sees",
        ),
        pytest.param(
            {"one": chapter(source="nobody")},
            "no figure or source 'nobody'",
            id="unknown source",
        ),
        pytest.param(
            {"one": "# One\n\nIt says {stated}`better-off.share`.\n"},
            "the article states no 'share' there",
            id="a number that the article does not state",
        ),
    ],
)
def test_a_wrong_book_is_refused_with_a_clear_message(make_book, pages, message):
    folder = make_book(front=EMPTY_FRONT, **pages)
    result = build(folder)
    assert result.returncode != 0
    assert message in result.stdout + result.stderr
    assert not (folder / "_build" / "html" / "claims.json").exists()


def test_a_book_that_leaves_a_claim_out_is_refused(make_book):
    """As the book itself is configured: take a claim's findings away, and it does not build."""
    folder = make_book(front=EMPTY_FRONT, one=chapter())
    config = folder / "_config.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("exile_require_all: false", "exile_require_all: true"))
    result = build(folder)
    assert result.returncode != 0
    assert "no chapter judges it" in result.stdout + result.stderr
    assert not (folder / "_build" / "html" / "claims.json").exists()


def test_one_collection_feeds_every_page_fresh_and_cached(make_book):
    folder = make_book(front=FRONT, one=chapter())
    first = build(folder)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "executing 1 chapters" in first.stdout
    html = folder / "_build" / "html"

    def published() -> tuple[str, str, dict]:
        claims = json.loads((html / "claims.json").read_text(encoding="utf-8"))
        record = next(c for c in claims if c["id"] == "better-off")
        front = (html / "book" / "front.html").read_text(encoding="utf-8")
        return front, (html / "book" / "one.html").read_text(encoding="utf-8"), record

    front, one, record = published()
    label = record["verdicts"][0]["label"]
    assert label == "Repeated"
    assert record["headline"]["word"] == "Rests on its own figures"
    assert label in front
    assert label in one
    assert record["chapter"] == "book/one.html#better-off"
    assert 'id="better-off"' in one

    # Everything again, from the cache of executed chapters alone.
    for page in (folder / "book").glob("*.md"):
        page.touch()
    (folder / "_build" / "html" / "claims.json").unlink()
    os.utime(folder / "_config.yml")
    again = build(folder)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "executing" not in again.stdout
    assert published()[2] == record

    # A finding that goes leaves no trace on pages whose own text did not change.
    (folder / "book" / "one.md").write_text("# One\n", encoding="utf-8")
    assert build(folder).returncode == 0
    front, _, record = published()
    assert label not in front.split("<table")[1]
    assert record["status"] == "not yet audited"


def executed(output: str) -> set[str]:
    return set(re.findall(r"book/(\w+) ran in", output))


def test_a_chapter_runs_when_what_it_reads_changed_and_at_no_other_time(
    make_book, tmp_path, monkeypatch
):
    """Through whole builds, on a copy of the data; test_changes.py has each kind of change."""
    data = shutil.copytree(data_directory(), tmp_path / "data")
    monkeypatch.setenv("EXILE_DATA_DIR", str(data))
    reads = (
        HEAD
        + "# Two\n\n```{code-cell}\nfrom exile.data import figure\nfigure('OR1-01').value\n```\n"
    )
    folder = make_book(front=EMPTY_FRONT, one=chapter(), two=reads)
    page = folder / "_build" / "html" / "book" / "two.html"

    def build_again() -> set[str]:
        result = build(folder)
        assert result.returncode == 0, result.stdout + result.stderr
        return executed(result.stdout)

    assert build_again() == {"one", "two"}
    figures = data / "published" / "migrant_surveys.csv"
    lines = figures.read_text("utf-8").splitlines(keepends=True)

    def change(figure_id: str) -> None:
        old = next(line for line in lines if line.startswith(f"{figure_id},"))
        value = figure(figure_id).value
        new = old.replace(f",{value:g},", f",{value + 1:g},", 1)
        assert new != old
        figures.write_text("".join(lines).replace(old, new), "utf-8")

    (data / "README.md").write_text("Other words.\n", "utf-8")
    change("OR1-02")
    assert build_again() == set()
    before = page.read_text("utf-8")
    change("OR1-01")
    assert build_again() == {"two"}
    assert page.read_text("utf-8") != before


def test_a_failed_build_leaves_the_last_site(make_book):
    folder = make_book(front=EMPTY_FRONT, one="# One\n\nGood.\n")
    assert build(folder).returncode == 0
    html = folder / "_build" / "html"
    before = {p: p.read_bytes() for p in html.rglob("*") if p.is_file()}
    # A broken link is found when pages are being written.
    (folder / "book" / "one.md").write_text("# One\n\n[Bad](nowhere.md).\n", "utf-8")
    assert build(folder).returncode != 0
    assert {p: p.read_bytes() for p in html.rglob("*") if p.is_file()} == before
    (folder / "book" / "one.md").write_text("# One\n\nBetter.\n", "utf-8")
    assert build(folder).returncode == 0
    assert "Better." in (html / "book" / "one.html").read_text("utf-8")
    # With nothing new it stays too, and so does what was printed from it.
    (html / "downloads" / "one.pdf").write_text("printed", "utf-8")
    before = {p: p.read_bytes() for p in html.rglob("*") if p.is_file()}
    assert build(folder).returncode == 0
    assert {p: p.read_bytes() for p in html.rglob("*") if p.is_file()} == before


def test_a_chapter_killed_for_memory_is_named(make_book):
    kill = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    folder = make_book(front=EMPTY_FRONT, one=HEAD + f"# One\n\n```{{code-cell}}\n{kill}\n```\n")
    result = build(folder)
    assert result.returncode != 0
    assert "one.md: its kernel was killed in cell 1" in result.stderr
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("rules.toml", lambda text: text.replace("=", "= =", 1), "rules.toml"),
        ("claims.yaml", lambda text: "", "claims.yaml"),
        ("sources.csv", lambda text: text.replace("\n", ",one cell more\n", 3), "sources.csv"),
        ("datapackage.json", lambda text: text[:-10], "datapackage.json: not valid JSON"),
    ],
)
def test_a_broken_file_of_data_is_one_message(
    make_book, tmp_path, monkeypatch, file, change, message
):
    data = shutil.copytree(data_directory(), tmp_path / "data")
    monkeypatch.setenv("EXILE_DATA_DIR", str(data))
    (data / file).write_text(change((data / file).read_text("utf-8")), "utf-8")
    result = build(make_book(front=EMPTY_FRONT, one=chapter()))
    assert result.returncode != 0
    assert message in result.stderr
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_a_build_that_is_ended_leaves_no_process(make_book):
    """Neither kernels nor the process that they are forked from."""
    sleeps = "import time\ntime.sleep(600)"
    folder = make_book(front=EMPTY_FRONT, one=HEAD + f"# One\n\n```{{code-cell}}\n{sleeps}\n```\n")
    mark = f"exile-test-{os.getpid()}"
    with subprocess.Popen(
        [*JUPYTER_BOOK, str(folder)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"MARK": mark},
    ) as started:  # fmt: skip

        def family() -> list[int]:
            found = []
            for environ in Path("/proc").glob("[0-9]*/environ"):
                with suppress(OSError):
                    if f"MARK={mark}".encode() in environ.read_bytes():
                        found.append(int(environ.parent.name))
            return found

        def wait_until(met) -> bool:
            end = time.monotonic() + 120
            while not met() and time.monotonic() < end:
                time.sleep(0.5)
            return met()

        # The build, its server and tracker of resources, and a kernel.
        assert wait_until(lambda: len(family()) >= 4)
        started.terminate()
        started.wait()
    assert wait_until(lambda: not family()), family()
