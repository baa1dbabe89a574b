"""The data package: what ``datapackage.json`` declares of every table.

It is the single statement of columns, types, limits and keys. The loader checks
tables against it, and any other Frictionless tool can do the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from exile.data.location import data_directory
from exile.errors import InputError

FILE = "datapackage.json"


@dataclass(frozen=True)
class Descriptor:
    """One resource: a table, or a file that is listed for its hash only."""

    name: str
    path: str
    entry: dict

    @property
    def is_table(self) -> bool:
        return "schema" in self.entry

    @property
    def fields(self) -> list[dict]:
        return self.entry["schema"]["fields"]

    @property
    def columns(self) -> list[str]:
        return [field["name"] for field in self.fields]

    @property
    def key(self) -> list[str]:
        """Columns that together identify a row."""
        key = self.entry["schema"]["primaryKey"]
        return [key] if isinstance(key, str) else list(key)


def descriptors(folder: Path) -> dict[str, Descriptor]:
    """All resources of the package in ``folder``, by name.

    Raises
    ------
    InputError
        If the descriptor is missing or is not JSON.
    """
    path = folder / FILE
    if not path.is_file():
        raise InputError(
            FILE,
            "the file is missing",
            "Every data folder needs it; take it from the repository.",
        )
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, modified: int) -> dict[str, Descriptor]:
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(
            FILE, f"not valid JSON: {error}", "Compare it with the repository's copy."
        ) from None
    return {r["name"]: Descriptor(r["name"], r["path"], r) for r in package["resources"]}


def refreshed(folder: Path) -> str:
    """The text of ``datapackage.json`` with every resource's hash and size brought up to date."""
    package = json.loads((folder / FILE).read_text(encoding="utf-8"))
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        resource["hash"] = f"sha256:{sha256(content).hexdigest()}"
        resource["bytes"] = len(content)
    return json.dumps(package, indent=1, ensure_ascii=False) + "\n"


def table_paths() -> dict[str, str]:
    """The file of each table below the data folder, by the table's name."""
    folder = data_directory()
    return {name: d.path for name, d in descriptors(folder).items() if d.is_table}
