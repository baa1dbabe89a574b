"""What chapters hand over: findings and answers, kept in Sphinx's environment by document.

They reach the builder as outputs of executed cells, from the cache as from a fresh run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from exile.audit.ledger import Entry
from exile.publish import ANSWER_MIME, FINDING_MIME
from exile.site import figures


def file_finding(env: BuildEnvironment, told: dict) -> None:
    """File what a chapter, or a release for it, hands over: a finding, and its verdict if known."""
    findings(env).setdefault(env.docname, []).append(told)
    mark_view(env)


class Findings(MimeRenderPlugin):
    """Files a recorded finding under its document."""

    mime_priority_overrides = (("*", FINDING_MIME, 1),)

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, mime: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        if mime.mime_type != FINDING_MIME:
            return None
        file_finding(renderer.renderer.sphinx_env, mime.content)
        return []


class Answers(MimeRenderPlugin):
    """Files the values for an answer under their document."""

    mime_priority_overrides = (("*", ANSWER_MIME, 1),)

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, mime: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        if mime.mime_type != ANSWER_MIME:
            return None
        env = renderer.renderer.sphinx_env
        answers(env).setdefault(env.docname, {})[mime.content["claim"]] = mime.content["values"]
        return []


def entries(env: BuildEnvironment) -> dict[str, Entry]:
    """The ledger, once the chapters are judged."""
    return env.__dict__["exile_ledger"]


def findings(env: BuildEnvironment) -> dict[str, list[dict]]:
    return env.__dict__.setdefault("exile_findings", {})


def answers(env: BuildEnvironment) -> dict[str, dict[str, dict]]:
    return env.__dict__.setdefault("exile_answers", {})


def cards_of(env: BuildEnvironment) -> dict[str, list[str]]:
    return env.__dict__.setdefault("exile_cards", {})


def pages_with_views(env: BuildEnvironment) -> set[str]:
    return env.__dict__.setdefault("exile_views", set())


def mark_view(env: BuildEnvironment) -> None:
    pages_with_views(env).add(env.docname)


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    findings(env).pop(docname, None)
    cards_of(env).pop(docname, None)
    answers(env).pop(docname, None)
    figures.charts(env).pop(docname, None)
    pages_with_views(env).discard(docname)


def merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment):
    for docname in docnames:
        collectors: tuple[Callable[[BuildEnvironment], dict[str, Any]], ...] = (
            findings, cards_of, answers, figures.charts,
        )  # fmt: skip
        for collect in collectors:
            if docname in collect(other):
                collect(env)[docname] = collect(other)[docname]
        if docname in pages_with_views(other):
            pages_with_views(env).add(docname)
