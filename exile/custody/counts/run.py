"""The one pass over a survey's file: read, check, count, and forget the file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from exile.custody.catalogue import catalogue
from exile.custody.counts import cubes, refusals
from exile.custody.counts.interviews import Interviews, different, gather, settle
from exile.custody.source.codebook import Codebook
from exile.custody.source.coding import Fate
from exile.power.made_up import is_synthetic_id

GRADES = {True: "A", False: "B"}
Tally = dict[tuple[str, str, Fate], Counter[int]]


@dataclass(frozen=True)
class Run:
    """What is known of a run besides its counts.

    ``grade`` is A for the article's own survey and B for another one; ``synthetic``
    data have none. ``accepted`` holds, by kind of fault, the interviews affected.
    """

    name: str
    custodian: str
    fieldwork: str
    grade: str | None
    synthetic: bool
    persons: int
    interviews: int
    waves: tuple[int, ...]
    variables: tuple[str, ...]
    weighted: bool
    accepted: dict[str, int]
    file_sha256: str
    codebook_sha256: str


def count_file(path: Path, codebook: Codebook) -> tuple[Run, dict[str, pd.DataFrame]]:
    """Tables of counts of a survey, and what is known of it.

    ``path`` is a file, or the folder of the files that the codebook names.

    Raises
    ------
    InputError
        For anything wrong with the file or its answers. Nothing is ever written to disk.
    """
    _, run, made, found = examine(path, codebook)
    return run, dict(cubes.tables(found, made))


def examine(
    path: Path, codebook: Codebook
) -> tuple[dict[str, Tally], Run, dict[str, cubes.Axis], Interviews]:
    """Read and check a survey: what became of each code, what is known of it, its answers.

    Raises
    ------
    InputError
        As :func:`count_file`.
    """
    found = gather(path, codebook)
    tallies = {name: item.tally for name, item in found.items.items()}
    accepted = refusals.check(found, codebook)
    settle(found)
    for kind, count in refusals.differing(found, codebook).items():
        accepted[kind] = accepted.get(kind, 0) + count
    made = cubes.axes(found)
    synthetic = (
        codebook.about.synthetic
        or "SYNTHETIC" in path.name.upper()
        or found.marked
        or is_synthetic_id(found.ids)
    )
    about = codebook.about
    run = Run(
        about.name,
        about.custodian,
        about.fieldwork,
        None if synthetic else GRADES[about.same_data_as_article],
        synthetic,
        int((np.bincount(found.person) > 0).sum()),
        len(found.person),
        tuple(different(found.wave)),
        tuple(sorted(catalogue().countable & set(made))),
        found.weight is not None,
        accepted,
        found.digest,
        codebook.digest,
    )
    return tallies, run, made, found
