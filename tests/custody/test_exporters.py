"""However a survey was exported, its counts are the same, or it is refused: never another number."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from exile.custody.counts.run import examine
from exile.custody.source.codebook import load_codebook
from exile.errors import InputError
from tests.custody.conftest import ABOUT, Plain
from tests.custody.exporters import Export, exports, found, truth, write

ALL = list(exports())
SUFFIXES = sorted({export.suffix for export in ALL})


def counts(export: Export, folder: Path, spoil=None) -> dict[str, Counter]:
    folder.mkdir()
    path, codebook = write(export, folder)
    if spoil:
        spoil(codebook)
    book = folder / "book.yaml"
    book.write_text(
        yaml.dump({"about": ABOUT, **codebook}, Dumper=Plain, allow_unicode=True), encoding="utf-8"
    )
    return found(*examine(path, load_codebook(book))[2:])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_export_gives_the_same_counts(tmp_path, suffix):
    expected, wrong = truth(), []
    for i, export in enumerate(e for e in ALL if e.suffix == suffix):
        try:
            if counts(export, tmp_path / str(i)) != expected:
                wrong.append((export, "other counts"))
        except InputError as problem:
            wrong.append((export, str(problem)))
    assert not wrong, f"{len(wrong)} of {i + 1}: {wrong[:3]}"


def test_there_are_at_least_300():
    assert len(ALL) >= 300 and len(set(map(str, ALL))) == len(ALL)


def undeclared_missing(codebook: dict) -> None:
    for entry in codebook["variables"].values():
        entry.pop("missing", None)


def undeclared_form(codebook: dict) -> None:
    codebook["file"] = {k: v for k, v in codebook["file"].items() if k == "waves"}


@pytest.mark.parametrize("spoil", [undeclared_missing, undeclared_form])
def test_what_is_not_declared_is_refused_or_right(tmp_path, spoil):
    expected, refused = truth(), 0
    for i, export in enumerate(ALL[::6]):
        try:
            assert counts(export, tmp_path / str(i), spoil) == expected, export
        except InputError:
            refused += 1
    assert refused
