"""Drafts a codebook from a file's own names and labels; a person then corrects it."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from exile.custody.catalogue import YES_NO, Variable, catalogue
from exile.custody.source.codebook import canonical
from exile.custody.source.reading import Column, describe

# Words that give a variable away in a column's name or label, in English and Russian.
SIGNS = {
    "respondent": r"^(id|respondent.?id|resp.?id|panel.?id|респондент)$",
    "wave": r"^(wave|волна)$",
    "weight": r"^(weight|w|вес|ves|wgt)$|weight",
    "sex": r"\bsex\b|gender|^пол$|\bпол\b",
    "age": r"^age$|возраст|how old",
    "education": r"educ|образован",
    "means": r"afford|material|purchas|денег|матер",
    "industry": r"industry|occupation|field of work|отрасл|сфер",
    "savings": r"saving|сбережен",
    "departure": r"depart|emigrat.*(date|when)|when.*(left|leave)|когда.*уех",
    "host": r"host|country|residence|страна",
    "trust_people": r"trust.*people|most people|людям",
    "trust_emigrants": r"trust.*(emigr|left|migrant)|доверя.*уехав",
    "trust_stayed": r"trust.*stay|доверя.*остав",
    "interest": r"interest|интерес",
    "war_stance": r"war|military operation|войн|операци",
    "contact": r"contact|общает|talk.*russia",
    "fear": r"\bfear|afraid|боит|страх",
}
ACTIVITIES = {
    "rally": r"rall|demonstr|protest|митинг",
    "compatriots": r"(volunt|help).*(compatriot|russian|migrant)|волонт.*(соотеч|россия)",
    "ukrainians": r"(volunt|help).*ukrain|волонт.*украин|помощ.*украин",
    "donation": r"donat|пожертв|донат",
    "petition": r"petition|петици|подпис",
    "none": r"none of|ничего из",
}
PERIODS = {
    "before": r"before|до (отъезда|эмиграции)|in russia|pre",
    "after": r"after|после|abroad|now|post",
}
WORDS = {
    "man": r"^(male|man|men|муж)",
    "woman": r"^(female|woman|women|жен)",
    "yes": r"^(yes|да|took part|selected|checked|1)\b",
    "no": r"^(no|нет|did not|not selected|unchecked|0)\b",
    "higher": r"^(complete.*higher|higher|university|degree|высшее)",
    "car": r"\b(car|автомобил)",
    "it": r"\b(it|информац|software)\b",
    "opposes": r"^(oppos|against|do(es)? not support|не поддерж|против)",
    "supports": r"^(support|поддерж)",
}
SILENT = re.compile(r"refus|no answer|don.?t know|hard to say|затруд|отказ|missing", re.IGNORECASE)
OPEN = "FILL IN"


def draft(path: Path, encoding: str = "utf-8") -> str:
    """A codebook as YAML text: what could be guessed, and ``FILL IN`` for the rest.

    Only names and labels of the file are read, no answers.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    columns = describe(path, encoding)
    found: dict[str, dict] = {}
    for variable in catalogue().variables.values():
        column = next((c for c in columns if _fits(variable.name, c)), None)
        if column is not None and column.name not in {e["column"] for e in found.values()}:
            found[variable.name] = _entry(variable, column)
    found.setdefault("respondent", {"column": OPEN})
    head = {
        "about": {
            "name": OPEN,
            "custodian": OPEN,
            "fieldwork": OPEN,
            "same_data_as_article": False,
            "synthetic": False,
        },
        "file": {"encoding": encoding},
        "accept": [],
    }
    unused = [c for c in columns if c.name not in {e["column"] for e in found.values()}]
    lines = [
        "# A draft from the file's own names and labels. Check each line against the",
        "# questionnaire; what stands in no line is never read. Variables and levels:",
        "# data/survey/variables.yaml; then: exile survey check FILE --codebook THIS.",
        yaml.safe_dump(head, sort_keys=False, allow_unicode=True).rstrip(),
        "variables:",
        *(_line(name, entry) for name, entry in found.items()),
        "# Columns that no variable was found for:",
        *(f"#   {_plain(c.name)}{': ' + _plain(c.label) if c.label else ''}" for c in unused),
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, entry: dict) -> str:
    text = yaml.safe_dump(
        entry, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000
    )
    return f"  {name}: {text.strip()}"


def _plain(text: str) -> str:
    """A label on one line, so that it cannot end the comment that it stands in."""
    return " ".join(text.split())[:120]


def _fits(variable: str, column: Column) -> bool:
    text = f"{column.name} {column.label}".casefold().replace("_", " ")
    period, _, activity = variable.partition("_")
    if period in PERIODS:
        return bool(re.search(PERIODS[period], text) and re.search(ACTIVITIES[activity], text))
    if column.name.casefold() == variable:
        return True
    sign = SIGNS.get(variable)
    if sign is None:
        return False
    return any(
        re.search(sign, t.strip()) for t in (column.name.casefold(), column.label.casefold())
    )


def _entry(variable: Variable, column: Column) -> dict:
    entry: dict = {"column": column.name}
    missing = [canonical(c) for c, label in column.codes.items() if SILENT.search(str(label))]
    if variable.kind in ("category", "yes_no"):
        entry["codes"] = {
            canonical(c): _level(variable, str(label))
            for c, label in column.codes.items()
            if canonical(c) not in missing
        } or {OPEN: variable.levels[0]}
    elif variable.kind in ("country", "wave") and column.codes:
        entry["codes"] = {
            canonical(c): str(label) if re.fullmatch(r"[A-Z]{3}|\d", str(label)) else OPEN
            for c, label in column.codes.items()
            if canonical(c) not in missing
        }
    if missing:
        entry["missing"] = missing
    return entry


def _level(variable: Variable, label: str) -> str:
    text = label.casefold().strip()
    for level in variable.levels:
        if text == level or text == level.replace("_", " "):
            return level
    for level in variable.levels:
        if level in WORDS and re.search(WORDS[level], text):
            return level
    return "other" if "other" in variable.levels and variable.levels != YES_NO else OPEN
