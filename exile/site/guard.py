"""A build that fails leaves the last good site as it was, and says in one message why.

Sphinx writes into a folder beside the site. Only when all of it has gone well are the
files that differ put in the site's place.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError, SphinxError

from exile.errors import InputError
from exile.site import restricted

ASIDE = "unfinished"


def write_aside(app: Sphinx, config) -> None:
    """On ``config-inited``: have Sphinx write beside the site.

    A survey's own build does so itself, and must leave nothing behind.
    """
    say_it_plainly(app)
    if not restricted.running() and app.outdir.name == "html":
        app.outdir = type(app.outdir)(app.outdir.parent / ASIDE)
        app.outdir.mkdir(exist_ok=True)


def put_in_place(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``, after all other listeners."""
    if app.builder.format != "html" or app.outdir.name != ASIDE:
        return
    if problem is None and not (app.warningiserror and app._warncount):
        mirror(Path(app.outdir), Path(app.outdir).parent / "html")


def mirror(source: Path, target: Path) -> None:
    """Make a folder like another; files of the same size and time are left as they are."""
    wanted = {p.relative_to(source): p for p in source.rglob("*")}
    for old in sorted(target.rglob("*"), reverse=True):
        if old.relative_to(target) not in wanted:
            old.rmdir() if old.is_dir() else old.unlink()
    for name, path in sorted(wanted.items()):
        place = target / name
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        elif not place.exists() or _stamp(place) != _stamp(path):
            place.parent.mkdir(parents=True, exist_ok=True)
            unfinished = place.with_name(f"{place.name}.part")
            shutil.copy2(path, unfinished)
            unfinished.replace(place)


def _stamp(path: Path) -> tuple[int, int]:
    known = path.stat()
    return known.st_size, known.st_mtime_ns


def say_it_plainly(app: Sphinx) -> None:
    """Let what is wrong with the book be said once, without the calls that led there.

    Sphinx takes our errors for its own faults, and Jupyter Book raises every error again.
    Errors that we do not foresee are shown in full.
    """
    build, usual = app.build, sys.excepthook

    def plain_build(*args: Any, **options: Any) -> None:
        try:
            build(*args, **options)
        except Exception as error:
            problem = foreseen(error)
            if problem is None:
                raise
            raise ExtensionError(str(problem)) from None

    def plain_hook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error.__cause__, SphinxError) and foreseen(error.__cause__) is not None:
            print("The book was not built. The last site that was is still there.", file=sys.stderr)
        else:
            usual(kind, error, trace)

    app.build = plain_build  # type: ignore[method-assign]
    sys.excepthook = plain_hook


def foreseen(error: BaseException) -> BaseException | None:
    """The error, or the one that it wraps, whose message says what to do about it."""
    inner = getattr(error, "orig_exc", None)
    if isinstance(inner or error, InputError):
        return inner or error
    return error if isinstance(error, SphinxError) and inner is None else None


def setup(app: Sphinx) -> dict:
    # Before all others: they ask where to write.
    app.connect("config-inited", write_aside, priority=1)
    app.connect("build-finished", put_in_place, priority=990)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
