"""What a reader supposes moves figures, tables, rules and verdicts, and is never ignored."""

from __future__ import annotations

import pytest

import exile
from exile import case, data
from exile.audit import Evidence, Interval
from exile.audit.verdict import judge
from exile.errors import InputError
from exile.publish import finding
from exile.whatif import supposed_choice, what_if


@pytest.fixture(autouse=True)
def as_published():
    yield
    what_if()


def test_a_supposed_figure_is_everywhere_and_goes_back():
    before = data.figure("ART-14").share
    frame = data.table("article_figures")
    what_if({"ART-14": 9})
    assert data.figure("ART-14").share == 0.09
    assert case.stated("car-27-4", "russia").number == 0.09
    assert frame.set_index("figure_id").loc["ART-14", "value"] == 9  # loaded before: it follows
    assert data.table("article_figures").set_index("figure_id").loc["ART-14", "value"] == 9
    what_if()
    assert data.figure("ART-14").share == before
    assert frame.set_index("figure_id").loc["ART-14", "value"] == 100 * before


def test_a_table_edited_by_hand_is_refused_with_the_call_that_works():
    frame = data.table("migrant_surveys")
    row = frame.index[frame["figure_id"] == "OR1-06"]
    frame.loc[row, "value"] = 99
    with pytest.raises(InputError, match=r"what_if\(\{'OR1-06': 99\}\)"):
        data.figure("OR1-06")
    del frame
    assert data.figure("OR1-06").value != 99


def test_a_column_converted_on_purpose_is_no_edit():
    frame = data.table("migrant_surveys")
    frame["value"] = frame["value"] / 100
    assert data.figure("OR1-06").value


def test_supposed_rules_and_readings_move_verdicts():
    item = Evidence(
        label="a gap", grade="B", region=Interval.point(0.04), figures=("RP217",), method="m"
    )
    found = finding("better-off", "lead", "respondents", item, summary="s")

    def code() -> str:
        return judge(
            found, case.register(), case.rules(), supposed_choice("better-off", "lead")
        ).code

    assert code() == "supported"
    what_if(rules={"trifle.points": 5})
    assert code() == "direction_only"
    what_if(readings={"better-off/lead": "ten_points"})
    assert code() in ("contradicted", "not_identified")
    what_if()
    assert code() == "supported"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"figures": {"ART-99": 1}}, "no figure 'ART-99'. Did you mean 'ART-"),
        ({"figures": {"ART-14": "9"}}, "is no number"),
        ({"figures": {"ART-14": 5000}}, "impossible"),
        ({"rules": {"alhpa": 0.01}}, "Did you mean 'alpha'"),
        ({"rules": {"alpha": 5}}, "alpha 5 is no level"),
        ({"rules": {"trifle.point": 5}}, "Did you mean 'trifle.points'"),
        ({"readings": {"car-27-5/lead": "main"}}, "Did you mean 'car-27-4'"),
        ({"readings": {"car-27-4/laed": "main"}}, "Did you mean 'lead'"),
        ({"readings": {"car-27-4/lead": "strickt"}}, "no reading 'strickt'"),
    ],
)
def test_what_cannot_be_supposed_is_refused_and_changes_nothing(call, message):
    with pytest.raises(InputError) as refused:
        what_if(**call)
    assert message in str(refused.value)
    assert not exile.whatif.anything()


def test_the_names_that_a_notebook_uses_stand_at_the_top():
    assert exile.what_if is what_if and callable(exile.compare)
