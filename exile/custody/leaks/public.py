"""What was public before a run: the book's own tables and sources, and the theme's files."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from functools import cached_property
from pathlib import Path

# Packages whose files the builder copies into every site.
THEMES = (
    "jupyter_book",
    "myst_nb",
    "pydata_sphinx_theme",
    "sphinx",
    "sphinx_book_theme",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_togglebutton",
)
# Where the book names its authors, licences, references and sources.
ADDRESSES = (
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "LICENSE-CC-BY-4.0",
    "README.md",
    "_config.yml",
    "book/references.bib",
    "data/README.md",
    "data/claims.yaml",
    "data/datapackage.json",
    "data/sources.csv",
    "pyproject.toml",
)


class Public:
    """The declared tables and the installed themes, as what a site may repeat.

    A file is public if it is, byte for byte, one that ``data/datapackage.json``
    declares with its checksum, or one that a theme brings. A table that merely lies in
    ``data/`` is not: someone may have left it there.

    Parameters
    ----------
    repository : Path
        The folder that holds ``data/`` and ``exile/``.
    """

    def __init__(self, repository: Path):
        self.repository = repository

    def has(self, name: str, content: bytes) -> bool:
        """Whether a file of this name and content was public before."""
        if hashlib.sha256(content).hexdigest() in self._declared:
            return True
        return any(
            path.stat().st_size == len(content) and path.read_bytes() == content
            for path in self._files.get(Path(name).name, ())
        )

    def names(self, token: str) -> bool:
        """Whether an address, handle or id stands in what the book says of itself."""
        edge = rf"(?<![\w@]){re.escape(token.casefold())}(?!\w)"
        return token.casefold() in self._addresses and bool(re.search(edge, self._addresses))

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids of claims, sources and figures, none of which is a person's."""
        tables = (self.repository / "data").rglob("*.csv")
        text = "\n".join(
            path.read_text(encoding="utf-8")
            for path in [*tables, self.repository / "data" / "claims.yaml"]
            if path.parent.name != "cells"
        )
        return frozenset(re.findall(r"[\w][\w-]*", text))

    @cached_property
    def texts(self) -> list[str]:
        """The words of the book, its tables and its package, as they stand before a run."""
        paths = [
            path
            for name in ("book", "data", "exile")
            for suffix in ("md", "csv", "json", "yaml", "toml", "py")
            for path in (self.repository / name).rglob(f"*.{suffix}")
            if path.parent.name != "cells"
        ]
        paths += [self.repository / n for n in ADDRESSES if (self.repository / n).exists()]
        return [path.read_text(encoding="utf-8") for path in paths]

    @cached_property
    def _declared(self) -> frozenset[str]:
        package = json.loads((self.repository / "data" / "datapackage.json").read_text("utf-8"))
        return frozenset(r["hash"].removeprefix("sha256:") for r in package["resources"])

    @cached_property
    def _files(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        folders = []
        for package in THEMES:
            spec = importlib.util.find_spec(package)
            folders += [Path(p) for p in (spec.submodule_search_locations if spec else ())]
        for folder in folders:
            for path in folder.rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts:
                    found.setdefault(path.name, []).append(path)
        return found

    @cached_property
    def _addresses(self) -> str:
        paths = (self.repository / name for name in ADDRESSES)
        return "\n".join(p.read_text("utf-8") for p in paths if p.exists()).casefold()
