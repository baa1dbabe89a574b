"""The page of a claim says all that the ledger holds of it, in both languages, without a script."""

from __future__ import annotations

import json
import re
from html import escape, unescape
from math import inf

import pytest

from exile.audit.evidence import Known, Tipping
from exile.case import register, rules
from exile.site import strips
from exile.site.letters import BOLD, SANS, SERIF, lines, width
from exile.site.metadata import picture_size

RULES = rules()


@pytest.fixture(scope="module")
def claims(site) -> list[dict]:
    return json.loads((site / "claims.json").read_text(encoding="utf-8"))


def text(html: str) -> str:
    html = re.sub(r"<(script|style|svg|template)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def page(site, claim: str, language: str) -> str:
    folder = "ru/" if language == "ru" else ""
    return (site / f"{folder}claims/{claim}/index.html").read_text(encoding="utf-8")


def test_each_claim_has_a_page_in_both_languages(site, claims):
    assert [c["id"] for c in claims] == [*register().claims]
    for claim in claims:
        for language, suffix in (("en", ""), ("ru", "_ru")):
            html = page(site, claim["id"], language)
            said = text(html)
            assert f'<html lang="{language}"' in html
            assert 'http-equiv="refresh"' not in html
            for wanted in (claim[f"statement{suffix}"], claim[f"answer{suffix}"]):
                assert " ".join(wanted.split()) in said, (claim["id"], language)
            assert claim["headline"][f"word{suffix}"] in said
            assert html.count('hreflang="ru"') and html.count('hreflang="en"')


def test_it_says_every_verdict_with_its_people_and_what_would_settle_it(site, claims):
    for claim in claims:
        said = text(page(site, claim["id"], "en"))
        for verdict in claim["verdicts"]:
            for wanted in (verdict["label"], verdict["summary"], verdict["settled_by"]):
                assert " ".join(wanted.split()) in said, (claim["id"], wanted)
            assert RULES.scopes[verdict["scope"]].en in said
            depends = verdict["dependence"]
            if depends and depends["total"] > 1:
                assert f"{depends['stands']} of {depends['total']}" in said
            for evidence in verdict["evidence"]:
                assert " ".join(evidence["label"].split()) in said


def test_it_leads_to_its_chapter_its_neighbours_and_a_way_to_object(site, claims):
    order = []
    for claim in claims:
        html = page(site, claim["id"], "en")
        assert f'href="../../{claim["chapter"]}"' in html
        assert re.search(r'href="(mailto:|https://github\.com/)[^"]+">Report an error<', html)
        order.append((claim["id"], re.findall(r'rel="(?:prev|next)" href="\.\./([\w-]+)/', html)))
    near = dict(order)
    assert all(c in near[n] for c in near for n in near[c])
    assert sum(len(n) for n in near.values()) == 2 * (len(near) - 1)


def test_share_pictures_are_made_for_their_size(site, claims):
    names = [f"{folder}{c['id']}" for c in claims for folder in ("", "ru-")]
    names += [p.stem for p in (site / "book").glob("*.html")] + ["ru-index"]
    for name in names:
        path = site / "_images" / "share" / f"{name}.png"
        assert picture_size(path) == (1200, 630), name
        assert path.stat().st_size < 60_000, name


def test_the_front_page_stands_at_the_root_and_names_every_claim(site, claims):
    for path, folder in (("index.html", ""), ("ru/index.html", "ru/")):
        html = (site / path).read_text(encoding="utf-8")
        for claim in claims:
            assert f"claims/{claim['id']}/index.html" in html, path
        assert 'http-equiv="refresh"' not in html
        assert folder or escape(claims[0]["headline"]["word"]) in html


@pytest.mark.parametrize(
    ("low", "high", "unit", "language", "said"),
    [
        (0.27, 0.27, "share", "en", "27"),
        (0.085, 0.264, "share", "en", "8.5–26"),
        (-0.02, 0.24, "share_difference", "en", "−2 … 24"),
        (0.8, inf, "share", "en", "80+"),
        (-inf, 0.1, "share", "en", "≤ 10"),
        (450_000, 1_000_000, "count", "en", "450,000–1 million"),
        (0.4, 1.7, "ratio", "ru", "0,4×–1,7×"),
    ],
)
def test_ranges_on_drawings(low, high, unit, language, said):
    assert strips.span(low, high, unit, language) == said


@pytest.mark.parametrize("unit", ["share", "share_difference", "ratio", "odds_ratio", "count"])
@pytest.mark.parametrize("region", [(0.1, 0.1), (0.1, 0.4), (0.2, inf), (-inf, 0.3), (0, 0)])
def test_any_evidence_can_be_drawn(unit, region):
    factor = 1e6 if unit == "count" else 1
    ends = tuple(x * factor for x in region)
    row = strips.Row("what was found", "611 asked", ends, ends, "migrants")
    html = strips.evidence([row], unit=unit, truth=(0.0, inf), printed=ends, said="what")
    assert html.count("<svg") == 2 and "nan" not in html and "inf" not in html
    for x in re.findall(r' x="(-?[\d.]+)"', html):
        assert -1 <= float(x) <= strips.WIDE


@pytest.mark.parametrize("side", ["above", "below"])
@pytest.mark.parametrize("value", [0.0, 0.02, 0.42, 0.98, 1.0])
def test_the_tint_lies_where_it_would_be_true(side, value):
    known = (Known("by census", 0.27), Known("of respondents", 0.8))
    tip = Tipping(quantity="graduates", value=value, unit="share", true_side=side, known=known)
    (start, wide), *_ = re.findall(
        r'<rect class="deco" x="([\d.]+)" y="40" width="([\d.]+)"', strips.tipping(tip)
    )
    (line,) = set(re.findall(r'd="M([\d.]+) 34V80"', strips.tipping(tip))[:1])
    edge = float(start) if side == "above" else float(start) + float(wide)
    assert edge == pytest.approx(float(line), abs=0.2)


def test_widths_add_up_and_lines_fit():
    assert width("ii", 10, SANS) == pytest.approx(2 * width("i", 10, SANS))
    assert width("Мир", 20, SERIF) > width("i", 20, SERIF) > 0
    text = "Of the migrants 27 % can afford a car, against only 4 % of Russia's population."
    for room in (120, 200, 400):
        held = lines(text, room, 20, BOLD)
        assert " ".join(held) == text
        assert all(width(line, 20, BOLD) <= room for line in held)
