"""Laws of counting, and what the committed cells must say without the raw files."""

from __future__ import annotations

import re
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from exile.data import chronicles, ess, table
from exile.data.__main__ import csv_bytes
from exile.data.cells import age_groups, count, recode
from exile.errors import InputError

RESPONDENTS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from("xyz"),
        st.floats(min_value=1e-3, max_value=1e3, allow_nan=False),
    ),
    min_size=1,
    max_size=60,
)


def frame(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["group", "answer", "weight"])


class TestCount:
    @given(RESPONDENTS)
    def test_nobody_is_lost(self, rows):
        respondents = frame(rows)
        cells = count(respondents, ["group", "answer"], "weight")
        assert cells["n"].sum() == len(rows)
        assert cells["w"].sum() == pytest.approx(respondents["weight"].sum(), rel=1e-12)
        assert cells["w2"].sum() == pytest.approx((respondents["weight"] ** 2).sum(), rel=1e-12)

    @given(RESPONDENTS, st.randoms(use_true_random=False))
    def test_order_does_not_matter_to_the_last_digit(self, rows, random):
        shuffled = random.sample(rows, len(rows))
        once, again = (count(frame(r), ["group", "answer"], "weight") for r in (rows, shuffled))
        assert csv_bytes(once) == csv_bytes(again)

    @given(RESPONDENTS)
    def test_coarser_cells_are_sums_of_finer_ones(self, rows):
        fine = count(frame(rows), ["group", "answer"], "weight")
        coarse = count(frame(rows), ["group"], "weight")
        assert_frame_equal(
            fine.groupby("group", as_index=False)[["n", "w", "w2"]].sum(), coarse, rtol=1e-12
        )

    @given(RESPONDENTS)
    def test_written_numbers_are_read_back_unchanged(self, rows):
        cells = count(frame(rows), ["group", "answer"], "weight")
        lines = csv_bytes(cells).decode().splitlines()[1:]
        assert [float(line.split(",")[-1]) for line in lines] == cells["w2"].tolist()


class TestCodes:
    CODES: ClassVar = {"1": "yes", "2": "no", "99": "hard_to_say", "missing": "not_asked"}

    def test_every_code_has_its_word(self):
        found = recode(pd.Series([1.0, 99.0, np.nan, 2.0]), self.CODES, "file, Q1")
        assert found.tolist() == ["yes", "hard_to_say", "not_asked", "no"]

    def test_an_undeclared_code_is_refused(self):
        with pytest.raises(InputError, match=r"file, Q1: codes \['3'\] are not declared"):
            recode(pd.Series([1.0, 3.0]), self.CODES, "file, Q1")

    def test_an_undeclared_gap_is_refused(self):
        with pytest.raises(InputError, match=r"codes \['missing'\] are not declared"):
            recode(pd.Series([1.0, np.nan]), {"1": "yes"}, "file, Q1")

    @given(st.integers(min_value=18, max_value=110))
    def test_age_lies_within_its_group(self, age):
        name = age_groups(pd.Series([float(age)]), chronicles.AGE_GROUPS).item()
        low, high = (name.rstrip("+") + "-200").split("-")[:2]
        assert int(low) <= age <= int(high)

    def test_unknown_age_is_a_group(self):
        assert age_groups(pd.Series([np.nan, 12.0]), ess.AGE_GROUPS).tolist() == ["unknown"] * 2


class TestChronicles:
    CELLS = table("chronicles")

    def test_usable_interviews_of_each_wave(self):
        counted = self.CELLS[self.CELLS["item"] == "education"].groupby("wave")["n"].sum()
        stated = table("chronicles_waves").set_index("wave")["usable"]
        assert counted.to_dict() == stated.to_dict()

    def test_every_item_counts_everyone_of_its_wave(self):
        """Non-response is an answer; only wave 2's war support is split by wording."""
        stated = table("chronicles_waves").set_index("wave")["usable"]
        for (wave, item), cells in self.CELLS.groupby(["wave", "item"]):
            assert cells["n"].sum() == stated[wave], (wave, item)

    def test_weights_average_one(self):
        """By design of the weights; in wave 9 its file's mean is 0.9998."""
        education = self.CELLS[self.CELLS["item"] == "education"]
        sums = education.groupby("wave")[["n", "w"]].sum()
        assert (sums["w"] / sums["n"] - 1).abs().max() < 1e-3

    def test_weights_of_waves_1_to_8_vary_by_sex_age_and_settlement_only(self):
        """In a cell of equal weights the sum of squares is the square of the sum over n."""
        early = self.CELLS[self.CELLS["wave"].isin([*"12345678", "7a", "7b"])]
        assert np.allclose(early["w2"], early["w"] ** 2 / early["n"], rtol=1e-9)

    def test_squares_are_at_least_those_of_equal_weights(self):
        assert (self.CELLS["w2"] >= self.CELLS["w"] ** 2 / self.CELLS["n"] * (1 - 1e-12)).all()

    def test_education_answers_agree_with_the_attribute(self):
        education = self.CELLS[self.CELLS["item"] == "education"]
        pairs = education.groupby("answer")["higher_education"].agg(set).to_dict()
        assert pairs == {
            "school": {"no"},
            "initial_vocational": {"no"},
            "secondary_vocational": {"no"},
            "higher_or_incomplete_higher": {"yes"},
            "academic_degree": {"yes"},
            "hard_to_say": {"unknown"},
        }

    def test_wave_9_is_weighted_to_fewer_graduates(self):
        """It alone is weighted on education; reading the reversed EDU_GR would show a majority."""
        wave = self.CELLS[(self.CELLS["item"] == "education") & (self.CELLS["wave"] == "9")]
        sums = wave.groupby("higher_education")[["n", "w"]].sum()
        shares = sums / sums.sum()
        assert shares.loc["yes", "w"] < shares.loc["yes", "n"] < 0.5

    def test_moscow_and_petersburg_are_urban_in_wave_9(self):
        wave = self.CELLS[(self.CELLS["item"] == "education") & (self.CELLS["wave"] == "9")]
        n = wave.groupby("settlement")["n"].sum()
        assert n.to_dict() == {"urban": 961 + 186 + 207, "rural": 245, "unknown": 1}

    @pytest.mark.parametrize("row", table("chronicles_reports").to_dict("records"), ids=str)
    def test_published_figures(self, row):
        """Each to the rounding of the whole percentage that was published."""
        cells = self.CELLS[
            (self.CELLS["wave"] == row["wave"])
            & (self.CELLS["item"] == row["item"])
            & (self.CELLS["wording"] == row["wording"])
        ]
        named = cells["answer"].isin(row["answer"].split("+"))
        percent = 100 * cells.loc[named, "w"].sum() / cells["w"].sum()
        assert percent == pytest.approx(row["value"], abs=0.5)

    def test_published_range_of_summer_and_autumn_2022(self):
        """Re: Russia, 30 November 2022: support between 51 and 57 per cent (waves 6 to 8)."""
        support = self.CELLS[
            (self.CELLS["item"] == "war_support") & self.CELLS["wave"].isin(["6", "7a", "7b", "8"])
        ]
        yes = support[support["answer"] == "supports"].groupby("wave")["w"].sum()
        percent = 100 * yes / support.groupby("wave")["w"].sum()
        assert (round(percent.min()), round(percent.max())) == (51, 57)


class TestDisclosure:
    ALLOWED: ClassVar = {
        "chronicles": ["wave", "item", "wording", "answer", *chronicles.ATTRIBUTES],
        "ess": [*ess.GROUP, "item", "answer", *ess.ATTRIBUTES],
    }

    @pytest.mark.parametrize("name", ALLOWED)
    def test_no_column_beyond_coarse_attributes(self, name):
        assert list(table(name).columns) == [*self.ALLOWED[name], "n", "w", "w2"]

    def test_no_place_open_answer_or_number_of_a_respondent_is_ever_read(self):
        declared = chronicles.declaration()
        columns = {
            column
            for item in declared["items"]
            for mapping in (item.get("columns", {}), *item.get("options", {}).values())
            for column in mapping.values()
        }
        columns |= {
            entry[k] for entry in declared["waves"].values() for k in ("weight", "education")
        }
        forbidden = re.compile(r"(?i:id|region.*|city.*|raion.*|okruga|.*time.*)|.*\dT")
        assert {c for c in columns if forbidden.fullmatch(c)} == set()

    def test_no_small_birth_groups(self):
        """Except in questions of trust, where leaving people out would bend the comparison."""
        cells = table("ess")
        sizes = cells.groupby([*ess.GROUP, "item"])["n"].sum()
        trust = sizes.index.get_level_values("item").isin(["ppltrst", "pplfair", "pplhlp"])
        assert sizes[~trust].min() >= 30
        assert sizes[trust].min() < 30
        assert set(cells.loc[cells["item"].str.startswith("ppl"), "sex"]) == {"not_split"}

    def test_respondents_of_ess_do_not_exceed_those_of_the_files(self):
        cells = table("ess")
        trust = cells[cells["item"] == "ppltrst"].groupby(["essround", "cntry"])["n"].sum()
        files = table("ess_rounds").set_index(["essround", "cntry"])["respondents"]
        assert set(trust.index) == set(files.index)
        assert (trust <= files[trust.index]).all()
