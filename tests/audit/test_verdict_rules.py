"""Rules that cannot be changed unnoticed, nor be impossible."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from exile import case
from exile.amend import amend
from exile.audit import Interval
from exile.audit.claims import Stated
from exile.audit.records import encode
from exile.audit.rules import check_amended
from exile.errors import InputError
from tests.audit.conftest import DATA, evidence


def test_the_chain_of_amendments_leads_to_the_rules_as_they_are(rules):
    check_amended(rules, "rules.toml")


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """A copy of the data in which one text of the rules is replaced by another."""

    def change(old: str, new: str):
        folder = tmp_path / "data"
        shutil.copytree(DATA, folder, dirs_exist_ok=True)
        path = folder / "rules.toml"
        text = path.read_text("utf-8")
        assert text.count(old) >= 1, old
        path.write_text(text.replace(old, new, 1), "utf-8")
        monkeypatch.setenv("EXILE_DATA_DIR", str(folder))
        return folder

    return change


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("alpha = 0.05", "alpha = 0.1"),
        ("\npoints = 5\n", "\npoints = 6\n"),
        ("points = 3\n", "points = 2\n"),
        ("strong_from = 5", "strong_from = 4"),
        ('backed = ["supported", ', 'backed = ["direction_only", "supported", '),
        ("half_unit_points = 0.5", "half_unit_points = 1"),
    ],
)
def test_a_change_of_the_rules_without_an_amendment_stops_everything(changed, old, new):
    changed(old, new)
    with pytest.raises(InputError, match=r"rules.toml"):
        case.rules()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("alpha = 0.05", 'alpha = "0.05"', "alpha: Input should be a valid number"),
        ("alpha = 0.05", "alpha = 5", "alpha 5.0 is no level"),
        ("alpha = 0.05", "alpha = nan", "alpha"),
        ("alpha = 0.05", "alhpa = 0.05", "unknown key 'alhpa'. Did you mean 'alpha'"),
        ("strong_from = 5", "strong_from = 1.5", "'strong_from' must lie above"),
        ("\npoints = 5\n", "\npoints = -5\n", "margin of equivalence"),
        ("points = 3\n", "points = -3\n", "trifle"),
        ("about_ratio = [0.8, 1.25]", "about_ratio = [1.25, 0.8]", "'about' must hold"),
        ("[grades.A]", "[grades.F]", "grades.F"),
        ("[scopes.context]", "[scopes.contxt]", "Did you mean 'context'"),
        ("[verdicts.contradicted]", "[verdicts.contradictd]", "Did you mean 'contradicted'"),
        ('own = ["entailed", ', 'own = ["entialed", ', "Did you mean 'entailed'"),
        ('own = ["entailed", "repeated"]', 'own = ["entailed"]', "belongs to one group"),
        ('needs = ["own"]', 'needs = ["owm"]', "unknown groups"),
        ("version = 2", "version = 2\nversion = 3", "not TOML"),
    ],
)
def test_impossible_rules_are_refused_with_file_key_and_remedy(changed, old, new, message):
    folder = changed(old, new)
    with pytest.raises(InputError, match="rules.toml") as refused:
        case.read_rules(folder / "rules.toml")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("stated", "low", "high", "at_low", "at_high"),
    [
        (Stated(27, "percent"), 0.265, 0.275, True, True),
        (Stated(80, "percent", "more_than"), 0.8, 1, False, True),
        (Stated(50, "percent", "almost"), 0.45, 0.5, True, False),
        (Stated(1e6, "count", "about"), 0.8e6, 1.25e6, True, True),
        (Stated(7e5, "count", "at_least"), 7e5, float("inf"), True, True),
        (Stated(1000, "count", "almost"), 900, 1000, True, False),
        (Stated(90, "percent", "about"), 0.72, 1, True, True),
    ],
)
def test_a_printed_figure_stands_for_what_its_hedge_allows(
    rules, stated, low, high, at_low, at_high
):
    truth = rules.truth(stated)
    assert (truth.low, truth.high) == pytest.approx((low, high))
    assert truth.contains(truth.low) == at_low and truth.contains(truth.high) == at_high


def test_a_difference_of_printed_figures_goes_from_corner_to_corner(rules):
    held = case.register()
    claim = next(
        (c, p.size)
        for c in held.claims.values()
        for p in c.parts.values()
        if p.size and p.size.minus
    )
    first, second = (
        rules.truth(held.stated(claim[0].id, name)) for name in (claim[1].states, claim[1].minus)
    )
    size = rules.numbers(claim[1], claim[0].id, held)
    assert size.low == pytest.approx(first.low - second.high)
    assert size.high == pytest.approx(first.high - second.low)


def built(folder, part, verdict, item):
    """A claims.json with one finding."""
    claim, name = part
    scope = case.register().claims[claim].parts[name].of[0]
    record = {
        "part": name, "scope": scope, "verdict": verdict, "summary": "s",
        "evidence": [encode(item)],
    }  # fmt: skip
    path = folder / "claims.json"
    path.write_text(json.dumps([{"id": claim, "verdicts": [record]}]), "utf-8")
    return path


def test_amending_writes_what_moved_and_satisfies_the_chain(changed, tmp_path):
    folder = changed("alpha = 0.05", "alpha = 0.001")
    item = evidence(0.2, interval=Interval(0.1, 0.3), p_value=0.01)
    path = built(tmp_path, ("car-27-4", "lead"), "supported", item)
    moved = amend("A stricter level.", path)
    assert list(moved.values()) == [("supported", "inconclusive")]
    assert case.rules().amendments[-1].verdicts == moved
    with pytest.raises(InputError, match="as last amended"):
        amend("Again.", path)
    assert folder.is_dir()


def test_a_broken_link_of_the_chain_is_named(rules):
    first, *others = rules.amendments
    torn = replace(rules, amendments=(first, *(replace(o, before="x") for o in others)))
    with pytest.raises(InputError, match="does not follow"):
        check_amended(torn, "rules.toml")
