"""The one pass over a survey's file: read, check, count, and forget the file."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path

import duckdb
import pandas as pd

from exile.custody.catalogue import catalogue
from exile.custody.counts import cubes, refusals
from exile.custody.source import coding, reading
from exile.custody.source.codebook import Codebook
from exile.custody.source.reading import name
from exile.power.made_up import is_synthetic_id

GRADES = {True: "A", False: "B"}


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

    Raises
    ------
    InputError
        For anything wrong with the file or its answers. Nothing is left on disk.
    """
    with working_folder() as work:
        connection = reading.connect(work)
        try:
            marks = [
                c.name
                for c in reading.describe(path, codebook.encoding)
                if c.name.casefold() == "source"
            ]
            wanted = list(dict.fromkeys([*codebook.columns, *marks]))
            reading.load(connection, path, wanted, codebook.encoding, work)
            coding.code(connection, codebook)
            accepted = refusals.check(connection, codebook)
            synthetic = is_synthetic(connection, path, codebook, marks)
            coding.derive(connection, codebook)
            connection.execute("DROP TABLE answers")
            counts = dict(cubes.tables(connection))
            run = _describe(connection, path, codebook, synthetic, accepted)
        finally:
            connection.close()
    return run, counts


@contextmanager
def working_folder() -> Iterator[Path]:
    """A folder that only this user can read, gone afterwards whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="exile-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_synthetic(
    connection: duckdb.DuckDBPyConnection, path: Path, codebook: Codebook, marks: list[str]
) -> bool:
    """Whether anything at all says that the respondents are made up.

    The codebook, the file's name, a column ``source`` that says SYNTHETIC, whether or
    not the codebook maps it, or ids that bear the mark of the generator.

    Parameters
    ----------
    marks : list of str
        The columns of ``answers`` named ``source`` in any spelling.
    """
    if codebook.synthetic or "SYNTHETIC" in path.name.upper():
        return True
    for column in marks:
        if connection.execute(
            f"SELECT count(*) FROM answers WHERE upper({name(column)}) LIKE '%SYNTHETIC%'"
        ).fetchone()[0]:
            return True
    # The generator's ids have one form; only those that have it need the check digit.
    ids = connection.execute(
        "SELECT DISTINCT person FROM coded WHERE person LIKE '%SYN%' LIMIT 1000"
    ).fetchall()
    return is_synthetic_id([row[0] for row in ids])


def _describe(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    codebook: Codebook,
    synthetic: bool,
    accepted: dict[str, int],
) -> Run:
    persons, interviews = connection.execute(
        "SELECT count(*) FILTER (is_last), count(*) FROM interviews"
    ).fetchone()
    waves = connection.execute("SELECT DISTINCT CAST(wave AS INTEGER) FROM interviews").fetchall()
    known = catalogue()
    countable = {*known.attributes, *(v for t in known.topics.values() for v in t)}
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    return Run(
        codebook.name,
        codebook.custodian,
        codebook.fieldwork,
        None if synthetic else GRADES[codebook.same_data],
        synthetic,
        persons,
        interviews,
        tuple(sorted(row[0] for row in waves)),
        tuple(sorted(countable & coding.columns(connection, "interviews"))),
        "weight" in codebook.mappings,
        accepted,
        digest,
        codebook.digest,
    )


def save(run: Run, counts: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write counts and description where the kernels of this run read them."""
    folder.mkdir(parents=True, mode=0o700)
    for table, cells in counts.items():
        cells.to_csv(folder / f"{table}.csv", index=False)
    (folder / "run.json").write_text(json.dumps(asdict(run), indent=1) + "\n", encoding="utf-8")


def load_counts(folder: Path, table: str) -> pd.DataFrame:
    """One table of counts, all categories as text."""
    path = folder / f"{table}.csv"
    cells = pd.read_csv(path, keep_default_na=False, dtype=str)
    return cells.astype({"n": int, "w": float, "w2": float})


def load_run(folder: Path) -> Run:
    """What :func:`save` wrote."""
    raw = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return Run(**{**raw, "waves": tuple(raw["waves"]), "variables": tuple(raw["variables"])})
