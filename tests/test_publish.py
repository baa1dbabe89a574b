"""What may not go on a page is refused in the chapter, with a reason."""

from __future__ import annotations

import altair as alt
import pandas as pd
import pytest

from exile.errors import InputError
from exile.limits import MAX_ROWS
from exile.publish import say, show

FINE = {
    "title": "Shares rise",
    "alt_text": "The share rises from the first wave to the last.",
    "sources": ["article"],
    "dates": "2022",
}


def chart(rows: pd.DataFrame) -> alt.Chart:
    return alt.Chart(rows).mark_point().encode(x="wave:N", y="share:Q")


def frame(n: int = 3, **columns) -> pd.DataFrame:
    return pd.DataFrame({"wave": range(n), "share": 0.5} | columns)


def test_a_good_chart_is_shown(monkeypatch):
    monkeypatch.setenv("EXILE_BUILD", "1")
    shown = []
    monkeypatch.setattr("exile.publish.display", lambda bundle, raw: shown.append(bundle))
    show(chart(frame()), **FINE)
    (payload,) = shown[0].values()
    assert payload["title"] == FINE["title"]
    assert payload["sources"] == ["article"]


@pytest.mark.parametrize(
    ("rows", "changes", "message"),
    [
        (frame(MAX_ROWS + 1), {}, f"{MAX_ROWS + 1} rows of data"),
        (frame(respondent_id=7), {}, "column 'respondent_id' may single out a person"),
        (frame(town="X"), {}, "column 'town' may single out a person"),
        (frame(age=30), {}, "column 'age' is embedded but not drawn"),
        (frame(), {"alt_text": ""}, "no alternative text"),
        (frame(), {"sources": ["nobody"]}, r"unknown or no sources \['nobody'\]"),
        (frame(), {"sources": []}, "unknown or no sources"),
    ],
)
def test_a_chart_that_may_not_be_published_is_refused(rows, changes, message):
    with pytest.raises(InputError, match=message):
        show(chart(rows), **FINE | changes)


def test_rows_inside_a_layer_are_seen_too():
    inner = alt.Chart(alt.InlineData(values=[{"wave": 1, "share": 0.5, "idno": 3}]))
    layered = alt.layer(chart(frame()), inner.mark_point().encode(x="wave:N", y="share:Q"))
    with pytest.raises(InputError, match="column 'idno'"):
        show(layered, **FINE)


def test_prose_quotes_text_only():
    with pytest.raises(InputError, match="phrase 'gap': it is not text"):
        say(gap=0.23)


def test_shapes_may_carry_a_name_and_nothing_else():
    def land(**properties) -> alt.Chart:
        ring = [[0, 0], [0, 1], [1, 1], [0, 0]]
        feature = {
            "type": "Feature",
            "properties": {"name": "X"} | properties,
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        values = {"type": "FeatureCollection", "features": [feature]}
        return alt.Chart(
            alt.InlineData(values=values, format=alt.DataFormat(property="features", type="json"))
        ).mark_geoshape()

    show(land(), **FINE)
    with pytest.raises(InputError, match="shapes that carry data"):
        show(land(respondents=[1, 2]), **FINE)
