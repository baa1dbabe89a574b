"""What the custodian sees before anything else: what became of every answer.

It holds exact counts and stays with the custodian, on the screen or in a local file.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from exile.custody.catalogue import MISSING, catalogue
from exile.custody.counts import cubes
from exile.custody.counts.interviews import Interviews
from exile.custody.counts.run import Run, Tally, examine
from exile.custody.source.codebook import ACCEPTABLE, Codebook
from exile.errors import InputError
from exile.wording import people

ALONE = "For the custodian alone: these are exact counts of respondents. Do not pass them on."
SHOWN = 60


@dataclass(frozen=True)
class Section:
    """A heading, remarks, and rows of cells of which the first is the head."""

    title: str
    remarks: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def report(path: Path, codebook: Codebook) -> list[Section]:
    """Everything that a build would count, item by item.

    Raises
    ------
    InputError
        For whatever a build would refuse.
    """
    tallies, run, made, found = examine(path, codebook)
    # The tables are what a build counts: what they refuse is refused here.
    for _ in cubes.tables(found, made):
        pass
    sections = [_overview(run, found)]
    for name, tally in tallies.items():
        sections.append(_item(name, tally, run, found, made, codebook))
    return [*sections, *_derived(made, run, tallies), _claims(run)]


def _overview(run: Run, found: Interviews) -> Section:
    remarks = [
        f"{people(found.rows)} rows of the file, {people(run.interviews)} interviews of "
        + f"{people(run.persons)} persons."
    ]
    if run.synthetic:
        remarks.append("SYNTHETIC respondents: the book shows estimates and judges no claim.")
    remarks += [
        f"Accepted, {kind}: {people(count)} interviews; {ACCEPTABLE[kind]}."
        for kind, count in run.accepted.items()
    ]
    rows = [("wave", "interviews", "first interviews", "last interviews", "sum of weights")]
    first = np.full(run.persons, 255)
    last = np.zeros(run.persons, int)
    _, person = np.unique(found.person, return_inverse=True)
    np.minimum.at(first, person, found.wave)
    np.maximum.at(last, person, found.wave)
    for wave in run.waves:
        here = found.wave == wave
        weight = "unweighted" if found.weight is None else f"{found.weight[here].sum():,.6g}"
        rows.append(
            (str(wave), people(int(here.sum())), people(int((first == wave).sum())),
             people(int((last == wave).sum())), weight)
        )  # fmt: skip
    if found.weight is not None:
        low, middle, high = np.quantile(found.weight, [0, 0.5, 1])
        remarks.append(f"Weights from {low:.4g} to {high:.4g}, half of them below {middle:.4g}.")
    return Section(run.name, tuple(remarks), tuple(rows))


def _item(
    name: str,
    tally: Tally,
    run: Run,
    found: Interviews,
    made: dict[str, cubes.Axis],
    codebook: Codebook,
) -> Section:
    mapping = codebook.mappings[name]
    notes = found.notes
    remarks = []
    given = {what.level for (_, _, what) in tally if what.level}
    if not given:
        remarks.append("NO ANSWER AT ALL: left out.")
    elif len(given) == 1 and name != "wave":
        only = next(iter(given))
        remarks.append(f"ONE LEVEL ONLY, '{only}': is an empty cell an answer? See 'blank'.")
    silent = [
        str(w) for w in run.waves
        if not sum(by[w] for (_, _, what), by in tally.items() if what.level)
    ]  # fmt: skip
    if given and silent:
        remarks.append(f"No answer in wave {', '.join(silent)}.")
    if mapping.variable.constant and len(run.waves) > 1:
        twice, differ = (notes.get(f"{name}: {k}", 0) for k in ("asked twice", "differ"))
        remarks.append(
            f"It cannot change: taken from any interview. {people(twice)} persons were asked "
            f"more than once, {people(differ)} of them answer differently; the earliest "
            "interview's answer counts."
        )
    if carried := notes.get(f"{name}: carried", 0):
        remarks.append(f"{people(carried)} interviews take the age of an earlier interview.")
    if lost := notes.get(f"{name}: impossible", 0):
        remarks.append(f"{people(lost)} ages are outside 14 to 110 and count as missing.")
    rows = [("in the file", "label", "becomes", *(f"wave {w}" for w in run.waves))]
    many = mapping.variable.kind == "years" and not mapping.codes
    merged: dict[tuple[str, str, str], Counter[int]] = {}
    for (code, label, what), by in tally.items():
        becomes = what.level or f"missing: {what.kind}"
        if many and what.level:
            code, becomes = "numbers", "years of birth" if mapping.born else "ages"
        merged.setdefault((code or "(empty)", label, becomes), Counter()).update(by)
    order = sorted(merged, key=lambda k: (k[2].startswith("missing"), k[2], len(k[0]), k[0]))
    for key in order[:SHOWN]:
        rows.append((*key, *(people(merged[key][w]) for w in run.waves)))
    if len(order) > SHOWN:
        rows.append((f"and {len(order) - SHOWN} more", "", ""))
    answered = [sum(by[w] for (_, _, t), by in tally.items() if t.level) for w in run.waves]
    total = [sum(by[w] for by in tally.values()) for w in run.waves]
    rows.append(("", "", "answered", *map(people, answered)))
    rows.append(
        ("", "", "missing", *(_share(t - a, t) for a, t in zip(answered, total, strict=True)))
    )
    title = f"{name}  ({mapping.column})"
    if name in made:
        remarks.append("As counted, all interviews: " + _levels(made[name]) + ".")
    return Section(title, tuple(remarks), tuple(rows))


def _derived(made: dict[str, cubes.Axis], run: Run, tallies: dict[str, Tally]) -> list[Section]:
    own = [
        name for name in made if name in run.variables and name not in tallies and name != "wave"
    ]
    remarks = tuple(f"{name}: {_levels(made[name])}." for name in own)
    return [Section("Made from the items above, all interviews", remarks)] if own else []


def _levels(axis: cubes.Axis) -> str:
    counts = np.bincount(axis.places, minlength=len(axis.words))
    said = [f"{w} {people(int(n))}" for w, n in zip(axis.words, counts, strict=False) if n]
    return ", ".join(
        [*said[1:], said[0]] if said and axis.words[0] == MISSING and counts[0] else said
    )


def _claims(run: Run) -> Section:
    needs = catalogue().needs
    lacks = [[v for v in need.variables if v not in run.variables] for need in needs]
    rows = [
        (need.claim, need.part, f"no, lacks {', '.join(lacking)}" if lacking else "yes")
        for need, lacking in zip(needs, lacks, strict=True)
    ]
    title = f"It bears on {lacks.count([])} of {len(needs)} parts of claims"
    return Section(title, (), (("claim", "part", "decided"), *rows))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def as_text(sections: list[Section]) -> str:
    """For a terminal."""
    lines = [ALONE, ""]
    for section in sections:
        lines += [section.title, *(f"  {remark}" for remark in section.remarks)]
        width = max(map(len, section.rows), default=0)
        rows = [(*row, *[""] * (width - len(row))) for row in section.rows]
        sizes = [min(40, max(len(row[i]) for row in rows)) for i in range(width)]
        for row in rows:
            cells = (
                cell[:60].ljust(size) if i < 3 else cell.rjust(size)
                for i, (cell, size) in enumerate(zip(row, sizes, strict=True))
            )
            lines.append("  " + "  ".join(cells).rstrip())
        lines.append("")
    return "\n".join(lines)


def save(sections: list[Section], target: Path) -> None:
    """Write a page that only this user can read.

    Raises
    ------
    InputError
        If the file exists or cannot be made.
    """
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Report for the custodian</title>"
        f"<h1>What became of every answer</h1><pre style='white-space:pre-wrap'>{escape(as_text(sections))}</pre></html>"
    )
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(str(target), "it exists already", "Choose another name.") from None
    except OSError as problem:
        raise InputError(str(target), problem.strerror or "no file", "Choose another.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(page)
