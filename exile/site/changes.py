"""What a chapter rested on when it ran, and what of that is different now.

The kernel says at the end what it read and which modules it had loaded. Here each of
these gets a digest, so that a later build can tell whether the chapter would read the
same: a table as a whole, a figure by its row, a module by its code without comments, a
library by its version.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import exile
from exile import case, data
from exile.data.descriptor import descriptors
from exile.data.tables import rows
from exile.errors import InputError

PACKAGE = Path(exile.__file__).parent
GONE = "gone"
# The part of a basis that says which package and data the rest was compared with.
INPUTS = "inputs:"
# Parts that neither the package nor the data hold.
OUTSIDE = ("python:", "library:")


def basis(read: Iterable[Iterable[str]], modules: Iterable[str]) -> dict[str, str]:
    """Digest, by kind and name, of all that a process has read and loaded."""
    parts = {":".join(one) for one in read}
    parts |= {f"module:{m}" for m in modules if m.partition(".")[0] == PACKAGE.name}
    parts |= {f"library:{name}" for name in libraries()}
    return {"python:": sys.version} | {part: now(*part.split(":", 1)) for part in sorted(parts)}


def changed(before: Mapping[str, str], inputs: str = "") -> list[str]:
    """Parts of a basis that are no longer what they were, in words.

    Where a digest of the whole package and all data is given and is the one noted among
    the parts, nothing of these needs to be looked at.
    """
    untouched = inputs and before.get(INPUTS) == inputs
    parts = {
        part: digest
        for part, digest in before.items()
        if part != INPUTS and not (untouched and not part.startswith(OUTSIDE))
    }
    moved = [part for part, digest in parts.items() if not _same(part, digest)]
    return [part.replace(":", " ").strip() for part in sorted(moved)]


def _same(part: str, before: str) -> bool:
    kind, _, name = part.partition(":")
    if kind != "module":
        try:
            return before == now(kind, name)
        except ValueError as unknown:  # another version of this module wrote it
            if isinstance(unknown, InputError):
                raise
            return False
    text, _, code = before.partition(":")
    # Where not a letter has changed, there is no need to look at the code.
    return text == _text(name) or code == now(kind, name).partition(":")[2]


@cache
def now(kind: str, name: str) -> str:
    """A digest of what there is to read at present under a name, or ``GONE``."""
    match kind:
        case "python":
            return sys.version
        case "table":
            return _table(name)
        case "figure":
            home = data.figure_tables().get(name)
            return _digest(_declared(home), rows(home, "figure_id").get(name)) if home else GONE
        case "source":
            return _digest(rows("sources", "source_id").get(name))
        case "search":
            try:
                return _digest(data.absent(name))
            except InputError as refusal:
                return _digest(str(refusal))
        case "secondary coverage":
            return _digest(sorted(data.secondary_coverage()))
        case "claim":
            register = case.register()
            claim = register.claims.get(name)
            said = claim and [register.stated(name, number) for number in claim.states]
            return _digest(claim, said)
        case "register":
            claims = (data.data_directory() / "claims.yaml").read_bytes()
            return _digest(claims, _table("article_figures"))
        case "rules":
            return case.rules().digest
        case "module":
            return f"{_text(name)}:{_code(name)}"
        case "library":
            try:
                return version(name)
            except PackageNotFoundError:
                return GONE
    raise ValueError(f"nothing is known of a {kind} '{name}'")


def _digest(*parts: object) -> str:
    """Of what parts show of themselves."""
    return sha256("\0".join(map(repr, parts)).encode()).hexdigest()[:16]


def _table(name: str) -> str:
    folder = data.data_directory()
    found = descriptors(folder).get(name)
    path = found and folder / found.path
    return _digest(_declared(name), path.read_bytes()) if path and path.is_file() else GONE


def _declared(table: str) -> str:
    """What the data package says of a table, but for the checksum of its file."""
    entry = descriptors(data.data_directory())[table].entry
    return json.dumps({k: v for k, v in entry.items() if k not in ("hash", "bytes")})


def _file(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _text(module: str) -> str:
    path = _file(module)
    if not path.is_file():
        return GONE
    return _digest(path.read_bytes(), _beside(path))


def _code(module: str) -> str:
    """Of a module's code, whatever its comments and docstrings say."""
    path = _file(module)
    if not path.is_file():
        return GONE
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        match body:
            case [ast.Expr(value=ast.Constant(value=str())), *_]:
                del body[0]
    return _digest(ast.dump(tree), _beside(path))


def _beside(path: Path) -> list[bytes]:
    """Declarations that stand beside a package's modules."""
    if path.name != "__init__.py":
        return []
    return [p.read_bytes() for p in sorted(path.parent.glob("*.toml"))]


@cache
def libraries() -> frozenset[str]:
    """What the package asks for, and what that asks for in turn, as far as it is installed."""
    found: set[str] = set()
    wanted = ["exile-audit"]
    while wanted:
        name = wanted.pop()
        try:
            asked = [Requirement(line) for line in distribution(name).requires or ()]
        except PackageNotFoundError:
            continue
        found.add(name)
        here = [canonicalize_name(r.name) for r in asked if not r.marker or r.marker.evaluate()]
        wanted += [n for n in here if n not in found]
    return frozenset(found - {"exile-audit"})
