"""Builds: the whole book once, and small books that are right or wrong in one way."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from small_books import build

from exile.site import pdf

ROOT = Path(__file__).parents[2]
REQUIRED = "exile_require_all: true"


@pytest.fixture
def make_book(tmp_path: Path) -> Callable[..., Path]:
    """``make_book(front="...", one="...")`` writes a book of these pages."""

    def make(_config: str = "", **pages: str) -> Path:
        # The book itself must judge every claim; a book of a page or two cannot.
        config = (ROOT / "_config.yml").read_text(encoding="utf-8")
        assert REQUIRED in config
        config = config.replace(REQUIRED, REQUIRED.replace("true", "false"))
        (tmp_path / "_config.yml").write_text(config + _config, encoding="utf-8")
        book = tmp_path / "book"
        book.mkdir(exist_ok=True)
        shutil.copytree(ROOT / "book" / "_static", book / "_static", dirs_exist_ok=True)
        for name in ("references.bib", "themes.toml"):
            shutil.copy(ROOT / "book" / name, book)
        first, *others = pages
        toc = f"format: jb-book\nroot: book/{first}\n"
        if others:
            toc += "chapters:\n" + "".join(f"  - file: book/{name}\n" for name in others)
        (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
        for name, text in pages.items():
            (book / f"{name}.md").write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture(scope="session")
def site() -> Path:
    """The built book; nothing runs again if ``make book`` was just run."""
    html = ROOT / "_build" / "html"
    # Of tests that run side by side, one builds and the others find it built.
    with one_at_a_time(ROOT / "_build" / "tests.lock"):
        result = build(ROOT)
        assert result.returncode == 0, re.sub(r"\x1b\[[0-9;]*m", "", result.stdout + result.stderr)
        if pdf.browser():
            pdf.write(html, pdf.browser(), pdf.published_at())
    return html


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    import fcntl  # not on Windows, where no page is opened

    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
