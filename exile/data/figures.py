"""Single figures by their id, with where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from exile.data.descriptor import descriptors
from exile.data.location import data_directory
from exile.data.overrides import active, check_unedited
from exile.data.reads import note
from exile.data.tables import keys, loaded
from exile.errors import InputError


@dataclass(frozen=True)
class Figure:
    """One published number and where it comes from.

    Attributes
    ----------
    value : float or None
        In ``unit``; None where the source gives a range or words only.
    unit : str
        As the table states it: "percent", "count", "persons (about)", ...
    low, high : float or None
        Ends of a range, where the source gives one.
    base_n : int or None
        Number of people that the figure rests on, where published.
    access : str
        Whether the figure was read in the source itself, in secondary coverage, or
        computed from a data file.
    row : dict
        All columns of the row; missing cells are left out.
    """

    figure_id: str
    table: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    base_n: int | None
    source_id: str
    source_locator: str | None
    access: str
    survey: str | None
    note: str | None
    row: dict

    @property
    def share(self) -> float:
        """The value of a percentage as a fraction.

        Raises
        ------
        InputError
            If the figure is not a percentage.
        """
        if self.value is None or not self.unit.startswith("percent"):
            raise InputError(
                f"{self.table}, {self.figure_id}",
                f"not a percentage but {self.value} ({self.unit})",
                "Use its value.",
            )
        return self.value / 100


def figure(figure_id: str) -> Figure:
    """The row with this id, in whichever table it stands.

    Raises
    ------
    InputError
        If no table or more than one has the id, or the table itself is faulty.
    """
    folder = data_directory()
    homes = _figure_homes(folder).get(figure_id, ())
    if len(homes) != 1:
        problem = "no such figure" if not homes else f"the id stands in {' and '.join(homes)}"
        raise InputError(
            f"figure '{figure_id}'",
            problem,
            "Ids are unique across all tables with a column figure_id; see data/README.md.",
        )
    note("figure", figure_id)
    check_unedited(homes[0], figure_id)
    rows = loaded(homes[0])
    row = rows[rows["figure_id"] == figure_id].iloc[0].dropna().to_dict()
    if figure_id in active():
        supposed = active()[figure_id]
        row |= {k: supposed for k in ("value", "low", "high") if k == "value" or k in row}
    base = row.get("base_n")
    return Figure(
        figure_id=figure_id,
        table=homes[0],
        value=row.get("value"),
        unit=row["statistic"] if "statistic" in row else row["unit"],
        low=row.get("low"),
        high=row.get("high"),
        base_n=None if base is None else int(base),
        source_id=row["source_id"],
        source_locator=row.get("source_locator"),
        access=row["access"],
        survey=row.get("survey"),
        note=row.get("note"),
        row=row,
    )


def figure_tables() -> dict[str, str]:
    """The table of each figure, by id."""
    return {f: homes[0] for f, homes in _figure_homes(data_directory()).items()}


def _figure_homes(folder: Path) -> dict[str, tuple[str, ...]]:
    homes: dict[str, tuple[str, ...]] = {}
    for name, descriptor in descriptors(folder).items():
        if not descriptor.is_table or "figure_id" not in descriptor.columns:
            continue
        for (figure_id,) in keys(folder, name, ("figure_id",)):
            homes[figure_id] = (*homes.get(figure_id, ()), name)
    return homes
