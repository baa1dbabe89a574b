"""The rooms of docs/ARCHITECTURE.md, and its walk from a row to a sentence, are as it says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
# What each room may import of the package's others.
MAY_IMPORT = {
    "errors": set(),
    "schema": {"errors"},
    "statistics": {"errors"},
    "audit": {"errors", "statistics"},
    "data": {"errors", "schema"},
    "wording": {"audit"},
    "power": {"audit", "data", "errors", "statistics"},
}


def imported(path: Path) -> set[str]:
    """Rooms of the package that a file imports from."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "exile":
            names = [f"exile.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        rooms |= {n.split(".")[1] for n in names if n.startswith("exile.")}
    return rooms


def files(room: str) -> list[Path]:
    folder = ROOT / "exile" / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_run_one_way(room):
    for path in files(room):
        assert imported(path) <= MAY_IMPORT[room] | {room}, path


@pytest.mark.parametrize("room", ["case", "publish", "reported", "whatif", "data", "audit"])
def test_what_chapters_call_knows_neither_sphinx_nor_the_annexe(room):
    for path in files(room):
        assert not imported(path) & {"site", "custody"}, path


def test_the_walk_is_seven_stops_that_exist():
    stops = re.findall(
        r"^\d\. `([^`]+)`, ((?:.|\n   )*)", TEXT.split("## What happens")[0], re.MULTILINE
    )
    assert len(stops) == 7
    for file, rest in stops:
        path = ROOT / file
        assert path.exists(), file
        if file.endswith(".py"):
            name = re.match(r"`(\w+)`", rest)[1]
            assert re.search(rf"^def {name}\(", path.read_text("utf-8"), re.MULTILINE), (file, name)
        if file.endswith(".csv"):
            assert re.match(r"row `([\w-]+)`", rest)[1] in path.read_text("utf-8")


def test_every_file_that_it_names_is_there():
    for name in re.findall(r"`((?:exile|data|book|tests|docs)/[\w./]+)`", TEXT):
        assert (ROOT / name).exists() or (ROOT / f"{name}.py").exists(), name
