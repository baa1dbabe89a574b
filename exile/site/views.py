"""What pages show of the ledger: directives, and the nodes that they leave until it is made."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from exile import case
from exile.limits import MICRODATA
from exile.site import cards, synthesis
from exile.site.collected import cards_of, entries, mark_view
from exile.site.roles import check_claim, ledger_view, located, source_reference
from exile.site.sources import SIGN, weak_mark

VIEWS = ("answers", "card", "changes", "ledger", "premises", "requests")


class ClaimView(SphinxDirective):
    """What is made from the ledger.

    ``claim-card`` takes a claim id, ``claim-answers`` some; ``claim-changes`` (what a survey's
    own answers did to the verdicts), ``claim-ledger``, ``claim-premises`` and
    ``claim-requests`` take nothing.
    """

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        view = self.name.removeprefix("claim-")
        node = ledger_view(view=view)
        if view == "answers":
            node["claims"] = self.arguments[0].split() if self.arguments else []
            with located(self.env):
                for claim_id in node["claims"]:
                    check_claim(claim_id)
        if view == "card":
            claim_id = self.arguments[0] if self.arguments else ""
            with located(self.env):
                check_claim(claim_id)
            node["claim"] = claim_id
            cards_of(self.env).setdefault(self.env.docname, []).append(claim_id)
        mark_view(self.env)
        return [node]


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """On ``doctree-resolved``: put the ledger's views and the citations in place."""
    env, rules = app.env, case.rules()

    def link(target: str) -> str:
        return app.builder.get_relative_uri(docname, target)

    source_page = env.__dict__["exile_source_page"]

    def source_link(source_id: str) -> str:
        if source_id == MICRODATA:
            return "the survey's own file"
        address = f"{link(source_page)}#source-{escape(source_id)}"
        return f'<a href="{address}">{escape(source_id)}</a>{weak_mark(source_id)}'

    for node in list(doctree.findall(source_reference)):
        text = nodes.Text(node.astext())
        to_source = make_refnode(
            app.builder, docname, source_page, f"source-{node['source']}", text
        )
        sign = [nodes.raw("", SIGN, format="html")] if node.get("weak") else []
        node.replace_self([to_source, *sign])
    for node in list(doctree.findall(ledger_view)):
        match node["view"]:
            case "card":
                entry = entries(env)[node["claim"]]
                html = cards.card(entry, entries(env), rules, source_link, link)
            case "answers":
                html = cards.answers(node["claims"], entries(env), rules)
            case "changes":
                html = synthesis.changes(entries(env), rules, link)
            case "ledger":
                html = cards.ledger(entries(env), rules, link)
            case "premises":
                html = synthesis.premises(entries(env), rules, link)
            case "requests":
                html = synthesis.requests(case.register(), entries(env), rules, link)
            case "reference":
                chapter = entries(env)[node["claim"]].chapter
                text = nodes.Text(node["text"])
                node.replace_self(
                    make_refnode(app.builder, docname, chapter, node["claim"], text)
                    if chapter
                    else text
                )
                continue
        node.replace_self(nodes.raw("", html, format="html"))
