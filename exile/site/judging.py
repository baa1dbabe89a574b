"""The page on which a reader judges: the book's own engine in the browser, loaded when asked.

The engine is Pyodide's core from its package, served from the site, with the part of this
package that needs nothing but Python. What it judges is the book's own findings.
"""

from __future__ import annotations

import json
import shutil
import sys
from html import escape
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import exile
from exile import case
from exile.judge import state
from exile.site.cards import HEADLINE_SHAPES
from exile.site.collected import entries
from exile.site.ledger import told

logger = logging.getLogger(__name__)

FOLDER = "judge"
SCRIPT = Path(__file__).parent / "judge.js"
STYLE = Path(__file__).parent / "judge.css"
# Brought by `make book`, from the registry of packages for Node.js.
PYODIDE = Path(sys.prefix) / "browser" / "node_modules" / "pyodide"
ENGINE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip",
          "pyodide-lock.json")  # fmt: skip
MODULES = ("__init__.py", "errors.py", "judge.py", "wording.py", "audit/*.py",
           "statistics/__init__.py", "statistics/intervals.py")  # fmt: skip


class JudgePage(SphinxDirective):
    """``judge-page``: the place where the page's script puts its questions and results."""

    def run(self) -> list[nodes.Node]:
        rules = case.rules()
        words = {
            r.code: {
                "word": r.words.en,
                "meaning": r.words.meaning,
                "shape": HEADLINE_SHAPES[r.code],
            }
            for r in rules.headlines
        }
        settings = {
            "headlines": words,
            "alpha": [rules.alpha, *(a for a in rules.alternatives.alpha if a != rules.alpha)],
            "trifle": [
                rules.trifle.points,
                *(t for t in rules.alternatives.trifle_points if t != rules.trifle.points),
            ],
            "equivalence": [
                rules.equivalence.points,
                *(
                    e
                    for e in rules.alternatives.equivalence_points
                    if e != rules.equivalence.points
                ),
            ],
        }
        html = (
            f'<div id="judge" data-settings="{escape(json.dumps(settings), quote=True)}">'
            "<noscript><p>This page needs JavaScript. With it, you choose what a claim rests on: "
            "its figures, which evidence counts, how its parts are read, how strict the tests "
            "are. The book's own rules then judge it again, in your browser, and show the "
            "headline that each choice would give.</p></noscript></div>"
            f'<link rel="stylesheet" href="../{FOLDER}/judge.css">'
            f'<script type="module" src="../{FOLDER}/judge.js"></script>'
        )
        return [nodes.raw("", html, format="html")]


def write(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: the engine, the findings and the page's script."""
    if problem is not None or app.builder.format != "html":
        return
    pages = [d for d in app.env.all_docs if Path(d).name == FOLDER]
    folder = Path(app.outdir, FOLDER)
    if not pages:
        return
    folder.mkdir(exist_ok=True)
    ledger = entries(app.env)
    telling = told(app.env)
    found = [j.finding for entry in ledger.values() for j in entry.judged]
    held = state(case.register(), case.rules(), found, telling.templates, telling.values)
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    (folder / "state.json").write_text(text, encoding="utf-8")
    (folder / "engine.zip").write_bytes(archive())
    for asset in (SCRIPT, STYLE):
        shutil.copyfile(asset, folder / asset.name)
    if not PYODIDE.is_dir():
        logger.warning(
            "the page 'Judge it yourself' has no engine: run 'make book', which brings it"
        )
        return
    for name in ENGINE:
        target = folder / name
        if not target.exists() or target.stat().st_size != (PYODIDE / name).stat().st_size:
            shutil.copyfile(PYODIDE / name, target)


def archive() -> bytes:
    """The engine's modules as one file, the same bytes for the same sources."""
    package = Path(exile.__file__).parent
    held = BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as out:
        for pattern in MODULES:
            for path in sorted(package.glob(pattern)):
                name = ZipInfo(f"exile/{path.relative_to(package).as_posix()}")
                name.compress_type = ZIP_DEFLATED
                out.writestr(name, path.read_bytes())
    return held.getvalue()


def setup(app: Sphinx) -> dict:
    app.add_directive("judge-page", JudgePage)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
