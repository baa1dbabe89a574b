"""What readers type finds its claim first, under a sub-address as on a server of one's own."""

from __future__ import annotations

import os
import re

import pytest
from served import BROWSER, run
from test_pages import NO_BROWSER

from exile.case import register
from exile.site import themes
from exile.site.finding_aids import numbers

UNDER = "/democracy-in-exile"
RUSSIAN = (
    "доверие", "автомобиль", "образование", "митинги", "волонтёры", "мобилизация", "Тбилиси",
    "демократия", "женщины", "эмигранты",
)  # fmt: skip


def stated() -> dict[str, set[str]]:
    """Each number of the register as it may be typed, and the claims that it stands in."""
    held = register()
    found: dict[str, set[str]] = {}
    for claim in held.claims.values():
        values = {held.stated(claim.id, name).value for name in claim.states}
        values |= set(numbers(held.statement(claim.id)))
        for value in values:
            for typed in {f"{value:.0f}", f"{value:,.0f}"}:
                found.setdefault(typed, set()).add(claim.id)
    return found


@pytest.fixture(scope="module")
def answer(site) -> dict:
    if BROWSER is None:
        assert "CI" not in os.environ, NO_BROWSER
        pytest.skip(NO_BROWSER)
    asked = [*register().claims, *stated(), "80%", "27 %", "700 thousand", "1 million", "611"]
    asked += [
        *RUSSIAN,
        "trust",
        "car",
        "how many left",
        "rallies fell",
        "women",
        "school of democracy",
    ]
    (found,) = run("find.cjs", BROWSER, str(site), UNDER, told="\n".join(dict.fromkeys(asked)))
    return found


def first(answer: dict, words: str) -> str:
    """The claim that both the box and the search name first."""
    box, search = answer["box"][words], answer["found"][words]["claims"]
    assert box and search, words
    assert box[0] == search[0], words
    return re.search(r"/claims/([\w-]+)/index\.html$", box[0])[1]


def test_every_id_finds_its_claim_first(answer):
    for claim in register().claims:
        assert first(answer, claim) == claim


def test_every_number_of_the_register_finds_a_claim_that_states_it_first(answer):
    for typed, claims in stated().items():
        assert first(answer, typed) in claims, typed


@pytest.mark.parametrize(
    ("typed", "claims"),
    [
        ("80%", {"higher-education-80-27"}),
        ("27 %", {"higher-education-80-27", "car-27-4"}),
        ("700 thousand", {"seven-hundred-thousand-autumn"}),
        ("1 million", {"one-million-left"}),
        ("car", {"car-27-4"}),
        ("how many left", {"one-million-left"}),
        ("rallies fell", {"rallies-49-26", "decline-partly-host-regimes"}),
        ("school of democracy", {"school-of-democracy"}),
    ],
)
def test_readers_questions_find_their_claim(answer, typed, claims):
    assert first(answer, typed) in claims


def test_russian_words_find_russian_pages(answer):
    for word in RUSSIAN:
        found = answer["found"][word]
        assert found["claims"] or found["pages"], word
        assert all(a.startswith(f"{UNDER}/ru/") for a in found["claims"] + found["pages"]), word


def test_words_find_pages_with_excerpts_that_show_no_code(answer):
    for word in ("trust", "car", "women"):
        found = answer["found"][word]
        assert found["pages"], word
        for excerpt in found["excerpts"]:
            assert not re.search(r"import |alt\.Chart|\w+\(\w+=|Show the code", excerpt), excerpt


def test_an_address_can_ask(answer):
    assert answer["fromHash"] == "27"


def test_a_lost_reader_is_led_home(answer):
    for address in ("/book/nowhere.html", "/claims/none/"):
        assert answer["lost"][address].endswith(f"{UNDER}/index.html"), address


def test_a_bad_address_stops_nothing(answer):
    for tried in answer["bad"]:
        assert not tried["errors"], tried
        assert re.fullmatch(r"\d+ of \d+ claims", tried["output"]), tried
    assert not answer["errors"]


def test_every_claim_has_a_theme_and_two_short_names():
    held = themes.themes()
    assert sorted(held.order) == sorted(register().claims)
    for theme in held.themes:
        for english, russian in theme.claims.values():
            assert not re.search("[а-яА-Я]", english)
            assert re.search("[а-яА-Я]", russian)
            assert max(len(english), len(russian)) <= 30
