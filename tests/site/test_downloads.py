"""Each chapter, taken away as a notebook, runs from any folder and finds what the book found."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import ipykernel
import nbformat
import pytest
from nbclient import NotebookClient

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = sorted(
    p.stem for p in BOOK.glob("*.md") if "{code-cell}" in p.read_text("utf-8") and p.stem != "index"
)


@pytest.fixture(scope="session")
def fresh_kernel(site, tmp_path_factory) -> Path:
    """An environment that holds a kernel, the published wheel and what it asks for, no more."""
    folder = tmp_path_factory.mktemp("fresh")
    (wheel,) = (site / "downloads").glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    kernel = f"ipykernel=={ipykernel.__version__}"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel, kernel], check=True)
    spec = folder / "kernels" / "fresh"
    spec.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.joinpath("kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "fresh", "language": "python"})
    )
    return folder


@pytest.fixture
def run_away_from_home(fresh_kernel, site, tmp_path, monkeypatch):
    def run(name: str) -> nbformat.NotebookNode:
        (wheel,) = (site / "downloads").glob("*.whl")
        shutil.copy(wheel, tmp_path)
        notebook = nbformat.read(site / "downloads" / f"{name}.ipynb", as_version=4)
        # Where the address of the site is known the cell names it, but nothing stands there yet.
        install = notebook.cells[0]
        address = install.source.split()[-1]
        assert address.endswith(f"/{wheel.name}")
        install.source = install.source.replace(address, f"./{wheel.name}")
        monkeypatch.setenv("JUPYTER_PATH", str(fresh_kernel))
        for variable in [v for v in os.environ if v.startswith("EXILE_")] + ["PYTHONPATH"]:
            monkeypatch.delenv(variable, raising=False)
        client = NotebookClient(
            notebook,
            kernel_name="fresh",
            timeout=300,
            resources={"metadata": {"path": str(tmp_path)}},
        )
        return client.execute()

    return run


def printed(notebook: nbformat.NotebookNode) -> str:
    return "".join(
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "stream"
    )


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_downloaded_chapter_finds_what_the_book_found(run_away_from_home, site, name):
    said = re.findall(
        r"^([a-z0-9-]+)(?: \((.+)\))?, (\w+): ([A-Z][a-z ]+)",
        printed(run_away_from_home(name)),
        flags=re.MULTILINE,
    )
    found = {(claim, part, scope): label for claim, part, scope, label in said}
    # By itself a chapter knows only Bonferroni's bound, so verdicts that a p-value of the
    # confirmatory family decides may differ; their findings are the same.
    published, decided_by_family = {}, set()
    for claim in json.loads((site / "claims.json").read_text("utf-8")):
        if claim["chapter"] and claim["chapter"].startswith(f"book/{name}.html"):
            for verdict in claim["verdicts"]:
                key = (claim["id"], verdict["part"], verdict["scope"])
                published[key] = verdict["verdict"]
                if verdict["p_value"] is not None:
                    decided_by_family.add(key)
    assert found.keys() == published.keys()
    for key in published.keys() - decided_by_family:
        assert found[key] == published[key], key


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_downloaded_chapter_reads_as_text(site, name):
    """No role or directive of the book is left in it, and every chart is a picture."""
    notebook = nbformat.read(site / "downloads" / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\{[\w:]+\}`|```\{", cell.source)
    pictures = sum(
        "image/svg+xml" in output.get("data", {})
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    )
    page = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    assert pictures == page.count('<figure class="chart"')
