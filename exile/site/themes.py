"""Themes of the claims and their short names, from ``book/themes.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from exile import schema
from exile.audit.claims import STRICT
from exile.data import data_directory
from exile.errors import InputError


@dataclass(frozen=True)
class Theme:
    """A heading in both languages, and by claim the short names in both."""

    __pydantic_config__ = STRICT

    en: str
    ru: str
    claims: dict[str, tuple[str, str]]

    def in_(self, language: str) -> str:
        return self.ru if language == "ru" else self.en


@dataclass(frozen=True)
class Themes:
    __pydantic_config__ = STRICT

    themes: tuple[Theme, ...]

    def of(self, claim: str) -> Theme | None:
        return next((t for t in self.themes if claim in t.claims), None)

    def name(self, claim: str, language: str = "en") -> str:
        """The claim's short name; its id where it has none."""
        theme = self.of(claim)
        return theme.claims[claim][language == "ru"] if theme else claim

    @property
    def order(self) -> list[str]:
        return [claim for theme in self.themes for claim in theme.claims]


def themes() -> Themes:
    """The book's themes.

    Raises
    ------
    InputError
        If a claim stands under two.
    """
    path = data_directory().parent / "book" / "themes.toml"
    return _themes(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _themes(path: Path, stamp: int) -> Themes:
    held = schema.load(path, Themes)
    order = held.order
    if twice := {claim for claim in order if order.count(claim) > 1}:
        raise InputError(path.name, f"{sorted(twice)} stand under two themes", "Keep one.")
    return held
