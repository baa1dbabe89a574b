"""Where a chapter runs with nothing installed: Binder and Colab.

Both open files of a public repository's branch, so the workflow copies what ``write`` leaves
among the downloads to the branch ``notebooks``: the notebooks, the wheel, and what Binder
makes its environment from. Where repository or site are unknown, no button is offered.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sphinx.application import Sphinx

import exile
from exile.site.downloads import FOLDER, chapters

BRANCH = "notebooks"
# One that the package admits and that Binder has.
PYTHON = "3.12"


def services(repository: str, notebook: str) -> dict[str, str]:
    """Address by service at which a notebook of an ``owner/name`` repository opens."""
    return {
        "Binder": f"https://mybinder.org/v2/gh/{repository}/{BRANCH}?urlpath=lab/tree/{notebook}",
        "Colab": f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/{notebook}",
    }


def add_buttons(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """On ``html-page-context``: a menu of services beside the downloads."""
    repository = app.config.exile_repository
    # On Colab the first cell installs the wheel from where the site stands.
    if not repository or not app.config.html_baseurl or pagename not in chapters(app):
        return
    context["header_buttons"].insert(
        0,
        {
            "type": "group",
            "label": "launch-buttons",
            "tooltip": "Run this chapter online",
            "icon": "fas fa-rocket",
            "buttons": [
                {
                    "type": "link",
                    "url": address,
                    "text": name,
                    "icon": "fas fa-rocket",
                    "tooltip": f"Run this chapter on {name}",
                }
                for name, address in services(repository, f"{Path(pagename).name}.ipynb").items()
            ],
        },
    )


def write(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: Binder's environment, the wheel at the versions of the book."""
    if problem is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir, FOLDER)
    (wheel,) = folder.glob("*.whl")
    shutil.copy(Path(exile.__file__).parents[1] / "pins" / "constraints.txt", folder)
    (folder / "requirements.txt").write_text(f"-c constraints.txt\n./{wheel.name}\n", "utf-8")
    (folder / "runtime.txt").write_text(f"python-{PYTHON}\n", "utf-8")


def set_repository(app: Sphinx, config) -> None:
    """On ``config-inited``: the repository that a workflow runs for."""
    config.exile_repository = os.environ.get("GITHUB_REPOSITORY", "")


def setup(app: Sphinx) -> dict:
    app.add_config_value("exile_repository", "", "html")
    app.connect("config-inited", set_repository)
    # After the theme, which makes the list of buttons.
    app.connect("html-page-context", add_buttons, priority=502)
    # After the wheel.
    app.connect("build-finished", write, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
