"""Helpers of the audit book: data in, evidence judged, pages out.

Dependencies run one way: :mod:`exile.statistics` knows only numbers,
:mod:`exile.audit` (claims, evidence, rules, verdicts) knows only
statistics, :mod:`exile.data` reads and checks the tables, and
:mod:`exile.site` turns chapters into a book. Nothing imports the book.
"""
