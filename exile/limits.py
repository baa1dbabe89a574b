"""What a page may carry: the bounds that keep respondents out of charts and files."""

from __future__ import annotations

import re

# A chart carries aggregates; a frame longer than this is likely to hold respondents.
MAX_ROWS = 500
RESPONDENT_COLUMNS = re.compile(
    r"^(id|idno|respondent.*|resp_?id|town|city|district|region|interview.*|.*_open|quote)$",
    re.IGNORECASE,
)
# The source id of evidence from a survey's own file, which no public list of sources holds.
MICRODATA = "microdata"
