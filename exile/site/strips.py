"""Small drawings made from the ledger: a claim's evidence on one line, and what tips it.

Thick: from the lowest to the highest figure. Thin: with chance, 95 %. Dot: one figure.
Triangle: or more. Hollow diamond: the article. Tint: where the claim is true. Each drawing is
made twice, and the page shows the one that its room allows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, inf, isfinite, log10

from exile.audit.evidence import Tipping
from exile.site.letters import BOLD, SANS, lines, width

WIDE, NARROW = 800, 350
IN_PERCENT = frozenset(["share", "share_difference"])
ZERO_AT = {"ratio": 1.0, "odds_ratio": 1.0}


@dataclass(frozen=True)
class Row:
    """One piece of evidence. ``role`` is the colour's; ``decides`` tells it from what is shown."""

    label: str
    note: str
    region: tuple[float, float]
    interval: tuple[float, float]
    role: str
    decides: bool = True


def number(x: float, unit: str, language: str = "en", *, alone: bool = False) -> str:
    """A number on a drawing, short: the axis says the unit."""
    if not isfinite(x):
        return "∞" if x > 0 else "−∞"
    sign = "−" if x < 0 else ""
    x = abs(x)
    if unit in IN_PERCENT:
        digits = (
            f"{100 * x:.0f}"
            if 100 * x >= 10 or x == 0
            else f"{100 * x:.1f}".rstrip("0").rstrip(".")
        )
        text = digits + ("\u202f%" if alone and unit == "share" else "")
    elif unit == "count":
        if x >= 1e6:
            text = f"{x / 1e6:.2f}".rstrip("0").rstrip(".") + (
                " млн" if language == "ru" else " million"
            )
        else:
            text = f"{x:,.0f}"
    else:
        text = f"{x:.1f}".rstrip("0").rstrip(".") + "×"
    if language == "ru":
        text = text.replace(",", "\u202f").replace(".", ",")
    return sign + text


def span(low: float, high: float, unit: str, language: str = "en") -> str:
    """A range on a drawing."""
    one, other = number(low, unit, language), number(high, unit, language)
    if one == other:
        return one
    if not isfinite(high):
        return f"{one}+"
    if not isfinite(low):
        return f"≤ {other}"
    if unit == "count" and low >= 1e6:
        one = one.rsplit(" ", 1)[0]
    return f"{one}–{other}" if "−" not in one + other else f"{one} … {other}"


def evidence(
    rows: Sequence[Row],
    *,
    unit: str,
    truth: tuple[float, float] | None,
    printed: tuple[float, float] | None,
    said: str,
    language: str = "en",
) -> str:
    """The drawing of a part's evidence, in both widths."""
    scale = _scale([r.region for r in rows], [r.interval for r in rows], unit, truth, printed)
    drawn = [
        _evidence(rows, unit, truth, printed, scale, room, language) for room in (WIDE, NARROW)
    ]
    return both(drawn, said, "p800")


def _scale(regions, intervals, unit, truth, printed) -> tuple[float, float, list[float]]:
    """Both ends of the axis, and its ticks."""
    held = [x for pair in (*regions, *intervals, *([printed] if printed else [])) for x in pair]
    # Where it would be true belongs on the axis, if it has an end.
    held += [x for x in truth or () if isfinite(x)]
    held = [x for x in held if isfinite(x)] or [0.0, 1.0]
    low, high = min(0.0, *held), max(held)
    if unit == "share":
        high = min(1.0, high * 1.15)
    else:
        low, high = low * 1.12, (high if high > 0 else 0.0) * 1.12
    if high <= low:
        high = low + 1
    step = _step((high - low) / 4)
    ticks = [n * step for n in range(floor(low / step), floor(high / step) + 1)]
    ticks = [t for t in ticks if low - 1e-9 <= t <= high + 1e-9]
    return low, high, ticks


def _step(raw: float) -> float:
    power = 10 ** floor(log10(raw))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)


def _evidence(rows, unit, truth, printed, scale, room, language) -> str:
    wide = room == WIDE
    low, high, ticks = scale
    left, right = (262, room - 24) if wide else (8, room - 14)
    size, top = 14, 34
    most = left - 24 if wide else room
    named = [_named(r.label, r.note, most, wide) for r in rows]
    tallest = max(map(len, named), default=1)
    step = max(58, 17 * tallest + 16) if wide else 60 + 17 * tallest
    shown = len(rows) + (printed is not None)
    height = top + step * shown + 30
    bottom = top + step * shown

    def x(value: float) -> float:
        return left + (right - left) * (min(max(value, low), high) - low) / (high - low)

    parts = []
    if truth:
        one, other = x(truth[0]), x(truth[1])
        if other - one < 3:
            one, other = one - 1.5, other + 1.5
        parts.append(
            f'<rect class="deco" x="{one:.1f}" y="{top}" width="{other - one:.1f}" '
            f'height="{bottom - top}" fill="var(--v-shown)" fill-opacity="0.14"/>'
        )
        word = "здесь верно" if language == "ru" else "true here"
        at = min(max((one + other) / 2, left + 40), right - 40)
        parts.append(text(at, 22, word, 13, "middle", "var(--muted)"))
    for tick in ticks:
        strong = abs(tick - ZERO_AT.get(unit, 0.0)) < 1e-9
        paint = "var(--line)" if strong else "var(--rule)"
        parts.append(
            f'<path class="deco" d="M{x(tick):.1f} {top}V{bottom}" stroke="{paint}" fill="none"/>'
        )
        last = tick == ticks[-1]
        label = number(tick, unit, language, alone=last)
        anchor = "middle" if x(tick) + width(label, size) / 2 < room - 2 else "end"
        anchor = anchor if x(tick) - width(label, size) / 2 > 1 else "start"
        parts.append(text(x(tick), bottom + 20, label, size, anchor, "var(--muted)"))
    y = top
    if printed is not None:
        name = "Статья" if language == "ru" else "The article"
        parts.append(_label(_named(name, "", most, wide), y, step, wide))
        middle = y + (step / 2 if wide else step - 26)
        one, other = x(printed[0]), x(printed[1])
        at = (one + other) / 2
        value = (
            span(printed[0], printed[1], unit, language)
            if printed[1] - printed[0]
            > 0.011 * (1 if unit in IN_PERCENT else max(abs(printed[1]), 1))
            else number((printed[0] + printed[1]) / 2, unit, language)
        )
        if not isfinite(printed[1]):
            value, at = f"{number(printed[0], unit, language)}+", one
        parts.append(_diamond(at, middle))
        parts.append(_beside(at, at, middle, value, "var(--ink)", left, right))
        y += step
    for row, said in zip(rows, named, strict=True):
        if y > top:
            parts.append(f'<path class="deco" d="M0 {y}H{room}" stroke="var(--rule)" fill="none"/>')
        parts.append(_label(said, y, step, wide))
        middle = y + (step / 2 if wide else step - 26)
        parts.append(_bar(row, x, middle, unit, language, left, right))
        y += step
    inner = "".join(parts)
    kind = "wide" if wide else "narrow"
    return (
        f'<svg class="{kind}" viewBox="0 0 {room} {height}" width="{room}" height="{height}"'
        f">{inner}</svg>"
    )


Line = tuple[str, str, int, int]


def _named(label: str, note: str, most: float, wide: bool) -> list[Line]:
    """What stands beside a row: text, colour, weight and size of each line."""
    found = lines(label[:1].upper() + label[1:], most, 14, BOLD)
    if len(found) > 3:
        found = [*found[:2], cut(" ".join(found[2:]), most, 14, BOLD)]
    said: list[Line] = [(t, "var(--ink)", 650, 14) for t in found]
    if note and wide:
        said += [(t, "var(--muted)", 400, 13) for t in lines(note, most, 13, SANS)[:2]]
    return said


def _label(said: list[Line], y: float, step: float, wide: bool) -> str:
    start = y + step / 2 - (len(said) - 1) * 8.5 + 5 if wide else y + 18
    return "".join(
        text(0, start + 17 * n, t, size, "start", fill, weight, halo=not wide)
        for n, (t, fill, weight, size) in enumerate(said)
    )


def cut(said: str, room: float, size: float, font: str) -> str:
    """A text that fits, with a sign where words were left out."""
    if width(said, size, font) <= room:
        return said
    while said and width(f"{said} …", size, font) > room:
        said = said.rsplit(" ", 1)[0] if " " in said else said[:-1]
    return f"{said.rstrip(',;:.')} …"


def _bar(row: Row, x, y: float, unit: str, language: str, left: float, right: float) -> str:
    colour = f"var(--{row.role})"
    low, high = row.region
    thin_low, thin_high = row.interval
    one, other = x(low), x(high)
    ends = [one, other]
    parts = []
    faded = "" if row.decides else ' stroke-dasharray="3 3"'
    if (thin_low, thin_high) != (low, high):
        a, b = x(thin_low), x(thin_high)
        ends += [a, b]
        parts.append(
            f'<path d="M{a:.1f} {y:.1f}H{b:.1f}" stroke="{colour}" stroke-width="2" fill="none"{faded}/>'
        )
    if other - one < 4 and isfinite(high) and isfinite(low):
        fill = colour if row.decides else "var(--paper)"
        parts.append(
            f'<circle cx="{(one + other) / 2:.1f}" cy="{y:.1f}" r="6" fill="{fill}" '
            f'stroke="{colour if not row.decides else "var(--paper)"}" stroke-width="1.5"/>'
        )
    else:
        fill = colour if row.decides else "var(--paper)"
        parts.append(
            f'<rect x="{one:.1f}" y="{y - 6:.1f}" width="{max(other - one, 1):.1f}" height="12" '
            f'fill="{fill}" stroke="{colour}"/>'
        )
        if not isfinite(high):
            parts.append(f'<path d="M{other:.1f} {y - 9:.1f}l9 9-9 9z" fill="{colour}"/>')
            ends.append(other + 9)
    value = span(low, high, unit, language)
    parts.append(_beside(min(ends), max(ends), y, value, colour, left, right))
    return "".join(parts)


def _beside(
    one: float, other: float, y: float, said: str, colour: str, left: float, right: float
) -> str:
    """A value at the end of its mark that has room for it."""
    needs = width(said, 14, BOLD) + 14
    if right + 20 - other >= needs:
        return text(other + 12, y + 5, said, 14, "start", colour, 650, halo=True)
    if one - left >= needs - 8:
        return text(one - 12, y + 5, said, 14, "end", colour, 650, halo=True)
    return text((one + other) / 2, y - 12, said, 14, "middle", colour, 650, halo=True)


def _diamond(x: float, y: float) -> str:
    return (
        f'<path d="M{x:.1f} {y - 7:.1f}l7 7-7 7-7-7z" fill="var(--paper)" stroke="var(--ink)" '
        'stroke-width="2"/>'
    )


def text(x, y, said, size, anchor="start", fill="var(--ink)", weight=400, *, halo=False) -> str:
    """A line of text; with a halo of paper where it may lie on a mark."""
    more = ' class="halo"' if halo else ""
    heavy = f' font-weight="{weight}"' if weight != 400 else ""
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{heavy}{at} fill="{fill}"{more}>'
        f"{escape(said)}</text>"
    )


def both(drawn: Sequence[str], said: str, kind: str) -> str:
    """A drawing in both widths; ``kind`` names the room at which they change."""
    label = f' role="img" aria-label="{escape(said, quote=True)}"'
    pictures = "".join(d.replace("<svg ", f"<svg{label} ", 1) for d in drawn)
    return f'<div class="pic {kind}">{pictures}</div>'


def tipping(tip: Tipping, language: str = "en") -> str:
    """The quantity on which an open part turns: where it tips, and what is known of others."""
    said = f"{tip.quantity}: {number(tip.value, tip.unit, language, alone=True)}. " + "; ".join(
        f"{k.label} {number(k.value, tip.unit, language, alone=True)}" for k in tip.known
    )
    return both([_tipping(tip, room, language) for room in (WIDE, NARROW)], said, "p800")


def _tipping(tip: Tipping, room: float, language: str) -> str:
    left, right = 12, room - 16
    values = [tip.value, *(k.value for k in tip.known)]
    low = min(0.0, *values)
    high = max(values)
    high = (
        min(1.0, max(high * 1.25, tip.value * 1.6))
        if tip.unit == "share"
        else max(high * 1.2, 1e-9)
    )
    if tip.unit == "share" and high > 0.7:
        high = 1.0

    def x(value: float) -> float:
        return left + (right - left) * (min(max(value, low), high) - low) / (high - low)

    at = x(tip.value)
    one, other = (at, right) if tip.true_side == "above" else (left, at)
    word = "верно" if language == "ru" else "true"
    parts = [
        (
            f'<rect class="deco" x="{one:.1f}" y="40" width="{max(other - one, 0):.1f}" height="34" '
            'fill="var(--v-shown)" fill-opacity="0.2"/>'
        ),
        f'<path class="deco" d="M{left} 74H{right}" stroke="var(--line)" fill="none"/>',
        f'<path d="M{at:.1f} 34V80" stroke="var(--v-shown)" stroke-width="2.5" fill="none"/>',
    ]
    label = number(tip.value, tip.unit, language, alone=True)
    anchor = "middle" if left + 30 < at < right - 30 else "start" if at <= left + 30 else "end"
    parts.append(text(at, 26, label, 16, anchor, "var(--ink)", 650))
    side = f"{word} →" if tip.true_side == "above" else f"← {word}"
    space = other - one
    if space > width(side, 13) + 46:
        where, how = (right, "end") if tip.true_side == "above" else (left, "start")
        if abs(where - at) > width(side, 13) + width(label, 16, BOLD):
            parts.append(text(where, 26, side, 13, how, "var(--muted)"))
    # Labels stand under their dots, on as many lines as keep them apart.
    rows: list[float] = []
    for known in sorted(tip.known, key=lambda k: k.value):
        k = x(known.value)
        colour = colour_of(known.label)
        label = f"{known.label} {number(known.value, tip.unit, language)}"
        long = width(label, 13)
        start = min(max(k - long / 2, 0), room - long)
        row = next((n for n, end in enumerate(rows) if end + 10 < start), len(rows))
        if row == len(rows):
            rows.append(0)
        rows[row] = start + long
        y = 96 + 18 * row
        if row:
            parts.append(
                f'<path class="deco" d="M{k:.1f} 64V{y - 13}" stroke="var(--rule)" fill="none"/>'
            )
        parts.append(
            f'<circle cx="{k:.1f}" cy="57" r="6" fill="var(--{colour})" stroke="var(--paper)" stroke-width="1.5"/>'
        )
        parts.append(text(start, y, label, 13, "start", f"var(--{colour})", halo=True))
    height = 104 + 18 * max(len(rows) - 1, 0)
    kind = "wide" if room == WIDE else "narrow"
    return (
        f'<svg class="{kind}" viewBox="0 0 {room} {height}" width="{room}" height="{height}">'
        f"{''.join(parts)}</svg>"
    )


OF_RUSSIA = re.compile(
    r"russia\b|census|telephone|rosstat|ranepa|levada|adults|\bage \d|households", re.IGNORECASE
)


def colour_of(label: str) -> str:
    """The role of a known value: of Russia, or of the migrants and where they live."""
    return "russia" if OF_RUSSIA.search(label) else "migrants"


def ends(interval) -> tuple[float, float]:
    """An interval's ends; open to nowhere where it has none."""
    return (-inf, inf) if interval is None else (interval.low, interval.high)


def mini(
    region: tuple[float, float],
    truth: tuple[float, float],
    printed: tuple[float, float] | None,
    unit: str,
    role: str,
    said: str,
) -> str:
    """What was found, on one line, with the article's number above it: for a key finding."""
    room, left, right = 308, 6, 302
    low, high, _ = _scale([region], [], unit, None, printed)

    def x(value: float) -> float:
        return left + (right - left) * (min(max(value, low), high) - low) / (high - low)

    colour = f"var(--{role})"
    one, other = x(region[0]), x(region[1])
    tint = max(x(truth[0]), left), min(x(truth[1]), right)
    parts = [
        (
            f'<rect class="deco" x="{tint[0]:.1f}" y="30" width="{max(tint[1] - tint[0], 3):.1f}" '
            'height="46" fill="var(--v-shown)" fill-opacity="0.14"/>'
        ),
        f'<path class="deco" d="M{left} 76H{right}" stroke="var(--line)" fill="none"/>',
        text(left, 94, number(low, unit), 13, "start", "var(--muted)"),
        text(right, 94, number(high, unit, alone=True), 13, "end", "var(--muted)"),
    ]
    if printed is not None:
        at = x(printed[0] if not isfinite(printed[1]) else (printed[0] + printed[1]) / 2)
        value = (
            span(*printed, unit)
            if printed[1] - printed[0] > 0.03
            else number((printed[0] + printed[1]) / 2, unit)
        )
        if not isfinite(printed[1]):
            value = f"{number(printed[0], unit)}+"
        label = f"article {value}"
        parts.append(_diamond(at, 40))
        long = width(label, 13)
        parts.append(text(min(max(at - long / 2, 0), room - long), 22, label, 13, halo=True))
    if other - one < 4:
        parts.append(
            f'<circle cx="{(one + other) / 2:.1f}" cy="60" r="6" fill="{colour}" stroke="var(--paper)" stroke-width="1.5"/>'
        )
    else:
        parts.append(
            f'<rect x="{one:.1f}" y="55" width="{other - one:.1f}" height="10" fill="{colour}"/>'
        )
    value = span(*region, unit)
    long = width(value, 14, BOLD)
    if other + 10 + long < room:
        parts.append(text(other + 10, 65, value, 14, "start", colour, 650, halo=True))
    elif one - 10 - long > 0:
        parts.append(text(one - 10, 65, value, 14, "end", colour, 650, halo=True))
    elif printed is None:
        parts.append(text((one + other) / 2, 48, value, 14, "middle", colour, 650, halo=True))
    return (
        f'<svg class="tiny" viewBox="0 0 {room} 98" width="{room}" height="98" role="img" '
        f'aria-label="{escape(f"{said}: {value}", quote=True)}">{"".join(parts)}</svg>'
    )
