"""Every cited figure a fifth higher or lower: no chapter falls over, and what rests on it moves."""

from __future__ import annotations

import math
import re
import shutil
from pathlib import Path

import pytest

from exile.data import figure, figure_tables
from tests.book.conftest import ROOT, ChapterRun, execute, with_figures

CHAPTERS = sorted(p.stem for p in (ROOT / "book").glob("*.md") if "record(" in p.read_text("utf-8"))
# Shares of a whole cannot pass it, years are no quantities, and scales have ends.
WHOLE = ("percent", "share", "per 1000")
# Surveys in a printed range, places in a list, organisations that gave: they hold while all figures
# move as one. For each, its chapter, and a factor of every second figure that moves it.
COUNTED = {
    ("it-third-to-half", "estimates", "context"): ("professions", 0.1),
    ("most-popular-countries", "place", "all_2022_migrants"): ("where_they_went", 0.1),
    ("first-wave-destinations", "three_largest", "respondents"): ("where_they_went", 0.1),
    ("ukrainian-diaspora", "solidarity", "context"): ("history", 0.0),
}
# All that a quantity can be: figures that leave it open at both ends do so a fifth off, too.
OPEN = {
    "share": (0, 1),
    "share_difference": (-1, 1),
    "odds_ratio": (0, math.inf),
}


def limits(figure_id: str) -> tuple[float, float]:
    found = figure(figure_id)
    unit = found.unit.lower()
    if scale := re.match(r"(\d+)-(\d+)\b", unit):
        return float(scale[1]), float(scale[2])
    if unit.startswith("percent") and "rise" not in str(found.row.get("measure", "")).lower():
        return 0.0, 100.0
    return -math.inf, math.inf


def moved(figure_id: str, value: float, factor: float) -> float:
    """The value a fifth off, where it is a quantity, and whole where it counts people."""
    found = figure(figure_id)
    unit = found.unit.lower()
    if any(word in unit for word in ("year", "direction", "score", "index", "fact", "scale")):
        return value
    if re.match(r"\d+ [a-z]+.*, \d+ [a-z]+", unit):
        return value  # categories by their codes
    low, high = limits(figure_id)
    new = min(high, max(low, value * factor))
    return float(round(new)) if value == int(value) and abs(value) > 20 else new


@pytest.fixture(scope="module", params=[0.8, 1.2])
def data(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("moved") / "data"
    shutil.copytree(ROOT / "data", folder)
    known = figure_tables()
    with_figures(folder, lambda i, v: moved(i, v, request.param) if i in known else v)
    return folder


def ends(run: ChapterRun) -> dict:
    """The region of each piece of evidence, by finding and label, with its unit and figures."""
    return {
        (*key, evidence.label): (
            evidence.region,
            evidence.unit,
            evidence.figures + evidence.benchmarks,
        )
        for key, found in run.findings.items()
        for evidence in found.evidence
        if evidence.region is not None
    }


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_fifth_off_moves_what_rests_on_it_and_breaks_nothing(run_chapter, data, chapter):
    before, after = ends(run_chapter(chapter)), ends(run_chapter(chapter, data=data))
    known = figure_tables()
    still = []
    for key, (region, unit, figures) in before.items():
        numbers = [figure(f) for f in figures if f in known]
        quantities = [
            f
            for f in numbers
            if f.value is not None and moved(f.figure_id, f.value, 1.2) != f.value
        ]
        if (
            quantities
            and key[:3] not in COUNTED
            and (region.low, region.high) != OPEN.get(unit)
            and len(quantities) == len(numbers)
            and key in after
            and after[key][0] == region
        ):
            still.append(key)
    assert not still, f"cites figures and does not move with them: {still}"


@pytest.mark.parametrize("key", COUNTED)
def test_a_count_and_a_place_move_when_figures_move_apart(run_chapter, tmp_path, key):
    chapter, factor = COUNTED[key]
    before = {
        k: v
        for k, v in ends(run_chapter(chapter)).items()
        if k[:3] == key and v[0].low == round(v[0].low) and v[1] == "count"
    }
    assert before
    less = {f for _, _, figures in before.values() for f in sorted(figures)[::2]}
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data", folder)
    with_figures(folder, lambda i, v: v * factor if i in less else v)
    after = ends(execute(ROOT / "book" / f"{chapter}.md", folder))
    still = [k for k in before if k in after and after[k][0] == before[k][0]]
    assert not still, f"does not move at all: {still}"
