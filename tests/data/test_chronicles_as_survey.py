"""The real Chronicles microdata through the same door give the committed cell tables."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
import yaml

from exile.custody.counts.run import count_file
from exile.custody.source.codebook import load_codebook
from exile.data import table
from exile.data.chronicles import declaration

# Waves with one question on means in six steps and one on the war; the steps above a car
# are one in the catalogue.
MEANS = {
    1: "not_enough_for_food",
    2: "food_but_not_clothing",
    3: "clothing_but_not_durables",
    4: "durables_but_not_car",
    5: "car",
    6: "car",
}
FROM_CELLS = {
    "not_enough_for_food": "not_enough_for_food",
    "food_but_not_clothing": "food_but_not_clothing",
    "clothing_but_not_appliances": "clothing_but_not_durables",
    "appliances_but_not_a_new_car": "durables_but_not_car",
    "all_but_a_flat_or_house": "car",
    "a_flat_or_house": "car",
}
STANCE = {"supports": "supports", "does_not_support": "opposes"}
WORDS = {"yes": "higher", "no": "other", "unknown": "missing"}


def codebook(folder: Path, wave: str) -> Path:
    entry = declaration()["waves"][wave]
    asked = {
        item["item"]: item["columns"][wave]
        for item in declaration()["items"]
        if wave in item.get("columns", {})
    }
    variables = {
        "respondent": {"column": "ID"},
        "weight": {"column": entry["weight"]},
        "sex": {"column": entry.get("sex", "GENDER"), "codes": {1: "man", 2: "woman"}},
        "age": {"column": entry.get("age", "AGE")},
        "education": {
            "column": entry["education"],
            "codes": {1: "other", 2: "other", 3: "other", 4: "higher", 5: "higher"},
            "missing": [99],
        },
        "means": {"column": asked["material_situation"], "codes": MEANS, "missing": [99]},
        "war_stance": {
            "column": asked["war_support"],
            "codes": {1: "supports", 2: "opposes"},
            "missing": [99, 100],
        },
    }
    about = {
        "name": f"Chronicles, wave {wave}",
        "custodian": "Chronicles",
        "fieldwork": "2022",
        "same_data_as_article": False,
    }
    path = folder / "chronicles.yaml"
    content = {"about": about, "accept": ["zero_weights"], "variables": variables}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def summed(cells: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return cells.groupby(by)[["n", "w", "w2"]].sum().sort_index()


@pytest.mark.raw("chronicles")
@pytest.mark.parametrize("wave", ["4", "5", "6", "8"])
def test_a_wave_through_the_door_gives_the_committed_cells(wave, tmp_path):
    file = Path(os.environ["EXILE_RAW_DIR"], "chronicles", declaration()["waves"][wave]["file"])
    run, tables = count_file(file, load_codebook(codebook(tmp_path, wave)))
    assert run.grade == "B" and not run.synthetic
    committed = table("chronicles")
    committed = committed[committed["wave"] == wave].assign(
        education=lambda c: c["higher_education"].map(WORDS)
    )
    by = ["answer", "sex", "age_group", "education"]
    for item, variable, levels in (
        ("material_situation", "means", FROM_CELLS),
        ("war_support", "war_stance", STANCE),
    ):
        expected = committed[committed["item"] == item]
        expected = expected.assign(answer=expected["answer"].map(levels).fillna("missing"))
        found = tables[variable].rename(columns={variable: "answer"})
        found = found.assign(age_group=found["age_group"].replace({"missing": "unknown"}))
        pd.testing.assert_frame_equal(
            summed(found, by),
            summed(expected, by),
            check_index_type=False,
            check_dtype=False,
            rtol=1e-8,
        )
