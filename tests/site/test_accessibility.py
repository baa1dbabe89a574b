"""No page has a fault that axe-core can find, on any screen, in either theme.

Lighthouse's scores, most of which rest on the same rules, are in `make bench`.
"""

from __future__ import annotations

import os

import pytest
from served import BROWSER, SHARES, ask, pages

NO_BROWSER = "no Chromium on this machine: axe-core did not look at the pages"


@pytest.fixture
def browser() -> str:
    if BROWSER is None:
        assert "CI" not in os.environ, NO_BROWSER
        pytest.skip(NO_BROWSER)
    return BROWSER


@pytest.mark.parametrize("share", range(SHARES))
def test_axe_finds_no_violation(browser, site, share):
    found = ask("axe.cjs", site, *pages(site)[share::SHARES])
    said = [f"{f['page']} ({f['state']}) {f['id']}: {f['selector']}\n  {f['html']}" for f in found]
    assert not said, "\n".join(said)


def test_axe_would_find_a_fault(browser, tmp_path):
    page = '<html lang="en"><title>A page</title><main><h1>A page</h1>{}</main></html>'
    (tmp_path / "right.html").write_text(page.format('<img alt="" src="data:,">'))
    (tmp_path / "wrong.html").write_text(
        page.format('<img src="data:,"><p style="color: #aaa">Hardly to be read</p>')
    )
    assert not ask("axe.cjs", tmp_path, "right.html")
    found = ask("axe.cjs", tmp_path, "wrong.html")
    assert {f["id"] for f in found} == {"image-alt", "color-contrast"}
    # In both themes, at both widths.
    assert len({f["state"] for f in found}) == 4
