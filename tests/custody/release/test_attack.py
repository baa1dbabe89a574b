"""An attacker with the pages, the rules and an integer programme, against random surveys.

The attacker is written from the outside: unknown is the whole joint table of the people,
known what the released outputs print, how variables are recoded, and how many people there
are. Nothing of the audit's own programme is used.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from exile.custody.release.survey import Survey
from tests.custody.release.people import STRICT, counts, people, released, run_of, survey

CHAPTER = """
from exile.custody.release.survey import held
survey = held()
survey.table("before_rally", "after_rally", over="before_rally")
survey.record(
    "rallies-49-26", "fall", "respondents",
    survey.change("before_rally", "after_rally", label="change in rallies"),
)
for name, free in (("one index", ("GEO", "ARM", "DEU")), ("another index", ("GEO", "ARM"))):
    hosts = survey.grouped(
        name, "host", {c: "free" if c in free else "unfree" for c in
        ("GEO", "ARM", "TUR", "DEU", "SRB", "KAZ", "USA")},
    )
    survey.say(
        "Rallied after, by one index or another: {gap}.",
        gap=survey.gap("after_rally", "yes", hosts, ("free", "unfree"), label="gap"),
    )
survey.record(
    "women-more-active", "demonstrating", "respondents",
    survey.gap("after_rally", "yes", "sex", ("woman", "man"), label="women minus men"),
)
survey.table("host")
survey.table("departure", "trust_emigrants", over="departure")
survey.record(
    "trust-each-other", "each_other", "respondents",
    survey.share("trust_emigrants", "yes", label="trust"),
)
"""
# Two groups of variables that no table links, each a joint table of its own.
WORLDS = (("sex", "host", "before_rally", "after_rally"), ("departure", "trust_emigrants"))


class Attacker:
    """Whoever has the numbers: bounds of any cell, over all whole joint tables that fit."""

    def __init__(self, variables, answers, outputs, audit):
        self.levels = [list(dict.fromkeys(answers[v])) for v in variables]
        self.variables, self.audit = variables, audit
        self.keys = list(product(*self.levels))
        rows, low, high = [np.ones(len(self.keys))], [len(answers)], [len(answers)]
        for released_table in audit.released.values():
            forms = released_table.counts.index.names
            if not {audit.prepared.forms[f].base for f in forms} <= set(variables):
                continue
            for key, about in released_table.counts.items():
                if not np.isnan(about):
                    # Rounded to tens, halves up, and never fewer than the smallest cell.
                    rows.append(self.inside(forms, key))
                    low.append(max(STRICT.min_cell, about - 5))
                    high.append(about + 4)
        for name, (least, most) in audit.known.items():
            table = audit.prepared.tables[name]
            if {audit.prepared.forms[f].base for f in table.layout.variables} <= set(variables):
                for cell in np.argwhere((least > 0) | np.isfinite(most)):
                    key = [own[i] for own, i in zip(table.layout.levels, cell, strict=True)]
                    rows.append(self.inside(table.layout.variables, key))
                    low.append(least[tuple(cell)])
                    high.append(most[tuple(cell)])
        self.known = LinearConstraint(np.array(rows), low, high)

    def inside(self, forms, key):
        """Which cells of the joint table a released cell counts."""
        held = []
        for form, level in zip(forms, key, strict=True):
            recoded = self.audit.prepared.forms[form]
            place = self.variables.index(recoded.base)
            held.append([recoded.level_of[k[place]] == level for k in self.keys])
        return np.all(held, axis=0).astype(float)

    def bounds(self, forms, key):
        cost, ends = self.inside(forms, key), []
        for sign in (1, -1):
            found = milp(sign * cost, integrality=np.ones(len(cost)), bounds=Bounds(0, np.inf),
                         constraints=self.known, options={"time_limit": 20})  # fmt: skip
            assert found.status == 0, found.message
            ends.append(round(sign * found.fun))
        return ends


def attacked(answers, held: Survey):
    """(width, largest, true count) of every hidden cell of every table that shows any."""
    outputs, audit, _ = released(held, CHAPTER)
    found = []
    for world in WORLDS:
        attacker = Attacker(world, answers, outputs, audit)
        for table in audit.released.values():
            forms = table.counts.index.names
            bases = [audit.prepared.forms[f].base for f in forms]
            if table.counts.isna().all() or not set(bases) <= set(world):
                continue
            for key, about in table.counts.items():
                if np.isnan(about):
                    low, high = attacker.bounds(forms, key)
                    inside = attacker.inside(forms, key)
                    joint = answers.groupby(list(world)).size()
                    true = sum(
                        joint.get(k, 0) for k, i in zip(attacker.keys, inside, strict=True) if i
                    )
                    found.append((low, high, true))
    return outputs, found


@pytest.mark.parametrize("block", range(10))
def test_every_hidden_cell_stays_as_wide_as_promised(block):
    """100 random surveys of 120 to 1,500 people, tables, estimates, notes and verdicts."""
    hidden = 0
    for seed in range(10 * block, 10 * block + 10):
        answers = people(int(np.random.default_rng(seed).integers(120, 1500)), seed)
        _, found = attacked(answers, survey(answers))
        for low, high, true in found:
            assert low <= true <= high
            assert high - low >= STRICT.protection_width and high >= STRICT.protection_maximum
        hidden += len(found)
    assert hidden > 0


def test_the_case_that_was_broken_is_safe():
    """522 people, rallies 12/150/60/300: with estimate and note, 12 was once 0 to 19."""
    pattern = [("yes", "yes", 12), ("yes", "no", 150), ("no", "yes", 60), ("no", "no", 300)]
    rows = [(b, a) for b, a, n in pattern for _ in range(n)]
    answers = pd.DataFrame(rows, columns=["before_rally", "after_rally"]).assign(
        sex="man", host="GEO", departure="first"
    )
    held = Survey(run_of(answers), counts(answers), STRICT)
    code = CHAPTER.split("for name, free")[0]
    outputs, audit, _ = released(held, code)
    table = audit.released["before_rally by after_rally"]
    assert np.isnan(table.counts["yes", "yes"])
    attacker = Attacker(("before_rally", "after_rally"), answers, outputs, audit)
    for key, about in table.counts.items():
        if np.isnan(about):
            low, high = attacker.bounds(table.counts.index.names, key)
            assert high - low >= STRICT.protection_width, (key, low, high)
    (verdict,) = [o for o in outputs if o.kind == "verdict"]
    assert not verdict.estimates and not any(c.isdigit() for c in verdict.text)


def test_printed_estimates_are_made_from_printed_cells():
    """Who has the tables can compute them: a share, a gap and a change, by hand."""
    answers = people(6000, 9)
    outputs, audit, _ = released(survey(answers), CHAPTER)
    shown = {o.claim: o.estimates[0] for o in outputs if o.kind == "verdict" and o.estimates}
    rally = audit.released["before_rally by after_rally"].counts
    four = [rally[b, a] for b in ("yes", "no") for a in ("yes", "no")]
    assert shown["rallies-49-26"].estimate == round((four[2] - four[1]) / sum(four), 2)
    assert shown["rallies-49-26"].n == sum(four)
    sexes = audit.released["sex by after_rally"].counts
    share = {s: sexes[s, "yes"] / (sexes[s, "yes"] + sexes[s, "no"]) for s in ("woman", "man")}
    assert shown["women-more-active"].estimate == round(share["woman"] - share["man"], 2)
    trust = audit.released["trust_emigrants"].counts
    assert shown["trust-each-other"].estimate == round(
        trust["yes"] / (trust["yes"] + trust["no"]), 2
    )
