"""The synthesis in two pictures: how far verdicts hang on our choices, and what tips them."""

from __future__ import annotations

import json
from html import escape

from markupsafe import Markup

from exile.audit.evidence import Tipping
from exile.audit.ledger import Entry, Judged
from exile.site import strips
from exile.site.letters import BOLD, SANS, lines, width
from exile.site.pages import VERDICTS, Site
from exile.site.share import shape

# Kinds of choices, by how their options are named (exile.audit.choices).
KINDS = (
    ("Reading", ("read as ",)),
    ("Evidence", ("admit ", "leave out ")),
    ("Second-hand", ("no second-hand",)),
    ("Sample", ("as if ",)),
    ("5 or 1 %", ("at ",)),
    ("Correction", ("no correction",)),
    ("Margins", ("same size within", "points is a trifle")),
)


def kind(option: str) -> str:
    """The kind of choice that an option belongs to."""
    for name, marks in KINDS:
        if any(option.startswith(m) or (m[0] == "p" and m in option) for m in marks):
            return name
    return "Margins"


def robustness(made: Site, root: str) -> str:
    """Every part with choices, least stable first, and the kinds of choice that move it."""
    rows = [
        _row(made, entry, judged)
        for entry in made.ledger.values()
        for judged in entry.judged
        if judged.dependence and judged.dependence.total > 1
    ]
    rows.sort(key=lambda r: (r["share"], -r["total"]))
    moved = [r for r in rows if r["stands"] < r["total"]]
    firm = [r for r in rows if r["stands"] == r["total"]]
    counted = {name: sum(bool(r["marks"][name]) for r in rows) for name, _ in KINDS}
    most = max(counted, key=lambda n: counted[n], default="")
    nine = sum(r["share"] >= 0.9 for r in rows)
    table = [
        {
            "claim": r["claim"], "part": r["words"], "people": r["people"],
            "verdict": r["verdict"], "stands": r["stands"], "of": r["total"],
            "moved most by": r["leading"],
        }
        for r in rows
    ]  # fmt: skip
    return made.environment.get_template("robustness.html").render(
        root=root,
        moved=moved,
        firm=firm,
        kinds=[name for name, _ in KINDS],
        counted=counted,
        nine=nine,
        total=len(rows),
        most=most,
        spec=Markup(_packed({"verdicts": table})),
        picture=Markup(_poster(rows)),
        rules=made.rules.digest[:12],
        date=made.date("en"),
    )


def _packed(tables: dict) -> str:
    return json.dumps({"datasets": tables}, ensure_ascii=False).replace("</", "<\\/")


def _row(made: Site, entry: Entry, judged: Judged) -> dict:
    found = judged.dependence
    assert found is not None, "a row is made of what other choices were tried on"
    marks: dict[str, str] = {name: "" for name, _ in KINDS}
    for option, moves in found.moves.items():
        if moves > 0.005:
            name = kind(option)
            marks[name] = "much" if moves >= 0.5 or marks[name] == "much" else "some"
    return {
        "claim": entry.claim.id,
        "name": made.themes.name(entry.claim.id),
        "words": judged.part.words,
        "people": made.rules.scopes[judged.scope].en,
        "shape": VERDICTS[judged.verdict.code],
        "verdict": made.rules.verdicts[judged.verdict.code].en,
        "stands": found.stands,
        "total": found.total,
        "share": found.stands / found.total,
        "leading": found.leading,
        "marks": marks,
    }


def _poster(rows: list[dict]) -> str:
    room, step = 900, 26
    parts = []
    for n, row in enumerate(rows):
        y = 8 + step * n
        label = f"{row['name']}: {row['words']}, {row['people']}"
        text = strips.cut(label, 560, 13, SANS)
        parts.append(shape(row["shape"], 0, y + 3, 16))
        parts.append(
            f'<text x="24" y="{y + 16}" font-size="13" fill="var(--ink)">{escape(text)}</text>'
            f'<rect x="610" y="{y + 5}" width="200" height="12" fill="var(--panel)" '
            f'stroke="var(--line)"/><rect x="610" y="{y + 5}" '
            f'width="{200 * row["share"]:.1f}" height="12" fill="var(--ink)"/>'
            f'<text x="820" y="{y + 16}" font-size="13" fill="var(--ink)">'
            f"{row['stands']} of {row['total']}</text>"
        )
    height = 16 + step * len(rows)
    return (
        f'<svg viewBox="0 0 {room} {height}" width="{room}" height="{height}">'
        f"{''.join(parts)}</svg>"
    )


GROUPS = (
    ("Easy to believe", "all that is known of others lies on the side where it is true"),
    ("In the balance", "what is known of others lies on both sides"),
    ("Hard to believe", "all that is known of others lies on the other side"),
    ("Nothing to compare it with", ""),
)


def group(tip: Tipping) -> int:
    """How hard a tipping quantity is to believe, by what is known of comparable ones."""
    if not tip.known:
        return 3
    right = [
        k.value > tip.value if tip.true_side == "above" else k.value < tip.value for k in tip.known
    ]
    return 0 if all(right) else 2 if not any(right) else 1


def tipping(made: Site, root: str) -> str:
    """Each number that we found nowhere, with the values that would make its claim true."""
    held: list[tuple[Entry, Judged, Tipping]] = [
        (entry, judged, judged.finding.tipping)
        for entry in made.ledger.values()
        for judged in entry.judged
        if judged.finding.tipping
    ]
    names: dict[Tipping, list[str]] = {}
    for entry, _, tip in held:
        name = made.themes.name(entry.claim.id)
        if name not in names.setdefault(tip, []):
            names[tip].append(name)
    # Several parts may turn on one quantity; it is drawn once.
    once = [h for n, h in enumerate(held) if all(h[2] != o[2] for o in held[:n])]
    shares = [h for h in once if h[2].unit == "share"]
    others = [h for h in once if h[2].unit != "share"]
    grouped = [(n, [h for h in shares if group(h[2]) == n]) for n in range(len(GROUPS))]
    grouped = [(n, g) for n, g in grouped if g]
    said = "; ".join(
        f"{tip.quantity}: true {tip.true_side} {tip.value:.0%}" for _, _, tip in shares
    )
    table = [
        {
            "quantity": tip.quantity, "claim": entry.claim.id, "part": judged.part.words,
            "people": made.rules.scopes[judged.scope].en, "tips at": tip.value,
            "unit": tip.unit, "true": tip.true_side,
            "known": "; ".join(f"{k.label}: {strips.number(k.value, tip.unit, alone=True)}" for k in tip.known),
        }
        for entry, judged, tip in held
    ]  # fmt: skip
    drawing = strips.both([_tippings(names, grouped, room) for room in (1120, 350)], said, "p1120")
    return made.environment.get_template("tipping.html").render(
        root=root,
        drawing=Markup(drawing),
        total=len(once),
        counts=[(GROUPS[n][0], GROUPS[n][1], len(g)) for n, g in grouped],
        others=[
            (entry, judged, tip, strips.number(tip.value, tip.unit, alone=True),
             "; ".join(f"{k.label} {strips.number(k.value, tip.unit, alone=True)}" for k in tip.known))
            for entry, judged, tip in others
        ],
        spec=Markup(_packed({"quantities": table})),
        date=made.date("en"),
        rules=made.rules.digest[:12],
    )  # fmt: skip


def _tippings(names, grouped, room: int) -> str:
    wide = room == 1120
    left, right = (340, room - 20) if wide else (6, room - 10)

    def x(value: float) -> float:
        return left + (right - left) * min(max(value, 0.0), 1.0)

    parts, y = [], 26.0
    ticks = (0, 0.25, 0.5, 0.75, 1)
    for tick in ticks:
        anchor = "start" if tick == 0 else "end" if tick == 1 else "middle"
        word = f"{tick:.0%}".replace("%", "\u202f%") if tick else "0"
        parts.append(strips.text(x(tick), 16, word, 13, anchor, "var(--muted)"))
    for number, held in grouped:
        y += 18
        parts.append(strips.text(0, y + 6, GROUPS[number][0], 17, "start", "var(--ink)", 650))
        y += 18
        for _, judged, tip in held:
            drawn, height = _one(names[tip], judged, tip, y, x, left, right, room, wide)
            parts += [
                f'<path class="deco" d="M0 {y:.0f}H{room}" stroke="var(--rule)" fill="none"/>',
                *(
                    f'<path class="deco" d="M{x(t):.1f} {y:.0f}v{height:.0f}" '
                    'stroke="var(--rule)" fill="none"/>'
                    for t in ticks
                ),
                *drawn,
            ]
            y += height
    kind = "wide" if wide else "narrow"
    return (
        f'<svg class="{kind}" viewBox="0 0 {room} {y + 6:.0f}" width="{room}" '
        f'height="{y + 6:.0f}">{"".join(parts)}</svg>'
    )


def _one(names, judged, tip, y, x, left, right, room, wide) -> tuple[list[str], float]:
    """One quantity's row, with the claims that turn on it, and its height."""
    label = tip.quantity[:1].upper() + tip.quantity[1:]
    most = left - 52 if wide else room - 26
    held = [(t, 14, "var(--ink)") for t in lines(label, most, 14, SANS)]
    held += [(t, 13, "var(--muted)") for t in lines("; ".join(names), most, 13, SANS)[:2]]
    # What is known stands above its dot, on as many lines as keep the words apart.
    rows: list[float] = []
    marks = []
    for known in sorted(tip.known, key=lambda k: k.value):
        at = x(known.value)
        said = strips.cut(
            f"{known.label} {strips.number(known.value, tip.unit)}", (right - left) * 0.8, 13, SANS
        )
        long = width(said, 13)
        start = min(max(at - long / 2, left), right - long)
        row = next((n for n, end in enumerate(rows) if end + 10 < start), len(rows))
        if row == len(rows):
            rows.append(0.0)
        rows[row] = start + long
        marks.append((at, start, row, said, strips.colour_of(known.label)))
    top = y + 8 + (0 if wide else 18 * len(held)) + 17 * max(len(rows), 1)
    value = strips.number(tip.value, tip.unit)
    at = x(tip.value)
    one, other = (at, right) if tip.true_side == "above" else (left, at)
    parts = [
        (
            f'<rect class="deco" x="{one:.1f}" y="{top:.0f}" width="{max(other - one, 0):.1f}" '
            'height="20" fill="var(--v-shown)" fill-opacity="0.22"/>'
        ),
        (
            f'<path d="M{at:.1f} {top - 2:.0f}v24" stroke="var(--v-shown)" stroke-width="2.5" '
            'fill="none"/>'
        ),
    ]
    # The number stands outside the tint, where no dot is.
    side = "end" if tip.true_side == "above" else "start"
    beside = at - 6 if side == "end" else at + 6
    if side == "end" and beside - width(value, 14, BOLD) < left:
        side, beside = "start", at + 6
    if side == "start" and beside + width(value, 14, BOLD) > right:
        side, beside = "end", at - 6
    parts.append(strips.text(beside, top + 39, value, 14, side, "var(--ink)", 650, halo=True))
    for spot, start, row, said, colour in marks:
        base = top - 7 - 17 * row
        parts.append(
            f'<circle cx="{spot:.1f}" cy="{top + 10:.0f}" r="6" fill="var(--{colour})" '
            'stroke="var(--paper)" stroke-width="1.5"/>'
        )
        parts.append(strips.text(start, base, said, 13, "start", f"var(--{colour})", halo=True))
    height = max(top + 46 - y, 18 * len(held) + 26 if wide else 0)
    sign = VERDICTS[judged.verdict.code]
    middle = y + (height - 18 * len(held)) / 2 if wide else y + 6
    parts.append(shape(sign, 0, middle - 1, 18))
    for n, (line, size, colour) in enumerate(held):
        parts.append(
            strips.text(26, middle + 14 + 18 * n, line, size, "start", colour, halo=not wide)
        )
    return parts, height


MAKERS = {"robustness": robustness, "tipping": tipping}
