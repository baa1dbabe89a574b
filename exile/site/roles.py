"""What prose says by role: a claim, a number of the article, a source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxRole

from exile import case
from exile.errors import InputError
from exile.limits import MICRODATA
from exile.site import restricted
from exile.site.collected import mark_view
from exile.site.sources import citation_text, secondary


class ledger_view(nodes.General, nodes.Element):
    """Stands where something made from the ledger goes, until all chapters are read."""


class ClaimRole(SphinxRole):
    """``{claim}`text <id>```: a link to where a claim is judged."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        text, claim_id = _title_and_target(self.text)
        with located(self.env):
            check_claim(claim_id)
        mark_view(self.env)
        return [ledger_view(view="reference", claim=claim_id, text=text or claim_id)], []


class StatedRole(SphinxRole):
    """``{stated}`claim-id.name```: a number as the article states it, from the register."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        claim_id, _, name = self.text.partition(".")
        with located(self.env):
            return [nodes.Text(str(case.stated(claim_id, name)))], []


class SourceRole(SphinxRole):
    """``{source}`id``` or ``{source}`text <id>```: a citation of a source of data."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        text, source_id = _title_and_target(self.text)
        with located(self.env):
            return [source_node(source_id, text)], []


def check_claim(claim_id: str) -> None:
    register = case.register()
    if claim_id not in register.claims:
        raise InputError(f"claim '{claim_id}'", "no such claim", register.hint(claim_id))


@contextmanager
def located(env: BuildEnvironment) -> Iterator[None]:
    """Stops the build, naming the page, before anything is written."""
    try:
        yield
    except InputError as problem:
        raise ExtensionError(f"{env.docname}: {problem}") from None


def _title_and_target(text: str) -> tuple[str, str]:
    """``text <target>`` taken apart; the text is empty where only a target is given."""
    title, _, target = text.rpartition("<")
    return title.strip(), target.rstrip(">").strip()


class source_reference(nodes.Inline, nodes.TextElement):
    """A citation, linked once the page of sources is known."""


def source_node(source_id: str, text: str = "") -> nodes.Node:
    if source_id == MICRODATA and (survey := restricted.release()):
        return nodes.Text(text or survey.run.survey)
    node = source_reference("", citation_text(source_id) if not text else text, source=source_id)
    if source_id in secondary():
        node["weak"] = True
    return node
