"""Tables with provenance: read, checked, and derived from microdata."""

from exile.data.figures import Figure, figure
from exile.data.location import data_directory
from exile.data.tables import secondary_coverage, sources, table

__all__ = ["Figure", "data_directory", "figure", "secondary_coverage", "sources", "table"]
