"""Finds the raw survey files: in a folder of the reader's own, or at their public address."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import exile
from exile.errors import InputError

CACHE = Path(exile.__file__).parents[1] / ".cache"


def find(folder: str, file: str, checksum: str) -> Path | None:
    """The file in ``$EXILE_RAW_DIR/<folder>/``, or None if EXILE_RAW_DIR is not set.

    Raises
    ------
    InputError
        If the file is not there, or is another one than the tables were derived from.
    """
    named = os.environ.get("EXILE_RAW_DIR")
    if not named:
        return None
    path = Path(named) / folder / file
    if not path.is_file():
        raise InputError(
            f"{folder}/{file}",
            "the file is not in the folder that EXILE_RAW_DIR names",
            "Put it there; data/README.md says where it comes from.",
        )
    if sha256(path.read_bytes()).hexdigest() != checksum:
        raise _wrong(f"{folder}/{file}", checksum)
    return path


def fetch(folder: str, file: str, checksum: str, address: str, path: str) -> Path:
    """The file from ``address + path``, kept in the cache once its checksum is right.

    Parameters
    ----------
    path : str
        Path below the address, not yet percent-encoded.

    Raises
    ------
    InputError
        If the address cannot be reached or holds another file.
    """
    import pooch
    from requests import RequestException

    url = address + quote(path)
    try:
        kept = pooch.retrieve(url, f"sha256:{checksum}", fname=file, path=CACHE / folder)
    except ValueError:
        raise _wrong(url, checksum) from None
    except (RequestException, OSError) as error:
        raise InputError(
            url,
            f"the file cannot be fetched ({type(error).__name__})",
            "Try again later, or put the file in a folder and name it in EXILE_RAW_DIR; "
            "without it the committed tables serve.",
        ) from None
    return Path(kept)


def _wrong(where: str, checksum: str) -> InputError:
    return InputError(
        where,
        "the file differs from the one that the tables were derived from",
        f"Its sha256 should be {checksum}: fetch it again from the address in data/README.md.",
    )
