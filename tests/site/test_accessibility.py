"""No page has a fault that axe-core or Lighthouse can find, on any screen, in either theme."""

from __future__ import annotations

import os

import pytest
from served import BROWSER, ask, pages

NO_BROWSER = "no Chromium on this machine: axe-core and Lighthouse did not look at the pages"


@pytest.fixture
def browser() -> str:
    if BROWSER is None:
        assert "CI" not in os.environ, NO_BROWSER
        pytest.skip(NO_BROWSER)
    return BROWSER


def test_axe_finds_no_violation(browser, site):
    found = ask("axe.cjs", site, *pages(site))
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


LEAST = {"accessibility": 100, "best-practices": 95}


def test_lighthouse_is_content(browser, site, capsys):
    """Every page on a slow phone.

    How fast a page is depends on what else the machine does: `make bench` says it. What a page
    loads does not, and has limits in test_weight.py.
    """
    looked = {
        said["page"]: said for said in ask("lighthouse.cjs", site, ",".join(LEAST), *pages(site))
    }
    table = [
        f"| page | {' | '.join(LEAST)} |",
        "| --- |" + " ---: |" * len(LEAST),
        *(
            f"| {page} | {' | '.join(str(said['scores'][c]) for c in LEAST)} |"
            for page, said in looked.items()
        ),
    ]
    with capsys.disabled():
        print("", *table, sep="\n")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(summary, "a", encoding="utf-8") as file:
            file.write("\n".join(["### Lighthouse", "", *table, ""]))
    assert looked.keys() == set(pages(site))
    missed = {page: (short(said), said["lost"]) for page, said in looked.items() if short(said)}
    assert not missed


def short(said: dict) -> dict[str, int]:
    """The scores of a page that miss the least."""
    return {c: s for c, s in said["scores"].items() if s < LEAST[c]}
