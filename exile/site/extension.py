"""The Sphinx extension: runs chapters, collects their findings, renders claims from them.

Findings reach the builder as outputs of executed cells, from the cache as from a
fresh run, and are kept in Sphinx's environment by document. Every card, table and
export is made from that one collection when the pages are written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.nodes import make_refnode

from exile import case, data
from exile.audit.ledger import Entry, Told, with_microdata
from exile.audit.records import decode, decode_finding, export
from exile.errors import InputError
from exile.limits import MICRODATA
from exile.publish import ANSWER_MIME, FINDING_MIME
from exile.site import cards, execution, figures, restricted, synthesis, vega
from exile.site.figures import Charts  # noqa: F401  (the entry point of pyproject.toml)
from exile.site.sources import SIGN, SourceList, citation_text, publish_tables, secondary, weak_mark
from exile.wording import Amount, printed

VIEWS = (
    "answers", "card", "changes", "ledger", "dashboard", "list", "map", "premises", "requests", "tally",
)  # fmt: skip


class ledger_view(nodes.General, nodes.Element):
    """Stands where something made from the ledger goes, until all chapters are read."""


class Findings(MimeRenderPlugin):
    """Files a recorded finding under its document."""

    mime_priority_overrides = (("*", FINDING_MIME, 1),)

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, mime: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        if mime.mime_type != FINDING_MIME:
            return None
        env = renderer.renderer.sphinx_env
        _findings(env).setdefault(env.docname, []).append(mime.content)
        _mark_view(env)
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
        _answers(env).setdefault(env.docname, {})[mime.content["claim"]] = mime.content["values"]
        return []


class ClaimView(SphinxDirective):
    """What is made from the ledger.

    ``claim-card`` takes a claim id, ``claim-answers`` some, and ``claim-list`` codes of verdicts; ``claim-changes``
    (what a survey's own answers did to the verdicts), ``claim-ledger``,
    ``claim-dashboard``, ``claim-map``, ``claim-premises``, ``claim-requests`` and
    ``claim-tally`` take nothing.
    """

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        view = self.name.removeprefix("claim-")
        node = ledger_view(view=view)
        if view == "list":
            node["codes"] = self.arguments[0].split() if self.arguments else []
            with _located(self.env):
                for code in node["codes"]:
                    _check_code(code)
        if view == "answers":
            node["claims"] = self.arguments[0].split() if self.arguments else []
            with _located(self.env):
                for claim_id in node["claims"]:
                    _check_claim(claim_id)
        if view == "card":
            claim_id = self.arguments[0] if self.arguments else ""
            with _located(self.env):
                _check_claim(claim_id)
            node["claim"] = claim_id
            _cards(self.env).setdefault(self.env.docname, []).append(claim_id)
        _mark_view(self.env)
        return [node]


def _check_claim(claim_id: str) -> None:
    register = case.register()
    if claim_id not in register.claims:
        raise InputError(f"claim '{claim_id}'", "no such claim", register.hint(claim_id))


def _check_code(code: str) -> None:
    known = case.rules().verdicts
    if code not in known:
        raise InputError(f"verdict '{code}'", "no such verdict", f"Use some of {[*known]}.")


class ClaimRole(SphinxRole):
    """``{claim}`text <id>```: a link to where a claim is judged."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        text, claim_id = _title_and_target(self.text)
        with _located(self.env):
            _check_claim(claim_id)
        _mark_view(self.env)
        return [ledger_view(view="reference", claim=claim_id, text=text or claim_id)], []


class StatedRole(SphinxRole):
    """``{stated}`claim-id.name```: a number as the article states it, from the register."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        claim_id, _, name = self.text.partition(".")
        with _located(self.env):
            return [nodes.Text(str(case.stated(claim_id, name)))], []


class SourceRole(SphinxRole):
    """``{source}`id``` or ``{source}`text <id>```: a citation of a source of data."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        text, source_id = _title_and_target(self.text)
        with _located(self.env):
            return [source_node(source_id, text)], []


@contextmanager
def _located(env: BuildEnvironment) -> Iterator[None]:
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
    if source_id == MICRODATA and (survey := restricted.run()):
        return nodes.Text(text or survey["name"])
    node = source_reference("", citation_text(source_id) if not text else text, source=source_id)
    if source_id in secondary():
        node["weak"] = True
    return node


def _findings(env: BuildEnvironment) -> dict[str, list[dict]]:
    return env.__dict__.setdefault("exile_findings", {})


def _answers(env: BuildEnvironment) -> dict[str, dict[str, dict]]:
    return env.__dict__.setdefault("exile_answers", {})


def _cards(env: BuildEnvironment) -> dict[str, list[str]]:
    return env.__dict__.setdefault("exile_cards", {})


def _views(env: BuildEnvironment) -> set[str]:
    return env.__dict__.setdefault("exile_views", set())


def _mark_view(env: BuildEnvironment) -> None:
    _views(env).add(env.docname)


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _findings(env).pop(docname, None)
    _cards(env).pop(docname, None)
    _answers(env).pop(docname, None)
    figures.charts(env).pop(docname, None)
    _views(env).discard(docname)


def merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment):
    for docname in docnames:
        for collect in (_findings, _cards, _answers, figures.charts):
            if docname in collect(other):
                collect(env)[docname] = collect(other)[docname]
        if docname in _views(other):
            _views(env).add(docname)


def judge_chapters(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """On ``env-updated``: build the ledger, and name the pages that it changes.

    Raises
    ------
    ExtensionError
        For unknown claims, conflicts, judged claims without a card, and, where
        the configuration demands it, claims that no chapter has audited. Sphinx
        has written no page by then.
    """
    if getattr(env, "exile_source_page", None) not in env.all_docs:
        raise ExtensionError("no page lists the sources: add a source-list directive to one")
    state = _state(app, env)
    if state == getattr(env, "exile_state", None):
        return []
    try:
        public, microdata = (
            {
                doc: [decode_finding(raw["finding"]) for raw in found if raw["microdata"] is kind]
                for doc, found in sorted(_findings(env).items())
            }
            for kind in (False, True)
        )
        ledger = with_microdata(case.register(), public, microdata, case.rules(), told(env))
        for entry in ledger.values():
            _check_entry(entry, env, app.config.exile_require_all)
    except InputError as problem:
        raise ExtensionError(str(problem)) from None
    env.exile_ledger, env.exile_state = ledger, state
    return sorted(_views(env) & env.all_docs.keys())


def told(env: BuildEnvironment) -> Told:
    """The sentences of the answers, and the values that chapters and the article give them."""
    register = case.register()
    given = {c: v for values in _answers(env).values() for c, v in values.items()}
    values = {
        claim.id: {name: printed(register.stated(claim.id, name)) for name in claim.states}
        | {name: decode(raw, Amount) for name, raw in given.get(claim.id, {}).items()}
        for claim in register.claims.values()
    }
    return Told(values, case.answer_templates())


def _state(app: Sphinx, env: BuildEnvironment) -> str:
    """A hash of all that the ledger's views are made from."""
    folder = data.data_directory()
    parts = [
        json.dumps(
            [_findings(env), _cards(env), _answers(env), app.config.exile_require_all],
            sort_keys=True,
        ),
        json.dumps(case.answer_templates(), sort_keys=True),
        *(
            (folder / name).read_text("utf-8")
            for name in ("claims.yaml", "sources.csv", "article_figures.csv")
        ),
        case.rules().digest,
    ]
    return sha256("\0".join(parts).encode()).hexdigest()


def _check_entry(entry: Entry, env: BuildEnvironment, require_all: bool) -> None:
    claim = entry.claim.id
    if not entry.audited:
        if require_all:
            raise InputError(
                f"claim '{claim}'", "no chapter judges it", "Record a finding in its chapter."
            )
        return
    if claim not in _cards(env).get(entry.chapter, []):
        raise InputError(
            f"{entry.chapter}",
            f"it judges '{claim}' but shows no card of it",
            f"Add a claim-card directive for {claim}.",
        )


def _export(app: Sphinx, env: BuildEnvironment) -> list[dict]:
    pages = {doc: app.builder.get_target_uri(doc) for doc in _findings(env)}
    return export(env.exile_ledger, case.rules(), pages)


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """On ``doctree-resolved``: put the ledger's views and the citations in place."""
    env, rules = app.env, case.rules()

    def link(target: str) -> str:
        return app.builder.get_relative_uri(docname, target)

    source_page = env.exile_source_page

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
                entry = env.exile_ledger[node["claim"]]
                html = cards.card(entry, env.exile_ledger, rules, source_link, link)
            case "answers":
                html = cards.answers(node["claims"], env.exile_ledger, rules)
            case "changes":
                html = synthesis.changes(env.exile_ledger, rules, link)
            case "ledger":
                html = cards.ledger(env.exile_ledger, rules, link)
            case "dashboard":
                html = cards.dashboard(env.exile_ledger, rules, link)
            case "list":
                html = synthesis.claim_list(env.exile_ledger, rules, link, node["codes"])
            case "map":
                html = synthesis.verdict_map(env.exile_ledger, rules, link)
            case "premises":
                html = synthesis.premises(env.exile_ledger, rules, link)
            case "requests":
                html = synthesis.requests(case.register(), env.exile_ledger, rules, link)
            case "tally":
                html = synthesis.tally(env.exile_ledger, rules)
            case "reference":
                chapter = env.exile_ledger[node["claim"]].chapter
                text = nodes.Text(node["text"])
                node.replace_self(
                    make_refnode(app.builder, docname, chapter, node["claim"], text)
                    if chapter
                    else text
                )
                continue
        node.replace_self(nodes.raw("", html, format="html"))


def write_exports(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: ``claims.json`` at the root of the site."""
    if problem is None and app.builder.format == "html":
        text = json.dumps(_export(app, app.env), indent=1, ensure_ascii=False)
        Path(app.outdir, "claims.json").write_text(text + "\n", encoding="utf-8")


def prepare(app: Sphinx, config) -> None:
    """On ``config-inited``: the cache's place, the rules' hash in the footer, the Vega bundle."""
    leave_out_thebe(app)
    execution.set_cache_path(app, config)
    config.html_theme_options["extra_footer"] = (
        f"<p>Verdicts by the declared rules, version <code>{case.rules().digest[:12]}</code>.</p>"
    )
    # The sidebar has a search field; a bar across the page for a second one is too much.
    config.html_theme_options["navbar_persistent"] = []
    bundle = Path(app.outdir).parent / "vega"
    bundle.mkdir(parents=True, exist_ok=True)
    config.html_static_path.append(str(bundle))
    if not (bundle / "vega.js").exists():
        # Packing takes a second, which passes while chapters run.
        packing = ThreadPoolExecutor(1).submit(vega.write_bundle, bundle)
        app.connect("env-updated", lambda *_: packing.result())


def leave_out_thebe(app: Sphinx) -> None:
    """Disconnect the in-page kernels that Jupyter Book always loads.

    They need a server and a CDN, and declare a script constant twice, which is an
    error on every page.
    """
    for listeners in list(app.events.listeners.values()):
        for listener in list(listeners):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)


def setup(app: Sphinx) -> dict:
    app.add_config_value("exile_require_all", False, "env")
    app.add_config_value("exile_parallel_execution", True, "")
    app.add_node(ledger_view)
    app.add_node(source_reference)
    for view in VIEWS:
        app.add_directive(f"claim-{view}", ClaimView)
    app.add_directive("source-list", SourceList)
    app.add_role("claim", ClaimRole())
    app.add_role("stated", StatedRole())
    app.add_role("source", SourceRole())
    app.connect("config-inited", prepare)
    app.connect("env-before-read-docs", execution.execute_stale)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", judge_chapters)
    app.connect("doctree-resolved", resolve)
    app.connect("build-finished", write_exports)
    app.connect("build-finished", publish_tables)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
