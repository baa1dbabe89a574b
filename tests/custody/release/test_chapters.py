"""Nothing that a cell writes past the door reaches a release: it is dropped and named."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

import pytest

from exile.custody.release import chapters
from exile.errors import InputError
from tests.custody.release.people import people, released, run_of, survey

BEGIN = """
import altair as alt
import pandas as pd
from IPython.display import display
from exile.custody.release.survey import held
from exile.publish import show
survey = held()
cells = survey._topic(["before_rally"])
rows = cells.loc[cells.index.repeat(cells["n"])]
"""
IDIOMS = {
    "head": ("rows.head()", "value"),
    "a printed frame": ("print(rows.head(35))", "stdout"),
    "crosstab": ('pd.crosstab(rows["host"], rows["after_rally"])', "value"),
    "value_counts": ('rows["host"].value_counts()', "value"),
    "groupby and size": ('display(rows.groupby(["sex", "host"]).size())', "stdout"),
    "describe": ("rows.describe(include='all')", "value"),
    "a chart": ("alt.Chart(rows).mark_bar().encode(x='host:N')", "value"),
    "a shown chart": ("alt.Chart(rows).mark_bar().encode(x='host:N').display()", "stdout"),
    "a warning": ("import sys; sys.stderr.write(str(rows))", "stdout|stderr|value"),
    "an f-string": ('f"{len(rows)} people"', "value"),
}
ANSWERS = people(600, 3)


@pytest.mark.parametrize("idiom", IDIOMS)
def test_usual_idioms_release_nothing(idiom):
    code, kinds = IDIOMS[idiom]
    outputs, _, dropped = released(survey(ANSWERS), BEGIN, code)
    assert outputs == ()
    assert dropped
    for line in dropped:
        assert re.fullmatch(rf"dropped: ({kinds}) of cell 2 of activism", line)


ERRORS = {
    "a message": ("raise ValueError(str(rows))", "ValueError"),
    "a key": ("rows.set_index('host').loc[list(rows['host'])[0] * 2]", "KeyError"),
    "a chain": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError(rows) from e",
        "KeyError",
    ),
    "leaving": ("raise SystemExit(str(rows))", "SystemExit"),
    "an error of ours": ("survey.table('tattoo')", "InputError"),
}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_tells_its_type_and_place_alone(error):
    code, kind = ERRORS[error]
    with pytest.raises(InputError) as caught:
        released(survey(ANSWERS), BEGIN, f"x = 1\n{code}")
    problem, said = caught.value, str(caught.value)
    assert f"it ended in {kind}" in said and "cell 2 of activism" in said
    assert problem.__cause__ is None and problem.__context__ is None
    assert not set(ANSWERS["host"]) & set(re.findall(r"\w+", said))


def test_a_label_or_sentence_takes_no_word_from_the_answers():
    for code in (
        'survey.say(" ".join(rows["host"].head()))',
        'survey.say(f"{len(rows)} people")',
        'survey.share("after_rally", "yes", label=rows["host"].iloc[0] + "!")',
        'survey.say(str(rows["n"].sum()))',
    ):
        with pytest.raises(InputError, match="InputError"):
            released(survey(ANSWERS), BEGIN, code)


def test_what_is_declared_leaves():
    outputs, _, dropped = released(
        survey(ANSWERS), BEGIN,
        'survey.say("Rallied after: {share}.", share=survey.share("after_rally", "yes", label="x"))',
    )  # fmt: skip
    assert not dropped
    assert re.fullmatch(r"Rallied after: \d+\W% \(\d+ to \d+\W%\), n ≈ \d+0.*\.", outputs[0].text)


def test_the_neutral_sentence_is_one_whatever_the_reason():
    """A small cell, a dominated row, a partner, a model and an unstable verdict read alike."""
    code = (
        BEGIN
        + """
survey.record(
    "rallies-49-26", "fall", "respondents",
    survey.change("before_rally", "after_rally", label="x"),
)
survey.record(
    "women-more-active", "demonstrating", "respondents",
    survey.gap("after_rally", "yes", "sex", ("woman", "man"), label="x"),
)
survey.record(
    "prior-activism-predicts", "link", "respondents",
    survey.odds_ratio("after_rally", "before_rally", "yes", ("sex", "host"), label="x"),
)
"""
    )
    texts = set()
    for seed in range(6):
        outputs, _, _ = released(survey(people(150, seed)), code)
        texts |= {o.text for o in outputs if not o.estimates}
    assert texts == {"The numbers behind this are not shown."}


def test_no_p_value_and_no_exact_count_leaves():
    answers = people(523, 4)
    outputs, _, _ = released(survey(answers), chapters.cells(
        (chapters.chapters_folder() / "activism.md").read_text(encoding="utf-8"))[0])  # fmt: skip
    text = json.dumps([asdict(o) for o in outputs])
    assert "523" not in text and '"p_value"' not in text
    for output in outputs:
        assert all(c.about is None or c.about % 10 == 0 for c in output.cells)


def test_made_up_people_get_no_verdict():
    real, _, _ = released(survey(people(3000, 1)), ASKING)
    made_up, _, _ = released(survey(people(3000, 1), synthetic=True, grade=None), ASKING)
    assert real[0].verdict is not None
    assert made_up[0].verdict is None and "Made-up" in made_up[0].text
    assert run_of(ANSWERS).synthetic is False


ASKING = (
    BEGIN
    + """
survey.record(
    "trust-each-other", "each_other", "respondents",
    survey.share("trust_emigrants", "yes", label="trust"),
)
"""
)
