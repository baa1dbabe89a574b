"""Draws charts once, at build time, and packs the library that redraws them in the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import vl_convert

from exile.charts import ROLES, STATIC_WIDTH
from exile.errors import InputError

VEGA_LITE = "6.4"
VL_CONVERT = version("vl-convert-python")
FONTS = Path(__file__).parent / "fonts"
# The pictures are set in the pages' own letters, so that their widths are what they seem.
vl_convert.register_font_directory(str(FONTS))

# From a colour that a chart names to its role. The first role of a colour is its meaning.
BY_COLOUR = {light: role for role, (light, _) in reversed(ROLES.items())} | {
    "white": "paper",
    "#fff": "paper",
    "black": "ink",
    "#000": "ink",
}
COLOUR = re.compile(r"#[0-9a-f]{3,8}")
_folder: Path | None = None


# Marks that say something; a tint behind them (a rectangle, an area) may be as faint as it likes.
SOLID = frozenset(["bar", "rule", "point", "circle", "tick", "line", "square"])
LEAST_OPACITY = 0.9


def themed(spec: dict) -> dict:
    """The chart with a role in place of each colour, which the page's style sheet resolves.

    Marks that are too faint to keep their colour's contrast are drawn more firmly.

    Raises
    ------
    InputError
        For a colour that is no role: it would be lost in one of the two themes.
    """

    def walk(value):
        match value:
            case dict():
                made = {key: walk(child) for key, child in value.items()}
                if made.get("type") in SOLID and 0.3 <= made.get("opacity", 1) < LEAST_OPACITY:
                    made["opacity"] = LEAST_OPACITY
                return made
            case list():
                return [walk(child) for child in value]
            case str() if role := BY_COLOUR.get(value.lower()):
                return f"var(--{role})"
            case str() if COLOUR.fullmatch(value.lower()):
                raise InputError(
                    f"colour '{value}' in a chart",
                    "it has no value for the dark theme",
                    "Use a role of exile.charts, such as charts.RUSSIA or charts.SKY.",
                )
        return value

    return walk(spec)


def static_svg(spec: dict, width: int = STATIC_WIDTH) -> str:
    """The chart as an SVG element, for pages without JavaScript, print and feeds."""
    text, version = _fixed(spec, width)

    def draw() -> bytes:
        svg = vl_convert.vegalite_to_svg(text, vl_version=version)
        # Every picture numbers its clips from one; on a page they stand side by side.
        own = sha256(text.encode()).hexdigest()[:8]
        svg = re.sub(r'(id="|url\(#)clip', rf"\1clip-{own}-", svg)
        return svg[svg.index("<svg") :].encode()

    return _kept(f"{text}{version} own clips", "svg", draw).decode()


def static_png(spec: dict, width: int = STATIC_WIDTH, scale: float = 1.5) -> bytes:
    """The chart as a picture, for notebooks."""
    text, version = _fixed(spec, width)
    return _kept(
        f"{text}{version}{scale}",
        "png",
        lambda: vl_convert.vegalite_to_png(text, vl_version=version, scale=scale),
    )


def keep_in(folder: Path) -> None:
    """From now on, keep pictures by a hash of what they are drawn from."""
    global _folder
    folder.mkdir(parents=True, exist_ok=True)
    _folder = folder


def _kept(drawn_from: str, kind: str, draw: Callable[[], bytes]) -> bytes:
    if _folder is None:
        return draw()
    digest = sha256(f"{VL_CONVERT}{drawn_from}".encode()).hexdigest()[:32]
    path = _folder / f"{digest}.{kind}"
    if not path.is_file():
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(draw())
        unfinished.replace(path)
    return path.read_bytes()


def _fixed(spec: dict, width: int) -> tuple[str, str]:
    """The specification at a width of its own, and the version that it was written for."""
    fixed = deepcopy(spec)
    if fixed.get("width") == "container":
        fixed["width"] = width
    # The picture as a whole has its text; its parts need none.
    fixed.setdefault("config", {})["aria"] = False
    written = re.search(r"/v(\d+)\.", str(fixed.get("$schema", "")))
    # Older versions of Altair write for Vega-Lite 5.
    version = VEGA_LITE if not written or written[1] == VEGA_LITE[0] else "5.20"
    return json.dumps(fixed), version


def write_bundle(folder: Path) -> None:
    """Write ``vega.js``: Vega, Vega-Lite and Vega-Embed in one file of the site's own.

    Wrapped in a function, because the bundle's short top-level names would clash
    with those of other scripts on the page.
    """
    bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE)  # type: ignore[call-arg]
    path = folder / "vega.js"
    # Written whole or not at all: a build that is stopped must not leave half a library.
    unfinished = path.with_suffix(".part")
    unfinished.write_text(f"(function(){{{bundle}}})();", encoding="utf-8")
    unfinished.replace(path)
