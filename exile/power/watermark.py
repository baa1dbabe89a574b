"""A mark across a chart of made-up numbers."""

from __future__ import annotations

import altair as alt

WATERMARK = "SYNTHETIC – no finding"


def watermark(chart: alt.Chart | alt.LayerChart) -> alt.LayerChart | alt.FacetChart:
    """The chart with a mark across it that says it shows nothing found."""
    words = (
        alt.Chart(alt.Data(values=[{}]))
        .mark_text(
            text=WATERMARK,
            x=alt.expr("width / 2"),
            y=alt.expr("height / 2"),
            angle=340,
            fontSize=alt.expr("clamp(width / 13, 8, 40)"),
            fontWeight="bold",
            opacity=0.16,
        )
        .encode()
    )
    return alt.layer(words, chart)
