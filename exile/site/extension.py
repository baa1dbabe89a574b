"""The Sphinx extension of the book: what happens when in a build.

Chapters run (:mod:`~exile.site.execution`) and hand over findings
(:mod:`~exile.site.collected`), which are judged together (:mod:`~exile.site.ledger`) and
shown where pages ask for it (:mod:`~exile.site.views`, :mod:`~exile.site.roles`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

import exile
from exile import case, data
from exile.errors import InputError
from exile.site import argument, collected, execution, ledger, roles, vega, views
from exile.site.collected import Answers, Findings  # noqa: F401  (entry points, see pyproject.toml)
from exile.site.figures import Charts  # noqa: F401  (another)
from exile.site.guard import digest
from exile.site.sources import SourceList, publish_tables


def prepare(app: Sphinx, config) -> None:
    """On ``config-inited``: the cache's place, the rules' hash in the footer, the Vega bundle."""
    leave_out_thebe(app)
    try:
        version = case.rules().digest[:12]
        # What all chapters read is refused once, here, and not by each chapter's kernel.
        case.register()
        data.table_paths()
        data.sources()
    except InputError as problem:
        raise ExtensionError(str(problem)) from None
    execution.set_cache_path(app, config)
    config.exile_inputs = digest_of_inputs()
    config.html_theme_options["extra_footer"] = (
        f"<p>Verdicts by the declared rules, version <code>{version}</code>.</p>"
    )
    # The sidebar has a search field; a bar across the page for a second one is too much.
    config.html_theme_options["navbar_persistent"] = []
    vega.keep_in(Path(app.outdir).parent / "pictures")
    bundle = Path(app.outdir).parent / "vega"
    bundle.mkdir(parents=True, exist_ok=True)
    config.html_static_path.append(str(bundle))
    if not (bundle / "vega.js").exists():
        # Packing takes a second, which passes while chapters run.
        packing = ThreadPoolExecutor(1).submit(vega.write_bundle, bundle)
        app.connect("env-updated", lambda *_: packing.result())


def digest_of_inputs() -> str:
    """Of package and data. When it changes, Sphinx reads all pages anew, and runs none of them."""
    package, tables = Path(exile.__file__).parent, data.data_directory()
    return digest(
        [
            *(p for p in package.rglob("*") if "__pycache__" not in p.parts),
            *(p for p in tables.rglob("*") if p.suffix != ".md"),
        ]
    )


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
    app.setup_extension("exile.site.guard")
    app.add_config_value("exile_require_all", False, "env")
    app.add_config_value("exile_inputs", "", "env")
    app.add_node(roles.ledger_view)
    app.add_node(roles.source_reference)
    for view in views.VIEWS:
        app.add_directive(f"claim-{view}", views.ClaimView)
    app.add_directive("source-list", SourceList)
    app.add_node(argument.argued)
    app.add_node(argument.amount)
    app.add_directive("argued", argument.Argued)
    app.add_role("amount", argument.AmountRole())
    app.add_role("claim", roles.ClaimRole())
    app.add_role("stated", roles.StatedRole())
    app.add_role("source", roles.SourceRole())
    app.connect("config-inited", prepare)
    app.connect("env-get-outdated", execution.find_stale)
    app.connect("env-before-read-docs", execution.execute_stale)
    app.connect("env-purge-doc", collected.purge)
    app.connect("env-merge-info", collected.merge)
    app.connect("env-updated", ledger.judge_chapters)
    app.connect("doctree-resolved", argument.resolve)
    app.connect("doctree-resolved", views.resolve)
    app.connect("build-finished", ledger.write_exports)
    app.connect("build-finished", publish_tables)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
