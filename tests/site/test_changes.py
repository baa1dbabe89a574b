"""A chapter's outputs rest on what it read and loaded, and on nothing else."""

from __future__ import annotations

import shutil

import pytest

from exile.data import data_directory, figure, figure_tables
from exile.site import changes

READ = [
    ["figure", "OR1-01"],
    ["table", "exodus_estimates"],
    ["source", "article"],
    ["search", "S001"],
    ["secondary coverage", ""],
    ["claim", "car-27-4"],
]
MODULES = ["exile.statistics.logistic", "exile.audit", "numpy", "pandas"]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of data and package, which ``edit(file, old, new)`` changes; and what has moved."""
    shutil.copytree(data_directory(), tmp_path / "data")
    shutil.copytree(changes.PACKAGE, tmp_path / "exile")
    monkeypatch.setenv("EXILE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(changes, "PACKAGE", tmp_path / "exile")
    changes.now.cache_clear()
    before = changes.basis(READ, MODULES)

    def moved(file: str, old: str, new: str) -> list[str]:
        path = tmp_path / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        changes.now.cache_clear()
        return changes.changed(before)

    yield moved
    changes.now.cache_clear()


def row(figure_id: str) -> tuple[str, str]:
    """The file of a figure and its row up to the value."""
    path = data_directory() / "published" / "migrant_surveys.csv"
    (line,) = [n for n in path.read_text("utf-8").splitlines() if n.startswith(f"{figure_id},")]
    return "data/published/migrant_surveys.csv", line


def test_nothing_moves_of_itself(copied):
    assert copied("data/README.md", "#", "##") == []


def test_a_figure_moves_by_its_own_row_alone(copied):
    file, line = row("OR1-02")
    assert copied(file, line, line + " (checked again)") == []
    file, line = row("OR1-01")
    assert copied(file, line, line + " (checked again)") == ["figure OR1-01"]


def test_a_table_moves_by_any_of_its_rows(copied):
    assert copied("data/benchmarks/exodus_estimates.csv", "300000", "300001") == [
        "table exodus_estimates"
    ]


def test_a_claim_moves_by_its_own_declaration_alone(copied):
    assert copied("data/claims.yaml", "Of the migrants {migrants} can afford", "Of all migrants {migrants} can afford") == ["claim car-27-4"]  # fmt: skip


def test_a_source_that_nobody_asked_for_moves_nothing(copied):
    text = (data_directory() / "sources.csv").read_text("utf-8").splitlines()
    assert copied("data/sources.csv", text[-1], text[-1] + ".") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("exile/statistics/logistic.py", "np.array(variances)", "np.asarray(variances)", ["module exile.statistics.logistic"]),
        ("exile/statistics/logistic.py", "    # No share in a survey", "    # None", []),
        ("exile/statistics/logistic.py", '"""A fitted model.', '"""A model.', []),
        ("exile/site/cards.py", "import", "import sys\nimport", []),
        ("exile/statistics/linear.py", "import", "import sys\nimport", []),
    ],
    ids=["code", "comment", "docstring", "a module of the site's", "a module not loaded"],
)  # fmt: skip
def test_a_module_moves_by_its_code(copied, file, old, new, expected):
    assert copied(file, old, new) == expected


def test_a_library_moves_by_its_version(monkeypatch):
    before = changes.basis([], MODULES)
    assert before["library:numpy"]
    assert "library:pytest" not in before
    changes.now.cache_clear()
    monkeypatch.setattr(changes, "version", lambda name: "0" if name == "numpy" else before[f"library:{name}"])  # fmt: skip
    assert changes.changed(before) == ["library numpy"]
    changes.now.cache_clear()


def test_every_figure_has_a_row_to_be_known_by():
    assert figure("OR1-01").figure_id in figure_tables()
    states = {changes.now("figure", name) for name in figure_tables()}
    assert changes.GONE not in states
    assert len(states) == len(figure_tables())
