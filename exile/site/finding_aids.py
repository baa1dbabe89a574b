"""The search: a small index of claims, consulted first, and Pagefind's of all pages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

from exile.audit.ledger import Entry
from exile.site.pages import Site

# What no excerpt should show: code, the accounts of numbers, and what surrounds a page.
LEFT_OUT = (
    "details.hide", "details.numbers", ".cell_input", ".chart-spec", ".chart-picture", "pre",
    ".headerlink", ".bd-header-article", ".bd-sidebar-secondary", ".prev-next-footer",
    ".bd-footer-content", "#jb-print-docs-body", ".acts", ".chart-tools", ".find", ".page-line",
    ".no-find", "svg",
)  # fmt: skip
# Files of Pagefind's own windows, which this site does not open.
UNUSED = "pagefind-*ui.*", "pagefind-highlight.js", "wasm.unknown.pagefind"
NUMBER = re.compile(r"\d+(?:[,\u202f\u00a0 ]\d{3})*(?:[.,]\d+)?")
SCALE = {"thousand": 1e3, "million": 1e6}


# Words that readers bring and neither the article nor its register has.
ALSO = {
    "rallies-49-26": "protests demonstrations митинги протесты демонстрации",
    "car-27-4": "vehicle rich wealth машина богатые достаток",
    "better-off": "income rich richer wealth wealthier money доход деньги богатые",
    "higher-education-80-27": "university diploma degree диплом университет вуз",
    "more-educated": "university degree graduates диплом университет",
    "one-million-left": "how many emigrated exodus сколько уехало эмиграция",
    "anti-war-stance": "oppose support против войны поддержка",
    "it-third-to-half": "programmers computer айтишники программисты",
    "women-more-active": "gender sex female пол",
    "returned-exiles": "presidents Estonia Lithuania Эстония Литва президент",
}


def write_claims(site: Site) -> None:
    """``claims-index.js``: what the box that finds claims looks through."""
    items = [_item(site, site.ledger[c]) for c in site.themes.order if c in site.ledger]
    text = json.dumps(items, ensure_ascii=False, separators=(",", ":"))
    site.out.joinpath("claims-index.js").write_text(f"window.exileClaims={text};\n", "utf-8")


def _item(site: Site, entry: Entry) -> dict:
    claim = entry.claim
    theme = site.themes.of(claim.id)
    said = [part.words for part in claim.parts.values()]
    said += [r.words for part in claim.parts.values() for r in part.readings.values()]
    more = [*said, *_settled(entry)]
    answers = entry.answers
    stated = [site.register.stated(claim.id, n).value for n in claim.states]
    main = [*stated, *numbers(entry.statement), *numbers(site.themes.name(claim.id))]
    other = [n for text in (answers.get("en", ""), *more) for n in numbers(text)]
    other += [e.n for j in entry.judged for e in j.finding.evidence if e.n is not None]
    return {
        "id": claim.id,
        "h": site.shape(entry),
        "n": site.themes.name(claim.id),
        "s": entry.statement,
        "w": site.word(entry)[0],
        "a": answers.get("en", ""),
        "rn": site.themes.name(claim.id, "ru"),
        "rs": entry.statements["ru"],
        "rw": site.word(entry, "ru")[0],
        "ra": answers.get("ru", ""),
        "t": f"{theme.en} {theme.ru}" if theme else "",
        "k": _plain(main),
        "m": [n for n in _plain(other) if n not in set(_plain(main))],
        "x": " ".join(
            [*more, *(part.words_ru for part in claim.parts.values()), ALSO.get(claim.id, "")]
        ),
    }


def _settled(entry: Entry) -> Iterator[str]:
    for part in entry.claim.parts.values():
        by = part.settled_by
        yield from by.values() if isinstance(by, dict) else [by]


def _plain(values) -> list[float]:
    # A third is found by 33, too.
    rounded = {round(v) for v in values if v >= 10}
    return sorted(
        rounded | {int(v) if float(v).is_integer() else round(float(v), 4) for v in values}
    )


def numbers(text: str) -> Iterator[float]:
    """The numbers of an English text, as a reader may type them."""
    for found in NUMBER.finditer(text):
        raw = re.sub(r"[\u202f\u00a0 ]", "", found[0])
        value = float(re.sub(r",(?=\d{3}(?!\d))", "", raw).replace(",", "."))
        yield value
        for word, factor in SCALE.items():
            if text[found.end() :].lstrip().lower().startswith(word):
                yield value * factor


def index_pages(site: Site) -> None:
    """``pagefind/``: the words of all pages, by language, for a search without a server.

    Raises
    ------
    RuntimeError
        With what Pagefind said, if it failed.
    """
    folder = site.out / "pagefind"
    # Pagefind leaves what it wrote before, under names that nothing asks for any more.
    shutil.rmtree(folder, ignore_errors=True)
    command = [
        sys.executable, "-m", "pagefind", "--site", str(site.out), "--silent",
        "--glob", "{book,claims,ru}/**/*.html", "--root-selector", "main",
        "--exclude-selectors", ", ".join(LEFT_OUT), "--keep-index-url",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"Pagefind: {done.stderr or done.stdout}")
    for pattern in UNUSED:
        for path in folder.glob(pattern):
            path.unlink()
