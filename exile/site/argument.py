"""Prose that stands only while the verdicts do.

The synthesis argues from headlines. Each paragraph names those that it rests on; when one of
them has moved, the answers of its claims stand in the paragraph's place, so that the argument
can't outlive its evidence.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from exile import case
from exile.errors import InputError
from exile.site.collected import entries, mark_view
from exile.site.roles import check_claim, located
from exile.site.themes import themes


class argued(nodes.General, nodes.Element):
    """A paragraph, and the headlines under which it may stand."""


class amount(nodes.Inline, nodes.Element):
    """A value of a claim's answer, once chapters have handed it over."""


class Argued(SphinxDirective):
    """``argued claim headline …, claim headline …``: the content stands only while each claim
    has one of the headlines named after it."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        node = argued(premises=[])
        for premise in self.arguments[0].split(","):
            claim, *codes = premise.split()
            with located(self.env):
                check_claim(claim)
                _check_headlines(claim, codes)
            node["premises"].append((claim, tuple(codes)))
        self.state.nested_parse(self.content, self.content_offset, node)
        mark_view(self.env)
        return [node]


class AmountRole(SphinxRole):
    """``{amount}`claim.value```: a value of the claim's answer."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        claim, _, name = self.text.partition(".")
        with located(self.env):
            check_claim(claim)
        mark_view(self.env)
        return [amount(claim=claim, name=name)], []


def _check_headlines(claim: str, codes: list[str]) -> None:
    known = [r.code for r in case.rules().headlines]
    if not codes or (wrong := set(codes) - set(known)):
        said = f"no headline '{min(wrong)}'" if codes else "names no headline"
        raise InputError(f"argued '{claim}'", said, f"Use some of: {', '.join(known)}.")


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """On ``doctree-resolved``: keep a paragraph, or put the answers in its place."""
    held = [*doctree.findall(argued)]
    if not held and not [*doctree.findall(amount)]:
        return
    # At import, the ledger would import the views, which import this.
    from exile.site.ledger import told

    ledger, values = entries(app.env), told(app.env).values
    for node in held:
        premises = [(ledger[claim], codes) for claim, codes in node["premises"]]
        if all(e.headline and e.headline.code in codes for e, codes in premises):
            links = "; ".join(
                f'<a href="{"../" * docname.count("/")}claims/{e.claim.id}/index.html">'
                f"{escape(themes().name(e.claim.id))}</a>"
                for e, _ in premises
            )
            of = nodes.raw("", f' <span class="argued-of">{links}</span>', format="html")
            node.children[-1] += of
            node.replace_self(node.children)
        else:
            said = " ".join(e.answers.get("en", "") for e, _ in premises)
            node.replace_self(nodes.raw("", f"<p>{escape(said)}</p>", format="html"))
    for node in list(doctree.findall(amount)):
        given = values[node["claim"]]
        if node["name"] not in given:
            with located(app.env):
                raise InputError(
                    f"{docname}, amount '{node['claim']}.{node['name']}'",
                    "no such value",
                    f"Values given: {', '.join(sorted(given)) or 'none'}.",
                )
        node.replace_self(nodes.Text(given[node["name"]].text("en")))
