"""A copy of the data that a test may spoil, and what to do without the raw survey files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RAW = os.environ.get("EXILE_RAW_DIR")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "raw(*surveys): needs their raw files in EXILE_RAW_DIR")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("raw")
        missing = [s for s in marker.args if not _has(s)] if marker else []
        if missing:
            reason = f"no raw files of {' and '.join(missing)} in EXILE_RAW_DIR"
            item.add_marker(pytest.mark.skip(reason=reason))


def _has(survey: str) -> bool:
    return RAW is not None and (Path(RAW) / survey).is_dir()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [r for r in terminalreporter.getreports("skipped") if "raw" in r.keywords]
    if skipped:
        terminalreporter.section("not compared with the raw survey files", yellow=True, bold=True)
        terminalreporter.line(
            f"{len(skipped)} tests need the Chronicles and ESS files: put them in a folder as "
            "data/README.md says and name it in EXILE_RAW_DIR. The committed cells were checked "
            "by their hashes and against published figures only."
        )


@pytest.fixture
def data_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of ``data/`` that the loader reads instead of the committed one."""
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data", folder)
    monkeypatch.setenv("EXILE_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def raw_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the raw files that the derivation reads instead of the given ones."""
    folder = tmp_path / "raw"
    for survey, pattern in (("chronicles", "chronicles_0*.sav"), ("ess", "*.csv.gz")):
        (folder / survey).mkdir(parents=True)
        for path in (Path(RAW) / survey).glob(pattern):
            shutil.copyfile(path, folder / survey / path.name)
    monkeypatch.setenv("EXILE_RAW_DIR", str(folder))
    return folder
