"""Bring a survey's own answers, or write an amendment of the verdict rules."""

from __future__ import annotations

import argparse
import sys
from io import TextIOWrapper
from pathlib import Path

from exile import __version__
from exile.errors import InputError


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 if it succeeded, 1 with a message on what to mend."""
    for stream in (sys.stdout, sys.stderr):
        # A console of an older code page lacks some of our characters; it gets a question mark.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    parser = argparse.ArgumentParser(prog="exile", description=__doc__)
    parser.add_argument("--version", action="version", version=f"exile-audit {__version__}")
    topics = parser.add_subparsers(dest="topic", required=True)
    changed = topics.add_parser("amend", help="write the amendment that changed rules need")
    changed.add_argument("reason", help="what was changed in rules.toml, and why")
    built, before = Path("_build/html/claims.json"), "claims.json of a build by the rules before"
    changed.add_argument("--built", type=Path, default=built, help=before)
    about = "from a survey's own file to a site that may leave"
    commands = topics.add_parser("survey", help=about, description=about).add_subparsers(
        dest="command", required=True
    )
    for command, does in (
        ("init", "draft a codebook from the file's own names, labels and codes"),
        ("check", "what became of every answer, and which claims it can decide"),
        ("build", "make the release file, which lists what would leave"),
    ):
        one = commands.add_parser(command, help=does, description=does)
        one.add_argument(
            "file", type=Path, help="SPSS, Stata, CSV, Excel, Parquet or R; or a folder of waves"
        )
        if command == "init":
            one.add_argument("--encoding", default="utf-8", help="of a text file, such as cp1251")
            one.add_argument("--delimiter", default="", help="of a text file, if not found")
            one.add_argument("--to", type=Path, help="the codebook; without it, it is printed")
        else:
            one.add_argument("--codebook", type=Path, required=True)
        if command == "check":
            one.add_argument("--to", type=Path, help="a local page; without it, it is printed")
        if command == "build":
            one.add_argument("--to", type=Path, required=True, help="a folder outside any git tree")
    one = commands.add_parser("approve", help="sign a release; read it first")
    one.add_argument("release", type=Path, help="release.json")
    one.add_argument("--by", help="who signs; without it, the release is printed")
    one.add_argument("--comment", default="", help="what was checked")
    one = commands.add_parser("publish", help="make the site of an approved release")
    one.add_argument("release", type=Path, help="release.json")
    one = commands.add_parser("rehearse", help="the whole way with made-up respondents")
    one.add_argument("--to", type=Path, required=True, help="a folder outside any git tree")
    given = parser.parse_args(arguments)
    try:
        if given.topic == "amend":
            from exile import amend

            return amend.command(given.reason, given.built)
        return SURVEY[given.command](given)
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 1
    except ModuleNotFoundError as missing:
        if (missing.name or "exile").split(".")[0] == "exile":
            raise
        print(
            f"exile: this command needs {missing.name}, which is not installed. "
            "Run: pip install 'exile-audit[custody,site]'",
            file=sys.stderr,
        )
        return 1


def init(given: argparse.Namespace) -> int:
    from exile.custody.source.draft import draft
    from exile.custody.source.reading import Form

    text = draft(given.file, Form(encoding=given.encoding, delimiter=given.delimiter))
    if given.to is None:
        print(text, end="")
        return 0
    if given.to.exists():
        raise InputError(str(given.to), "it exists already", "Choose another name.")
    given.to.touch(mode=0o600)
    given.to.write_text(text, encoding="utf-8")
    print(f"Drafted {given.to}. Correct it, then: exile survey check FILE --codebook {given.to}")
    return 0


def check(given: argparse.Namespace) -> int:
    from exile.custody.counts import report
    from exile.custody.source.codebook import load_codebook

    sections = report.report(given.file, load_codebook(given.codebook))
    if given.to is None:
        print(report.as_text(sections))
    else:
        report.save(sections, given.to)
        print(f"The report is at {given.to}. {report.ALONE}")
    return 0


def build(given: argparse.Namespace) -> int:
    from exile.custody.build import RELEASE, ending_cleanly, make_release
    from exile.custody.release.outputs import report

    with ending_cleanly():
        release = make_release(given.file, given.codebook, given.to)
    path = given.to / RELEASE
    print(report(release))
    print(
        f"Nothing has left yet. {path} lists what would. Approvals needed: "
        f"{release.missing_approvals}.\nexile survey approve {path} --by NAME --comment …"
    )
    return 0


def approve(given: argparse.Namespace) -> int:
    from exile.custody.release import outputs

    if given.by is None:
        print(outputs.report(outputs.read(given.release)))
        return 0
    missing = outputs.approve(given.release, given.by, given.comment).missing_approvals
    print(
        f"Signed. {missing} more approvals are needed, of other people."
        if missing
        else f"Signed. Now: exile survey publish {given.release}"
    )
    return 0


def publish(given: argparse.Namespace) -> int:
    from exile.custody import build

    with build.ending_cleanly():
        print(f"The restricted book is at {build.publish(given.release)}.")
    return 0


def rehearse(given: argparse.Namespace) -> int:
    from exile.custody import build

    with build.ending_cleanly():
        print(f"The rehearsal is at {build.rehearse(given.to)}.")
    return 0


SURVEY = {
    "init": init,
    "check": check,
    "build": build,
    "approve": approve,
    "publish": publish,
    "rehearse": rehearse,
}

if __name__ == "__main__":
    sys.exit(main())
