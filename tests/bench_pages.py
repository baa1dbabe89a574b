"""What each page costs a reader: bytes and requests of the first load, and Lighthouse's scores.

Lighthouse imitates a slow phone; its score of performance depends a little on the machine.
"""

from __future__ import annotations

import sys

from tests.bench import ROOT
from tests.site.served import BROWSER, ask, eager, pages, size

CATEGORIES = ("performance", "accessibility", "best-practices")
# What does not depend on the machine has a least score.
LEAST = {"accessibility": 100, "best-practices": 95}


def main() -> None:
    site = ROOT / "_build" / "html"
    names = pages(site)
    if BROWSER is None:
        print("no Chromium on this machine: sizes only")
    said = ask("lighthouse.cjs", site, ",".join(CATEGORIES), *names) if BROWSER else []
    scores = {s["page"]: s["scores"] for s in said}
    print(f"{'page':36s} {'kB':>5s} {'files':>5s}  {'  '.join(CATEGORIES) if said else ''}")
    for page in names:
        files = eager(site, page)
        line = f"{page:36s} {sum(map(size, files)) / 1000:5.0f} {len(files):5d}"
        print(line, *(f"{scores[page][c]:{len(c) + 1}d}" for c in CATEGORIES if said))
    missed = {s["page"]: s["lost"] for s in said if any(s["scores"][c] < LEAST[c] for c in LEAST)}
    if missed:
        sys.exit("\n".join(f"{page} misses {LEAST}: {lost}" for page, lost in missed.items()))


if __name__ == "__main__":
    main()
