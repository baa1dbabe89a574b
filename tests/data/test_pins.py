"""The pins install on every promised Python and system, and stand once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REQUIREMENTS = ("requirements.txt", "requirements-test.txt")
# The oldest patch of each promised version: Debian 12 has 3.11.2 and stays there.
PYTHONS = ("3.11.2", "3.12.0", "3.13.0")
SYSTEMS = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
NO_REGISTRY = "no package registry at hand: the pins were not resolved for other systems"


def pins(text: str) -> dict[str, str]:
    """Version by name, in the registry's spelling of names."""
    found = re.findall(r"^([\w.-]+)==([\w.]+)", text, flags=re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def names() -> str:
    lines = "\n".join(read(file) for file in REQUIREMENTS).splitlines()
    return "\n".join(line for line in lines if re.match(r"\w", line))


def resolve(python: str, system: str, constraints: Path) -> str:
    """What the resolver objects to; nothing if all pins install there from wheels."""
    result = subprocess.run(
        [str(Path(sys.prefix) / "bin" / "uv"), "pip", "compile", "--quiet", "-",
         "--python-version", python, "--python-platform", system, "--no-python-downloads",
         "--only-binary", ":all:", "--constraints", str(constraints)],
        input=names(), capture_output=True, text=True, check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )  # fmt: skip
    unreachable = re.search(r"Failed to fetch|dns error|error sending request", result.stderr)
    if result.returncode and unreachable:
        pytest.skip(NO_REGISTRY)
    return result.stderr if result.returncode else ""


def test_the_pins_resolve_for_every_promised_python_and_system():
    with ThreadPoolExecutor(4) as pool:
        places = list(product(PYTHONS, SYSTEMS))
        constraints = ROOT / "pins" / "constraints.txt"
        said = list(pool.map(lambda place: resolve(*place, constraints), places))
    assert not {place: problem for place, problem in zip(places, said, strict=True) if problem}


def test_a_pin_that_debians_python_lacks_is_found(tmp_path):
    """soupsieve 4.1.2 asks for 3.11.5, a patch that Debian 12 never got."""
    bad = tmp_path / "constraints.txt"
    text = re.sub(
        r"^soupsieve==.*", "soupsieve==4.1.2", read("pins/constraints.txt"), flags=re.MULTILINE
    )
    bad.write_text(text, "utf-8")
    assert "soupsieve" in resolve("3.11.2", SYSTEMS[0], bad)
    assert not resolve("3.12.0", SYSTEMS[0], bad)


def test_the_promised_pythons_are_those_that_the_package_admits():
    low, high = re.fullmatch(r">=([\d.]+),<([\d.]+)", PROJECT["requires-python"]).groups()
    assert PYTHONS[0] == low
    assert high == f"3.{int(PYTHONS[-1].split('.')[1]) + 1}"


def test_the_wheels_ranges_hold_the_versions_of_the_book():
    book = pins(read("pins/test.lock"))
    for line in PROJECT["dependencies"]:
        wanted = Requirement(line)
        assert wanted.specifier.contains(book[canonicalize_name(wanted.name)]), line
        assert not any(s.operator in ("==", "===", "~=") for s in wanted.specifier), line


def test_locks_and_constraints_hold_what_is_required():
    """``make lock`` writes all three; each version has its hashes."""
    book, everything = pins(read("pins/book.lock")), pins(read("pins/test.lock"))
    assert pins(read("requirements.txt")).items() <= book.items() <= everything.items()
    assert pins(read("requirements-test.txt")).items() <= everything.items()
    assert pins(read("pins/constraints.txt")) == everything
    for lock in ("pins/book.lock", "pins/test.lock"):
        entries = re.split(r"\n(?=\S)", read(lock).strip())
        assert all("--hash=sha256:" in entry for entry in entries)


def test_the_book_installs_no_tool_of_the_tests():
    assert not {"pytest", "zizmor", "frictionless", "uv"} & pins(read("pins/book.lock")).keys()
