"""What a downloaded chapter installs is what the book was built with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def pins(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, flags=re.MULTILINE))


def test_the_wheel_asks_for_the_versions_of_the_book():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wheel = pins("\n".join(project["dependencies"]))
    book = pins((ROOT / "requirements.txt").read_text("utf-8"))
    assert len(wheel) == len(project["dependencies"])
    assert wheel.items() <= book.items()


def test_every_required_version_is_the_constrained_one():
    constrained = {
        k.lower(): v for k, v in pins((ROOT / "constraints.txt").read_text("utf-8")).items()
    }
    for file in ("requirements.txt", "requirements-test.txt"):
        for name, version in pins((ROOT / file).read_text("utf-8")).items():
            assert constrained.get(name.lower(), version) == version, f"{file}: {name}"
