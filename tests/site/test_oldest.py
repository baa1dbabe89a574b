"""The oldest versions that the wheel admits: all of it imports, and finds what the book found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell
from test_downloads import TELL, chapter_of, with_kernel

UV = Path(sys.prefix) / "bin" / "uv"
# One with models, one with bounds.
SOME = ("what_drives_activism", "how_many_left")
# What needs an extra says so; the rest of the package imports with the wheel alone.
IMPORTS = """
import importlib, pkgutil, exile
for found in pkgutil.walk_packages(exile.__path__, "exile."):
    if not found.name.startswith(("exile.site", "exile.custody", "exile.__main__")):
        importlib.import_module(found.name)
"""


@pytest.fixture(scope="module")
def oldest(site, tmp_path_factory) -> Path:
    """A folder with an environment of the oldest versions, and a kernel that stands in it."""
    folder = tmp_path_factory.mktemp("oldest")
    python = folder / "env" / "bin" / "python"
    (wheel,) = (site / "downloads").glob("*.whl")
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder / "env"], check=True)
    install = [UV, "pip", "install", "--quiet", "--python", python]
    subprocess.run([*install, "--resolution", "lowest-direct", wheel], check=True)
    subprocess.run([*install, "ipykernel"], check=True)
    return with_kernel(folder)


def test_everything_imports(oldest):
    python = oldest / "env" / "bin" / "python"
    subprocess.run([python, "-c", IMPORTS], cwd=oldest, check=True)


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
@pytest.mark.parametrize("name", SOME)
def test_a_chapter_finds_what_the_book_found(oldest, site, tmp_path, monkeypatch, name):
    notebook = nbformat.read(site / "downloads" / f"{name}.ipynb", as_version=4)
    notebook.cells.append(new_code_cell(TELL))
    monkeypatch.setenv("JUPYTER_PATH", str(oldest))
    for variable in [v for v in os.environ if v.startswith("EXILE_")] + ["PYTHONPATH"]:
        monkeypatch.delenv(variable, raising=False)
    place = {"metadata": {"path": str(tmp_path)}}
    ran = NotebookClient(notebook, kernel_name="away", timeout=300, resources=place).execute()
    told = ran.cells[-1].outputs[-1].text.splitlines()[-1]
    found = {(claim, part, scope): code for claim, part, scope, code in json.loads(told)}
    assert found == {
        (claim["id"], verdict["part"], verdict["scope"]): verdict["verdict"]
        for claim in json.loads((site / "claims.json").read_text("utf-8"))
        if chapter_of(claim) == name
        for verdict in claim["verdicts"]
    }
