"""What the scanner reports: a leak, told without repeating what leaked."""

from __future__ import annotations

from dataclasses import dataclass

# Each kind of leak with what to do about it.
REMEDIES = {
    "rows of respondents": "Publish an aggregate: a count or a share by group.",
    "column that singles out a person": "Drop the column, or aggregate before it is written.",
    "small cell": "Merge categories, or suppress the cell and a second one beside it.",
    "share too fine": "Round to whole points; a fine share gives its numerator away.",
    "exact date": "Give the month or the wave, never a person's day or time.",
    "e-mail address": "Remove it; addresses of the book's own stand in its references.",
    "phone number": "Remove it.",
    "account or handle": "Remove it; name the source in data/sources.csv if it is one.",
    "IP address": "Remove it.",
    "coordinates": "Remove them; maps take shapes of countries.",
    "device id": "Remove it.",
    "open answer": "Remove the quotation; describe answers in your own words.",
    "respondent's id": "Remove the id and whatever stands beside it.",
    "data file": "Delete the file; only tables of aggregates in CSV or JSON are published.",
    "pickled object": "Delete it; it may hold anything, and opening it runs code.",
    "widget state": "Clear the notebook's widget state; it keeps the data that widgets were given.",
    "traceback": "Clear the output; a traceback quotes the values that it failed on.",
    "hidden remark": "Delete the comment; readers of the source see it.",
    "source map": "Leave source maps out of the site; they copy sources and paths.",
    "mark missing": "Keep the tag respondents on the cells of the notebook that is offered.",
    "metadata": "Strip the file's metadata.",
    "not readable": "Delete the file, or save it in a form that the scanner reads.",
}


@dataclass(frozen=True, order=True)
class Leak:
    """One thing that must not be published.

    Attributes
    ----------
    file : str
        Path within the scanned folder; members of archives follow ``!``.
    place : str
        Line, cell, page or JSON path; empty for the file as a whole.
    kind : str
        A key of ``REMEDIES``.
    excerpt_redacted : str
        The shape of what was found, never its content.
    remedy : str
        What to do.
    """

    file: str
    place: str
    kind: str
    excerpt_redacted: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}, {self.place}" if self.place else self.file
        return f"{where}: {self.kind} ({self.excerpt_redacted}). {self.remedy}"


def shape(text: str) -> str:
    """How long something is, which is all that a report may say of it."""
    return f"{len(text)} characters withheld"
