"""From any number in the prose to the expression, the code and the data behind it.

A phrase that prose quotes is named in a call of ``say``. Its expression uses names that
earlier statements of the chapter assigned, and so back to the figures and tables that
they read: this module follows that trail in the chapter's syntax tree.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from docutils import nodes
from nbformat import NotebookNode
from sphinx.application import Sphinx

from exile import data
from exile.site.execution import read_chapter
from exile.site.sources import page_of

QUOTED = re.compile(r"\{glue:text\}`([^`]+)`")
FIGURE_ID = re.compile(r"[A-Z]+\d?-?\d+")


@dataclass(frozen=True)
class Trace:
    """How a phrase came about.

    Attributes
    ----------
    expression : str
        The argument of ``say``.
    cell : int
        Position of its cell among the cells of the notebook.
    figures, tables : frozenset of str
        Ids of figures and names of tables that the statements behind it mention.
    """

    expression: str
    cell: int
    figures: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()


@dataclass
class _Statement:
    cell: int
    node: ast.stmt
    defines: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)


def traces(notebook: NotebookNode) -> dict[str, Trace]:
    """Every phrase of a chapter by its name."""
    statements = list(_statements(notebook))
    found = {}
    for position, statement in enumerate(statements):
        for call in ast.walk(statement.node):
            if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "say"):
                continue
            for keyword in call.keywords:
                behind = [keyword.value, *_behind(keyword.value, statements[:position])]
                trace = Trace(
                    ast.unparse(keyword.value),
                    statement.cell,
                    frozenset(_figure_ids(behind)),
                    frozenset(_tables(behind)),
                )
                # `say(**{...})` names its phrases only when it runs.
                found[keyword.arg or f"**{statement.cell}"] = trace
    return found


def _statements(notebook: NotebookNode) -> Iterator[_Statement]:
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        for node in ast.parse(cell.source).body:
            statement = _Statement(number, node)
            for inner in ast.walk(node):
                match inner:
                    case ast.Name(id=name, ctx=ast.Store()):
                        statement.defines.add(name)
                    case ast.Name(id=name):
                        statement.uses.add(name)
                    case ast.FunctionDef(name=name):
                        statement.defines.add(name)
            # `frame["x"] = ...` changes what `frame` is.
            for target in getattr(node, "targets", ()):
                while isinstance(target, ast.Subscript | ast.Attribute):
                    target = target.value
                if isinstance(target, ast.Name):
                    statement.defines.add(target.id)
            if not isinstance(node, ast.Import | ast.ImportFrom):
                yield statement


def _behind(value: ast.AST, earlier: list[_Statement]) -> list[ast.AST]:
    """The statements that an expression rests on, followed back to the first."""
    wanted = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} - set(dir(builtins))
    behind: list[ast.AST] = []
    for statement in reversed(earlier):
        if statement.defines & wanted:
            behind.append(statement.node)
            wanted |= statement.uses
    return behind


def _figure_ids(behind: list[ast.AST]) -> Iterator[str]:
    known = data.figure_tables()
    for node in behind:
        for constant in ast.walk(node):
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                # Ids stand alone or several in one string.
                for word in constant.value.split():
                    if FIGURE_ID.fullmatch(word) and word in known:
                        yield word


def _tables(behind: list[ast.AST]) -> Iterator[str]:
    for node in behind:
        for call in ast.walk(node):
            match call:
                case ast.Call(func=ast.Name(id="table"), args=[ast.Constant(value=str(name))]):
                    yield name


class numbers_view(nodes.General, nodes.Element):
    """Stands at the end of a chapter for the account of its numbers."""


def mark_numbers(app: Sphinx, doctree: nodes.document) -> None:
    """On ``doctree-read``: make each quoted phrase a link to its line in the account."""
    env = app.env
    notebook = read_chapter(env, env.docname)
    if notebook is None:
        return
    found = traces(notebook)
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    names = QUOTED.findall(text)
    quoted = [n for n in doctree.findall(nodes.inline) if "pasted-text" in n["classes"]]
    if len(names) != len(quoted):
        return  # a phrase that failed to resolve is reported elsewhere
    said: dict[str, str] = {}
    for name, node in zip(names, quoted, strict=True):
        trace = found.get(name)
        if trace is None:
            continue
        said.setdefault(name, node.astext())
        link = nodes.reference(
            "", "", *node.children, refid=f"number-{name}", internal=True, classes=["number"]
        )
        link["reftitle"] = trace.expression
        node.children = []
        node += link
    for cell in doctree.findall(nodes.container):
        if "cell_index" in cell:
            cell["ids"].append(f"cell-{cell['cell_index']}")
    shown = {c["cell_index"] for c in doctree.findall(nodes.container) if "cell_index" in c}
    if said:
        rows = [(n, v, found[n], found[n].cell in shown) for n, v in said.items()]
        code = {t.cell: notebook.cells[t.cell].source for _, _, t, seen in rows if not seen}
        _last_section(doctree).append(numbers_view(rows=rows, code=code))


def _last_section(doctree: nodes.document) -> nodes.Element:
    top = next(iter(doctree.findall(nodes.section)), None)
    return doctree if top is None else top


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """On ``doctree-resolved``: the account of a chapter's numbers."""
    tables, up = data.table_paths(), "../" * docname.count("/")
    for node in list(doctree.findall(numbers_view)):
        html = account(node["rows"], node["code"], tables, up)
        node.replace_self(nodes.raw("", html, format="html"))


def account(
    rows: list[tuple[str, str, Trace, bool]],
    code: dict[int, str],
    tables: dict[str, str],
    up: str,
) -> str:
    """A table of numbers: value, expression, code, and what data stand behind it."""

    def behind(trace: Trace) -> str:
        place = data.figure_tables()
        figures = [
            f'<a href="{up}{page_of(place[f])}#figure-{f}">{f}</a>' for f in sorted(trace.figures)
        ]
        files = [
            f'<a href="{up}data/{tables[t]}">{escape(t)}</a>'
            for t in sorted(trace.tables)
            if t in tables
        ]
        return ", ".join(figures + files)

    lines = "".join(
        f'<tr id="number-{escape(name)}"><td>{escape(value)}</td>'
        f'<td><a href="#{"cell" if seen else "code"}-{trace.cell}">'
        f"<code>{escape(trace.expression)}</code></a></td><td>{behind(trace)}</td></tr>"
        for name, value, trace, seen in rows
    )
    cells = "".join(
        f'<details id="code-{cell}"><summary>A cell not shown above</summary>'
        f"<pre>{escape(source)}</pre></details>"
        for cell, source in sorted(code.items())
    )
    return (
        '<details class="numbers" id="numbers"><summary>How each number in the text was made'
        '</summary><div class="table-scroll"><table><thead><tr><th>Number</th><th>Made by</th>'
        "<th>From figures and tables</th></tr></thead>"
        f"<tbody>{lines}</tbody></table></div>{cells}</details>"
    )


def setup(app: Sphinx) -> dict:
    app.add_node(numbers_view)
    app.connect("doctree-read", mark_numbers)
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
