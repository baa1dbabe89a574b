"""Each chapter, taken away as a notebook, runs from any folder and finds what the book found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import ipykernel
import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from exile.site.downloads import BOOK_ONLY

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = sorted(
    path.stem
    for path in BOOK.glob("*.md")
    if "{code-cell}" in (text := path.read_text("utf-8")) and not BOOK_ONLY.search(text)
)
# Every chapter that records a finding can be taken away, however it is written.
assert {p.stem for p in BOOK.glob("*.md") if "record(" in p.read_text("utf-8")} <= set(CHAPTERS)
# Environments that readers have: what the wheel brings by itself, what a hosted notebook had
# two years ago, and the oldest of everything that the wheel admits.
HOSTED = (
    "pandas==2.2.3", "numpy==2.0.2", "scipy==1.16.0", "altair==5.5.0", "statsmodels==0.14.6",
    "pandera==0.35.0", "numba==0.61.2",
)  # fmt: skip
ENVIRONMENTS = {"fresh": (), "hosted": HOSTED}
# In the older one, chapters that between them call every model and draw every kind of chart.
SOME = ("activism", "how_many_left", "trust", "what_drives_activism")
RUNS = [("fresh", name) for name in CHAPTERS] + [("hosted", name) for name in SOME]


def installed(python: Path) -> dict[str, str]:
    uv = Path(sys.prefix) / "bin" / "uv"
    listed = subprocess.run(
        [uv, "pip", "list", "--python", python, "--format", "json"], check=True, capture_output=True
    )
    return {p["name"].lower(): p["version"] for p in json.loads(listed.stdout)}


def with_kernel(folder: Path) -> Path:
    """The folder, in which Jupyter now finds the kernel "away" of its environment."""
    spec = folder / "kernels" / "away"
    spec.mkdir(parents=True)
    argv = [str(folder / "env" / "bin" / "python"), "-m", "ipykernel_launcher", "-f"]
    spec.joinpath("kernel.json").write_text(
        json.dumps({"argv": [*argv, "{connection_file}"], "display_name": "away"})
    )
    return folder


@pytest.fixture(scope="session")
def kernel(request, site, tmp_path_factory) -> Path:
    """An environment that holds a kernel, what it held before, and the published wheel."""
    folder = tmp_path_factory.mktemp(request.param)
    (wheel,) = (site / "downloads").glob("*.whl")
    uv, python = Path(sys.prefix) / "bin" / "uv", folder / "env" / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder / "env"], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", python]
    before = [f"ipykernel=={ipykernel.__version__}", *ENVIRONMENTS[request.param]]
    subprocess.run([*install, *before], check=True)
    held = installed(python)
    subprocess.run([*install, wheel], check=True)
    upgraded = {n: v for n, v in held.items() if installed(python)[n] != v}
    assert not upgraded, f"the wheel replaced {upgraded}"
    return with_kernel(folder)


@pytest.fixture
def run_away_from_home(kernel, site, tmp_path, monkeypatch):
    def run(name: str) -> nbformat.NotebookNode:
        notebook = nbformat.read(site / "downloads" / f"{name}.ipynb", as_version=4)
        notebook.cells.append(new_code_cell(TELL))
        monkeypatch.setenv("JUPYTER_PATH", str(kernel))
        for variable in [v for v in os.environ if v.startswith("EXILE_")] + ["PYTHONPATH"]:
            monkeypatch.delenv(variable, raising=False)
        client = NotebookClient(
            notebook,
            kernel_name="away",
            timeout=300,
            resources={"metadata": {"path": str(tmp_path)}},
        )
        return client.execute()

    return run


# The last cell says what the notebook found, for this test.
TELL = """
import json
from exile.notebook import verdicts
print(json.dumps([[*key, code] for key, code in verdicts().items()]))
"""


def chapter_of(claim: dict) -> str:
    return claim["chapter"].split("#")[0].removeprefix("book/").removesuffix(".html")


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
@pytest.mark.parametrize(("kernel", "name"), RUNS, indirect=["kernel"])
def test_a_downloaded_chapter_finds_what_the_book_found(run_away_from_home, site, name):
    ran = run_away_from_home(name)
    told = ran.cells[-1].outputs[-1].text.splitlines()[-1]
    found = {(claim, part, scope): code for claim, part, scope, code in json.loads(told)}
    published = {
        (claim["id"], verdict["part"], verdict["scope"]): verdict["verdict"]
        for claim in json.loads((site / "claims.json").read_text("utf-8"))
        if chapter_of(claim) == name
        for verdict in claim["verdicts"]
    }
    assert found == published
    pictures = [
        output.data["text/html"]
        for cell in ran.cells
        for output in cell.get("outputs", ())
        if "data:image/png;base64," in output.get("data", {}).get("text/html", "")
    ]
    page = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    assert len(pictures) == page.count('<figure class="chart"')
    assert all("Source: " in p and "Data: " in p for p in pictures)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_downloaded_chapter_reads_as_text(site, name):
    """No role, directive or dead link is left in it, and every chart is a picture with words."""
    notebook = nbformat.read(site / "downloads" / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\{[\w:]+\}`|```\{|^: ", cell.source, flags=re.MULTILINE)
            for target in re.findall(r"\]\((\w+\.ipynb)\)", cell.source):
                assert (site / "downloads" / target).is_file(), target
    pictures = sum(
        "data:image/png" in output.get("data", {}).get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    )
    page = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    assert pictures == page.count('<figure class="chart"')


def test_the_wheel_registers_nothing_and_says_whose_it_is(site):
    (wheel,) = (site / "downloads").glob("*.whl")
    with ZipFile(wheel) as held:
        names = held.namelist()
        points = next((n for n in names if n.endswith("entry_points.txt")), None)
        assert "console_scripts" in held.read(points).decode()
        assert "provisioners" not in held.read(points).decode()
        (metadata,) = (n for n in names if n.endswith("METADATA"))
        said = held.read(metadata).decode()
    assert "Author: The audit's authors" in said and "Classifier: " in said
    assert {"LICENSE", "LICENSE-CC-BY-4.0"} <= {Path(n).name for n in names}
    assert "exile/tables/claims.json" in names and "exile/answers/en.toml" in names


def test_importing_the_package_leaves_the_charts_of_a_session_alone():
    import altair as alt

    import exile.publish  # noqa: F401

    assert alt.theme.active != "exile"
