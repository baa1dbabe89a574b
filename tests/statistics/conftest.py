"""Hypothesis without deadlines: the time of one example depends on the machine, not on the law."""

from hypothesis import settings

settings.register_profile("statistics", deadline=None)
settings.load_profile("statistics")
