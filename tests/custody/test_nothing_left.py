"""A run that is killed leaves no answer on disk and no process, whatever the signal and moment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.custody.conftest import codebook, frame, write

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

CANARY = "I fled from Omsk by night"
# One process imports everything and forks a run for each signal and moment.
DRIVER = """
import json, os, signal, sys, time
from pathlib import Path
from exile.__main__ import main
from exile.custody import build
from exile.custody.release import chapters

survey, book, cells, folder, signals, moments = json.loads(sys.argv[1])
chapters.chapters_folder = lambda: Path(cells)

def run(to):
    child = os.fork()
    if not child:
        os.setsid()
        sys.stdout = sys.stderr = open(os.devnull, "w")
        os._exit(main(["survey", "build", survey, "--codebook", book, "--to", str(to)]))
    return child

began = time.monotonic()
code = os.waitpid(run(Path(folder, "whole")), 0)[1]
whole = time.monotonic() - began
told = []
for name in signals:
    for moment in range(moments):
        child = run(Path(folder, f"{name}-{moment}"))
        time.sleep(whole * (moment + 0.5) / moments)
        try:
            os.kill(child, getattr(signal, name))
        except ProcessLookupError:
            pass
        status = os.waitpid(child, 0)[1]
        left = [
            p for p in os.listdir("/proc") if p.isdigit()
            and Path("/proc", p, "stat").exists()
            and Path("/proc", p, "stat").read_text().rpartition(")")[2].split()[3] == str(child)
        ]
        told.append([name, moment, status, left])
print(json.dumps([code, told]))
"""
CELLS = """```{code-cell}
from exile.custody.release.survey import held
survey = held()
survey.table("before_rally", "after_rally")
survey.say("Rallied: {x}.", x=survey.share("after_rally", "yes", label="Rallied"))
```
"""


def test_killed_at_ten_moments_by_each_signal_it_leaves_no_answer_and_no_process(tmp_path):
    data = frame(400).assign(told=CANARY)
    data["id"] = [f"CANARY{i:06}" for i in data["id"]]
    given = write(data, tmp_path / "people.csv")
    book = codebook(tmp_path)
    for name in ("cells", "temporary", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "cells" / "activism.md").write_text(CELLS, encoding="utf-8")
    signals = ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"]
    told = [str(p) for p in (given, book, tmp_path / "cells", tmp_path / "out")]
    before = set(Path("/dev/shm").iterdir())
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps([*told, signals, 10])],
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    code, runs = json.loads(done.stdout)
    assert code == 0 and len(runs) == 40
    # Most runs were killed on the way, or the moments were not moments of a run.
    assert sum(status != 0 for *_, status, _ in runs) > 20
    assert [left for *_, left in runs if left] == []
    known = {given, book, tmp_path / "cells" / "activism.md"}
    written = [*tmp_path.rglob("*"), *(set(Path("/dev/shm").iterdir()) - before)]
    for path in written:
        if path.is_file() and path not in known:
            content = path.read_bytes()
            assert b"CANARY" not in content and CANARY.encode() not in content, path
    assert [*(tmp_path / "temporary").iterdir()] == []


BUILDER = """
import json, os, sys, time
from pathlib import Path
from exile.custody import build
build.BUILDER = build.BUILDER.split("from jupyter_book")[0] + (
    "import os, time; open(os.environ['PID'], 'w').write(str(os.getpid())); time.sleep(60)"
)
with build.ending_cleanly(), build.own_folder(dir=os.environ["OUT"]) as work:
    build._sphinx(Path(work), Path("release.json"))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"])
def test_the_build_of_pages_ends_with_its_parent(tmp_path, name):
    import signal
    import time

    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("precious")
    pid = tmp_path / "pid"
    parent = subprocess.Popen(
        [sys.executable, "-c", BUILDER],
        env={**os.environ, "PID": str(pid), "OUT": str(tmp_path / "out")},
        stderr=subprocess.DEVNULL,
    )
    while not pid.exists() or not pid.read_text():
        time.sleep(0.05)
    child = int(pid.read_text())
    parent.send_signal(getattr(signal, name))
    parent.wait()
    for _ in range(200):
        if not Path(f"/proc/{child}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()
    left = {p.name for p in (tmp_path / "out").iterdir()}
    if name != "SIGKILL":
        assert left == {"mine.txt"}
    assert (tmp_path / "out" / "mine.txt").read_text() == "precious"
