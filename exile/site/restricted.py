"""A build with a survey: made from an approved release file, and from nothing else.

The analyses stand in ``book/respondents/``, one file for each chapter that has any. They
ran before, where the survey was (:mod:`exile.custody.release.chapters`); here their code is
shown, not run, and beside it what was released. The public book never sees them.
"""

from __future__ import annotations

import os
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from exile.audit.claims import Grade, Scope
from exile.audit.evidence import Evidence, Finding
from exile.audit.records import encode
from exile.audit.rules import VerdictCode
from exile.audit.verdict import Verdict
from exile.custody import RUN_VARIABLE
from exile.custody.release import crate, outputs
from exile.custody.release.outputs import Output, Release
from exile.custody.release.pages import about, block
from exile.errors import InputError
from exile.limits import MICRODATA
from exile.publish import finding
from exile.statistics.intervals import Interval

FOLDER = "respondents"
REPORT = "```{release}\n```"
NOTICES = {
    True: "REHEARSAL with made-up respondents. Nothing here is a finding.",
    False: "RESTRICTED. Made with respondent-level data; not to be passed on unchecked.",
}
BANNER = (
    '<div class="restricted-notice" role="note" data-pagefind-ignore="all" style="padding:8px 16px;'
    "background:#7a1f1f;color:#fff;text-align:center;font:600 16px/1.4 'Source Sans 3',sans-serif\">"
    "{notice} {survey}.</div>{mark}"
)
# Over everything, in a red that shows on light and on dark paper and lets one read.
MARK = (
    '<span aria-hidden="true" data-pagefind-ignore="all" style="position:fixed;z-index:9999;left:0;'
    "right:0;top:40%;text-align:center;font:700 min(16vw,9rem)/1 sans-serif;color:#d33;opacity:.13;"
    'pointer-events:none;transform:rotate(-24deg)">MADE UP</span>'
)
NO_INDEX = '<meta name="robots" content="noindex">'


def running() -> bool:
    """Whether this build holds a survey."""
    return RUN_VARIABLE in os.environ


def release() -> Release | None:
    """The release of this build; None in the public book."""
    return _approved(Path(os.environ[RUN_VARIABLE])) if running() else None


@cache
def _approved(path: Path) -> Release:
    return outputs.approved(path)


def supplement(chapter: Path) -> str:
    """What a chapter adds on the respondents' own answers, or "" without any."""
    held = release()
    path = chapter.parent / FOLDER / chapter.name
    if held is None or not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8").replace(REPORT, about(held))
    # What runs such chapters loads scipy, which a public build need not wait for.
    from exile.custody.release.chapters import CELL

    if CELL.search(text) and not any(o.chapter == path.stem for o in held.outputs):
        return ""
    parts, end = ["\n\n"], 0
    for number, cell in enumerate(CELL.finditer(text), 1):
        parts.append(text[end : cell.start()])
        parts.append(f"````{{dropdown}} Code\n```python\n{cell[2]}```\n````\n\n")
        parts += [block(output) for output in held.of(path.stem, number)]
        end = cell.end()
    return "".join([*parts, text[end:]])


class Released(SphinxDirective):
    """``{released} ID``: hands a released verdict to the ledger, and shows it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        from exile.site.collected import file_finding

        held = release()
        assert held is not None, "the directive stands in a survey's book alone"
        output = next(o for o in held.outputs if o.id == self.arguments[0])
        grade = cast(Grade, held.run.grade)
        assert output.verdict is not None, "released as a verdict"
        told = {
            "finding": encode(as_finding(output, grade)),
            "verdict": encode(Verdict(cast(VerdictCode, output.verdict), grade)),
        }
        file_finding(self.env, told)
        return []


def as_finding(output: Output, grade: Grade) -> Finding:
    """A released verdict with its printed estimates; without any where they are not shown."""
    evidence = [
        Evidence(
            label=shown.label,
            grade=grade,
            region=Interval.point(shown.estimate),
            interval=Interval(min(shown.low, shown.estimate), max(shown.high, shown.estimate)),
            sources=(MICRODATA,),
            method=shown.method,
            n=shown.n,
        )
        for shown in output.estimates
    ]
    key = output.claim, output.part, cast(Scope, output.scope)
    if not evidence:
        return Finding(claim=key[0], part=key[1], scope=key[2], summary=output.text)
    return finding(*key, *evidence, summary=output.text)


def add_supplement(app: Sphinx, docname: str, source: list[str]) -> None:
    """On ``source-read``."""
    source[0] += supplement(Path(app.env.doc2path(docname)))


def check_place(app: Sphinx, config) -> None:
    """On ``config-inited``: the release is approved, and the public book stays as it is.

    Raises
    ------
    ExtensionError
        If the release is not approved, or the build would be the public one.
    """
    if not running():
        return
    if Path(app.outdir).resolve().is_relative_to(Path(app.srcdir).resolve()):
        raise ExtensionError(
            f"{RUN_VARIABLE} is set, and this is the public build. Unset it: unset {RUN_VARIABLE}"
        )
    try:
        release()
    except InputError as problem:
        raise ExtensionError(str(problem)) from None


def mark_pages(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``, last: every page, whoever made it, says what it is; none is indexed."""
    held = release()
    if held is None or problem is not None or app.builder.format != "html":
        return
    made_up = held.run.synthetic
    banner = BANNER.format(
        notice=NOTICES[made_up], survey=escape(held.run.survey), mark=MARK if made_up else ""
    )
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        text = re.sub(r"(<body\b[^>]*>)", lambda body: body[1] + banner, text, count=1)
        page.write_text(text.replace("</title>", f"</title>{NO_INDEX}", 1), encoding="utf-8")


def add_release(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: the release and the account of the run, to be read with the pages."""
    held = release()
    if held is None or problem is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir, "release")
    folder.mkdir()
    outputs.write(held, folder / "release.json")
    crate.write(held, folder / crate.NAME)


def setup(app: Sphinx) -> dict:
    app.add_directive("released", Released)
    app.connect("source-read", add_supplement)
    app.connect("config-inited", check_place)
    app.connect("build-finished", add_release)
    app.connect("build-finished", mark_pages, priority=999)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
