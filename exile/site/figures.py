"""A chart on its page: finding, picture, sources; and the page that shows it alone."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer
from sphinx.environment import BuildEnvironment

from exile.publish import CHART_MIME
from exile.site import vega

FOLDER = "charts"


class Charts(MimeRenderPlugin):
    """Sets a chart as a figure with an address of its own."""

    mime_priority_overrides = (("*", CHART_MIME, 1),)

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, mime: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        if mime.mime_type != CHART_MIME:
            return None
        env = renderer.renderer.sphinx_env
        held = charts(env).setdefault(env.docname, [])
        held.append(mime.content)
        return figure(mime.content, env.docname, len(held))


def charts(env: BuildEnvironment) -> dict[str, list[dict]]:
    """What chapters have drawn, by document and in order."""
    return env.__dict__.setdefault("exile_charts", {})


def address(docname: str, number: int) -> str:
    """Where a chart stands alone, from the root of the site."""
    return f"{FOLDER}/{Path(docname).name}-{number}.html"


def figure(chart: dict, docname: str, number: int) -> list[nodes.Node]:
    """A chart as nodes; its sources become links when the page of sources is known."""
    from exile.site.roles import source_node

    up = "../" * docname.count("/")
    before, after = frame(chart, number, up + address(docname, number))
    line = nodes.paragraph("", "")
    line += nodes.Text("Source: ")
    for position, source in enumerate(chart["sources"]):
        if position:
            line += nodes.Text("; ")
        line += source_node(source)
    line += nodes.Text(f". Data: {chart['dates']}.")
    return [nodes.raw("", before, format="html"), line, nodes.raw("", after, format="html")]


def frame(chart: dict, number: int, alone: str) -> tuple[str, str]:
    """The figure's HTML before and after its line of sources."""
    spec = vega.themed(chart["spec"])
    # "</" inside JSON strings must not close the script element.
    packed = json.dumps(spec, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    # The picture as a whole has its text; its hundred parts have none.
    still = vega.static_svg(spec).replace("<svg", '<svg aria-hidden="true"', 1)
    how = escape(chart["how_to_read"])
    how = f'<details class="chart-how"><summary>How to read this chart</summary>{how}</details>'
    before = (
        f'<figure class="chart" id="chart-{number}" data-address="{alone}">'
        f'<figcaption class="chart-title">{escape(chart["title"])}</figcaption>'
        f'<div class="chart-picture" role="img" aria-label="{escape(chart["alt"], quote=True)}">'
        f"{still}</div>"
        f'<script type="application/json" class="chart-spec">{packed}</script>'
        '<div class="chart-source">'
    )
    return before, f"</div>{how if chart['how_to_read'] else ''}</figure>"
