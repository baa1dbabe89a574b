"""Runs stale chapters, several at once, before Sphinx reads them.

MyST-NB runs notebooks one after another while it reads, and its cache knows only
the text of their cells. Here the cache lives in a folder named after everything
else that the outputs depend on, and chapters that it lacks run in parallel.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

import exile
from exile.data import data_directory
from exile.site.kernels import use_forked_kernels
from exile.site.restricted import chapter_text

logger = logging.getLogger(__name__)


def fingerprint(root: Path) -> str:
    """A hash of what chapter outputs depend on besides the chapters.

    The data, the package's sources, the pinned versions and the interpreter.
    """
    package = Path(exile.__file__).parent
    files = [
        *_files(data_directory(), data_directory().rglob("*")),
        *_files(package, package.rglob("*.py")),
        *_files(package, package.rglob("*.toml")),
        *_files(root, root.glob("*.txt")),
    ]
    digest = sha256(sys.version.encode())
    for name, path in files:
        digest.update(name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files(base: Path, paths: Iterable[Path]) -> list[tuple[str, Path]]:
    return sorted((p.relative_to(base).as_posix(), p) for p in paths if p.is_file())


def set_cache_path(app: Sphinx, config) -> None:
    """On ``config-inited``: give this state of data and code its own cache."""
    base = Path(app.outdir).parent / ".jupyter_cache"
    config.nb_execution_cache_path = str(base / fingerprint(Path(app.srcdir)))


def execute_stale(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """On ``env-before-read-docs``: run the chapters that the cache lacks.

    Raises
    ------
    ExtensionError
        Naming each chapter with a failing cell; nothing has been written then.
    """
    os.environ["EXILE_BUILD"] = "1"  # kernels inherit it: see exile.publish
    if not app.config.exile_parallel_execution:
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    stale = {
        name: (Path(env.doc2path(name)), notebook)
        for name in docnames
        if (notebook := read_chapter(env, name)) is not None and not _cached(cache, notebook)
    }
    if not stale:
        return
    use_forked_kernels()
    workers = min(len(stale), os.cpu_count() or 1)
    logger.info("executing %d chapters, %d at a time: %s", len(stale), workers, ", ".join(stale))

    def run(item: tuple[Path, NotebookNode]) -> ExecutionResult:
        path, notebook = item
        return single_nb_execution(
            notebook,
            cwd=str(path.parent),
            timeout=app.config.nb_execution_timeout,
            allow_errors=False,
            # Kernels warn of unencrypted transport, which here never leaves the machine.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )

    failures = []
    with ThreadPoolExecutor(workers) as pool:
        for (name, (path, _)), result in zip(
            stale.items(), pool.map(run, stale.values()), strict=True
        ):
            if result.err is not None:
                failures.append(f"{path.name}: a code cell failed\n{result.exc_string}")
                continue
            logger.info("  %s ran in %.1f s", name, result.time)
            record = cache.add_nb_to_project(
                str(path), read_data={"type": "plugin", "name": "myst_nb_md"}
            )
            cache.cache_notebook_bundle(
                CacheBundleIn(result.nb, record.uri, data={"execution_seconds": result.time}),
                check_validity=False,
                overwrite=True,
            )
    if failures:
        raise ExtensionError("\n\n".join(failures))


def executed(app: Sphinx, name: str) -> NotebookNode:
    """A chapter with its outputs, from the cache."""
    cache = get_cache(app.config.nb_execution_cache_path)
    return cache.merge_match_into_notebook(read_chapter(app.env, name))[1]


def read_chapter(env: BuildEnvironment, name: str) -> NotebookNode | None:
    """A chapter as a notebook without outputs; None if the document runs no code."""
    path = env.doc2path(name)
    content = chapter_text(Path(path))
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, content)
    return reader and reader.read(content)


def _cached(cache, notebook: NotebookNode) -> bool:
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True
