"""One look for all charts: fonts, colours, and the size that pages and phones share."""

from __future__ import annotations

import altair as alt

# Okabe and Ito's palette, which people with the common colour deficiencies can tell
# apart. Each colour has one meaning throughout the book.
MIGRANTS = "#D55E00"
RUSSIA = "#0072B2"
ARTICLE = "#1A1A1A"
OTHER = "#7A7A7A"
PALETTE = [RUSSIA, MIGRANTS, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", OTHER]

# Width of the static pictures; live charts fill the column that they stand in.
STATIC_WIDTH = 680


@alt.theme.register("exile", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
    return {
        "width": "container",
        "height": 260,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": "transparent",
        "padding": {"left": 4, "right": 12, "top": 6, "bottom": 4},
        "config": {
            "font": font,
            "view": {"stroke": None},
            "axis": {
                "labelFontSize": 12,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
                "grid": True,
                "gridColor": "#8884",
                "domain": False,
                "ticks": False,
                "labelPadding": 6,
                "labelLimit": 220,
            },
            "axisX": {"labelAngle": 0},
            "legend": {
                "orient": "top",
                "title": None,
                "labelFontSize": 12,
                "symbolStrokeWidth": 2,
                "labelLimit": 260,
            },
            "header": {"labelFontSize": 12, "title": None},
            "range": {"category": PALETTE},
            "rule": {"strokeWidth": 2},
            "point": {"filled": True, "size": 70},
        },
    }
