"""``make mutants``: does a test fail when the code is wrong?

Cosmic Ray plants one small fault after another in a copy of the repository (a comparison turned,
a number off by one, a branch left out) and runs the tests that ought to find it. Survivors are
printed with what they changed; each is killed by a new test or explained in ``tests/mutants.md``.

``python -m tests.mutants exile/statistics/intervals.py`` takes one module, without arguments all of
``MODULES``. It takes hours: a run of tests for each fault.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = [
    p.relative_to(ROOT).as_posix()
    for room in ("statistics", "audit", "data")
    for p in sorted((ROOT / "exile" / room).glob("*.py"))
    if not p.name.startswith("__")
] + ["exile/publish.py"]
CONFIG = """
[cosmic-ray]
module-path = "{module}"
timeout = 300.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
"""


def tests_of(module: str) -> str:
    """The tests that ought to find a fault: of the module's own name, or of its room."""
    path = Path(module)
    if path.parent == Path("exile"):
        return f"tests/test_{path.name}"
    room = path.parent.name
    own = f"tests/{room}/test_{path.name}"
    return own if (ROOT / own).is_file() else f"tests/{room}"


def survivors(module: str, folder: Path) -> tuple[int, list[str]]:
    """Number of faults planted, and the changes that no test noticed."""
    config, session = folder / "cosmic.toml", folder / "session.sqlite"
    session.unlink(missing_ok=True)
    config.write_text(
        CONFIG.format(module=module, python=sys.executable, tests=tests_of(module)), "utf-8"
    )

    def ray(*arguments: str) -> str:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("cosmic-ray")), *arguments],
            cwd=folder, capture_output=True, text=True, check=True,
            env=os.environ | {"PYTHONPATH": str(folder)},
        )  # fmt: skip
        return done.stdout

    ray("init", str(config), str(session))
    ray("baseline", str(config))
    ray("exec", str(config), str(session))
    work = [json.loads(line) for line in ray("dump", str(session)).splitlines()]
    alive = [
        f"{item['mutations'][0]['operator_name']}\n{result['diff']}"
        for item, result in work
        if result and result["test_outcome"] == "survived"
    ]
    return len(work), alive


def main(modules: list[str]) -> None:
    planted = lived = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "copy"
        ignored = shutil.ignore_patterns(".*", "_build", "__pycache__", "*.egg-info")
        shutil.copytree(ROOT, folder, ignore=ignored)
        for module in modules:
            number, alive = survivors(module, folder)
            planted, lived = planted + number, lived + len(alive)
            print(f"{module}: {len(alive)} of {number} survive", flush=True)
            for change in alive:
                print(change, flush=True)
    print(f"{lived} of {planted} survive, {lived / max(planted, 1):.1%}")


if __name__ == "__main__":
    main(sys.argv[1:] or MODULES)
