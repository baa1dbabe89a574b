"""A small survey of made-up people, and the means to write it in any format."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyreadstat
import pytest
import yaml

from exile.custody.counts.run import count_file
from exile.custody.source.codebook import load_codebook

YES_NO = {1: "yes", 2: "no"}
VARIABLES = {
    "respondent": {"column": "id"},
    "wave": {"column": "wave"},
    "weight": {"column": "w"},
    "sex": {"column": "sex", "codes": {1: "man", 2: "woman"}, "missing": [9]},
    "age": {"column": "age", "missing": [999]},
    "education": {"column": "edu", "codes": {1: "other", 2: "higher"}},
    "host": {"column": "host"},
    "before_rally": {"column": "b_rally", "codes": YES_NO, "missing": [99]},
    "after_rally": {"column": "a_rally", "codes": YES_NO, "missing": [99]},
    "before_compatriots": {"column": "b_comp", "codes": YES_NO},
    "after_compatriots": {"column": "a_comp", "codes": YES_NO},
    "after_none": {"column": "a_none", "codes": YES_NO},
}
ABOUT = {
    "name": "A test",
    "custodian": "the tests",
    "fieldwork": "never",
    "same_data_as_article": True,
}


def frame(n: int = 400, seed: int = 3) -> pd.DataFrame:
    """Codes as a file would hold them; every fifth person answers both waves."""
    rng = np.random.default_rng(seed)
    first = pd.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "wave": 1,
            "w": rng.integers(50, 200, n) / 100,
            "sex": rng.choice([1, 2, 9], n, p=[0.48, 0.5, 0.02]),
            "age": rng.integers(18, 80, n),
            "edu": rng.choice([1, 2], n, p=[0.2, 0.8]),
            "host": rng.choice(["GEO", "ARM", "TUR"], n),
            "b_rally": rng.choice([1, 2, 99], n, p=[0.45, 0.5, 0.05]),
            "a_rally": rng.choice([1, 2, 99], n, p=[0.25, 0.7, 0.05]),
            "b_comp": rng.choice([1, 2], n, p=[0.1, 0.9]),
            "a_comp": rng.choice([1, 2], n, p=[0.3, 0.7]),
        }
    )
    first["a_none"] = np.where((first["a_rally"] == 2) & (first["a_comp"] == 2), 1, 2)
    again = first.iloc[::5].assign(wave=2, a_comp=2)
    again["a_none"] = np.where(again["a_rally"] == 2, 1, 2)
    return pd.concat([first, again], ignore_index=True)


class Plain(yaml.SafeDumper):
    """Writes each mapping out, as a person would."""

    def ignore_aliases(self, data):
        return True


def codebook(folder: Path, **changes) -> Path:
    """A codebook of the small survey; ``variables`` are merged, None takes one out."""
    variables = VARIABLES | changes.pop("variables", {})
    content = {
        "about": ABOUT | changes.pop("about", {}),
        **changes,
        "variables": {k: v for k, v in variables.items() if v is not None},
    }
    path = folder / "codebook.yaml"
    path.write_text(yaml.dump(content, Dumper=Plain, sort_keys=False), encoding="utf-8")
    return path


def write(data: pd.DataFrame, path: Path) -> Path:
    """The survey in the format of the path's suffix."""
    match path.suffix:
        case ".csv":
            data.to_csv(path, index=False)
        case ".sav":
            pyreadstat.write_sav(data, str(path))
        case ".zsav":
            pyreadstat.write_sav(data, str(path), compress=True)
        case ".dta":
            pyreadstat.write_dta(data, str(path))
        case ".parquet":
            with duckdb.connect() as connection:
                connection.register("answers", data)
                connection.execute(f"COPY answers TO '{path}' (FORMAT parquet)")
    return path


@pytest.fixture
def survey(tmp_path: Path):
    """Counts a frame by a codebook: ``survey(frame(), accept=[…])`` gives run and tables."""

    def count(data: pd.DataFrame, suffix: str = ".csv", name: str = "people", **changes):
        path = write(data, tmp_path / f"{name}{suffix}")
        return count_file(path, load_codebook(codebook(tmp_path, **changes)))

    return count
