"""Pictures for previews, 1200 by 630: what became of a claim, or what a page is about."""

from __future__ import annotations

import re
import shutil
from hashlib import sha256
from html import escape
from io import BytesIO
from pathlib import Path

import vl_convert
from PIL import Image

from exile.audit.ledger import Entry
from exile.charts import ROLES
from exile.site import vega  # noqa: F401  (registers the letters)
from exile.site.claim_pages import picture
from exile.site.letters import BOLD, SANS, SERIF, lines
from exile.site.pages import HEADLINES, TEMPLATES, TONES, Site

WIDTH, HEIGHT, MARGIN = 1200, 630, 64
ROOM = WIDTH - 2 * MARGIN
# Names that end in a digit are read right in quotes only.
FAMILY = {
    SANS: ("'Source Sans 3'", 400),
    BOLD: ("'Source Sans 3'", 700),
    SERIF: ("'Source Serif 4'", 600),
}
FOLDER = "_images/share"


def shape(name: str, x: float, y: float, size: float) -> str:
    """A headline's shape from the pages' sprite."""
    sprite = TEMPLATES.joinpath("sprite.html").read_text(encoding="utf-8")
    inner = re.search(rf'id="g-{name}" viewBox="0 0 20 20">(.*?)</symbol>', sprite, re.DOTALL)
    assert inner, f"the sprite has no shape {name}"
    return f'<g transform="translate({x} {y}) scale({size / 20})">{inner[1]}</g>'


def text(
    found: list[str],
    x: float,
    y: float,
    size: float,
    step: float,
    font: str,
    colour: str = "ink",
    anchor: str = "start",
) -> str:
    family, weight = FAMILY[font]
    return "".join(
        f'<text x="{x}" y="{y + n * step}" font-family="{family}" font-weight="{weight}" '
        f'font-size="{size}" text-anchor="{anchor}" fill="var(--{colour})">{escape(line)}</text>'
        for n, line in enumerate(found)
    )


def fitted(said: str, sizes: tuple[int, ...], most: int, font: str) -> tuple[list[str], int]:
    """The largest of the sizes at which a text takes no more lines than there is room for."""
    for size in sizes:
        found = lines(said, ROOM, size, font)
        if len(found) <= most:
            return found, size
    cut = found[:most]
    cut[-1] = cut[-1].rsplit(" ", 1)[0] + " …"
    return cut, sizes[-1]


def framed(inner: str, tone: str, left: str, right: str) -> str:
    """A picture with the book's name at its foot, in the light values of the roles."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}"><rect width="{WIDTH}" height="{HEIGHT}" '
        f'fill="var(--paper)"/><rect width="{WIDTH}" height="14" fill="var(--{tone})"/>{inner}'
        f'<path d="M{MARGIN} 556H{WIDTH - MARGIN}" stroke="var(--rule)" stroke-width="2"/>'
        f"{text([left], MARGIN, 600, 28, 0, SERIF)}"
        f"{text([right], WIDTH - MARGIN, 600, 26, 0, SANS, 'muted', 'end')}</svg>"
    )
    return re.sub(r"var\(--([\w-]+)\)", lambda m: ROLES[m[1]][0], svg)


def of_claim(site: Site, entry: Entry, language: str) -> str:
    """The claim, its headline and its answer."""
    word, _, _ = site.word(entry, language)
    name = site.shape(entry)
    answer = entry.answers.get(language, "")
    said, size = fitted(entry.statements[language], (52, 46, 40, 36), 3, SERIF)
    top = 92 if language == "ru" else 88
    y: float
    inner = text(
        ["Статья утверждает" if language == "ru" else "The article says"],
        MARGIN,
        top,
        28,
        0,
        SANS,
        "muted",
    )
    y = top + 14 + size
    inner += text(said, MARGIN, y, size, size * 1.16, SERIF)
    y += (len(said) - 1) * size * 1.16 + 34
    inner += shape(name, MARGIN, y, 64)
    inner += text([word], MARGIN + 84, y + 51, 54, 0, BOLD)
    y += 64 + 20
    left = 540 - y
    found, size = fitted(answer, (34, 31, 28, 25), max(2, int(left // 40)), SANS)
    inner += text(found, MARGIN, y + size, size, size * 1.28, SANS)
    foot = "Демократия в изгнании? Проверка статьи" if language == "ru" else site.title
    return framed(inner, f"v-{TONES[name]}", foot, entry.claim.id)


def of_page(site: Site, title: str, description: str) -> str:
    """A page by its title, large, and what it says first."""
    said, size = fitted(title, (84, 76, 68, 60, 52), 3, SERIF)
    inner = text(said, MARGIN, 70 + size, size, size * 1.14, SERIF)
    y = 70 + size + (len(said) - 1) * size * 1.14 + 40
    found, small = fitted(description, (34, 31, 28), max(2, int((530 - y) // 42)), SANS)
    inner += text(found, MARGIN, y + small, small, small * 1.3, SANS, "muted")
    return framed(inner, "ink", site.title, site.date("en"))


def of_book(site: Site, language: str = "en") -> str:
    """All claims by headline, as one bar."""
    counts = {name: 0 for name in HEADLINES.values()}
    for entry in site.ledger.values():
        counts[site.shape(entry)] += 1
    total = len(site.ledger)
    ru = language == "ru"
    title = (
        f"{total} утверждений о россиянах, уехавших из-за войны. Что подтвердилось?"
        if ru
        else f"{total} claims about Russia’s anti-war exiles. What became of them?"
    )
    said, size = fitted(title, (72, 66, 60, 54), 3, SERIF)
    inner = text(said, MARGIN, 62 + size, size, size * 1.16, SERIF)
    held = {name: n for name, n in counts.items() if n}
    words = {HEADLINES[r.code]: r.words.in_(language) for r in site.rules.headlines}
    y = 346
    unit = (ROOM - 8 * (len(held) - 1)) / max(total, 1)
    x = float(MARGIN)
    legend = []
    for name, n in held.items():
        long = unit * n
        inner += bar(name, x, y, long, 92)
        if long > 24:
            colour = "ink" if name in ("open", "nmf", "shown") else "paper"
            lift = 40 if name == "shown" else 60
            inner += text([str(n)], x + long / 2, y + lift, 34, 0, BOLD, colour, "middle")
        legend.append((name, n, words[name]))
        x += long + 8
    column = ROOM / 3
    for place, (name, n, word) in enumerate(legend):
        at, row = MARGIN + column * (place % 3), place // 3
        inner += shape(name, at, 452 + 36 * row, 26)
        inner += text([f"{n} {word.lower()}"], at + 36, 473 + 36 * row, 22, 0, SANS)
    foot = "Демократия в изгнании? Проверка статьи" if ru else site.title
    return framed(inner, "ink", foot, site.date(language))


def bar(name: str, x: float, y: float, width: float, height: float) -> str:
    """A stretch of the bar in its headline's own filling."""
    tone = f"var(--v-{TONES[name]})"
    whole = f'x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" rx="4"'
    match name:
        case "shown":
            return (
                f'<rect {whole} fill="var(--paper)" stroke="{tone}" stroke-width="3"/>'
                f'<rect x="{x:.1f}" y="{y + height / 2}" width="{width:.1f}" '
                f'height="{height / 2}" fill="{tone}"/>'
            )
        case "inpart":
            half = width / 2
            return (
                f'<rect x="{x:.1f}" y="{y}" width="{half:.1f}" height="{height}" fill="var(--v-shown)"/>'
                f'<rect x="{x + half:.1f}" y="{y}" width="{half:.1f}" height="{height}" fill="{tone}"/>'
            )
        case "open" | "nmf":
            dash = "9 6" if name == "open" else "3 6"
            return (
                f'<rect {whole} fill="var(--paper)" stroke="{tone}" stroke-width="3" '
                f'stroke-dasharray="{dash}"/>'
            )
    return f'<rect {whole} fill="{tone}"/>'


def small(png: bytes) -> bytes:
    """The same picture in a palette, at a tenth of the bytes."""
    whole = Image.open(BytesIO(png)).convert("RGB")
    packed = BytesIO()
    whole.quantize(48, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def draw(site: Site, pages: dict[str, tuple[str, str]], kept: Path) -> None:
    """All pictures; drawn again only where what they say has changed.

    Parameters
    ----------
    pages : mapping of str to (title, description)
        By the file name of their picture.
    kept : Path
        Where drawn pictures are kept between builds.
    """
    kept.mkdir(parents=True, exist_ok=True)
    folder = site.out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {f"{FOLDER}/{name}.png": of_page(site, *said) for name, said in pages.items()}
    wanted[f"{FOLDER}/index.png"] = of_book(site)
    wanted[f"{FOLDER}/ru-index.png"] = of_book(site, "ru")
    for claim, entry in site.ledger.items():
        for language in ("en", "ru"):
            wanted[picture(claim, language)] = of_claim(site, entry, language)
    for path, svg in wanted.items():
        held = kept / f"{sha256(svg.encode()).hexdigest()[:20]}.png"
        if not held.exists():
            held.write_bytes(small(vl_convert.svg_to_png(svg)))
        shutil.copyfile(held, site.out / path)
