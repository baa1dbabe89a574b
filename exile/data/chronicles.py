"""Cells of the Chronicles telephone survey: waves 1 to 9, and four later ones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd

from exile.data import raw
from exile.data.cells import age_groups, count, recode

ATTRIBUTES = ["sex", "age_group", "settlement", "higher_education"]
AGE_GROUPS = [18, 35, 45, 55]
# Where a wave's file has the attributes, unless its declaration says otherwise.
COLUMNS = {"sex": "GENDER", "age": "AGE", "settlement": "TNP"}


@cache
def declaration() -> dict:
    """What ``chronicles.toml`` declares."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def cells() -> pd.DataFrame:
    """Cells of every item, wording and wave.

    Returns
    -------
    DataFrame
        Columns wave, item, wording, answer, the ATTRIBUTES, n, w, w2; only respondents
        with a weight above zero.

    Raises
    ------
    InputError
        If a file cannot be had or read as declared.
    """
    parts = [part for wave in declaration()["waves"] for part in _wave_cells(wave)]
    key = ["wave", "item", "wording", "answer", *ATTRIBUTES]
    return pd.concat(parts)[[*key, "n", "w", "w2"]].sort_values(key, ignore_index=True)


def items() -> pd.DataFrame:
    """The questions behind the cells: item, wording, waves, question, asked_of, note."""
    return pd.DataFrame(
        {
            "item": name,
            "wording": entry["wording"],
            "waves": " ".join(columns),
            "question": entry["question"] + (f" [{answer}]" if answer else ""),
            "asked_of": entry.get("asked_of", "all"),
            "note": entry.get("note", ""),
        }
        for entry in declaration()["items"]
        for name, answer, columns in _named(entry)
    ).sort_values(["item", "wording"], ignore_index=True)


def asked_as(item: str, wave: str) -> tuple[str, str, str]:
    """Column, code list and wording of an item in a wave that asked it of everyone."""
    for entry in declaration()["items"]:
        if entry["item"] == item and wave in entry.get("columns", {}):
            codes = entry.get("codes_in", {}).get(wave, entry["codes"])
            return entry["columns"][wave], codes, entry["wording"]
    raise KeyError(f"{item} was not asked in wave {wave}")


def _named(entry: dict) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, option and columns of each item that an entry declares."""
    if "columns" in entry:
        yield entry["item"], "", entry["columns"]
    for option, columns in entry.get("options", {}).items():
        yield f"{entry['item']}_{option}", option.replace("_", " "), columns


def _wave_cells(wave: str) -> Iterator[pd.DataFrame]:
    codes, entry = declaration()["codes"], declaration()["waves"][wave]
    asked = [
        (name, item, columns[wave])
        for item in declaration()["items"]
        for name, _, columns in _named(item)
        if wave in columns
    ]
    limits = {item["only"][wave]["column"] for _, item, _ in asked if wave in item.get("only", {})}
    attributes = {name: entry.get(name, column) for name, column in COLUMNS.items()}
    answers = read(
        entry,
        {*attributes.values(), entry["weight"], entry["education"], *limits}
        | {column for _, _, column in asked},
    )

    def coded(column: str, code_list: str) -> pd.Series:
        return recode(answers[column], codes[code_list], f"{entry['file']}, {column}")

    respondents = pd.DataFrame(
        {
            "wave": wave,
            "sex": coded(attributes["sex"], "sex"),
            "age_group": age_groups(answers[attributes["age"]], AGE_GROUPS),
            "settlement": coded(
                attributes["settlement"], entry.get("settlement_codes", "settlement")
            ),
            "higher_education": coded(entry["education"], "higher_education"),
            "weight": answers[entry["weight"]],
        }
    )
    for name, item, column in asked:
        respondents["answer"] = coded(column, item.get("codes_in", {}).get(wave, item["codes"]))
        chosen = respondents["weight"] > 0
        if wave in item.get("only", {}):
            only = item["only"][wave]
            chosen &= answers[only["column"]] == only["code"]
        found = count(respondents[chosen], ["wave", "answer", *ATTRIBUTES], "weight")
        yield found.assign(item=name, wording=item["wording"])


def read(entry: dict, columns: set[str]) -> pd.DataFrame:
    """The named columns only: towns and open answers are never kept."""
    path = raw.find("chronicles", entry["file"], entry["sha256"]) or raw.fetch(
        "chronicles", entry["file"], entry["sha256"], declaration()["address"], entry["path"]
    )
    if path.suffix != ".sav":
        return pd.read_excel(path, engine="calamine", usecols=sorted(columns))
    import pyreadstat

    # Some files declare 'no answer' codes missing and others do not; read all as codes.
    frame, _ = pyreadstat.read_sav(path, usecols=sorted(columns), user_missing=True)
    return frame
