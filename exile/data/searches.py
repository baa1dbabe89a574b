"""What was looked for and not found, and figures that would refute it."""

from __future__ import annotations

from exile.data.descriptor import descriptors
from exile.data.location import data_directory
from exile.data.reads import note
from exile.data.tables import keys, loaded
from exile.errors import InputError

# The article's own figures are what a search is about, not an answer to it.
ASSERTIONS = {"article_figures"}
# A survey's table also holds the values of Russia's population that a report sets beside it.
OTHERS = "Russian population"


def absent(search_id: str) -> dict[str, str]:
    """The row of a search, provided that no table holds a figure which answers it.

    Parameters
    ----------
    search_id : str
        A row of ``data/searches.csv``.

    Returns
    -------
    dict
        The row: what was asked, in which words, where and when, and what came nearest.

    Raises
    ------
    InputError
        If there is no such search, or a table holds a figure for emigrants with one of the
        search's indicators that is not among the nearest.
    """
    note("search", search_id)
    searches = loaded("searches").set_index("search_id", drop=False)
    if search_id not in searches.index:
        raise InputError(
            f"search '{search_id}'",
            "no such search",
            f"data/searches.csv holds {searches.index[0]} to {searches.index[-1]}.",
        )
    row = searches.loc[search_id]
    row = {**row, "date": row["date"].date().isoformat()}
    known, asked = row["nearest"].split(), row["indicators"].split()
    for name, figures in _with_indicators().items():
        for figure_id, indicator, group in sorted(figures):
            if indicator not in asked or group.startswith(OTHERS) or figure_id in known:
                continue
            raise InputError(
                f"search {search_id}, '{row['asked']}'",
                f"{figure_id} in {name} is a figure on '{indicator}'",
                "Let the chapter use it as evidence; or, if it does not answer the question, "
                f"list it among the nearest of {search_id} in data/searches.csv.",
            )
    return row


def _with_indicators() -> dict[str, frozenset[tuple[str, ...]]]:
    """Id, indicator and group of the figures of each table that says what was measured."""
    folder = data_directory()
    wanted = ("figure_id", "indicator", "group")
    return {
        name: keys(folder, name, wanted)
        for name, descriptor in descriptors(folder).items()
        if descriptor.is_table and {*wanted} <= {*descriptor.columns} and name not in ASSERTIONS
    }
