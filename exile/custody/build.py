"""From a survey's file to a release file, and from an approved release to a restricted site.

The two are apart so that a person stands between them. The first reads answers, in memory
alone, and writes what might leave; the second sees the release file and nothing else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import exile
from exile.custody import RUN_VARIABLE
from exile.custody.counts.run import Run, count_file
from exile.custody.leaks import refuse_secrets
from exile.custody.release import crate, outputs
from exile.custody.release.chapters import run_all
from exile.custody.release.outputs import VERSION, About, Release
from exile.custody.release.rules import PROFILE_VARIABLE, Profile, load_profile
from exile.custody.source.codebook import load_codebook
from exile.data import data_directory
from exile.errors import InputError

RELEASE = "release.json"
PAGES = "site"
# Linux ends the build with its parent, even if that is killed outright (PR_SET_PDEATHSIG).
BUILDER = (
    "import ctypes, signal, sys\n"
    "if sys.platform == 'linux': ctypes.CDLL(None).prctl(1, signal.SIGTERM)\n"
    "from jupyter_book.cli.main import main\nmain()"
)
# A folder of ours: it, and nothing else, is removed however this ends.
own_folder = partial(TemporaryDirectory, prefix=".exile-", ignore_cleanup_errors=True)
REHEARSERS = ("Nobody, first signature of a rehearsal", "Nobody, second signature of a rehearsal")


def make_release(file: Path, codebook: Path, to: Path) -> Release:
    """Read, count, run the chapters' cells, audit, and write what might leave.

    Parameters
    ----------
    to : Path
        The folder to make, in no git work tree.

    Raises
    ------
    InputError
        If file or codebook is wrong, the folder exists or lies in a repository, a cell
        fails, or an output holds an id, an answer or a row of the file. Then nothing is
        left behind.
    """
    target = to.expanduser().resolve()
    check_target(target)
    profile = load_profile(name=os.environ.get(PROFILE_VARIABLE, "strict"))
    declared = load_codebook(codebook)
    run, counts = count_file(file, declared)
    released, dropped = run_all(run, counts, profile)
    release = Release(VERSION, _about(run, profile), released, dropped)
    refuse_secrets(release, file, declared)
    target.mkdir(parents=True, mode=0o700)
    outputs.write(release, target / RELEASE)
    crate.write(release, target / crate.NAME)
    return release


def _about(run: Run, profile: Profile) -> About:
    step = profile.count_step
    rules = data_directory() / "disclosure.toml"
    return About(
        survey=run.name,
        custodian=run.custodian,
        fieldwork=run.fieldwork,
        grade=run.grade,
        synthetic=run.synthetic,
        people=(2 * run.persons + step) // (2 * step) * step,
        waves=run.waves,
        variables=run.variables,
        weighted=run.weighted,
        profile=profile.name,
        file_sha256=run.file_sha256,
        codebook_sha256=run.codebook_sha256,
        rules_sha256=sha256(rules.read_bytes().replace(b"\r\n", b"\n")).hexdigest(),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def publish(release_file: Path) -> Path:
    """Make the restricted site beside an approved release file.

    Returns
    -------
    Path
        The front page.

    Raises
    ------
    InputError
        If approvals are missing, the site exists, or a chapter fails. No page is left then.
    """
    release_file = release_file.expanduser().resolve()
    release = outputs.approved(release_file)
    target = release_file.with_name(PAGES)
    check_target(target)
    with own_folder(dir=target.parent) as work:
        _share_cache(Path(work))
        _sphinx(Path(work), release_file)
        Path(work, "_build", "html").rename(target)
    crate.write(release, release_file.with_name(crate.NAME))
    return target / "index.html"


def rehearse(to: Path) -> Path:
    """Everything that a custodian would get, with the made-up survey that it was made from.

    Raises
    ------
    InputError
        If the folder exists or lies in a repository.
    """
    from exile.custody.rehearsal.population import population

    check_target(to.expanduser().resolve())
    book = data_directory() / "survey" / "codebook.example.yaml"
    with own_folder() as folder:
        file = Path(folder, "SYNTHETIC_emigrants.csv")
        population(n=2000, seed=1, missing={"after_rally": 0.03}).write(file)
        make_release(file, book, to)
        shutil.move(file, to)
    path = to.expanduser().resolve() / RELEASE
    for name in REHEARSERS:
        outputs.approve(path, name, "Rehearsal: a person would say here what they checked.")
    return publish(path)


def check_target(target: Path) -> None:
    """Refuse a folder that exists, or that git could take up.

    Raises
    ------
    InputError
        Naming the folder.
    """
    if target.exists():
        raise InputError(str(target), "it exists already", "Move it away or choose another.")
    inside = next((p for p in target.parents if (p / ".git").exists()), None)
    if inside is not None:
        raise InputError(
            str(target), f"it lies in the git repository {inside.name}", "Choose one outside."
        )


def _share_cache(work: Path) -> None:
    """Begin with the public chapters as they ran last; no survey is in them."""
    kept = Path(exile.__file__).parents[1] / "_build" / ".jupyter_cache"
    if kept.is_dir():
        shutil.copytree(kept, work / "_build" / ".jupyter_cache")


def _sphinx(work: Path, release_file: Path) -> None:
    root = Path(exile.__file__).parents[1]
    environment = {**os.environ, RUN_VARIABLE: str(release_file)}
    # A restricted site has no public address, nor anything to launch from one.
    for public in ("SITE_URL", "GITHUB_REPOSITORY"):
        environment.pop(public, None)
    building = subprocess.Popen(
        [
            *(sys.executable, "-c", BUILDER),
            *("build", str(root)),
            *("--path-output", str(work), "-W", "-n", "--keep-going"),
        ],
        env=environment,
        start_new_session=True,
    )
    try:
        failed = building.wait()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(building.pid, signal.SIGTERM)
        building.wait()
    if failed:
        raise InputError("restricted book", "the build failed", "See the message above.")


@contextmanager
def ending_cleanly() -> Iterator[None]:
    """Turn signals that end a process into exceptions, so that whatever is ours is removed."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    names = [n for n in ("SIGTERM", "SIGHUP") if hasattr(signal, n)]
    before = {n: signal.signal(getattr(signal, n), leave) for n in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
