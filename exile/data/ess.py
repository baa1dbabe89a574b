"""Cells of the European Social Survey: the Russia-born and others in host countries, and Russia."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pandas as pd

from exile.data import raw
from exile.data.cells import age_groups, count, recode
from exile.errors import InputError

GROUP = ["essround", "cntry", "birth_group"]
ATTRIBUTES = ["sex", "age_group", "higher_education"]
AGE_GROUPS = [15, 35, 55]


@cache
def declaration() -> dict:
    """What ``ess.toml`` declares."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def cells() -> pd.DataFrame:
    """Cells of every item by country-round and birth group.

    Returns
    -------
    DataFrame
        Columns essround, cntry, birth_group, item, answer, the ATTRIBUTES, n, w, w2.

    Raises
    ------
    InputError
        If the extract cannot be had or read as declared.
    """
    declared = declaration()
    codes, weight = declared["codes"], declared["weight"]
    frame = _read([*GROUP, "gndr", "agea", "eisced", weight, *declared["items"]])
    frame = frame[frame["birth_group"].isin(declared["birth_groups"])]
    large = frame.groupby(GROUP)[weight].transform("size") >= declared["smallest_group"]

    def coded(rows: pd.DataFrame, column: str, code_list: str) -> pd.Series:
        return recode(rows[column], codes[code_list], f"{declared['file']}, {column}")

    frame = frame.assign(
        essround=frame["essround"].astype("str"),
        sex=coded(frame, "gndr", "sex"),
        age_group=age_groups(frame["agea"], AGE_GROUPS),
        higher_education=coded(frame, "eisced", "higher_education"),
    )
    parts = []
    for item, code_list in declared["items"].items():
        asked = frame.groupby(["essround", "cntry"])[item].transform("count") > 0
        counted = asked if code_list in declared["small_groups_in"] else asked & large
        rows = frame[counted].assign(item=item)
        rows["answer"] = coded(rows, item, code_list)
        if code_list in declared["without_sex"]:
            rows["sex"] = "not_split"
        parts.append(count(rows, [*GROUP, "item", "answer", *ATTRIBUTES], weight))
    key = [*GROUP, "item", "answer", *ATTRIBUTES]
    return pd.concat(parts).sort_values(key, ignore_index=True)


def _read(columns: list[str]) -> pd.DataFrame:
    declared = declaration()
    path = raw.find("ess", declared["file"], declared["sha256"])
    if path is None:
        raise InputError(
            f"ess/{declared['file']}",
            "the extract is not public and EXILE_RAW_DIR is not set",
            "The committed table data/cells/ess.csv serves instead. To derive it anew, ask the "
            "authors for the extract, or join the country files listed in "
            "data/cells/ess_rounds.csv, and name its folder in EXILE_RAW_DIR.",
        )
    return pd.read_csv(path, usecols=columns)
