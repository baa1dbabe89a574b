"""``python -m exile.data``: derive the cell tables, refresh the data package."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

import pandas as pd

from exile.data import chronicles, ess, leaving
from exile.data.descriptor import FILE, descriptors, refreshed
from exile.data.location import data_directory
from exile.errors import InputError

# Tables of each survey, by resource name.
SURVEYS: dict[str, dict[str, Callable[[], pd.DataFrame]]] = {
    "chronicles": {
        "chronicles": chronicles.cells,
        "chronicles_items": chronicles.items,
        "chronicles_leaving": leaving.cells,
    },
    "ess": {"ess": ess.cells},
}


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as bytes that depend on its values alone; pandas writes floats in full."""
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")


def derive(surveys: list[str], *, check: bool) -> int:
    """Write the cell tables, or with ``check`` compare them with the committed ones."""
    folder = data_directory()
    # All tables before the first is written: a missing raw file must not leave half of them new.
    derived = {
        name: (folder / descriptors(folder)[name].path, csv_bytes(build()))
        for survey in surveys
        for name, build in SURVEYS[survey].items()
    }
    if check:
        differing = [
            name
            for name, (path, content) in derived.items()
            if not path.is_file() or path.read_bytes() != content
        ]
        for name in differing:
            print(f"{name}: the committed table differs from the one derived from the raw files")
        return 1 if differing else 0
    for path, content in derived.values():
        path.write_bytes(content)
    return package(check=False)


def package(*, check: bool) -> int:
    """Bring the hashes in ``datapackage.json`` up to date, or with ``check`` compare them."""
    path = data_directory() / FILE
    content = refreshed(data_directory())
    if not check:
        path.write_text(content, encoding="utf-8")
    elif path.read_text(encoding="utf-8") != content:
        print(f"{FILE}: hashes are out of date; run 'python -m exile.data package'")
        return 1
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m exile.data", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    deriving = commands.add_parser("derive", help="cell tables from the raw survey files")
    deriving.add_argument("survey", nargs="*", choices=[*SURVEYS, []], help="default: all")
    packaging = commands.add_parser("package", help="hashes in datapackage.json")
    for command in (deriving, packaging):
        command.add_argument("--check", action="store_true", help="compare, write nothing")
    given = parser.parse_args(arguments)
    try:
        if given.command == "derive":
            return derive(given.survey or list(SURVEYS), check=given.check)
        return package(check=given.check)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
