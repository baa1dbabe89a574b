"""The release file: everything that a run would let out, with the reason, to be signed.

The restricted site is made from this file alone. Whatever is not in it reaches no page.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from exile import schema
from exile.audit.claims import STRICT
from exile.custody.release.rules import load_profile
from exile.errors import InputError

# The one sentence for whatever is not shown. It is the same whatever the reason, which
# would tell of the answers.
NEUTRAL = "The numbers behind this are not shown."
REHEARSED = "Made-up respondents: a real run would hand a verdict over here."
VERSION = 1


@dataclass(frozen=True)
class Shown:
    """An estimate as printed: made from released counts, rounded, intervals outward."""

    __pydantic_config__ = STRICT

    label: str
    unit: str
    method: str
    text: str
    estimate: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its levels, and about how many people; None where hidden."""

    __pydantic_config__ = STRICT

    levels: tuple[str, ...]
    about: int | None


@dataclass(frozen=True)
class Output:
    """One thing that may leave.

    ``rule`` names what it was tested by, ``counts`` the class of the smallest count that
    it rests on, ``reason`` why it is shown or not. ``kind`` is table, sentence or verdict;
    the fields after ``text`` belong to tables, then to verdicts.
    """

    __pydantic_config__ = STRICT

    id: str
    chapter: str
    cell: int
    kind: str
    rule: str
    counts: str
    reason: str
    text: str
    variables: tuple[str, ...] = ()
    absorbed: tuple[tuple[str, ...], ...] = ()
    over: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    claim: str = ""
    part: str = ""
    scope: str = ""
    verdict: str | None = None
    estimates: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class About:
    """What is told of the run; ``people`` is rounded as all counts are."""

    __pydantic_config__ = STRICT

    survey: str
    custodian: str
    fieldwork: str
    grade: str | None
    synthetic: bool
    people: int
    waves: tuple[int, ...]
    variables: tuple[str, ...]
    weighted: bool
    profile: str
    file_sha256: str
    codebook_sha256: str
    rules_sha256: str
    made: str


@dataclass(frozen=True)
class Approval:
    """Who let these outputs out, when, and with what remark."""

    __pydantic_config__ = STRICT

    by: str
    comment: str
    at: str
    outputs_sha256: str


@dataclass(frozen=True)
class Release:
    """A run's release file. ``dropped`` names what cells of chapters wrote past the door."""

    __pydantic_config__ = STRICT

    version: int
    run: About
    outputs: tuple[Output, ...]
    dropped: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()

    @property
    def digest(self) -> str:
        """What an approval signs: everything but the approvals."""
        signed = asdict(replace(self, approvals=()))
        return sha256(json.dumps(signed, sort_keys=True).encode()).hexdigest()

    @property
    def signed_by(self) -> tuple[str, ...]:
        """Different people who approved exactly these outputs."""
        names = {a.by.casefold(): a.by for a in self.approvals if a.outputs_sha256 == self.digest}
        return tuple(names.values())

    @property
    def missing_approvals(self) -> int:
        needed = load_profile(name=self.run.profile).approvals
        return max(0, needed - len(self.signed_by))

    def of(self, chapter: str, cell: int) -> tuple[Output, ...]:
        return tuple(o for o in self.outputs if (o.chapter, o.cell) == (chapter, cell))


def read(path: Path) -> Release:
    """A release file.

    Raises
    ------
    InputError
        If it is missing, broken, or of another version.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(str(path), "there is no such file", "Run: exile survey build.") from None
    except ValueError as problem:
        raise InputError(path.name, f"it is no JSON ({problem})", "Make it again.") from None
    release = schema.build(raw, Release, where=path.name)
    if release.version != VERSION:
        raise InputError(path.name, f"version {release.version}", "Make it again with this book.")
    return release


def write(release: Release, path: Path) -> None:
    """Whole or not at all, to be read by this user only."""
    text = json.dumps(asdict(release), indent=1, ensure_ascii=False) + "\n"
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def approve(path: Path, by: str, comment: str) -> Release:
    """Sign what the file lists now; any later change of it voids the signature.

    Raises
    ------
    InputError
        Without a name or comment, or if this person has signed it.
    """
    release = read(path)
    if len(by.split()) == 0 or len(comment.split()) < 2:
        raise InputError(
            path.name, "no name or no comment", "Say who approves, and what they checked."
        )
    if by.strip().casefold() in {name.casefold() for name in release.signed_by}:
        raise InputError(
            path.name, f"{by} has approved it already", "Another person must, or nobody need."
        )
    at = datetime.now(UTC).isoformat(timespec="seconds")
    own = Approval(" ".join(by.split()), " ".join(comment.split()), at, release.digest)
    release = replace(release, approvals=(*release.approvals, own))
    write(release, path)
    return release


def approved(path: Path) -> Release:
    """The release, if enough different people signed exactly what it lists.

    Raises
    ------
    InputError
        Otherwise: no page is made.
    """
    release = read(path)
    if missing := release.missing_approvals:
        raise InputError(
            path.name,
            f"{missing} more approval{'s' * (missing > 1)} needed under the profile "
            f"'{release.run.profile}'",
            f"Read it, then: exile survey approve {path} --by NAME --comment …",
        )
    return release


def report(release: Release) -> str:
    """The release for a terminal, so that whoever signs need not read JSON."""
    lines = [
        f"{release.run.survey}: {len(release.outputs)} outputs, profile {release.run.profile}"
        + (", MADE-UP respondents." if release.run.synthetic else "."),
    ]
    for output in release.outputs:
        lines.append(f"{output.id} ({output.kind}; {output.counts}; {output.reason})")
        lines.append(f"    {output.text}")
        for cell in output.cells:
            size = "hidden" if cell.about is None else f"about {cell.about:,}"
            lines.append(f"      {', '.join(cell.levels)}: {size}")
    lines += [
        *release.dropped,
        *(f"Approved by {a.by}, {a.at}: {a.comment}" for a in release.approvals),
    ]
    return "\n".join(lines)


def counts_class(about: Collection[int]) -> str:
    """The class of the smallest of some released counts."""
    if not about:
        return "no count shown"
    if min(about) >= 1000:
        return "1,000 people or more"
    return "0 to 99 people" if min(about) < 100 else "100 to 999 people"
