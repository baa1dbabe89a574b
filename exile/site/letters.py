"""Widths of texts in the book's own letters, read from the font files."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
SANS, BOLD, SERIF = "source-sans-3-400", "source-sans-3-700", "source-serif-4-600"
# A letter that the files do not hold comes from another font, and is about as wide.
UNKNOWN = 0.55


@cache
def _advances(font: str) -> dict[int, float]:
    """Width of each character, in parts of the font size (OpenType: cmap 4 or 12, hmtx)."""
    raw = (FONTS / f"{font}.ttf").read_bytes()
    tables = {}
    for n in range(struct.unpack(">H", raw[4:6])[0]):
        tag, _, offset, length = struct.unpack(">4sIII", raw[12 + 16 * n : 28 + 16 * n])
        tables[tag.decode()] = (offset, length)
    em = struct.unpack(">H", raw[tables["head"][0] + 18 :][:2])[0]
    metrics = struct.unpack(">H", raw[tables["hhea"][0] + 34 :][:2])[0]
    hmtx = tables["hmtx"][0]

    def advance(glyph: int) -> float:
        at = hmtx + 4 * min(glyph, metrics - 1)
        return struct.unpack(">H", raw[at : at + 2])[0] / em

    return {code: advance(glyph) for code, glyph in _characters(raw, tables["cmap"][0]).items()}


def _characters(raw: bytes, cmap: int) -> dict[int, int]:
    """Glyph by character."""
    found: dict[int, int] = {}
    for n in range(struct.unpack(">H", raw[cmap + 2 : cmap + 4])[0]):
        start = cmap + struct.unpack(">I", raw[cmap + 8 + 8 * n : cmap + 12 + 8 * n])[0]
        form = struct.unpack(">H", raw[start : start + 2])[0]
        if form == 12:
            (groups,) = struct.unpack(">I", raw[start + 12 : start + 16])
            for g in range(groups):
                first, last, glyph = struct.unpack(
                    ">III", raw[start + 16 + 12 * g : start + 28 + 12 * g]
                )
                found |= {code: glyph + code - first for code in range(first, last + 1)}
        elif form == 4:
            count = struct.unpack(">H", raw[start + 6 : start + 8])[0] // 2

            def column(skip: int, kind: str, start=start, count=count) -> tuple[int, ...]:
                at = start + 14 + skip
                return struct.unpack(f">{count}{kind}", raw[at : at + 2 * count])

            ends, starts = column(0, "H"), column(2 * count + 2, "H")
            deltas, offsets = column(4 * count + 2, "h"), column(6 * count + 2, "H")
            for s, (first, last) in enumerate(zip(starts, ends, strict=True)):
                for code in range(first, min(last, 0xFFFE) + 1):
                    glyph = code
                    if offsets[s]:
                        at = start + 16 + 6 * count + 2 * s + offsets[s] + 2 * (code - first)
                        glyph = struct.unpack(">H", raw[at : at + 2])[0]
                    found[code] = (glyph + deltas[s]) & 0xFFFF
    return found


def width(text: str, size: float, font: str = SANS) -> float:
    """Pixels that a line of text takes, without kerning."""
    held = _advances(font)
    return size * sum(held.get(ord(c), UNKNOWN) for c in text)


def lines(text: str, room: float, size: float, font: str = SANS) -> list[str]:
    """A text in lines that fit; a word that fits nowhere has a line of its own."""
    found = [""]
    for word in text.split(" "):
        longer = f"{found[-1]} {word}".strip()
        if found[-1] and width(longer, size, font) > room:
            found.append(word)
        else:
            found[-1] = longer
    return found
