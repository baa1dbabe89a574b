"""What a reader takes away: each chapter as a notebook, and the wheel that it runs on.

A chapter in MyST holds roles and directives that Jupyter does not know. The notebook
written here says in plain Markdown what the page says, keeps the outputs, and installs
the package with its tables in the first cell, so that it runs from any folder.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
from docutils import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from pybtex.database import parse_file
from sphinx.application import Sphinx

import exile
from exile import case, data, notebook
from exile.audit.ledger import Entry
from exile.audit.records import decode_finding
from exile.audit.verdict import judge
from exile.publish import ANSWER_MIME, CHART_MIME, FINDING_MIME
from exile.site import pdf
from exile.site.cards import headline_words, marks, whom
from exile.site.collected import entries
from exile.site.execution import basis_file, executed
from exile.site.guard import digest
from exile.site.pdf import FOLDER

# The scanner holds cells with this tag to the rules of restricted material.
RESTRICTED = "respondents"
GLUE = "application/papermill.record/text/plain"
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
CARD = re.compile(r"^```\{claim-card\} ([\w-]+)\n```$", re.MULTILINE)
ANSWERS = re.compile(r"^```\{claim-answers\} ([\w -]+)\n```$", re.MULTILINE)
FOLDED = re.compile(r"^```\{dropdown\} ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r"^```\{figure\} [^\n]+\n(?::[^\n]*\n)*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Directives that stand for something of the whole book.
BOOK_ONLY = re.compile(
    r"^```\{(?!code-cell|claim-card|claim-answers|dropdown|figure)[\w-]+\}", re.MULTILINE
)


def write(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: the wheel, and a notebook of each chapter that runs code."""
    if problem is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir, FOLDER)
    folder.mkdir(exist_ok=True)
    # What was made from the same things is still there.
    memory = Path(app.outdir).parent / "downloads.json"
    made = json.loads(memory.read_text("utf-8")) if memory.is_file() else {}
    root, out = Path(exile.__file__).parents[1], Path(app.outdir)
    books = [Path(app.srcdir, f) for f in app.config.bibtex_bibfiles]
    packed = digest([root / "pyproject.toml", out / "claims.json"], app.config.exile_inputs)
    held = sorted(folder.glob("*.whl"))
    wheel = held[0] if held and made.get("wheel") == packed else write_wheel(folder)
    now = {"wheel": packed}
    kept = {f"{Path(docname).name}.ipynb" for docname in chapters(app)}
    for old in folder.glob("*.ipynb"):
        if old.name not in kept:
            old.unlink()
    for docname in sorted(chapters(app)):
        path = folder / f"{Path(docname).name}.ipynb"
        now[docname] = digest(
            [Path(app.env.doc2path(docname)), basis_file(app, docname), *books],
            *(
                app.config.exile_inputs,
                app.env.__dict__["exile_state"],
                app.config.html_baseurl,
                wheel.name,
            ),
        )
        if not path.is_file() or made.get(docname) != now[docname]:
            written = portable(executed(app, docname), app, docname, wheel.name)
            path.write_text(nbformat.writes(written) + "\n", encoding="utf-8")
    memory.write_text(json.dumps(now), encoding="utf-8")


def chapters(app: Sphinx) -> set[str]:
    """Documents that run code, and say nothing that a notebook could not."""
    return {
        d
        for d, m in app.env.__dict__["nb_metadata"].items()
        if m.get("exec_data") and not BOOK_ONLY.search(Path(app.env.doc2path(d)).read_text("utf-8"))
    }


def write_wheel(folder: Path) -> Path:
    """The package with its tables and answers as one installable file.

    It registers nothing in a reader's environment: charts and findings are rendered, and
    kernels forked, for the book's own build alone.
    """
    from hatchling.builders.wheel import WheelBuilder

    repository = Path(exile.__file__).parents[1]
    settings = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    settings["project"].pop("entry-points", None)
    published = folder.parent / "claims.json"
    if published.is_file():
        target = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
        target["force-include"][str(published)] = "exile/tables/claims.json"
    for old in folder.glob("*.whl"):
        old.unlink()
    builder = WheelBuilder(str(repository), config=settings)
    (built,) = builder.build(directory=str(folder), versions=["standard"])
    return Path(built)


def portable(
    chapter: nbformat.NotebookNode, app: Sphinx, docname: str, wheel: str
) -> nbformat.NotebookNode:
    """The notebook that a reader downloads."""
    say = _speaker(chapter, app)
    cells = [
        new_markdown_cell(_masthead(app, docname), id="masthead"),
        new_code_cell(install_cell(app, wheel), id="install"),
    ]
    for number, cell in enumerate(chapter.cells):
        name = f"cell-{number}"
        if cell.cell_type == "markdown":
            cells.append(new_markdown_cell(say(cell.source), id=name))
        elif cell.cell_type == "code":
            tags = set(cell.metadata.get("tags", ()))
            metadata: dict[str, object] = {}
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
    cells += [
        new_markdown_cell("## Before and after", id="compare-title"),
        new_code_cell("import exile\n\nexile.compare()", id="compare"),
    ]
    return nbformat.v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
    )


def _masthead(app: Sphinx, docname: str) -> str:
    """Where the chapter comes from, and how to change it."""
    base = app.config.html_baseurl.rstrip("/")
    page = f"{base}/{docname}.html" if base else ""
    title = case.register().article.title
    where = f"[This chapter on the site]({page})" if page else "A chapter of the site"
    return (
        f"{where} · an audit of “{title}”. To suppose another figure, rule or reading, put "
        "`from exile import what_if; what_if({...})` in a cell before the ones that it should "
        "move, and run the notebook."
    )


def install_cell(app: Sphinx, wheel: str) -> str:
    """What a reader runs first: it installs what is missing and upgrades nothing that fits."""
    base = app.config.html_baseurl.rstrip("/")
    site = f"{base}/{FOLDER}/{wheel}" if base else ""
    return f"""# Installs the audit's package where it is missing; nothing that fits is upgraded.
import importlib.util
from pathlib import Path

WHEEL, SITE = "{wheel}", "{site}"
if importlib.util.find_spec("exile") is None:
    if Path(WHEEL).is_file() or SITE:
        source = f"./{{WHEEL}}" if Path(WHEEL).is_file() else SITE
        %pip install --quiet {{source}}
    else:
        raise SystemExit(
            f"Put {{WHEEL}} beside this notebook: it lies in the folder '{FOLDER}' of the site "
            "from which the notebook came."
        )"""


def _output(raw: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """An output as any notebook viewer shows it."""
    held = raw.get("data", {})
    if GLUE in held:
        return None
    if ANSWER_MIME in held:
        return None
    if FINDING_MIME in held:
        found = decode_finding(held[FINDING_MIME]["finding"])
        verdict = judge(found, case.register(), case.rules())
        html = notebook.card(found, verdict, None)
        text = f"{found.claim}, {found.part}: {verdict.code}"
        return new_output("display_data", {"text/html": html, "text/plain": text})
    if CHART_MIME in held:
        chart = held[CHART_MIME]
        shown = notebook.figure(
            chart["spec"],
            title=chart["title"],
            alt=chart["alt"],
            sources=chart["sources"],
            dates=chart["dates"],
            how_to_read=chart["how_to_read"],
        )
        return new_output("display_data", shown)
    if raw.output_type == "stream" and raw.name == "stderr":
        return None
    return raw


def _speaker(chapter: nbformat.NotebookNode, app: Sphinx) -> Callable[[str], str]:
    """Roles and cards in words."""
    phrases = {
        output.metadata["scrapbook"]["name"]: ast.literal_eval(output.data[GLUE])
        for cell in chapter.cells
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

    base = app.config.html_baseurl.rstrip("/")
    kept = {Path(d).name for d in chapters(app)}

    def link(found: re.Match) -> str:
        """To the other notebook, or to the page where a document is none."""
        name, anchor = found[1], found[2] or ""
        if name in kept:
            return f"]({name}.ipynb)"
        return f"]({base}/book/{name}.html{anchor})" if base else "](#)"

    def speak(text: str) -> str:
        text = CARD.sub(lambda found: _card(entries(app.env)[found[1]]), text)
        text = ANSWERS.sub(
            lambda found: "\n".join(_answer(entries(app.env)[c]) for c in found[1].split()),
            text,
        )
        # Jupyter's sanitiser lets through what folds.
        text = FOLDED.sub(r"<details><summary>\1</summary>\n\n\2\n</details>", text)
        text = PICTURE.sub(r"*On the site, a picture: \1*", text)
        # A definition list is none in a notebook.
        text = re.sub(r"^: ", "", text, flags=re.MULTILINE)
        return re.sub(r"\]\((\w+)\.md(#[\w-]+)?\)", link, ROLE.sub(role, text))

    return speak


def _literature(app: Sphinx) -> dict[str, str]:
    """Author and year by key."""
    return _authors_and_years(tuple(Path(app.srcdir, f) for f in app.config.bibtex_bibfiles))


@cache
def _authors_and_years(files: tuple[Path, ...]) -> dict[str, str]:
    entries = {}
    for file in files:
        for key, entry in parse_file(str(file)).entries.items():
            names = [" ".join(p.last_names) for p in entry.persons.get("author", ())]
            who = names[0] if len(names) == 1 else f"{names[0]} et al." if names else key
            entries[key] = f"{who} {entry.fields.get('year', '')}".strip()
    return entries


def _answer(entry: Entry) -> str:
    word, _, people = headline_words(entry, case.rules())
    return f"- {entry.statement} **{word}** ({people}). {entry.answers.get('en', '')}"


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
    config.html_baseurl = config.html_baseurl or pdf.published_at()


def setup(app: Sphinx) -> dict:
    app.setup_extension("exile.site.launch")
    app.connect("config-inited", set_address)
    app.connect("html-page-context", add_buttons, priority=502)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
