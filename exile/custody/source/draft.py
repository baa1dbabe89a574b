"""Drafts a codebook from a file's names, labels and codes; a person then corrects it.

What is not certain is written as ``FILL IN``, which no command accepts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from exile.custody.catalogue import Variable, catalogue
from exile.custody.source.codebook import OPEN
from exile.custody.source.coding import AGES
from exile.custody.source.columns import Answers, Column, Numbers, number
from exile.custody.source.labels import any_of, level, words
from exile.custody.source.reading import Form, Source, open_source, read
from exile.errors import InputError

MANY = 40
CUTS = {
    "before_the_war": "null",
    "february_to_september_2022": "2022-02-24",
    "after_mobilisation": "2022-09-21",
}


def draft(path: Path, form: Form | None = None) -> str:
    """A codebook as YAML text: what is certain, and ``FILL IN`` for the rest.

    It shows how often each code of a mapped column occurs, and no other answer.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    form, source = _opened(path, form or Form())
    places: dict[str, list[int]] = {}
    for variable in catalogue().variables.values():
        taken = {found[0] for found in places.values()}
        fitting = [
            i for i, c in enumerate(source.columns) if i not in taken and _fits(variable.name, c)
        ]
        exact = [i for i in fitting if source.columns[i].name.casefold() == variable.name]
        if fitting:
            places[variable.name] = [*exact, *(i for i in fitting if i not in exact)]
    sinks: dict[int, Answers | Numbers] = {}
    for name, (at, *_) in places.items():
        if name == "weight":
            sinks[at] = Numbers(source.columns[at].name)
        elif name != "respondent":
            sinks[at] = _Codes(source.columns[at].name)
    rows = read(path, source, sinks) if sinks else 0
    lines = _head(path, form, rows)
    if "respondent" not in places:
        lines += ["  respondent:", f"    column: {OPEN}"]
    for name, (at, *others) in places.items():
        lines += _entry(catalogue().variables[name], source.columns, at, others, sinks.get(at))
    unused = [c for i, c in enumerate(source.columns) if i not in {p[0] for p in places.values()}]
    lines += ["# Columns that no variable was found for:"]
    lines += [f"#   {_plain(c.name)}{': ' + _plain(c.label) if c.label else ''}" for c in unused]
    return "\n".join(lines) + "\n"


class _Codes(Answers):
    """Answers of which only the number matters once there are too many for codes."""

    def coded(self, places, found) -> None:
        try:
            super().coded(places, found)
        except InputError:
            self.values = ["", *(str(i) for i in range(MANY + 1))]


def _opened(path: Path, form: Form) -> tuple[Form, Source]:
    source = open_source(path, form)
    if form.header_lines == 1 and path.suffix.lower() in (".csv", ".tsv"):
        first = Answers("")
        source.read({0: first})
        if any(value.startswith('{"ImportId"') for value in first.values[:3]):
            # Qualtrics writes names, questions and its own ids above the answers.
            form = replace(form, header_lines=3)
            source = open_source(path, form)
    return form, source


def _head(path: Path, form: Form, rows: int) -> list[str]:
    file = [f"  encoding: {form.encoding}"]
    if form.delimiter:
        file.append(f"  delimiter: {_word(form.delimiter)}")
    if form.header_lines > 1:
        file.append(f"  header_lines: {form.header_lines}")
    size = f" of {rows:,} rows" if rows else ""
    return [
        f"# A draft from {_plain(path.name)}{size}. Check each line against the questionnaire;",
        f"# what is not certain says {OPEN}. A code may also be: missing. Columns without a line",
        "# here are never read. Variables and levels: data/survey/variables.yaml; then:",
        "# exile survey check FILE --codebook THIS. The notes on the right count respondents:",
        "# delete them before this codebook is passed on.",
        "about:",
        f"  name: {OPEN}",
        f"  custodian: {OPEN}",
        f"  fieldwork: {OPEN}",
        "  same_data_as_article: false",
        "file:",
        *file,
        "accept: []",
        "variables:",
    ]


def _entry(
    variable: Variable,
    columns: list[Column],
    at: int,
    others: list[int],
    answers: Answers | Numbers | None,
) -> list[str]:
    column = columns[at]
    repeated = [c.name for c in columns].count(column.name) > 1
    named = str(at + 1) if repeated else _word(column.name)
    lines = [
        f"  {variable.name}:",
        f"    column: {named}" + (f"  # {_plain(column.label)}" if column.label else ""),
    ]
    for other in others[:3]:
        lines.append(
            f"    # fits too: {_plain(columns[other].name)}: {_plain(columns[other].label)}"
        )
    if isinstance(answers, Numbers):
        if len(answers.rows) and (answers.rows == np.floor(answers.rows)).all():
            lines[1] = f"    column: {OPEN}  # '{_plain(column.name)}' holds whole numbers only"
        return lines
    if answers is None or variable.kind == "id":
        return lines
    if variable.kind == "years" and not column.codes:
        years = [float(v) for v in answers.values[1:] if re.fullmatch(r"(19|20)\d\d", v)]
        if len(years) > len(answers.values) / 2:
            lines.append(f"    born: {OPEN}  # years of birth: the year of the interviews")
        elif odd := [v for v in answers.values[1:] if not _is_age(v)]:
            lines.append(f"    # not from 14 to 110, perhaps missing: {_plain(', '.join(odd[:9]))}")
    elif variable.name == "departure" and not column.codes and _dates(answers):
        lines += ["    cuts:", *(f"      {name}: {start}" for name, start in CUTS.items())]
        return lines
    elif variable.kind != "wave" or column.codes:
        lines += _codes(variable, column, answers)
    declared = [
        str(low) if low == high else f"{low}..{high}"
        for low, high in ((_text(a), _text(b)) for a, b in column.missing)
    ]
    if declared:
        quoted = ", ".join(_word(code) for code in declared)
        lines.append(f"    missing: [{quoted}]  # as the file declares")
    return lines


def _codes(variable: Variable, column: Column, answers: Answers) -> list[str]:
    """A line for each code, with its label and how often it occurs."""
    counts = dict(zip(answers.values, np.bincount(answers.rows, minlength=len(answers.values)),
                      strict=False))  # fmt: skip
    if variable.kind == "country" and not column.codes:
        odd = [v for v in answers.values[1:] if level(variable, v) != v]
        if not odd:
            return []
    found = sorted({*column.codes, *answers.values[1:]} - {""}, key=lambda c: (len(c), c))
    found = [c for c in found if not column.declared_missing(c)]
    if len(found) > MANY + len(column.codes):
        return [f"    codes: {{{OPEN}: {OPEN}}}  # it holds more than {MANY} different answers"]
    lines = ["    codes:"]
    for code in found:
        label = column.codes.get(code, code if re.search(r"[^\W\d]", code) else "")
        word = level(variable, label) or OPEN
        note = f"{_plain(label)}, " if label not in ("", code) else ""
        lines.append(f"      {_word(code)}: {word}  # {note}{counts.get(code, 0):,} times")
    ticked = [c for c in found if counts.get(c)]
    if variable.kind == "yes_no" and len(ticked) == 1 and counts.get(""):
        lines.append(f"    blank: {OPEN}  # only ticks: is an empty cell 'no'? else delete this")
    return lines if found else [f"    codes: {{{OPEN}: {OPEN}}}  # it holds no answer"]


def _is_age(code: str) -> bool:
    value = number(code)
    return value is not None and AGES[0] <= value < AGES[1] + 1


def _dates(answers: Answers) -> bool:
    """Whether most answers are days or months."""
    days = sum(bool(re.match(r"\d{4}-\d\d|\d\d?\.\d\d?\.\d{4}", v)) for v in answers.values[1:])
    return days > len(answers.values) / 2


def _text(bound: float | str) -> str:
    return f"{bound:g}" if isinstance(bound, float | int) else bound


def _word(text: str) -> str:
    """A text as YAML writes it, on one line."""
    return yaml.safe_dump(text, allow_unicode=True, width=10_000).removesuffix("...\n").strip()


def _plain(text: str) -> str:
    """A label on one line, so that it cannot end the comment that it stands in."""
    return " ".join(text.split())[:120]


def _fits(variable: str, column: Column) -> bool:
    known = words()
    text = f"{column.name} {column.label}".casefold().replace("_", " ")
    period, _, activity = variable.partition("_")
    if period in known.periods:
        signs = known.periods[period], known.activities[activity]
        return all(any_of(sign).search(text) for sign in signs)
    given = (t.strip().replace("_", " ") for t in (column.name.casefold(), column.label.casefold()))
    sign = any_of(known.columns.get(variable, ("$^",)))
    return column.name.casefold() == variable or any(map(sign.search, given))
