"""Ranks against brute force, and the map against the table that it draws."""

from __future__ import annotations

import itertools
import json

import pytest

from exile.data import data_directory, figure

CRITERION = 5


@pytest.fixture(scope="module")
def run(run_chapter):
    return run_chapter("where_they_went")


def test_no_unnamed_country_can_push_the_three_out_of_the_first_five(run):
    """Every way to share out what the reports leave unnamed, in steps of one point."""
    shares = {"Turkey": 24.9, "Georgia": 23.4, "Armenia": 15.1, "Israel": 2.8}
    assert shares["Armenia"] == figure("OR1-10").value
    rest = round(100 - sum(shares.values()))
    worst = 0
    for first, second in itertools.product(range(rest + 1), repeat=2):
        third = rest - first - second
        if third >= 0:
            above = sum(s > shares["Armenia"] for s in (first, second, third))
            worst = max(worst, 1 + above + sum(s > shares["Armenia"] for s in shares.values()))
    assert worst == CRITERION
    region = run.findings["most-popular-countries", "", "respondents"].evidence[0].region
    assert (region.low, region.high) == (3, 3)


def test_turkey_was_not_among_the_first_five_in_the_count_of_2024(run):
    counts = sorted((figure(f"EX{n:03d}").value for n in range(40, 51)), reverse=True)
    turkey = figure("EX047").value
    # Even if every figure were off by a quarter.
    assert sum(c > 1.25 * turkey for c in counts) >= CRITERION
    region = run.findings["most-popular-countries", "", "all_2022_migrants"].evidence[0].region
    assert (region.low, region.high) == (2, 3)


def test_the_two_surveys_of_march_differ_by_more_than_chance(run):
    """The z-test of two proportions, with the design effect of the chapter."""
    a, b = 0.634, figure("OKR-10").share
    n, m = 2000 / 2, figure("OKR-10").base_n / 2
    pooled = (a * n + b * m) / (n + m)
    assert abs(a - b) / (pooled * (1 - pooled) * (1 / n + 1 / m)) ** 0.5 > 10


def test_the_map_draws_shapes_that_are_at_hand_and_every_host_in_its_country(run):
    spec = next(c["spec"] for c in run.charts if "Two years on" in c["title"])
    shapes = json.loads((data_directory() / "shapes/countries.geojson").read_text("utf-8"))
    boxes = {}
    for feature in shapes["features"]:
        points = [p for poly in feature["geometry"]["coordinates"] for p in poly[0]]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        boxes[feature["properties"]["name"]] = (min(xs), max(xs), min(ys), max(ys))
    drawn = next(
        rows for rows in spec["datasets"].values() if isinstance(rows, list) and "lon" in rows[0]
    )
    assert len(drawn) >= 8
    for dot in drawn:
        west, east, south, north = boxes[dot["said"].rsplit(" ", 1)[0]]
        assert west - 1 <= dot["lon"] <= east + 1 and south - 1 <= dot["lat"] <= north + 1


def test_had_turkey_kept_its_people_the_verdict_would_be_another(run, run_chapter, changed_data):
    row = figure("EX047").row
    old = f"EX047,{row['measure']}"
    path = data_directory() / "benchmarks/exodus_estimates.csv"
    line = next(x for x in path.read_text("utf-8").splitlines() if x.startswith("EX047,"))
    assert line.replace('"', "").startswith(old.replace('"', ""))
    data = changed_data("benchmarks/exodus_estimates.csv", line, line.replace("28000", "128000", 1))
    key = ("most-popular-countries", "all_2022_migrants")
    assert run_chapter("where_they_went", data=data).verdict(*key) != run.verdict(*key)
