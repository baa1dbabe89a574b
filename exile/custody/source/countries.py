"""Countries by ISO 3166-1, and their names in English and Russian."""

from __future__ import annotations

import gettext
from functools import cache

import pycountry

ISO = frozenset(country.alpha_3 for country in pycountry.countries)
# Names in use that the standard does not hold.
COMMON = {
    "usa": "USA", "сша": "USA", "uk": "GBR", "великобритания": "GBR", "england": "GBR",
    "кыргызстан": "KGZ", "turkey": "TUR", "турция": "TUR", "молдова": "MDA", "беларусь": "BLR",
    "оаэ": "ARE", "uae": "ARE", "южная корея": "KOR", "south korea": "KOR", "чехия": "CZE",
    "north macedonia": "MKD", "россия": "RUS", "russia": "RUS", "kyrgyzstan": "KGZ",
    "нидерланды": "NLD", "netherlands": "NLD", "вьетнам": "VNM", "vietnam": "VNM",
}  # fmt: skip


def country(name: str) -> str | None:
    """The code of a country given by its code or by its name, if it is certain."""
    text = name.strip()
    if text in ISO:
        return text
    return _names().get(text.casefold().replace("ё", "е"))


@cache
def _names() -> dict[str, str]:
    russian = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["ru"])
    found = {}
    for one in pycountry.countries:
        for name in filter(None, (one.name, *(getattr(one, k, None) for k in (
            "common_name", "official_name"
        )))):  # fmt: skip
            found[name.casefold()] = one.alpha_3
            found[russian.gettext(name).casefold().replace("ё", "е")] = one.alpha_3
    return found | COMMON
