"""Builds the book with a survey, outside any repository, and lets it stand only if clean."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import exile
from exile.custody import RUN_VARIABLE
from exile.custody.counts.run import count_file, save
from exile.custody.leaks.sampled import secrets
from exile.custody.leaks.scan import scan
from exile.custody.release.held import PROFILE_VARIABLE
from exile.custody.release.profile import load_profile
from exile.custody.source.codebook import Codebook, load_codebook
from exile.data import data_directory
from exile.errors import InputError

NOTICE = """RESTRICTED

This folder holds the book built with respondent-level data of: {name}
Custodian: {custodian}. Fieldwork: {fieldwork}. {kind}

Disclosure profile '{profile}': nothing from fewer than {least} people was released, and
the leak scanner found nothing in site/. No automatic check is enough for people at risk:
before anything leaves this machine, a second person should check it against the threat
model (the page "Bring your own microdata"), and the custodian agree.

site/    the pages
Data files, counts and executed chapters were deleted at the end of the build.
"""


def build_book(file: Path, codebook: Path, to: Path) -> Path:
    """Count, build, scan, and only then put the site in place.

    Parameters
    ----------
    to : Path
        The folder to make, in no git work tree.

    Returns
    -------
    Path
        The front page.

    Raises
    ------
    InputError
        If file or codebook is wrong, the folder exists or lies in a repository, a
        chapter fails, or the scanner finds a leak. Then nothing is left behind.
    """
    target = to.expanduser().resolve()
    check_target(target)
    profile = load_profile(
        data_directory() / "disclosure.toml", os.environ.get(PROFILE_VARIABLE, "strict")
    )
    declared = load_codebook(codebook)
    run, counts = count_file(file, declared)
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    try:
        save(run, counts, partial / "counts")
        _sphinx(partial)
        _scan(partial, file, declared, profile.min_cell)
        kind = "SYNTHETIC respondents: no verdict rests on them." if run.synthetic else ""
        (partial / "RESTRICTED.txt").write_text(
            NOTICE.format(
                name=run.name,
                custodian=run.custodian,
                fieldwork=run.fieldwork,
                kind=kind,
                profile=profile.name,
                least=profile.min_cell,
            ),
            encoding="utf-8",
        )
        (partial / "_build" / "html").rename(partial / "site")
        shutil.rmtree(partial / "_build")
        shutil.rmtree(partial / "counts")
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target / "site" / "index.html"


def check_target(target: Path) -> None:
    """Refuse a folder that exists, or that git could take up.

    Raises
    ------
    InputError
        Naming the folder.
    """
    if target.exists():
        raise InputError(str(target), "it exists already", "Delete it or choose another folder.")
    inside = next((p for p in target.parents if (p / ".git").exists()), None)
    if inside is not None:
        raise InputError(
            str(target), f"it lies in the git repository {inside.name}", "Choose one outside."
        )


def _sphinx(partial: Path) -> None:
    root = Path(exile.__file__).parents[1]
    environment = {**os.environ, RUN_VARIABLE: str(partial / "counts")}
    # A restricted site has no public address, nor anything to launch from one.
    for public in ("SITE_URL", "GITHUB_REPOSITORY"):
        environment.pop(public, None)
    built = subprocess.run(
        [
            *(sys.executable, "-c", "from jupyter_book.cli.main import main; main()"),
            *("build", str(root)),
            *("--path-output", str(partial), "-W", "-n", "--keep-going"),
        ],
        env=environment,
        check=False,
    )
    if built.returncode:
        raise InputError("restricted book", "the build failed", "See the message above.")


def _scan(partial: Path, file: Path, codebook: Codebook, min_cell: int) -> None:
    """Raise if the site gives anything away."""
    # What the public book says already is no quotation of an answer, if it has been built.
    public = Path(exile.__file__).parents[1] / "_build" / "html"
    leaks = scan(
        partial / "_build" / "html",
        min_cell=min_cell,
        secrets=secrets(file, codebook),
        before=public if public.is_dir() else None,
    )
    if leaks:
        for leak in leaks:
            print(leak, file=sys.stderr)
        raise InputError(
            "restricted book",
            f"{len(leaks)} leaks were found",
            "Nothing was put in place; mend the chapters named above.",
        )
