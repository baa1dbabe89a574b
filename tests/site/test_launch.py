"""Binder and Colab are offered where they can work, and open files that the workflow publishes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from small_books import build, chapter
from test_downloads import HOSTED

ROOT = Path(__file__).parents[2]
REPOSITORY, SITE = "owner/name", "https://owner.github.io/name/"
ADDRESS = re.compile(r'href="(https://(?:mybinder\.org|colab\.research\.google\.com)/[^"]+)"')
OPENED = re.compile(r"/owner/name/(?:blob/)?(\w+)(?:\?urlpath=lab/tree)?/([\w-]+\.ipynb)$")


@pytest.fixture
def published(make_book, monkeypatch):
    """A book of one chapter, built as a workflow or a reader would."""

    def publish(repository: str = "", address: str = "") -> Path:
        monkeypatch.setenv("GITHUB_REPOSITORY", repository)
        monkeypatch.setenv("SITE_URL", address)
        folder = make_book(front="# Front\n\n```{source-list}\n```\n", one=chapter())
        result = build(folder)
        assert result.returncode == 0, result.stdout + result.stderr
        return folder / "_build" / "html"

    return publish


@pytest.fixture
def branches(tmp_path) -> dict[str, Path]:
    return {"remote": tmp_path / "remote.git", "runner": tmp_path / "runner"}


def files_of_branches(html: Path, branches: dict[str, Path]) -> dict[str, set[str]]:
    """Do what the job ``notebooks`` does, with a folder in GitHub's place; files by branch."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text("utf-8"))
    (step,) = (s for s in workflow["jobs"]["notebooks"]["steps"] if "run" in s)
    remote, runner = branches["remote"], branches["runner"]
    subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
    runner.mkdir()
    subprocess.run(["tar", "-C", html, "-cf", runner / "artifact.tar", "."], check=True)
    subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=runner,
        check=True,
        env=os.environ
        | {
            "GITHUB_ACTOR": "owner",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": "0" * 40,
            "TOKEN": "secret",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{remote.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": f"https://x-access-token:secret@github.com/{REPOSITORY}",
        },
    )

    def git(*arguments: str) -> list[str]:
        command = ["git", "-C", remote, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    return {
        name: set(git("ls-tree", "--name-only", name))
        for name in git("branch", "--format=%(refname:short)")
    }


def test_each_chapter_opens_a_notebook_that_the_workflow_publishes(published, branches):
    html = published(REPOSITORY, SITE)
    addresses = ADDRESS.findall((html / "book" / "one.html").read_text("utf-8"))
    assert len(addresses) == 2
    opened = [OPENED.search(address).groups() for address in addresses]
    there = files_of_branches(html, branches)
    assert all(name in there[branch] for branch, name in opened)
    # What Binder builds from stands beside them.
    held = there["notebooks"]
    assert {"requirements.txt", "constraints.txt", "runtime.txt"} < held
    assert [f for f in held if f.endswith(".whl")]
    assert not [f for f in held if f.endswith(".pdf")]
    # The first cell installs from where the site stands.
    notebook = nbformat.read(html / "downloads" / "one.ipynb", as_version=4)
    (install,) = (cell.source for cell in notebook.cells if cell.id == "install")
    address = re.search(rf'SITE = "[^"]+", "{SITE}downloads/([\w.-]+\.whl)"', install)
    assert (html / "downloads" / address[1]).is_file()
    assert "%pip install --quiet {source}" in install
    # A page without code has nothing to run.
    assert not ADDRESS.findall((html / "book" / "front.html").read_text("utf-8"))
    # Built again where one of the two is unknown, there is no place to open.
    for repository, address in (("", SITE), (REPOSITORY, "")):
        html = published(repository, address)
        assert not ADDRESS.findall((html / "book" / "one.html").read_text("utf-8"))


def test_the_environment_of_binder_is_the_books(site):
    """What its requirements install has the book's versions, and its Python is admitted."""
    downloads = site / "downloads"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    python = (downloads / "runtime.txt").read_text("utf-8").strip().removeprefix("python-")
    assert python in SpecifierSet(project["requires-python"])
    said = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--dry-run", "-r", "requirements.txt"],
        cwd=downloads,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    # Here stands the book's own environment: the wheel is all that it lacks.
    (would,) = re.findall(r"^Would install (.*)", said.stdout, re.MULTILINE)
    assert would.split() == [f"exile-audit-{project['version']}"]


def test_the_wheel_leaves_the_kernel_alone(site):
    """Colab's kernel is its own; of the rest, the book's versions and a host's older ones will do."""
    (wheel,) = (site / "downloads").glob("*.whl")
    with ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = archive.read(name).decode()
    asked = [Requirement(r) for r in re.findall(r"^Requires-Dist: (.*)", metadata, re.MULTILINE)]
    assert asked
    assert "ipykernel" not in {r.name for r in asked}
    needed = {r.name: r.specifier for r in asked if r.marker is None}
    assert needed
    for versions in (version_of_pins(), dict(pin.split("==") for pin in HOSTED)):
        assert not [n for n, v in versions.items() if n in needed and v not in needed[n]]
    # What it needs is pinned in the book.
    assert needed.keys() <= version_of_pins().keys()
    assert all("==" not in str(specifier) for specifier in needed.values())


def version_of_pins() -> dict[str, str]:
    text = (ROOT / "pins" / "constraints.txt").read_text("utf-8")
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE))
