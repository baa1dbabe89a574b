"""A build that fails leaves the last good site as it was, and one with nothing new does nothing.

Sphinx writes into a folder beside the site. Only when all of it has gone well are the
files that differ put in the site's place, with a digest of all that went into it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError, SphinxError

import exile
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
    if app.builder.format != "html" or app.outdir.name != ASIDE or _nothing_is_new(app):
        return
    # With --keep-going, Sphinx notes that warnings are errors in another attribute.
    strict = app.warningiserror or app.keep_going
    if problem is None and not (strict and app._warncount):
        mirror(Path(app.outdir), Path(app.outdir).parent / "html")
        _stamp_of(app).write_text(everything(app), encoding="utf-8")


def note_reading(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """On ``env-before-read-docs``: whether there is anything to read."""
    env.__dict__["exile_reads_something"] = bool(docnames)


def skip_if_nothing_is_new(app: Sphinx, env: BuildEnvironment) -> None:
    """On ``env-updated``, last: do without all that is made from pages that are as they were.

    The site stays as it is: Sphinx copies files anew that were left out of it, and what was
    printed from its pages lies in it alone.
    """
    if app.outdir.name != ASIDE or not _nothing_is_new(app):
        return
    for listener in list(app.events.listeners["build-finished"]):
        made_by = listener.handler.__module__
        if made_by.startswith("exile.") and made_by != __name__:
            app.disconnect(listener.id)


def _nothing_is_new(app: Sphinx) -> bool:
    if getattr(app.env, "exile_reads_something", True):
        return False
    stamp, site = _stamp_of(app), Path(app.outdir).parent / "html" / "claims.json"
    return stamp.is_file() and site.is_file() and stamp.read_text("utf-8") == everything(app)


def everything(app: Sphinx) -> str:
    """A digest of all that a site is made from: the repository, and what the environment says."""
    root = Path(exile.__file__).parents[1]
    files = [p for f in (root, Path(app.srcdir)) for p in f.glob("*") if p.suffix]
    files += [p for p in Path(app.srcdir, "book").rglob("*")]
    said = [os.environ.get(name, "") for name in ("SITE_URL", "GITHUB_REPOSITORY")]
    return digest(files, app.config.exile_inputs, *said)


def digest(files: Iterable[Path], *more: str) -> str:
    """Of files with their names, and of text."""
    found = sha256("\0".join(more).encode())
    for path in sorted({p for p in files if p.is_file()}):
        found.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _stamp_of(app: Sphinx) -> Path:
    return Path(app.outdir).parent / "made_from.txt"


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
    app.connect("env-before-read-docs", note_reading)
    app.connect("env-updated", skip_if_nothing_is_new, priority=999)
    app.connect("build-finished", put_in_place, priority=999)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
