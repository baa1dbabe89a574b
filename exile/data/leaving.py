"""Cells of those at risk of leaving: the wish to emigrate, by views and means as well.

The other tables cross each question with attributes only. Who wishes to leave is a
matter of views too, so here a few questions are crossed with each other, coarsely: no
place, no exact answer, and nobody who left education, means or age open.
"""

from __future__ import annotations

import pandas as pd

from exile.data.cells import age_groups, count, recode
from exile.data.chronicles import COLUMNS, asked_as, declaration, read

OUTCOMES = {"3": ("wish_to_emigrate", "emigrated_acquaintance"), "5": ("emigrated_acquaintance",)}
ATTRIBUTES = ["war_support", "means", "higher_education", "sex", "age_group"]
AGE_GROUPS = [18, 35, 55]

WAR = {
    "supports": "supports",
    "does_not_support": "against",
    "hard_to_say": "no_answer",
    "refused": "no_answer",
}
# Whether the family can afford household appliances or more.
MEANS = {
    "not_enough_for_food": "lower",
    "food_but_not_clothing": "lower",
    "clothing_but_not_appliances": "lower",
    "appliances_but_not_a_new_car": "higher",
    "all_but_a_flat_or_house": "higher",
    "a_flat_or_house": "higher",
    "hard_to_say_or_refused": "unknown",
}


def cells() -> pd.DataFrame:
    """Cells of each outcome and wave.

    Returns
    -------
    DataFrame
        Columns wave, item, wording, answer, the ATTRIBUTES, n, w, w2. Respondents
        without a weight, without an answer on education or means, or alone in their
        group by the ATTRIBUTES are left out.

    Raises
    ------
    InputError
        If a file cannot be had or read as declared.
    """
    parts = [part for wave, outcomes in OUTCOMES.items() for part in _wave(wave, outcomes)]
    key = ["wave", "item", "wording", "answer", *ATTRIBUTES]
    return pd.concat(parts)[[*key, "n", "w", "w2"]].sort_values(key, ignore_index=True)


def _wave(wave: str, outcomes: tuple[str, ...]):
    codes, entry = declaration()["codes"], declaration()["waves"][wave]
    attributes = {name: entry.get(name, column) for name, column in COLUMNS.items()}
    asked = {
        item: asked_as(item, wave) for item in (*outcomes, "war_support", "material_situation")
    }
    answers = read(
        entry,
        {attributes["sex"], attributes["age"], entry["weight"], entry["education"]}
        | {column for column, _, _ in asked.values()},
    )

    def coded(column: str, code_list: str) -> pd.Series:
        return recode(answers[column], codes[code_list], f"{entry['file']}, {column}")

    respondents = pd.DataFrame(
        {
            "wave": wave,
            "war_support": coded(*asked["war_support"][:2]).map(WAR),
            "means": coded(*asked["material_situation"][:2]).map(MEANS),
            "higher_education": coded(entry["education"], "higher_education"),
            "sex": coded(attributes["sex"], "sex"),
            "age_group": age_groups(answers[attributes["age"]], AGE_GROUPS),
            "weight": answers[entry["weight"]],
        }
    )
    known = respondents[(respondents["weight"] > 0) & ~respondents.isin(["unknown"]).any(axis=1)]
    # Whoever is alone in a group could be told by it.
    known = known[known.groupby(ATTRIBUTES)["weight"].transform("size") > 1]
    for item in outcomes:
        column, code_list, wording = asked[item]
        rows = known.assign(answer=coded(column, code_list))
        found = count(rows, ["wave", "answer", *ATTRIBUTES], "weight")
        yield found.assign(item=item, wording=wording)
