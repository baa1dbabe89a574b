"""From coded answers to counts, and what the counts can decide."""
