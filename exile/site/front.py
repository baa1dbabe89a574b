"""The front page: what was claimed, what became of it, and where each claim stands."""

from __future__ import annotations

import json
from collections.abc import Mapping

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from exile import case
from exile.audit.answers import places
from exile.audit.ledger import Entry
from exile.audit.verdict import truth_of
from exile.site import claim_pages, overview, strips
from exile.site.letters import SANS, lines
from exile.site.pages import HEADLINES, TONES, Site, site
from exile.site.share import bar, shape

MADE = ("hero", "findings", "themes", "words", "robustness", "tipping")
ORDER = ("holds", "shown", "inpart", "not", "own", "open", "nmf")


class made_part(nodes.General, nodes.Element):
    """Stands where a part of the front page goes, until the ledger is there."""


class FrontPart(SphinxDirective):
    """``front-hero`` (its content is the first paragraph), ``front-findings`` (a claim a line,
    with the name of the value to show large where it is not the answer's first),
    ``front-themes``, ``front-words``, and for the synthesis ``front-robustness`` and
    ``front-tipping``."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        from exile.site.collected import mark_view

        part = made_part(part=self.name.removeprefix("front-"))
        part["lines"] = [line for line in self.content if line.strip()]
        mark_view(self.env)
        if part["part"] != "hero":
            return [part]
        text = nodes.container(classes=["lede"])
        self.state.nested_parse(self.content, self.content_offset, text)
        part["before"] = True
        after = made_part(part="hero", before=False, lines=[])
        return [part, text, after]


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """On ``doctree-resolved``."""
    held = list(doctree.findall(made_part))
    if not held:
        return
    from exile.site.ledger import told

    made, telling = site(app), told(app.env)
    root = "../" * docname.count("/")
    for node in held:
        match node["part"]:
            case "hero":
                html = hero(made, root, before=node["before"])
            case "findings":
                html = findings(made, root, node["lines"], telling.values, telling.templates["en"])
            case "themes":
                html = themes(made, root)
            case "words":
                html = words(made)
            case other:
                html = overview.MAKERS[other](made, root)
        node.replace_self(nodes.raw("", html, format="html"))


def counts(made: Site) -> dict[str, int]:
    found = dict.fromkeys(ORDER, 0)
    for entry in made.ledger.values():
        found[made.shape(entry)] += 1
    return found


def _render(made: Site, name: str, **context) -> str:
    return made.environment.get_template(name).render(site=made, **context)


def hero(made: Site, root: str, *, before: bool, language: str = "en") -> str:
    """The first screen, around the paragraph that the page gives it."""
    if before:
        return '<div class="front hero"><div>'
    return _render(
        made,
        "hero.html",
        root=root,
        lang=language,
        counts=counts(made),
        total=len(made.ledger),
        words={HEADLINES[r.code]: r.words for r in made.rules.headlines},
        drawing=Markup(distribution(made, language)),
    )


def distribution(made: Site, language: str) -> str:
    """All claims as one bar by headline, in both widths."""
    held = {name: n for name, n in counts(made).items() if n}
    words_of = {HEADLINES[r.code]: r.words.in_(language) for r in made.rules.headlines}
    said = "; ".join(f"{words_of[name]}: {n}" for name, n in held.items())
    return strips.both([_distribution(held, room) for room in (460, 350)], said, "p460")


def _distribution(held: Mapping[str, int], room: int) -> str:
    gap = 4
    unit = (room - 2 - gap * (len(held) - 1)) / max(sum(held.values()), 1)
    x, parts = 1.0, []
    for name, n in held.items():
        wide = unit * n
        parts.append(bar(name, x, 2, wide, 54))
        if wide > 14:
            colour = "ink" if name in ("open", "nmf", "shown") else "paper"
            y = 22 if name == "shown" else 36
            parts.append(
                f'<text x="{x + wide / 2:.1f}" y="{y}" font-size="19" font-weight="650" '
                f'text-anchor="middle" fill="var(--{colour})">{n}</text>'
            )
        x += wide + gap
    kind = "wide" if room == 460 else "narrow"
    return (
        f'<svg class="{kind}" viewBox="0 0 {room} 58" width="{room}" height="58">'
        f"{''.join(parts)}</svg>"
    )


def findings(made: Site, root: str, wanted: list[str], values: Mapping, templates: Mapping) -> str:
    """The key findings: number, answer, drawing, headline."""
    items = []
    for line in wanted:
        claim, _, name = line.strip().partition(" ")
        entry = made.ledger[claim]
        given = values.get(claim, {})
        template = templates.get(claim, {}).get(entry.headline.code if entry.headline else "", "")
        wanted_names = name.split() or [p for p in places(template) if p in given][:1]
        amounts = [given[n] for n in wanted_names if n in given]
        parts = [_large(a) for a in amounts]
        number, unit = " to ".join(n for n, _ in parts), parts[0][1] if parts else ""
        items.append(
            {
                "entry": entry,
                "number": number,
                "unit": unit,
                "name": made.themes.name(claim),
                "shape": made.shape(entry),
                "word": made.word(entry)[0],
                "drawing": Markup(_mini(made, entry)),
            }
        )
    return _render(made, "findings.html", root=root, items=items)


def _large(amount) -> tuple[str, str]:
    """A number as it stands large, and its unit as it stands small beside it."""
    said = amount.text("en")
    unit = {"percent": "%", "points": "points", "times": "times"}.get(amount.unit, "")
    said = said.replace("\u202f%", "").strip()
    if amount.unit == "people":
        ends = [x for x in (amount.low, amount.high) if x is not None]
        if min(ends) < 100_000:
            return said.replace(" to ", "–"), "people"
        return "–".join(
            dict.fromkeys(f"{x / 1e6:.2f}".rstrip("0").rstrip(".") for x in ends)
        ), "million"
    return said.replace(" to ", "–") if "−" not in said else said, unit


def _mini(made: Site, entry: Entry) -> str:
    judged = claim_pages.best(entry)
    if judged is None:
        return ""
    part, finding = judged.part, judged.finding
    regions = [e.region for e in finding.deciding if e.region]
    if not regions:
        return ""
    low = min(region.low for region in regions)
    high = max(region.high for region in regions)
    size = part.size and made.rules.numbers(part.size, entry.claim.id, made.register)
    return strips.mini(
        (low, high),
        strips.ends(truth_of(finding, made.register, made.rules)),
        strips.ends(size) if size else None,
        part.unit or "share",
        claim_pages.ROLES.get(judged.scope, "migrants"),
        part.words,
    )


def by_theme(made: Site) -> list[tuple]:
    """Theme and its claims, those most shown first."""
    return [
        (theme, sorted((c for c in theme.claims if c in made.ledger), key=lambda c: ORDER.index(made.shape(made.ledger[c]))))
        for theme in made.themes.themes
    ]  # fmt: skip


def themes(made: Site, root: str) -> str:
    """The summary of all claims, each a tile that leads to its page."""
    rows = [
        {
            "claim": entry.claim.id,
            "name": made.themes.name(entry.claim.id),
            "theme": theme.en,
            "headline": made.word(entry)[0],
            "answer": entry.answers.get("en", ""),
        }
        for theme, claims in by_theme(made)
        for entry in (made.ledger[c] for c in claims)
    ]
    packed = json.dumps({"datasets": {"claims": rows}}, ensure_ascii=False).replace("</", "<\\/")
    return _render(
        made,
        "themes.html",
        root=root,
        groups=by_theme(made),
        total=len(made.ledger),
        words={HEADLINES[r.code]: r.words.en for r in made.rules.headlines},
        order=ORDER,
        spec=Markup(packed),
        picture=Markup(poster(made)),
        date=made.date("en"),
    )


def poster(made: Site) -> str:
    """The summary as one drawing, to be taken away."""
    columns, left, wide, high, gap = 10, 220, 86, 84, 5
    room = left + columns * (wide + gap)
    x = y = height = 0.0
    parts = []
    for theme, claims in by_theme(made):
        height = (high + gap) * (1 + (len(claims) - 1) // columns) + 12
        parts.append(f'<path d="M0 {y:.0f}H{room}" stroke="var(--rule)" fill="none"/>')
        for n, line in enumerate(lines(theme.en, left - 24, 16, SANS)):
            parts.append(
                f'<text x="0" y="{y + 30 + 20 * n:.0f}" font-size="16" font-weight="650" '
                f'fill="var(--ink)">{Markup.escape(line)}</text>'
            )
        for n, claim in enumerate(claims):
            name = made.shape(made.ledger[claim])
            x = left + (n % columns) * (wide + gap)
            top = y + 10 + (n // columns) * (high + gap)
            dash = ' stroke-dasharray="4 3"' if name in ("open", "nmf") else ""
            parts.append(
                f'<rect x="{x}" y="{top:.0f}" width="{wide}" height="{high}" rx="5" '
                f'fill="var(--paper)" stroke="var(--v-{TONES[name]})" stroke-width="1.5"{dash}/>'
            )
            parts.append(shape(name, x + 7, top + 7, 18))
            for k, line in enumerate(lines(made.themes.name(claim), wide - 13, 13, SANS)[:3]):
                parts.append(
                    f'<text x="{x + 7}" y="{top + 42 + 15 * k:.0f}" font-size="13" '
                    f'fill="var(--ink)">{Markup.escape(line)}</text>'
                )
        y += height
    height = y + 30
    x = 0.0
    for rule in made.rules.headlines:
        name = HEADLINES[rule.code]
        parts.append(shape(name, x, y + 8, 16))
        parts.append(
            f'<text x="{x + 22}" y="{y + 21:.0f}" font-size="13" fill="var(--ink)">'
            f"{Markup.escape(rule.words.en)}</text>"
        )
        x += 46 + 6.6 * len(rule.words.en)
    return (
        f'<svg viewBox="0 0 {room} {height:.0f}" width="{room}" height="{height:.0f}">'
        f"{''.join(parts)}</svg>"
    )


def words(made: Site, language: str = "en") -> str:
    """The seven headlines, each with its meaning."""
    rules_of = {HEADLINES[r.code]: r.words for r in made.rules.headlines}
    return _render(made, "words.html", words=[(n, rules_of[n]) for n in ORDER], lang=language)


def write_russian(made: Site) -> None:
    """``ru/index.html``: every answer by theme, for whoever reads no English."""
    path = "ru/index.html"
    title = "Демократия в изгнании? Проверка статьи по утверждениям"
    total = len(made.ledger)
    description = (
        f"В 2023 году Хельсинкский университет опубликовал статью о россиянах, уехавших из-за "
        f"войны. Мы проверили {total} её утверждений по открытым данным."
    )
    made.write(
        path,
        "russian.html",
        lang="ru",
        current="claims",
        title="Что стало с утверждениями о россиянах, уехавших из-за войны",
        head=made.head(
            title=title, description=description, path=path, language="ru",
            picture="_images/share/ru-index.png", others={"en": "index.html", "ru": path},
        ),
        site=made,
        total=total,
        counts=counts(made),
        groups=by_theme(made),
        words={HEADLINES[r.code]: r.words for r in made.rules.headlines},
        drawing=Markup(distribution(made, "ru")),
        order=ORDER,
        meanings=Markup(words(made, "ru")),
    )  # fmt: skip


def count_claims(app: Sphinx, docname: str, source: list[str]) -> None:
    """On ``source-read``: titles cannot quote a computed number, so the front page's is set here."""
    if docname == app.config.root_doc:
        source[0] = source[0].replace("@claims@", str(len(case.register().claims)))


def setup(app: Sphinx) -> dict:
    app.add_node(made_part)
    for part in MADE:
        app.add_directive(f"front-{part}", FrontPart)
    app.connect("source-read", count_claims)
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
