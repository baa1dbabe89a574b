"""A build that holds a survey: chapters get its analyses, pages say what they are.

The analyses stand in ``book/respondents/``, one file for each chapter that has any, and
are read as the chapter's last section. The public book never sees them.
"""

from __future__ import annotations

import json
import os
from html import escape
from pathlib import Path

from sphinx.application import Sphinx

from exile.custody import RUN_VARIABLE
from exile.custody.catalogue import catalogue

FOLDER = "respondents"


def run() -> dict | None:
    """What is known of the survey of this build; None in the public book."""
    named = os.environ.get(RUN_VARIABLE)
    if not named:
        return None
    return json.loads(Path(named, "run.json").read_text(encoding="utf-8"))


def supplement(chapter: Path) -> str:
    """What a chapter adds on the respondents' own answers, or "" without any.

    It is left out where the survey bears on none of the claims that it takes up.
    """
    survey = run()
    path = chapter.parent / FOLDER / chapter.name
    if survey is None or not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8")
    named = [need for need in catalogue().needs if f'"{need.claim}"' in text]
    able = [need for need in named if set(need.variables) <= set(survey["variables"])]
    return f"\n\n{text}" if able or not named else ""


def chapter_text(path: Path) -> str:
    """A chapter's source with its supplement."""
    return path.read_text(encoding="utf-8") + supplement(path)


def add_supplement(app: Sphinx, docname: str, source: list[str]) -> None:
    """On ``source-read``: the same for the pages."""
    source[0] += supplement(Path(app.env.doc2path(docname)))


def announce(app: Sphinx, config) -> None:
    """On ``config-inited``: every page says that it is restricted, and by what."""
    survey = run()
    if survey is None:
        return
    kind = (
        "SYNTHETIC respondents. Nothing here is a finding: this run checks the machinery."
        if survey["synthetic"]
        else "RESTRICTED. Made with respondent-level data; not to be passed on unchecked."
    )
    config.html_theme_options["announcement"] = (
        f'<strong class="restricted-notice">{kind}</strong> {escape(survey["name"])}.'
    )


def forbid_indexing(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """On ``html-page-context``: search engines stay out."""
    if run() is not None:
        context["metatags"] = context.get("metatags", "") + '<meta name="robots" content="noindex">'


def setup(app: Sphinx) -> dict:
    app.connect("source-read", add_supplement)
    app.connect("config-inited", announce)
    app.connect("html-page-context", forbid_indexing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
