"""Colours by role: one list for charts and pages, and contrast on both papers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exile.charts import PALETTE, ROLES
from exile.errors import InputError
from exile.site import vega

STATIC = Path(__file__).parents[2] / "book" / "_static"
THEMES = ("light", "dark")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return sum(w * x for w, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("role", [r for r in ROLES if r not in ("paper", "panel", "rule")])
def test_every_role_can_be_seen_on_paper_and_on_a_panel(role, theme):
    marks_only = role in ("line", "sky", "amber", "other")
    for ground in ("paper", "panel"):
        least = 3 if marks_only else 4.5
        assert contrast(ROLES[role][theme], ROLES[ground][theme]) >= least, ground


def test_the_style_sheet_and_the_charts_hold_the_same_values():
    sheet = (STATIC / "tokens.css").read_text(encoding="utf-8")
    light, dark, paper = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r"\{([^{}]*--ink:[^{}]*)\}", sheet)
    )
    assert {r: light[r] for r in ROLES} == {r: values[0] for r, values in ROLES.items()}
    assert {r: dark[r] for r in ROLES} == {r: values[1] for r, values in ROLES.items()}
    assert paper == light


def test_no_other_sheet_sets_a_colour():
    for sheet in STATIC.glob("*.css"):
        if sheet.name != "tokens.css":
            text = re.sub(r"@page \{.*", "", sheet.read_text(encoding="utf-8"))
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", text), sheet.name


def test_a_chart_names_roles():
    spec = {"mark": {"color": PALETTE[0].upper()}, "scale": {"range": PALETTE}, "fill": "white"}
    themed = vega.themed(spec)
    assert themed["mark"]["color"] == "var(--russia)"
    assert all(c.startswith("var(--") for c in themed["scale"]["range"])
    assert themed["fill"] == "var(--paper)"


def test_a_colour_that_is_no_role_is_refused():
    with pytest.raises(InputError, match="no value for the dark theme"):
        vega.themed({"mark": {"color": "#D55E00"}})
