"""Planted effects and declared margins are there exactly, and nothing else is."""

from __future__ import annotations

from itertools import product
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exile.case import stated
from exile.custody.rehearsal.population import EFFECTS, population
from exile.errors import InputError
from exile.power.generator import minimum_entropy
from exile.power.made_up import is_synthetic_id
from exile.statistics.standardisation import rake

shares = st.floats(0.03, 0.97)
thetas = st.floats(-2.5, 2.5)


def yes(p):
    return {"yes": p, "no": 1 - p}


def table(generator, *variables):
    """Probabilities as an array with an axis for each variable, yes before no."""
    order = generator.cells.sort_values(list(variables), ascending=False)
    return order["probability"].to_numpy().reshape([2] * len(variables))


def log_odds_ratio(cells):
    return log(cells[0, 0] * cells[1, 1] / (cells[0, 1] * cells[1, 0]))


class TestMinimumEntropy:
    @settings(max_examples=40, deadline=None)
    @given(shares, shares, shares, thetas, thetas)
    def test_margins_and_conditional_odds_ratios_are_exact(self, a, b, c, ab, bc):
        g = minimum_entropy(
            {"a": yes(a), "b": yes(b), "c": yes(c)},
            {(("a", "yes"), ("b", "yes")): ab, (("b", "yes"), ("c", "yes")): bc},
        )
        for name, share in (("a", a), ("b", b), ("c", c)):
            assert g.population_share(name)["yes"] == pytest.approx(share, abs=1e-8)
        joint = table(g, "a", "b", "c")
        for rest in (0, 1):
            assert log_odds_ratio(joint[:, :, rest]) == pytest.approx(ab, abs=1e-9)
            assert log_odds_ratio(joint[rest]) == pytest.approx(bc, abs=1e-9)
            # Undeclared: independent given the rest.
            assert log_odds_ratio(joint[:, rest, :]) == pytest.approx(0, abs=1e-9)

    def test_undeclared_pairs_may_still_go_together(self):
        """Conditional independence only: a and c are linked through b."""
        g = minimum_entropy(
            {v: yes(0.5) for v in "abc"},
            {(("a", "yes"), ("b", "yes")): 2.0, (("b", "yes"), ("c", "yes")): 2.0},
        )
        assert log_odds_ratio(table(g, "a", "b", "c").sum(axis=1)) > 0.5

    @pytest.mark.parametrize("theta", [0.0, log(4)])
    def test_two_variables_have_placketts_table(self, theta):
        """With two margins and an odds ratio there is only one table (Plackett 1965)."""
        p, q, psi = 0.49, 0.26, exp(theta)
        g = minimum_entropy({"a": yes(p), "b": yes(q)}, {(("a", "yes"), ("b", "yes")): theta})
        s = 1 + (p + q) * (psi - 1)
        joint = (
            p * q
            if psi == 1
            else ((s - (s * s - 4 * psi * (psi - 1) * p * q) ** 0.5) / (2 * (psi - 1)))
        )
        assert table(g, "a", "b")[0, 0] == pytest.approx(joint, abs=1e-9)

    def test_several_levels(self):
        """One level against the others: a factor on its cell, none on the rest."""
        g = minimum_entropy(
            {"a": {"x": 0.2, "y": 0.3, "z": 0.5}, "b": {"u": 0.6, "v": 0.3, "w": 0.1}},
            {(("a", "y"), ("b", "v")): 1.5},
        )
        p = g.cells.set_index(["a", "b"])["probability"]
        for a, b in product("xz", "uw"):
            ratio = p["y", "v"] * p[a, b] / (p["y", b] * p[a, "v"])
            assert log(ratio) == pytest.approx(1.5, abs=1e-8)
        for (a, c), (b, d) in product([("x", "z")], [("u", "w"), ("u", "v")]):
            assert p[a, b] * p[c, d] / (p[a, d] * p[c, b]) == pytest.approx(1, abs=1e-8)

    def test_fitting_again_changes_nothing(self):
        margins = {"a": yes(0.49), "b": yes(0.26)}
        g = minimum_entropy(margins, {(("a", "yes"), ("b", "yes")): 1.0})
        p = g.cells["probability"]
        again = rake(g.cells.assign(n=1, w=p, w2=p**2), margins)
        assert again.iterations == 1
        assert np.allclose(again.cells["w"] / again.cells["w"].sum(), p, atol=1e-9)

    def test_independence_is_of_least_relative_entropy(self):
        """Any other table with the same margins is farther from the seed (Csiszár 1975)."""
        g = minimum_entropy(
            {"a": yes(0.4), "b": yes(0.3), "c": yes(0.6)}, {(("a", "yes"), ("b", "yes")): 1.2}
        )
        seed = np.ones((2, 2, 2))
        seed[0, 0, :] = exp(1.2)
        seed /= seed.sum()

        def distance(p):
            return float((p * np.log(p / seed)).sum())

        p = table(g, "a", "b", "c")
        # Moves that keep every margin: interactions of two or three variables.
        sign = np.array([1.0, -1.0])
        moves = [
            np.einsum("i,j,k->ijk", sign, sign, np.ones(2)),
            np.einsum("i,j,k->ijk", sign, np.ones(2), sign),
            np.einsum("i,j,k->ijk", np.ones(2), sign, sign),
            np.einsum("i,j,k->ijk", sign, sign, sign),
        ]
        for move, step in product(moves, (-1e-3, 1e-3)):
            assert distance(p + step * move) > distance(p)

    @pytest.mark.parametrize(
        "effects",
        [
            {(("a", "yes"), ("z", "yes")): 1.0},
            {(("a", "maybe"), ("b", "yes")): 1.0},
            {(("a", "yes"), ("a", "no")): 1.0},
        ],
    )
    def test_effects_on_nobody_are_refused(self, effects):
        with pytest.raises(InputError):
            minimum_entropy({"a": yes(0.5), "b": yes(0.5)}, effects)


class TestSequential:
    @settings(max_examples=40, deadline=None)
    @given(shares, shares, shares, thetas, thetas)
    def test_the_margin_and_the_coefficients_are_exact(self, a, b, y, ta, tb):
        g = minimum_entropy({"a": yes(a), "b": yes(b)}).followed_by(
            "y", y, {("a", "yes"): ta, ("b", "yes"): tb}
        )
        assert g.population_share("y")["yes"] == pytest.approx(y, abs=1e-10)
        assert g.population_share("a")["yes"] == pytest.approx(a, abs=1e-8)
        joint = table(g, "a", "b", "y")
        for rest in (0, 1):
            assert log_odds_ratio(joint[:, rest]) == pytest.approx(ta, abs=1e-8)
            assert log_odds_ratio(joint[rest]) == pytest.approx(tb, abs=1e-8)

    def test_the_marginal_odds_ratio_is_not_the_planted_one(self):
        """It lies nearer to 1: the odds ratio does not collapse."""
        g = minimum_entropy({"a": yes(0.5), "b": yes(0.5)}).followed_by(
            "y", 0.5, {("a", "yes"): 1.0, ("b", "yes"): 2.0}
        )
        marginal = log_odds_ratio(table(g, "a", "b", "y").sum(axis=1))
        assert 0 < marginal < 1.0 - 0.05

    @pytest.mark.parametrize("share", [0, 1, -0.1])
    def test_impossible_shares(self, share):
        with pytest.raises(InputError):
            minimum_entropy({"a": yes(0.5)}).followed_by("y", share)

    def test_names_are_used_once(self):
        with pytest.raises(InputError):
            minimum_entropy({"a": yes(0.5)}).followed_by("a", 0.5)


class TestDrawing:
    def test_weights_undo_recruitment(self):
        g = minimum_entropy({"a": yes(0.3), "b": yes(0.6)}).recruited({("a", "yes"): 3.0})
        in_sample = g.cells.groupby("a")["probability"].sum()["yes"]
        assert in_sample == pytest.approx(0.9 / (0.9 + 0.7))
        assert g.population_share("a")["yes"] == pytest.approx(0.3)

    def test_counts_are_multinomial(self):
        """Mean and variance of each cell, within five standard errors."""
        g = minimum_entropy({"a": yes(0.3), "b": yes(0.6)})
        n, repetitions = 500, 4000
        drawn = g.counts(n, 5, repetitions)
        assert (drawn.sum(axis=1) == n).all()
        p = g.cells["probability"].to_numpy()
        error = np.sqrt(n * p * (1 - p) / repetitions)
        assert (np.abs(drawn.mean(axis=0) - n * p) < 5 * error).all()
        assert drawn.var(axis=0) == pytest.approx(n * p * (1 - p), rel=5 * (2 / repetitions) ** 0.5)

    def test_the_same_seed_gives_the_same_sample(self):
        g = minimum_entropy({"a": yes(0.3)})
        assert g.draw(100, 1).frame.equals(g.draw(100, 1).frame)
        assert not g.draw(100, 1).frame.equals(g.draw(100, 2).frame)
        assert g.respondents(100, 1).frame.equals(g.respondents(100, 1).frame)

    def test_assumptions_travel_with_the_sample(self):
        g = minimum_entropy({"a": yes(0.3)}).followed_by("y", 0.2, {("a", "yes"): log(2)})
        said = " ".join(g.draw(10, 1).assumptions)
        assert "30.0%" in said and "2.00" in said


@pytest.fixture(scope="module")
def people():
    return population(TestPopulation.N, seed=3)


class TestPopulation:
    N = 40_000

    def within_chance(self, observed, expected):
        return abs(observed - expected) < 5 * (expected * (1 - expected) / self.N) ** 0.5

    @pytest.mark.parametrize(
        ("column", "level", "claim", "name"),
        [
            ("before_rally", "yes", "rallies-49-26", "before"),
            ("after_rally", "yes", "rallies-49-26", "after"),
            ("before_compatriots", "yes", "volunteer-compatriots-10-32", "before"),
            ("after_compatriots", "yes", "volunteer-compatriots-10-32", "after"),
            ("before_ukrainians", "yes", "volunteer-ukrainians-4-29", "before"),
            ("after_ukrainians", "yes", "volunteer-ukrainians-4-29", "after"),
            ("education", "higher", "higher-education-80-27", "migrants"),
            ("means", "car", "car-27-4", "migrants"),
            ("industry", "it", "it-third-to-half", "share_low"),
        ],
    )
    def test_the_articles_percentages(self, people, column, level, claim, name):
        observed = (people.frame[column] == level).mean()
        assert self.within_chance(observed, stated(claim, name).number)

    def test_form(self, people):
        frame = people.frame
        assert frame["id"].is_unique and is_synthetic_id(frame["id"].head(1))
        assert frame["age"].between(18, 90).all() and frame["weight"].gt(0).all()
        assert frame["weight"].mean() == pytest.approx(1, abs=0.02)
        assert set(frame["host"]) == {"GEO", "ARM", "TUR", "SRB", "KAZ", "ISR", "DEU"}
        assert set(frame["wave"]) == {1, 2}
        assert not frame.isna().any(axis=None)

    def crossed(self, frame, a, b):
        x, y = frame[a[0]] == a[1], frame[b[0]] == b[1]
        n = [(i & j).sum() for i in (x, ~x) for j in (y, ~y)]
        return log(n[0] * n[3] / (n[1] * n[2])), sum(1 / k for k in n) ** 0.5

    def test_effects_that_stand_alone_are_found(self, people):
        """Pairs that touch no other effect: the marginal odds ratio is the planted one."""
        alone = [
            (("trust_people", "yes"), ("trust_compatriots", "yes")),
            (("before_compatriots", "yes"), ("after_compatriots", "yes")),
        ]
        found, error = self.crossed(people.frame, *alone[0])
        assert abs(found - EFFECTS[alone[0]]) < 5 * error
        # The other logit has sex beside it; within a sex nothing is averaged over.
        women = people.frame[people.frame["sex"] == "female"]
        found, error = self.crossed(women, *alone[1])
        assert abs(found - EFFECTS[alone[1]]) < 5 * error

    def test_without_effects_nothing_goes_together(self):
        people = population(self.N, seed=4, null=True).frame
        for pair in EFFECTS:
            found, error = self.crossed(people, *pair)
            assert abs(found) < 4 * error, pair

    def test_answers_go_missing_at_the_declared_rate(self):
        people = population(self.N, seed=5, missing={"after_rally": 0.1, "age": 0.2}).frame
        assert self.within_chance(people["after_rally"].isna().mean(), 0.1)
        assert self.within_chance(people["age"].isna().mean(), 0.2)
        assert not people["before_rally"].isna().any()

    @pytest.mark.parametrize(
        "options",
        [
            {"effects": {(("sex", "female"), ("interest", "very")): 1.0}},
            {"effects": {(("before_rally", "yes"), ("after_rally", "no")): 1.0}},
            {"missing": {"id": 0.1}},
            {"missing": {"age": 1.0}},
        ],
    )
    def test_what_cannot_be_planted_is_refused(self, options):
        with pytest.raises(InputError):
            population(100, seed=1, **options)
