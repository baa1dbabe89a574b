"""Made-up emigrants, with the article's percentages and effects that we planted.

The article's margins are its own; where it has none, the project's reports serve, and
the rest is assumed. Three blocks of variables are independent of one another: what
people did, who they are and where they went, and what they think.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log

import numpy as np
import pandas as pd

from exile.case import stated
from exile.data import figure
from exile.errors import InputError
from exile.power.generator import Effects, Generator, minimum_entropy
from exile.power.made_up import SyntheticTable, synthetic_id

ACTIVITIES = ("rally", "compatriots", "ukrainians", "petition")

# Log odds ratios of pairs of levels. None is an estimate.
EFFECTS: Effects = {
    **{
        ((f"before_{activity}", "yes"), (f"after_{activity}", "yes")): log(ratio)
        for activity, ratio in zip(ACTIVITIES, (4, 3, 3, 2), strict=True)
    },
    (("sex", "female"), ("after_compatriots", "yes")): log(1.5),
    (("sex", "female"), ("after_ukrainians", "yes")): log(1.5),
    (("before_rally", "yes"), ("before_petition", "yes")): log(3),
    (("education", "higher"), ("means", "car")): log(2),
    (("departure", "after_mobilisation"), ("education", "higher")): log(1 / 2),
    (("departure", "after_mobilisation"), ("host", "KAZ")): log(3),
    (("trust_people", "yes"), ("trust_compatriots", "yes")): log(3),
    (("interest", "very"), ("war_stance", "oppose")): log(2),
}

# Weights scatter as those of a survey might: their variance, which is also what they add
# to a design effect of 1 (Kish 1965).
_WEIGHT_VARIANCE = 0.3


def population(
    n: int,
    seed: int,
    effects: Effects | None = None,
    *,
    null: bool = False,
    missing: Mapping[str, float] | None = None,
) -> SyntheticTable:
    """Respondents of a survey that never was, one row each.

    Columns: source, id, wave (1 or 2), weight (mean 1), sex, age (18 to 90),
    education, means, industry, departure, host, activities before and after,
    trust_people, trust_compatriots, interest, war_stance and contact.

    Parameters
    ----------
    effects : mapping of pairs of levels to log odds ratio, optional
        Instead of :data:`EFFECTS`. An effect on an activity after emigration
        is a coefficient of its logit, any other a conditional log odds ratio.
    null : bool
        Plant no effect at all.
    missing : mapping of column to share, optional
        How often an answer is left out, at random.

    Raises
    ------
    InputError
        If an effect links blocks that are independent or an unknown level, or
        a share of missing answers is not below 1.
    """
    planted = {} if null else dict(EFFECTS if effects is None else effects)
    blocks = _blocks(planted)
    seeds = np.random.SeedSequence(seed).generate_state(len(blocks) + 1)
    drawn = [
        block.respondents(n, int(s)).frame[block.variables]
        for block, s in zip(blocks, seeds, strict=False)
    ]
    rng = np.random.default_rng(seeds[-1])
    frame = pd.concat(drawn, axis=1)
    frame.insert(0, "id", [synthetic_id(i) for i in range(1, n + 1)])
    # Who left in the autumn can only have been asked after it.
    late = frame["departure"] == "after_mobilisation"
    frame.insert(1, "wave", np.where(late, 2, rng.integers(1, 3, n)))
    spread = np.sqrt(np.log1p(_WEIGHT_VARIANCE))
    frame.insert(2, "weight", rng.lognormal(-(spread**2) / 2, spread, n).clip(0.05, 8).round(4))
    # A young population with a long tail, as surveys of emigrants report.
    frame.insert(4, "age", (18 + rng.gamma(2.0, 8.0, n)).clip(18, 90).astype(int))
    for column, share in (missing or {}).items():
        if column not in frame or column in ("id", "wave", "weight") or not 0 <= share < 1:
            raise InputError(
                "population, missing", f"{column}: {share}", "An answer's column, and a share."
            )
        frame[column] = frame[column].astype(object).mask(rng.random(n) < share)
    said = (
        *(a for block in blocks for a in block.assumptions),
        "three blocks of variables are independent of one another",
        "weights and ages have nothing to do with any answer",
    )
    return SyntheticTable(frame, said, seed)


def _margins() -> tuple[dict, dict, dict]:
    """What people did before; who they are and where they went; what they think."""
    car = stated("car-27-4", "migrants").number
    it = stated("it-third-to-half", "share_low").number
    interested = figure("OR3-27").share
    higher = stated("higher-education-80-27", "migrants").number
    acts = {
        "sex": {"female": 0.5, "male": 0.5},
        **{f"before_{name}": _yes(share) for name, share in _active("before", "OR3-20").items()},
    }
    people = {
        "education": {"higher": higher, "other": 1 - higher},
        # The steps below a car, and what lies outside IT, in proportions that we assume.
        "means": {
            "cannot_afford_food": 0.04 * (1 - car),
            "food_only": 0.16 * (1 - car),
            "clothes": 0.35 * (1 - car),
            "durables": 0.45 * (1 - car),
            "car": car,
        },
        "industry": {
            "it": it,
            "science": 0.15 * (1 - it),
            "education": 0.15 * (1 - it),
            "other": 0.7 * (1 - it),
        },
        "departure": {"february_september": 0.7, "after_mobilisation": 0.25, "before_war": 0.05},
        "host": {"GEO": 0.25, "TUR": 0.2, "ARM": 0.15}
        | dict.fromkeys(("SRB", "KAZ", "ISR", "DEU"), 0.1),
    }
    views = {
        "trust_people": _yes(figure("OR2-10").share),
        "trust_compatriots": _yes(0.7),
        "interest": {
            "not_at_all": 0.2 * (1 - interested),
            "rather_not": 0.8 * (1 - interested),
            "rather": 0.6 * interested,
            "very": 0.4 * interested,
        },
        "war_stance": {"oppose": 0.85, "no_answer": 0.1, "support": 0.05},
        "contact": _yes(figure("OR2-09").share),
    }
    return acts, people, views


def _active(period: str, petition: str) -> dict[str, float]:
    """Shares who did each activity, "before" or "after"; petitions from the project's report."""
    return {
        "rally": stated("rallies-49-26", period).number,
        "compatriots": stated("volunteer-compatriots-10-32", period).number,
        "ukrainians": stated("volunteer-ukrainians-4-29", period).number,
        "petition": figure(petition).share,
    }


def _blocks(effects: Effects) -> list[Generator]:
    """Independent generators with the effects planted; activities afterwards come last."""
    margins = _margins()
    later = {f"after_{name}": share for name, share in _active("after", "OR3-21").items()}
    inner: list[dict] = [{} for _ in margins]
    logits: dict[str, dict] = {name: {} for name in later}
    for (a, b), theta in effects.items():
        home = [k for k, block in enumerate(margins) if a[0] in block and b[0] in block]
        if b[0] in later and b[1] == "yes" and a[0] in margins[0]:
            logits[b[0]][a] = theta
        elif home:
            inner[home[0]][a, b] = theta
        else:
            raise InputError(
                "effects",
                f"nothing can link {a} with {b} here",
                f"Effects link variables within one of {[list(block) for block in margins]}; "
                f"effects on 'yes' in {list(later)} come from the first of these and stand "
                "second in their pair.",
            )
    did, *rest = (minimum_entropy(m, e) for m, e in zip(margins, inner, strict=True))
    for name, share in later.items():
        did = did.followed_by(name, share, logits[name])
    return [did, *rest]


def _yes(share: float) -> dict[str, float]:
    return {"yes": share, "no": 1 - share}
