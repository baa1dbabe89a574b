"""Tables with provenance: read, checked, and derived from microdata."""

from exile.data import overrides
from exile.data.descriptor import table_paths
from exile.data.figures import Figure, figure, figure_tables
from exile.data.location import data_directory
from exile.data.searches import absent
from exile.data.tables import secondary_coverage, source, sources, table

__all__ = [
    "Figure",
    "absent",
    "data_directory",
    "figure",
    "figure_tables",
    "overrides",
    "secondary_coverage",
    "source",
    "sources",
    "table",
    "table_paths",
]
