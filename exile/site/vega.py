"""Draws charts once, at build time, and packs the library that redraws them in the page."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import vl_convert

from exile.charts import STATIC_WIDTH

VEGA_LITE = "6.4"


def static_svg(spec: dict) -> str:
    """The chart as an SVG element, for pages without JavaScript, print and feeds."""
    fixed = deepcopy(spec)
    _fix_width(fixed)
    # The picture as a whole has its text; its parts need none.
    fixed.setdefault("config", {})["aria"] = False
    svg = vl_convert.vegalite_to_svg(json.dumps(fixed), vl_version=VEGA_LITE)
    return svg[svg.index("<svg") :]


def _fix_width(spec: dict) -> None:
    if spec.get("width") == "container":
        spec["width"] = STATIC_WIDTH


def write_bundle(folder: Path) -> None:
    """Write ``vega.js``: Vega, Vega-Lite and Vega-Embed in one file of the site's own.

    Wrapped in a function, because the bundle's short top-level names would clash
    with those of other scripts on the page.
    """
    bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE)
    path = folder / "vega.js"
    # Written whole or not at all: a build that is stopped must not leave half a library.
    unfinished = path.with_suffix(".part")
    unfinished.write_text(f"(function(){{{bundle}}})();", encoding="utf-8")
    unfinished.replace(path)
