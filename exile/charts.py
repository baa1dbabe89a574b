"""One look for all charts: fonts, colours by role, and the size that pages and phones share."""

from __future__ import annotations

import altair as alt

# Each colour has one meaning throughout the book, by role: its light value, its dark value.
# A chart names the light one, so that a notebook draws it anywhere; a page replaces it by the
# role (see exile.site.vega), so that a change of theme redraws nothing.
ROLES = {
    "ink": ("#16202a", "#edf1f5"),
    "muted": ("#56616d", "#aab6c2"),
    "line": ("#7f8994", "#7c8894"),
    "rule": ("#d9d4c9", "#36414d"),
    "paper": ("#ffffff", "#14191f"),
    "panel": ("#f5f3ee", "#1c232b"),
    "migrants": ("#ae4406", "#ff9c5b"),
    "russia": ("#0b62a4", "#74baf5"),
    "hosts": ("#7d35e8", "#a970ff"),
    "other": ("#68737f", "#98a4b0"),
    # Further series, for what is none of the above: a second reading, an age, a wave.
    "sky": ("#1c79b3", "#b7dcff"),
    "amber": ("#946200", "#f0c060"),
    "rose": ("#b8407f", "#ff9ccb"),
    "teal": ("#0b7d69", "#57d0b8"),
    # Headlines: what others bear out, what they contradict, the article's own, what is open.
    "v-shown": ("#0f6b5c", "#57d0b8"),
    "v-against": ("#b3123b", "#ff8fa0"),
    "v-own": ("#7a5900", "#e3bf5c"),
    "v-open": ("#56616d", "#aab6c2"),
}
INK, MUTED, LINE, RULE, PAPER = (ROLES[r][0] for r in ("ink", "muted", "line", "rule", "paper"))
# The article speaks in ink: its numbers are what everything is compared with.
ARTICLE = INK
MIGRANTS, RUSSIA, HOSTS, OTHER = (ROLES[r][0] for r in ("migrants", "russia", "hosts", "other"))
SKY, AMBER, ROSE, TEAL = (ROLES[r][0] for r in ("sky", "amber", "rose", "teal"))
PALETTE = [RUSSIA, MIGRANTS, TEAL, ROSE, AMBER, SKY, OTHER]

# Width of the static pictures; live charts fill the column that they stand in.
STATIC_WIDTH = 680


# Enabled by exile.publish.show for each chart, never for a reader's whole session.
THEME = "exile"


@alt.theme.register(THEME, enable=False)
def _theme() -> alt.theme.ThemeConfig:
    font = "'Source Sans 3', system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
    return {
        "width": "container",
        "height": 260,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": "transparent",
        "padding": {"left": 4, "right": 12, "top": 6, "bottom": 4},
        "config": {
            "font": font,
            "view": {"stroke": None},
            "mark": {"color": RUSSIA},
            "text": {"color": INK, "fontSize": 13},
            "axis": {
                "labelFontSize": 13,
                "labelColor": MUTED,
                "titleFontSize": 13,
                "titleFontWeight": "normal",
                "titlePadding": 8,
                "titleColor": MUTED,
                "grid": True,
                "gridColor": RULE,
                "domain": False,
                "ticks": False,
                "labelPadding": 6,
                "labelLimit": 240,
            },
            "axisX": {"labelAngle": 0},
            # Where labels would touch, every other one goes.
            "axisQuantitative": {"labelOverlap": "greedy", "labelSeparation": 8},
            "legend": {
                "orient": "top",
                "title": None,
                "labelFontSize": 13,
                "labelColor": INK,
                "symbolStrokeWidth": 2,
                "labelLimit": 320,
            },
            "header": {"labelFontSize": 13, "labelColor": INK, "title": None},
            "range": {"category": PALETTE},
            "rule": {"strokeWidth": 2},
            "point": {"filled": True, "size": 70},
        },
    }
