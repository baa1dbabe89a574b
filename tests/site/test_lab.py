"""Downloaded notebooks in JupyterLab, untrusted and offline: every chart is seen, with its words."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from served import BROWSER, run
from test_downloads import CHAPTERS

# Of different makes: charts with sliders, models, and none but text and tables.
JUPYTERLAB = "jupyterlab==4.6.6"
EXECUTED = ["education_and_means", "who_leaves", "history"]
pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium to open JupyterLab with")


@pytest.fixture(scope="module")
def lab(site, tmp_path_factory) -> Iterator[str]:
    """The address of a JupyterLab in a folder of downloads, with settings of its own."""
    folder = tmp_path_factory.mktemp("lab")
    # A reader's environment, and not ours: where Jupyter's server is at hand, kernels start slower.
    uv, python = Path(sys.prefix) / "bin" / "uv", folder / "env" / "bin" / "python"
    (wheel,) = (site / "downloads").glob("*.whl")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder / "env"], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", python, wheel, JUPYTERLAB]
    subprocess.run(install, check=True)
    work = folder / "work"
    work.mkdir()
    for notebook in (site / "downloads").glob("*.ipynb"):
        shutil.copy(notebook, work)
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # All cells at once, so that what a reader scrolls to can be looked at.
    settings.joinpath("tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    private = {f"JUPYTER_{n}_DIR": str(folder / n) for n in ("CONFIG", "DATA", "RUNTIME")}
    served = subprocess.Popen(
        [python, "-m", "jupyter", "lab", "--no-browser", "--allow-root",
         "--expose-app-in-browser", f"--port={port}", "--IdentityProvider.token=",
         "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={work}"],
        env=os.environ | private | {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=work,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urlopen(f"{address}/api").close()
                break
            except (URLError, ConnectionError):
                time.sleep(0.2)
        yield address
    finally:
        served.terminate()
        served.wait(30)


def charts(site: Path, name: str) -> int:
    return (site / "book" / f"{name}.html").read_text("utf-8").count('<figure class="chart"')


def seen_well(seen: dict, count: int, name: str) -> None:
    assert len(seen["figures"]) == count, name
    for figure in seen["figures"]:
        assert figure["title"] and figure["source"], (name, figure)
        assert figure["seen"] and figure["wide"] > 300, (name, figure)
    assert not seen["errors"], (name, seen["errors"])
    assert not seen["raw"], (name, seen["raw"])


def test_every_notebook_shows_itself(site, lab):
    for found in run("lab.cjs", BROWSER, lab, json.dumps(CHAPTERS), "[]"):
        name = found["name"]
        seen_well(found["before"], charts(site, name), name)
        assert not found["foreign"], (name, found["foreign"])


@pytest.mark.skipif(
    "EXILE_LAB_RUN" not in os.environ,
    reason="runs inside JupyterLab do not end alike on every machine; EXILE_LAB_RUN=1 tries them",
)
def test_some_are_run_there(site, lab):
    for found in run("lab.cjs", BROWSER, lab, json.dumps(EXECUTED), json.dumps(EXECUTED)):
        seen_well(found["after"], charts(site, found["name"]), found["name"])
        assert found["after"]["comparing"], found["name"]
