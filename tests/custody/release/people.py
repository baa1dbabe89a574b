"""Made-up people as counts, a chapter's cells on them, and what these would release."""

from __future__ import annotations

import numpy as np
import pandas as pd

from exile.custody.counts.run import Run
from exile.custody.release import chapters
from exile.custody.release.account import Settled
from exile.custody.release.outputs import Output
from exile.custody.release.rules import Profile, load_profile
from exile.custody.release.survey import Survey

STRICT = load_profile()
ATTRIBUTES = ("departure", "sex", "host")
TOPICS = {
    "persons": (),
    "rally": ("before_rally", "after_rally"),
    "trust_emigrants": ("trust_emigrants",),
}
SHARES = {
    "departure": {"first": 0.6, "second": 0.3, "earlier": 0.1},
    "sex": {"man": 0.5, "woman": 0.48, "missing": 0.02},
    "host": {"GEO": 0.3, "ARM": 0.2, "TUR": 0.2, "DEU": 0.1, "SRB": 0.1, "KAZ": 0.07, "USA": 0.03},
    "before_rally": {"yes": 0.45, "no": 0.52, "missing": 0.03},
    "after_rally": {"yes": 0.25, "no": 0.7, "missing": 0.05},
    "trust_emigrants": {"yes": 0.7, "no": 0.25, "missing": 0.05},
}


def people(n: int, seed: int) -> pd.DataFrame:
    """Answers of ``n`` people; every survey has its own shares."""
    rng = np.random.default_rng(seed)
    drawn = {}
    for variable, shares in SHARES.items():
        own = rng.dirichlet(8 * np.array(list(shares.values())))
        drawn[variable] = rng.choice(list(shares), n, p=own)
    return pd.DataFrame(drawn)


def counts(answers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Cells of every topic, as the pass over a file makes them."""
    found = {}
    for topic, own in TOPICS.items():
        by = [v for v in (*ATTRIBUTES, *own) if v in answers]
        if not set(own) <= set(answers):
            continue
        cells = answers.groupby(by).size().rename("n").reset_index()
        found[topic] = cells.assign(w=cells["n"].astype(float), w2=cells["n"].astype(float))
    return found


def run_of(answers: pd.DataFrame, **changes) -> Run:
    told = {
        "name": "A test", "custodian": "the tests", "fieldwork": "never", "grade": "A",
        "synthetic": False, "persons": len(answers), "interviews": len(answers), "waves": (1,),
        "variables": tuple(answers.columns), "weighted": False, "accepted": {},
        "file_sha256": "0" * 64, "codebook_sha256": "0" * 64,
    }  # fmt: skip
    return Run(**{**told, **changes})


def survey(answers: pd.DataFrame, profile: Profile = STRICT, **changes) -> Survey:
    return Survey(run_of(answers, **changes), counts(answers), profile)


def released(held: Survey, *codes: str) -> tuple[tuple[Output, ...], Settled, list[str]]:
    """What a chapter of these cells would release, the audit, and what was dropped."""
    with chapters.holding(held):
        dropped = chapters.run_chapter(held, "activism", list(codes))
    audits = []
    settle = held.account.settle
    held.account.settle = lambda: audits.append(settle()) or audits[-1]
    return held.outputs(), audits[0], dropped
