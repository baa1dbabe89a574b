"""Every page as it is seen: both themes, a desk and a phone, and after a change of width."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest
from served import BROWSER, SHARES, ask, pages
from test_pages import NO_BROWSER

SHORT = ("claims/car-27-4/index.html", "ru/claims/car-27-4/index.html")


@pytest.fixture(scope="module")
def look():
    if BROWSER is None:
        assert "CI" not in os.environ, NO_BROWSER
        pytest.skip(NO_BROWSER)
    return lambda site, *names, visits="both": ask("look.cjs", site, visits, *names)


def every(site: Path) -> list[str]:
    return [p.relative_to(site).as_posix() for p in sorted(site.rglob("*.html"))]


def said(found: list[dict]) -> str:
    """Each fault once, with where it was seen first."""
    seen: dict[tuple, str] = {}
    for f in found:
        key = (f["page"], f["place"], f["kind"], f["text"])
        seen.setdefault(
            key, f"{f['page']} {f['place']} ({f['state']}) {f['kind']}: {f['text']} {f['more']}"
        )
    return "\n".join(seen.values())


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_cut_covered_or_pale(look, site, share):
    """Contrast 4.5 for texts and 3 for marks, against what lies beneath them."""
    charts = sorted(p.relative_to(site).as_posix() for p in site.glob("charts/*.html"))
    tables = sorted(p.relative_to(site).as_posix() for p in site.glob("data/**/*.html"))
    names = [*pages(site), *tables[:1], *tables[-1:], *charts[:: max(1, len(charts) // 8)]]
    found = look(site, *names[share::SHARES])
    assert not found, said(found)


@pytest.mark.parametrize("share", range(SHARES))
def test_every_claim_can_be_seen(look, site, share):
    """All pages of claims in one language and theme; the others have the same parts and roles."""
    claims = sorted(p.relative_to(site).as_posix() for p in site.glob("claims/*/index.html"))
    found = look(site, *claims[share::SHARES], visits="one")
    assert not found, said(found)


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>:root{{--paper:#ffffff}}
body{{background:#fff;margin:0}}</style><main>{}</main></html>"""
GOOD = """<svg width="300" height="80" viewBox="0 0 300 80"><rect x="0" y="20" width="200" height="20"
fill="#0b62a4"/><text x="10" y="70" font-size="14" fill="#16202a">A label</text></svg>"""


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (GOOD.replace("#16202a", "#aaaaaa"), "text without contrast"),
        (GOOD.replace('y="70"', 'y="34"'), "text without contrast"),
        (GOOD.replace("#0b62a4", "#e0e0e0"), "mark without contrast"),
        (GOOD.replace('x="10"', 'x="270"'), "text outside its picture"),
        (GOOD.replace('"14"', '"5"'), "tiny text"),
        (GOOD.replace("A label", "A lab…"), "shortened text"),
        (
            GOOD.replace("</svg>", '<text x="20" y="72" font-size="14">Other</text></svg>'),
            "texts overlap",
        ),
        (GOOD + '<p id="a"></p><p id="a"></p>', "id twice"),
        ('<div style="width:3000px">x</div>', "page wider than the window"),
        ('<img alt="" src="https://other.example/x.png">', "foreign host"),
        ("<script>throw new Error('x')</script>", "script error"),
    ],
)
def test_each_kind_of_fault_would_be_seen(look, tmp_path, wrong, kind):
    (tmp_path / "right.html").write_text(PAGE.format(GOOD), encoding="utf-8")
    (tmp_path / "wrong.html").write_text(PAGE.format(wrong), encoding="utf-8")
    found = look(tmp_path, "right.html", "wrong.html")
    kinds = Counter((f["page"], f["kind"]) for f in found)
    assert not [k for k in kinds if k[0] == "right.html"]
    assert kinds["wrong.html", kind], kinds


def test_no_id_occurs_twice(site):
    for page in every(site):
        html = (site / page).read_text(encoding="utf-8")
        ids = Counter(re.findall(r'<[^>]*?\sid="([^"]+)"', html))
        assert not [i for i, n in ids.items() if n > 1], page
