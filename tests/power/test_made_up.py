"""A synthetic table is marked, stays out of the data, and is never evidence."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import altair as alt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exile import data
from exile.audit import Citation, Evidence, Finding, judge
from exile.case import register, rules
from exile.errors import InputError
from exile.power.made_up import SyntheticTable, is_synthetic_id, synthetic_id
from exile.power.watermark import WATERMARK, watermark
from exile.publish import show
from exile.statistics.intervals import Interval


@pytest.fixture
def made_up():
    return SyntheticTable(pd.DataFrame({"x": ["yes", "no"], "n": [3, 4]}), ("coins are fair",), 1)


def evidence(**changes):
    plain = {
        "label": "a share",
        "grade": "D",
        "unit": "share",
        "region": Interval(0.4, 0.5),
        "sources": ("article",),
        "method": "as published",
    }
    return Evidence(**plain | changes)


def finding(**changes):
    plain = {
        "claim": "remain-active",
        "part": "many",
        "scope": "respondents",
        "evidence": (evidence(),),
        "summary": "s",
    }
    return Finding(**plain | changes)


class TestNoVerdict:
    def test_it_is_no_evidence(self, made_up):
        assert not isinstance(made_up, Evidence)
        assert not issubclass(SyntheticTable, Evidence)

    def test_no_finding_takes_it(self, made_up):
        for handed in ((made_up,), (evidence(), made_up)):
            with pytest.raises(TypeError, match="synthetic"):
                finding(evidence=handed)

    def test_it_is_not_judged(self, made_up):
        with pytest.raises(TypeError, match="SyntheticTable"):
            judge(made_up, register(), rules())

    @pytest.mark.parametrize("name", [f.name for f in fields(Evidence)])
    def test_it_has_nothing_that_evidence_has(self, made_up, name):
        with pytest.raises(TypeError, match="no grade of evidence exists"):
            getattr(made_up, name)

    @pytest.mark.parametrize("slot", ["region", "interval", "interval_90"])
    def test_it_cannot_stand_where_evidence_has_numbers(self, made_up, slot):
        with pytest.raises(TypeError, match="no grade of evidence exists"):
            cited = (Citation("s", "F1"), Citation("t", "F2"))
            fields = {"region": Interval(0.55, 0.56), "unit": "", "cited": cited}
            taken = evidence(grade="C", **fields | {slot: made_up})
            lead = finding(claim="higher-education-80-27", part="lead", evidence=(taken,))
            judge(lead, register(), rules())

    def test_its_own_fields_make_no_evidence(self, made_up):
        with pytest.raises(TypeError):
            Evidence(**vars(made_up))

    def test_no_source_is_synthetic(self):
        """Numbers copied by hand carry no mark, but evidence must name a known source."""
        assert not [s for s in data.sources().index if "synthetic" in s.lower()]


class TestMarks:
    def test_every_row_says_so(self, made_up):
        assert (made_up.frame["source"] == "SYNTHETIC").all()

    @pytest.mark.parametrize("assumptions", [(), ("",), "coins are fair", ["coins are fair"]])
    def test_assumptions_are_needed(self, assumptions):
        with pytest.raises(InputError, match="assumptions"):
            SyntheticTable(pd.DataFrame({"n": [1]}), assumptions, 1)

    @pytest.mark.parametrize("seed", [None, 1.5, "1", True])
    def test_a_seed_is_needed(self, seed):
        with pytest.raises(InputError, match="seed"):
            SyntheticTable(pd.DataFrame({"n": [1]}), ("a",), seed)

    def test_another_source_is_not_painted_over(self):
        with pytest.raises(InputError, match="another source"):
            SyntheticTable(pd.DataFrame({"source": ["article"]}), ("a",), 1)

    def test_files_are_named_for_what_they_are(self, made_up, tmp_path):
        made_up.write(tmp_path / "SYNTHETIC_coins.csv")
        written = pd.read_csv(tmp_path / "SYNTHETIC_coins.csv")
        assert list(written["source"]) == ["SYNTHETIC"] * 2 and list(written["n"]) == [3, 4]
        with pytest.raises(InputError, match="hides"):
            made_up.write(tmp_path / "coins.csv")
        assert [p.name for p in tmp_path.iterdir()] == ["SYNTHETIC_coins.csv"]

    def test_not_among_the_data(self, made_up, tmp_path, monkeypatch):
        folder = data.data_directory()
        for inside in (folder, folder / "published", folder / ".." / folder.name):
            with pytest.raises(InputError, match="among real data"):
                made_up.write(inside / "SYNTHETIC_coins.csv")
        (tmp_path / "shortcut").symlink_to(folder)
        with pytest.raises(InputError, match="among real data"):
            made_up.write(tmp_path / "shortcut" / "SYNTHETIC_coins.csv")
        # Reading other data does not open the book's own folder.
        monkeypatch.setenv("EXILE_DATA_DIR", str(tmp_path))
        own = Path(data.__file__).parents[2] / "data"
        with pytest.raises(InputError, match="among real data"):
            made_up.write(own / "SYNTHETIC_coins.csv")

    def test_a_chart_carries_the_mark_onto_the_page(self, monkeypatch):
        monkeypatch.setenv("EXILE_BUILD", "1")
        shown = []
        monkeypatch.setattr("exile.publish.display", lambda payload, raw: shown.append(payload))
        chart = alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_point().encode(x="x:Q")
        show(
            watermark(chart),
            title="t",
            alt_text="A chart of numbers that were made up.",
            sources=["article"],
            dates="never",
        )
        assert WATERMARK in str(shown) and "no finding" in WATERMARK


class TestIds:
    @given(st.integers(0, 10**9))
    def test_own_ids_are_known(self, number):
        assert is_synthetic_id([1, None, synthetic_id(number)])

    @given(st.integers(0, 9_999_999), st.integers(0, 6), st.integers(1, 9))
    def test_a_changed_digit_is_noticed(self, number, place, by):
        """Luhn's digit notices any single error."""
        digits = f"{number:07d}"
        other = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
        assert not is_synthetic_id([f"SYN-{other}-{synthetic_id(number)[-1]}"])

    def test_luhns_published_example(self):
        assert synthetic_id(7992739871).endswith("-3")

    @pytest.mark.parametrize("value", ["", None, 17, "1234567-8", "SYN-12-3", "SYN-0000001"])
    def test_ordinary_ids_are_not(self, value):
        assert not is_synthetic_id([value])
