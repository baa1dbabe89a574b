"""Where the data stand."""

from __future__ import annotations

import os
from pathlib import Path

from exile.errors import InputError


def data_directory() -> Path:
    """The folder ``data/`` beside the package, or the one that EXILE_DATA_DIR names.

    An installed wheel has no folder beside it and holds the tables within.

    Raises
    ------
    InputError
        If the folder does not exist.
    """
    named = os.environ.get("EXILE_DATA_DIR")
    package = Path(__file__).parents[1]
    beside, within = package.parent / "data", package / "tables"
    folder = Path(named) if named else within if within.is_dir() else beside
    if not folder.is_dir():
        raise InputError(
            f"data folder '{folder.name}'",
            "it does not exist",
            "Set EXILE_DATA_DIR to a copy of the repository's data folder, or unset it and "
            "install the package with 'pip install -e .'.",
        )
    return folder
