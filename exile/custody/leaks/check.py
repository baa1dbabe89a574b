"""The last look at a release: no id, no open answer and no row of the file stands in it.

Releases hold nothing of the kind by construction; this finds what was typed into a chapter.
It looks for exact secrets alone. Whatever else might hide in words is for people to find.
"""

from __future__ import annotations

from pathlib import Path

from exile.custody.leaks.sampled import secrets
from exile.custody.release.outputs import Release, report
from exile.custody.source.codebook import Codebook
from exile.errors import InputError


def refuse_secrets(release: Release, file: Path, codebook: Codebook) -> None:
    """Compare everything that a release says with its file.

    Raises
    ------
    InputError
        Naming the output and the kind of secret, never the secret.
    """
    held = secrets(file, codebook)
    for output in release.outputs:
        rows = (" ".join((*cell.levels, str(cell.about))) for cell in output.cells)
        said = "\n".join((output.text, *output.variables, *rows))
        if kinds := held.found_in(said):
            raise InputError(
                f"output {output.id}, cell {output.cell} of {output.chapter}",
                f"it holds {' and '.join(kinds)}",
                "Take it out of the chapter; nothing was written.",
            )
    if kinds := held.found_in(report(release)):
        raise InputError("release", f"it holds {' and '.join(kinds)}", "See the codebook's words.")
