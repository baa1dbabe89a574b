"""``python -m exile.custody.leaks SITE``: fail if a built site would give respondents away."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import exile
from exile.custody.leaks.raw import Secrets
from exile.custody.leaks.scan import scanned
from exile.custody.release.profile import load_profile
from exile.errors import InputError

RULES = Path(exile.__file__).parents[1] / "data" / "disclosure.toml"


def main() -> int:
    """Scan, print a line for each leak, and return 1 if there is any."""
    command = argparse.ArgumentParser(prog="python -m exile.custody.leaks", description=__doc__)
    command.add_argument("site", type=Path, help="a built site, or a folder of notebooks")
    command.add_argument(
        "--secrets",
        type=Path,
        metavar="FILE",
        help='JSON {"ids": [...], "answers": [...]} made from the restricted file',
    )
    command.add_argument(
        "--before",
        type=Path,
        metavar="SITE",
        help="the site built without the restricted file; its turns of phrase are no quotations",
    )
    command.add_argument("--profile", default="strict", help="of data/disclosure.toml")
    given = command.parse_args()
    try:
        secrets = Secrets.read(given.secrets) if given.secrets else None
        min_cell = load_profile(RULES, given.profile).min_cell
        scanner = scanned(given.site, min_cell=min_cell, secrets=secrets, before=given.before)
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 2
    for leak in sorted(scanner.leaks):
        print(leak)
    if scanner.leaks:
        return 1
    forms = ", ".join(f"{count} {form}" for form, count in sorted(scanner.read.items()))
    known = "with" if secrets else "without"
    print(f"{sum(scanner.read.values())} files and embedded files, no leak.")
    print(f"Read: {forms}; counts from {min_cell}; {known} ids and answers to look for.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
