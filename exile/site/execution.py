"""Runs stale chapters, several at once, before Sphinx reads them.

MyST-NB runs notebooks one after another while it reads, and its cache knows only the
text of their cells. Here a chapter's outputs are kept with what they rest on (see
:mod:`exile.site.changes`): it runs again when its code or any of that is different,
and then several chapters run at a time.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.read import create_nb_reader
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

from exile.data import reads
from exile.errors import InputError
from exile.publish import ANSWER_MIME, CHART_MIME, FINDING_MIME
from exile.site import changes
from exile.site.kernels import use_forked_kernels

logger = logging.getLogger(__name__)

# Run after a chapter's own cells; it leaves no trace in the notebook.
LAST_CELL = "from exile.data import reads\nreads.report()"
RUNS_CODE = "file_format: mystnb"


@dataclass(frozen=True)
class Stale:
    """A chapter that is to run, and why."""

    path: Path
    notebook: NotebookNode
    because: str


def set_cache_path(app: Sphinx, config) -> None:
    """On ``config-inited``: where outputs are kept. None rests on a survey's own file."""
    config.nb_execution_cache_path = str(Path(app.outdir).parent / ".jupyter_cache")


def find_stale(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """On ``env-get-outdated``: chapters whose outputs rest on something that is different now."""
    try:
        env.__dict__["exile_stale"] = _stale(app, env)
    except InputError as problem:
        raise ExtensionError(str(problem)) from None
    return [*env.__dict__["exile_stale"]]


def execute_stale(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """On ``env-before-read-docs``: run the chapters found to be stale.

    Raises
    ------
    ExtensionError
        Naming each chapter with a failing cell; nothing has been written then.
    """
    stale: dict[str, Stale] = env.__dict__.pop("exile_stale", {})
    if not stale:
        return
    os.environ["EXILE_BUILD"] = "1"  # kernels inherit it: see exile.publish
    use_forked_kernels()
    workers = min(len(stale), os.cpu_count() or 1)
    logger.info("executing %d chapters, %d at a time", len(stale), workers)
    # What has the most to do starts first, so that nothing long is left for the end.
    first = sorted(stale, key=lambda name: -sum(len(c.source) for c in stale[name].notebook.cells))
    failures = []
    with ThreadPoolExecutor(workers) as pool:
        for name, result in zip(first, pool.map(lambda n: _run(app, stale[n]), first), strict=True):
            if isinstance(result, str):
                failures.append(result)
                continue
            logger.info("  %s ran in %.1f s: %s", name, result.time, stale[name].because)
            _keep(app, name, stale[name], result)
    if failures:
        raise ExtensionError("\n\n".join(failures))


def _stale(app: Sphinx, env: BuildEnvironment) -> dict[str, Stale]:
    cache = get_cache(app.config.nb_execution_cache_path)
    seen, inputs = _seen(app), app.config.exile_inputs
    stale = {}
    for name in sorted(env.found_docs):
        path = Path(env.doc2path(name))
        text = path.read_text("utf-8")
        if RUNS_CODE not in text[:500]:
            continue
        digest = sha256(path.read_bytes()).hexdigest()
        notebook = None
        known = seen.get(name, {})
        if known.get("text") != digest or not _kept(app, known["code"]).is_file():
            notebook = read_chapter(env, name)
            if notebook is None:
                continue
            try:
                known = {"text": digest, "code": cache.match_cache_notebook(notebook).hashkey}
            except KeyError:
                stale[name] = Stale(path, notebook, "its code is new")
                continue
            if _kept(app, known["code"]).is_file():
                seen[name] = known
        kept = _kept(app, known["code"])
        if not kept.is_file():
            because = ["it is not known what its outputs rest on"]
        else:
            rests_on = json.loads(kept.read_text("utf-8"))
            because = changes.changed(rests_on, inputs)
            if not because:
                if rests_on.get(changes.INPUTS) != inputs:
                    kept.write_text(json.dumps(rests_on | {changes.INPUTS: inputs}, indent=0))
                continue
        why = ", ".join(because[:4]) + (f" and {len(because) - 4} more" if because[4:] else "")
        read = notebook or read_chapter(env, name)
        assert read is not None, "only documents that run code come here"
        stale[name] = Stale(path, read, why)
    _remember(app, seen)
    return stale


def _run(app: Sphinx, chapter: Stale) -> ExecutionResult | str:
    """A chapter with its outputs; or what went wrong."""
    notebook = chapter.notebook
    notebook.cells.append(new_code_cell(LAST_CELL))
    try:
        result = single_nb_execution(
            notebook,
            cwd=str(chapter.path.parent),
            timeout=app.config.nb_execution_timeout,
            allow_errors=False,
            # Kernels warn of unencrypted transport, which here never leaves the machine.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )
    except DeadKernelError:
        done = [c for c in notebook.cells if c.get("execution_count")]
        return (
            f"{chapter.path.name}: its kernel was killed in cell {max(len(done), 1)} of those with "
            "code. Most likely the machine ran out of "
            "memory: free some, or make the chapter ask for less."
        )
    if result.err is not None:
        return f"{chapter.path.name}: a code cell failed\n{result.exc_string}"
    return _lost(chapter.path.name, result.nb) or result


def _lost(name: str, notebook: NotebookNode) -> str:
    """What the page would lose without a word: something handed over by a cell it leaves out."""
    for number, cell in enumerate(notebook.cells, start=1):
        if not {"remove-cell", "remove-output"} & {*cell.metadata.get("tags", ())}:
            continue
        mimes = {m for o in cell.get("outputs", ()) for m in o.get("data", {})}
        if mimes & {FINDING_MIME, ANSWER_MIME, CHART_MIME}:
            return (
                f"{name}: cell {number} hands a finding, an answer or a chart to the book, and its "
                "tag takes it off the page. Use the tag 'hide-input'."
            )
    return ""


def _keep(app: Sphinx, name: str, chapter: Stale, result: ExecutionResult) -> None:
    (told,) = [o["data"][reads.MIME] for o in result.nb.cells.pop().outputs]
    cache = get_cache(app.config.nb_execution_cache_path)
    record = cache.add_nb_to_project(
        str(chapter.path), read_data={"type": "plugin", "name": "myst_nb_md"}
    )
    kept = cache.cache_notebook_bundle(
        CacheBundleIn(result.nb, record.uri, data={"execution_seconds": result.time}),
        check_validity=False,
        overwrite=True,
    )
    path = _kept(app, kept.hashkey)
    path.parent.mkdir(exist_ok=True)
    rests_on = changes.basis(told["read"], told["modules"])
    rests_on[changes.INPUTS] = app.config.exile_inputs
    path.write_text(json.dumps(rests_on, indent=0), encoding="utf-8")
    text = sha256(chapter.path.read_bytes()).hexdigest()
    _remember(app, _seen(app) | {name: {"text": text, "code": kept.hashkey}})


def _kept(app: Sphinx, code: str) -> Path:
    """Where it is kept what the outputs of some code rest on."""
    return Path(app.config.nb_execution_cache_path, "rests_on", f"{code}.json")


def basis_file(app: Sphinx, name: str) -> Path:
    """Where it is kept what a chapter's outputs rest on; it changes whenever they do."""
    return _kept(app, _seen(app).get(name, {}).get("code", "unknown"))


def _seen(app: Sphinx) -> dict[str, dict[str, str]]:
    """By chapter: digests of its text and of its code when last looked at."""
    path = _kept(app, "chapters")
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def _remember(app: Sphinx, seen: dict[str, dict[str, str]]) -> None:
    path = _kept(app, "chapters")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(seen, indent=0), encoding="utf-8")


def executed(app: Sphinx, name: str) -> NotebookNode:
    """A chapter with its outputs, from the cache."""
    cache = get_cache(app.config.nb_execution_cache_path)
    return cache.merge_match_into_notebook(read_chapter(app.env, name))[1]


def read_chapter(env: BuildEnvironment, name: str) -> NotebookNode | None:
    """A chapter as a notebook without outputs; None if the document runs no code."""
    path = env.doc2path(name)
    # A survey's sections hold no code that runs, so no notebook has them.
    content = Path(path).read_text(encoding="utf-8")
    reader = create_nb_reader(
        path, env.__dict__["myst_config"], env.__dict__["mystnb_config"], content
    )
    return reader and reader.read(content)
