"""How released outputs stand on a page: Markdown and HTML from the release file alone."""

from __future__ import annotations

from html import escape
from itertools import groupby

from exile.custody.catalogue import MISSING
from exile.custody.release.outputs import Cell, Output, Release
from exile.wording import people, percent


def block(output: Output) -> str:
    """One output, as Markdown for a chapter."""
    if output.kind == "table" and output.cells:
        return f"{table(output)}\n\n"
    text = f'<p class="released">{escape(output.text)}</p>\n\n'
    if output.verdict is not None:
        # The line of the verdict; the card above holds the words.
        return f"{text}```{{released}} {output.id}\n```\n\n"
    return text


def table(output: Output) -> str:
    """A released table: about how many people, and their share of the row where all are shown."""
    first = output.variables[0]
    columns = list(dict.fromkeys(cell.levels[-1] for cell in output.cells))
    rows = []
    for level, cells in groupby(output.cells, key=lambda cell: cell.levels[:-1]):
        held = list(cells)
        whole = held if output.over or len(output.variables) == 1 else list(output.cells)
        shown = "".join(f"<td>{_size(cell, whole)}</td>" for cell in held)
        name = _worded(level[0], output.absorbed[0]) if level else "all"
        rows.append(f"<tr><th scope='row'>{escape(name)}</th>{shown}</tr>")
    heads = "".join(
        f"<th scope='col'>{escape(_worded(c, output.absorbed[-1]))}</th>" for c in columns
    )
    corner = escape(first.replace("_", " ")) if len(output.variables) > 1 else ""
    caption = (
        f"{output.text.rstrip('.')}: about how many people, by tens, and percent of "
        f"{'each row' if output.over else 'all'}. – is not shown."
    )
    return (
        f"<div class='table-scroll'><table class='released'><caption>{escape(caption)}</caption>"
        f"<thead><tr><td>{corner}</td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _size(cell: Cell, whole: list[Cell]) -> str:
    if cell.about is None:
        return "–"
    shown = [other.about for other in whole if other.about is not None]
    if len(shown) < len(whole):
        return people(cell.about)
    return f"{people(cell.about)} ({percent(cell.about / sum(shown))})"


def _worded(level: str, absorbed: tuple[str, ...]) -> str:
    if level == MISSING:
        return "no answer, or rare" if level in absorbed else "no answer"
    return level.replace("_", " ") + (", or no answer or rare" if level in absorbed else "")


def about(release: Release) -> str:
    """The run, its signatures, and every output with the reason: a section of a page."""
    run = release.run
    facts = {
        "Survey": run.survey,
        "Custodian": run.custodian,
        "Fieldwork": run.fieldwork,
        "People": f"about {people(run.people)}",
        "Rules": f"profile {run.profile}, version {run.rules_sha256[:12]}",
        "Fingerprint of the file": run.file_sha256,
        "Fingerprint of the codebook": run.codebook_sha256,
        **{f"Approved by {a.by}": f"{a.at}: {a.comment}" for a in release.approvals},
    }
    lines = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    rows = "".join(
        f"<tr><td>{escape(o.id)}</td><td>{escape(o.kind)}</td><td>{escape(o.rule)}</td>"
        f"<td>{escape(o.counts)}</td><td>{escape(o.reason)}</td></tr>"
        for o in release.outputs
    )
    dropped = "".join(f"<li>{escape(line)}</li>" for line in release.dropped)
    return (
        f"<dl class='release-facts'>{lines}</dl>\n<div class='table-scroll'><table>"
        "<caption>Everything that left the run</caption><thead><tr><th>Output</th><th>Kind</th>"
        f"<th>Rule</th><th>Smallest count</th><th>Reason</th></tr></thead><tbody>{rows}</tbody>"
        f"</table></div>\n{f'<ul>{dropped}</ul>' if dropped else ''}"
    )
