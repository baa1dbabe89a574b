"""What a reader takes away: each chapter as a notebook, and the wheel that it runs on.

A chapter in MyST holds roles and directives that Jupyter does not know. The notebook
written here says in plain Markdown what the page says, keeps the outputs, and installs
the package with its tables in the first cell, so that it runs from any folder.
"""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import nbformat
from docutils import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from pybtex.database import parse_file
from sphinx.application import Sphinx

import exile
from exile import case, data
from exile.audit.ledger import Entry
from exile.publish import ANSWER_MIME, CHART_MIME, FINDING_MIME
from exile.site import pdf, vega
from exile.site.cards import headline_words, marks, whom
from exile.site.execution import executed
from exile.site.pdf import FOLDER

# The scanner holds cells with this tag to the rules of restricted material.
RESTRICTED = "respondents"
GLUE = "application/papermill.record/text/plain"
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
CARD = re.compile(r"^```\{claim-card\} ([\w-]+)\n```$", re.MULTILINE)


def write(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: the wheel, and a notebook of each chapter that runs code."""
    if problem is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir, FOLDER)
    folder.mkdir(exist_ok=True)
    wheel = write_wheel(folder)
    for docname in sorted(chapters(app)):
        notebook = portable(executed(app, docname), app, docname, wheel.name)
        path = folder / f"{Path(docname).name}.ipynb"
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def chapters(app: Sphinx) -> set[str]:
    """Documents that run code."""
    return {d for d, m in app.env.nb_metadata.items() if m.get("exec_data")}


def write_wheel(folder: Path) -> Path:
    """The package and its tables as one installable file."""
    from hatchling.builders.wheel import WheelBuilder

    repository = Path(exile.__file__).parents[1]
    settings = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    # Who opens a notebook has a kernel. Colab's is its own, and another in its place breaks it.
    settings["project"]["dependencies"] = [
        d for d in settings["project"]["dependencies"] if not d.startswith("ipykernel")
    ]
    for old in folder.glob("*.whl"):
        old.unlink()
    builder = WheelBuilder(str(repository), config=settings)
    (built,) = builder.build(directory=str(folder), versions=["standard"])
    return Path(built)


def portable(
    notebook: nbformat.NotebookNode, app: Sphinx, docname: str, wheel: str
) -> nbformat.NotebookNode:
    """The notebook that a reader downloads."""
    say = _speaker(notebook, app)
    cells = [new_code_cell(install_line(app, wheel), id="install")]
    for number, cell in enumerate(notebook.cells):
        name = f"cell-{number}"
        if cell.cell_type == "markdown":
            cells.append(new_markdown_cell(say(cell.source), id=name))
        elif cell.cell_type == "code":
            tags = set(cell.metadata.get("tags", ()))
            metadata = {}
            if tags & {"hide-input", "remove-cell"}:
                metadata["jupyter"] = {"source_hidden": True}
            if RESTRICTED in tags:
                metadata["tags"] = [RESTRICTED]
            cells.append(
                new_code_cell(
                    cell.source,
                    id=name,
                    outputs=[o for raw in cell.outputs if (o := _output(raw)) is not None],
                    execution_count=cell.execution_count,
                    metadata=metadata,
                )
            )
    return nbformat.v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
    )


def install_line(app: Sphinx, wheel: str) -> str:
    """What a reader runs first; the address is known only where the site is published."""
    base = app.config.html_baseurl
    if base:
        return f"%pip install --quiet {base.rstrip('/')}/{FOLDER}/{wheel}"
    return (
        f"# The wheel lies beside this notebook in the site's folder '{FOLDER}'.\n"
        f"%pip install --quiet ./{wheel}"
    )


def _output(raw: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """An output as any notebook viewer shows it."""
    held = raw.get("data", {})
    if GLUE in held:
        return None
    if FINDING_MIME in held or ANSWER_MIME in held:
        return None  # the card above it says more
    if CHART_MIME in held:
        chart = held[CHART_MIME]
        return new_output(
            "display_data",
            {
                "image/svg+xml": vega.static_svg(chart["spec"]),
                "text/plain": f"{chart['title']}. {chart['alt']}",
            },
        )
    if raw.output_type == "stream" and raw.name == "stderr":
        return None
    return raw


def _speaker(notebook: nbformat.NotebookNode, app: Sphinx) -> Callable[[str], str]:
    """Roles and cards in words."""
    phrases = {
        output.metadata["scrapbook"]["name"]: ast.literal_eval(output.data[GLUE])
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if GLUE in output.get("data", {})
    }
    sources, books = data.sources(), _literature(app)

    def role(found: re.Match) -> str:
        name, content = found.groups()
        title, _, target = content.rpartition("<")
        title, target = title.strip(), target.rstrip(">").strip()
        match name:
            case "glue:text":
                return phrases[content]
            case "stated":
                claim, _, number = content.partition(".")
                return str(case.stated(claim, number))
            case "claim":
                return title or target
            case "source":
                row = sources.loc[target]
                return f"[{title or row['publisher']}]({row['url']})"
            case "cite:p":
                return "(" + "; ".join(books[key.strip()] for key in content.split(",")) + ")"
        return content

    def speak(text: str) -> str:
        text = CARD.sub(lambda found: _card(app.env.exile_ledger[found[1]]), text)
        return re.sub(r"\]\((\w+)\.md(#[\w-]+)?\)", r"](\1.ipynb)", ROLE.sub(role, text))

    return speak


def _literature(app: Sphinx) -> dict[str, str]:
    """Author and year by key."""
    entries = {}
    for file in app.config.bibtex_bibfiles:
        for key, entry in parse_file(str(Path(app.srcdir, file))).entries.items():
            names = [" ".join(p.last_names) for p in entry.persons.get("author", ())]
            who = names[0] if len(names) == 1 else f"{names[0]} et al." if names else key
            entries[key] = f"{who} {entry.fields.get('year', '')}".strip()
    return entries


def _card(entry: Entry) -> str:
    rules = case.rules()
    word, _, people = headline_words(entry, rules)
    lines = [f"> **The article claims:** {entry.statement}", ">"]
    lines += [f"> **{word}** ({people}). {entry.answers.get('en', '')}", ">"]
    for judged in entry.judged:
        label = rules.verdicts[judged.verdict.code].en
        of = f"{judged.part.words}; {whom(judged.finding, rules)}{marks(judged.verdict, rules)}"
        lines += [f"> **{label}** ({of}). {judged.finding.summary}", ">"]
    return "\n".join(lines[:-1])


def add_buttons(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """On ``html-page-context``: offer notebook and PDFs in the theme's download menu."""
    if not isinstance(doctree, nodes.document):
        return

    def offer(file: str, text: str, icon: str, what: str) -> dict:
        return {
            "type": "link",
            "url": context["pathto"](f"{FOLDER}/{file}", 1),
            "text": text,
            "icon": icon,
            "tooltip": f"Download {what}",
        }

    name = Path(pagename).name
    for group in context.get("header_buttons", ()):
        if group["label"] != "download-buttons":
            continue
        buttons = group["buttons"]
        if pagename in chapters(app):
            notebook = "the notebook with its outputs"
            buttons.insert(0, offer(f"{name}.ipynb", ".ipynb", "fas fa-code", notebook))
        if pdf.browser():
            # The theme's own entry has the reader's browser print the page.
            buttons[:] = [b for b in buttons if b.get("label") != "download-pdf-button"]
            icon = "fas fa-file-pdf"
            buttons.append(offer(f"{name}.pdf", ".pdf", icon, "this page"))
            buttons.append(offer(pdf.WHOLE, ".pdf, whole book", icon, "all pages in one file"))


def set_address(app: Sphinx, config) -> None:
    """On ``config-inited``: where the site is published, told by the workflow."""
    config.html_baseurl = config.html_baseurl or os.environ.get("SITE_URL", "")


def setup(app: Sphinx) -> dict:
    app.setup_extension("exile.site.launch")
    app.connect("config-inited", set_address)
    app.connect("html-page-context", add_buttons, priority=502)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
