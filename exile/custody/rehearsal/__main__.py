"""``python -m exile.custody.rehearsal FOLDER``: write made-up respondents to try a codebook on."""

from __future__ import annotations

import sys
from pathlib import Path

from exile.custody.rehearsal.population import population
from exile.errors import InputError
from exile.power.made_up import PREFIX


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m exile.custody.rehearsal FOLDER", file=sys.stderr)
        return 2
    path = Path(arguments[0]) / f"{PREFIX}emigrants.csv"
    try:
        population(n=2000, seed=1).write(path)
    except (InputError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
