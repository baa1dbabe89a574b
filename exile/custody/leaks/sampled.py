"""What a survey's file holds that no page may: ids and open answers."""

from __future__ import annotations

from pathlib import Path

from exile.custody.counts.run import working_folder
from exile.custody.leaks.raw import WINDOW, Secrets
from exile.custody.source import reading
from exile.custody.source.codebook import Codebook, canonical
from exile.custody.source.reading import name

# Longer than any label of a category, with a space: somebody wrote it.
SENTENCE = r"^\S+(\s+\S+)+$"


def secrets(path: Path, codebook: Codebook) -> Secrets:
    """Ids and open answers of the file, in memory only, for the scanner to look for.

    Every text column counts, mapped or not: an open answer need not be declared to be
    one. A text that the codebook maps is a code and no answer.

    Raises
    ------
    InputError
        As :func:`exile.custody.source.reading.load`.
    """
    person = codebook.mappings["respondent"].column
    texts = [c.name for c in reading.describe(path, codebook.encoding) if c.text]
    known = {code for m in codebook.mappings.values() for code in (*m.codes, *m.missing)}
    with working_folder() as work:
        connection = reading.connect(work)
        try:
            reading.load(
                connection, path, list(dict.fromkeys([person, *texts])), codebook.encoding, work
            )
            ids = connection.execute(f"SELECT DISTINCT {name(person)} FROM answers").fetchall()
            answers: set[str] = set()
            for column in texts:
                if column != person:
                    answers |= {
                        row[0]
                        for row in connection.execute(
                            f"SELECT DISTINCT {name(column)} FROM answers WHERE "
                            f"length({name(column)}) >= {WINDOW} "
                            f"AND regexp_matches(trim({name(column)}), ?)",
                            [SENTENCE],
                        ).fetchall()
                    }
        finally:
            connection.close()
    return Secrets((canonical(row[0]) for row in ids if row[0]), answers - known)
