"""A page for each claim, in English and in Russian, at an address that stays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite

from exile.audit.claims import Scope
from exile.audit.evidence import Evidence
from exile.audit.ledger import Entry, Judged
from exile.audit.records import export
from exile.audit.verdict import truth_of
from exile.data import sources
from exile.limits import MICRODATA
from exile.site import strips
from exile.site.pages import LICENCE, TONES, VERDICTS, Site
from exile.site.sources import citation_text

# The people that a verdict speaks of, as the colour of their marks.
ROLES = {"context": "russia"}
MOST_ROWS = 7
BETTER = ("A", "B", "C", "D", "E")


def path(claim: str, language: str = "en") -> str:
    return f"{'ru/' if language == 'ru' else ''}claims/{claim}/index.html"


def picture(claim: str, language: str = "en") -> str:
    return f"_images/share/{'ru-' if language == 'ru' else ''}{claim}.png"


def write(site: Site) -> None:
    """All pages of claims, in both languages."""
    order = [c for c in site.themes.order if c in site.ledger]
    pages = {doc: page for doc, (page, _) in site.chapters.items()}
    records = {r["id"]: r for r in export(site.ledger, site.rules, pages)}
    for position, claim in enumerate(order):
        around = [order[n] if 0 <= n < len(order) else None for n in (position - 1, position + 1)]
        for language in ("en", "ru"):
            _write(site, site.ledger[claim], around, language)
        folder = site.out / "claims" / claim
        record = json.dumps(records[claim], ensure_ascii=False)
        (folder / "claim.json").write_text(record + "\n", encoding="utf-8")


def _write(site: Site, entry: Entry, around: list[str | None], language: str) -> None:
    claim = entry.claim
    word, meaning, people = site.word(entry, language)
    statement = entry.statements[language]
    answer = entry.answers.get(language, "")
    chapter = site.chapters.get(entry.chapter or "")
    here = path(claim.id, language)
    theme = site.themes.of(claim.id)
    title = f"{statement} {word}"
    site.write(
        here,
        "claim.html",
        lang=language,
        current="claims",
        title=f"{site.themes.name(claim.id, language)}: {word}",
        alternate="../" * here.count("/") + path(claim.id, "ru" if language == "en" else "en"),
        head=site.head(
            title=title,
            description=answer,
            path=here,
            picture=picture(claim.id, language),
            language=language,
            others={"en": path(claim.id), "ru": path(claim.id, "ru")},
            linked=linked_data(site, entry, language),
        ),
        site=site,
        entry=entry,
        claim=claim,
        statement=statement,
        word=word,
        meaning=meaning,
        people=people,
        answer=answer,
        shape=site.shape(entry),
        tone=TONES[site.shape(entry)],
        theme=theme,
        siblings=[
            (
                c,
                site.themes.name(c, language),
                site.shape(site.ledger[c]),
                site.word(site.ledger[c], language)[0],
            )
            for c in (theme.claims if theme else ())
            if c in site.ledger
        ],
        chapter=chapter,
        figure=evidence_figure(site, entry, language) if language == "en" else "",
        columns=[s for s in site.rules.scopes if any(j.scope == s for j in entry.judged)],
        parts=_parts(site, entry, language),
        dependence=_dependence(site, entry, language),
        tipping=_tipping(site, entry) if language == "en" else [],
        firm=_firm(entry),
        settled=_settled(site, entry),
        pieces=[(j, [_piece(site, e, j) for e in j.finding.evidence]) for j in entry.judged],
        cited=_cited(entry),
        sources=sources() if language == "ru" else None,
        before=around[0],
        after=around[1],
        cite=_cite(site, entry, language, here),
        picture=picture(claim.id, language) if site.pictures else "",
        scopes={s: words.in_(language) for s, words in site.rules.scopes.items()},
        readings=[p for p in claim.parts.values() if p.empirical],
    )


def best(entry: Entry) -> Judged | None:
    """The finding that says most: core, for the headline's people, with figures."""
    scope = entry.headline.scope if entry.headline else ""

    def rank(judged: Judged) -> tuple:
        deciding = [e for e in judged.finding.evidence if e.region and not e.set_aside]
        return (
            bool(deciding), judged.part.core, judged.scope == scope,
            judged.part.unit in strips.IN_PERCENT, len(deciding),
        )  # fmt: skip

    found = max(entry.judged, key=rank, default=None)
    return found if found and any(e.region for e in found.finding.evidence) else None


def evidence_figure(site: Site, entry: Entry, language: str = "en") -> str:
    """The claim's evidence as a figure that can be taken away; nothing where there is none."""
    judged = best(entry)
    if judged is None:
        return ""
    part, finding = judged.part, judged.finding
    unit = part.unit or "share"
    shown = [e for e in finding.evidence if e.region and e.unit in ("", unit)]
    shown.sort(key=lambda e: (bool(e.set_aside), BETTER.index(e.grade)))
    role = ROLES.get(judged.scope, "migrants")
    rows = [
        strips.Row(
            e.label,
            _note(site, e),
            strips.ends(e.region),
            strips.ends(e.interval or e.region),
            role,
            not e.set_aside,
        )
        for e in shown[:MOST_ROWS]
    ]
    size = part.size and site.rules.numbers(part.size, entry.claim.id, site.register)
    printed = strips.ends(size) if size else None
    truth = strips.ends(truth_of(finding, site.register, site.rules)) if part.empirical else None
    said = f"{part.words}. " + "; ".join(f"{r.label}: {strips.span(*r.region, unit)}" for r in rows)
    drawing = strips.evidence(
        rows, unit=unit, truth=truth, printed=printed, said=said, language=language
    )
    table = [
        {
            "what": r.label,
            "lowest": _finite(r.region[0]),
            "highest": _finite(r.region[1]),
            "95 % from": _finite(r.interval[0]),
            "95 % to": _finite(r.interval[1]),
            "unit": unit,
            "decides": r.decides,
        }
        for r in rows
    ]
    packed = json.dumps({"datasets": {"evidence": table}}, ensure_ascii=False).replace("</", "<\\/")
    cited = dict.fromkeys(
        (c.source, c.second_hand) for e in shown for c in e.cited if c.source != MICRODATA
    )
    second = any(hand for _, hand in cited)
    names = "; ".join(f"{citation_text(source)}{' †' if hand else ''}" for source, hand in cited)
    return site.environment.get_template("strip.html").render(
        id=f"evidence-{entry.claim.id}",
        alone=f"charts/claim-{entry.claim.id}.html",
        title=finding.summary,
        sub=f"{part.words[:1].upper()}{part.words[1:]}; {site.rules.scopes[judged.scope].en}",
        unit=unit,
        drawing=drawing,
        spec=packed,
        names=names,
        second=second,
        printed=printed is not None,
        thick=any(r.region[0] != r.region[1] for r in rows),
        thin=any(r.region != r.interval for r in rows),
        dot=any(r.region[0] == r.region[1] for r in rows),
        open_end=any(not isfinite(r.region[1]) for r in rows),
        aside=any(not r.decides for r in rows),
        role=role,
        date=site.date("en"),
    )


def _finite(x: float) -> float | None:
    return x if isfinite(x) else None


def _note(site: Site, evidence: Evidence) -> str:
    said = []
    if evidence.set_aside:
        said.append(f"set aside: {site.rules.set_aside[evidence.set_aside].en}")
    if evidence.n:
        said.append(f"{evidence.n:,.0f} asked")
    if evidence.second_hand:
        said.append("second-hand †")
    return ", ".join(said) or site.rules.grades[evidence.grade].en


@dataclass(frozen=True)
class Cell:
    shape: str
    word: str
    meaning: str
    firm: str
    summary: str


def _parts(site: Site, entry: Entry, language: str) -> list[tuple[str, bool, dict[Scope, Cell]]]:
    """Each part in words, whether it is asserted, and its cell for each of its people."""
    rows = []
    rules = site.rules
    for name, part in entry.claim.parts.items():
        cells: dict[Scope, Cell] = {}
        for judged in entry.judged:
            if judged.finding.part != name:
                continue
            verdict = judged.verdict
            words = rules.verdicts[verdict.code]
            firm = rules.robustness.labels[verdict.robustness] if verdict.robustness else None
            cells[judged.scope] = Cell(
                VERDICTS[verdict.code],
                words.in_(language),
                words.meaning_ru if language == "ru" else words.meaning,
                firm.in_(language) if firm else "",
                judged.finding.summary if language == "en" else "",
            )
        if cells:
            text = (part.words_ru if language == "ru" else part.words) or part.words
            rows.append((text[:1].upper() + text[1:], part.core, cells))
    return sorted(rows, key=lambda row: not row[1])


def _dependence(site: Site, entry: Entry, language: str) -> list[dict]:
    rows = []
    for judged in entry.judged:
        found = judged.dependence
        if found is None or found.total < 2:
            continue
        part = judged.part
        text = (part.words_ru if language == "ru" else part.words) or part.words
        rows.append(
            {
                "words": text[:1].upper() + text[1:],
                "people": site.rules.scopes[judged.scope].in_(language),
                "verdict": site.rules.verdicts[judged.verdict.code].in_(language),
                "stands": found.stands,
                "total": found.total,
                "leading": found.leading,
            }
        )
    return rows


def _tipping(site: Site, entry: Entry) -> list[dict]:
    return [
        {
            "people": site.rules.scopes[j.scope].en,
            "words": j.part.words,
            "tip": j.finding.tipping,
            "value": strips.number(j.finding.tipping.value, j.finding.tipping.unit, alone=True),
            "drawing": strips.tipping(j.finding.tipping),
        }
        for j in entry.judged
        if j.finding.tipping
    ]


def _firm(entry: Entry) -> list[tuple[str, float]]:
    """Of the decided parts: the smallest bias that would overturn the verdict."""
    found = []
    for judged in entry.judged:
        factors = [e.robustness for e in judged.finding.deciding if e.robustness is not None]
        if judged.verdict.robustness and factors and isfinite(min(factors)):
            found.append((judged.part.words, min(factors)))
    return list(dict(reversed(found)).items())


def _settled(site: Site, entry: Entry) -> list[tuple[str, list[str]]]:
    """What would settle it, once each, with whom it concerns."""
    found: dict[str, list[str]] = {}
    for judged in entry.judged:
        text = judged.part.settles(judged.scope)
        if text:
            people = site.rules.scopes[judged.scope].en
            if people not in found.setdefault(text, []):
                found[text].append(people)
    return list(found.items())


def _piece(site: Site, evidence: Evidence, judged: Judged) -> dict:
    unit = evidence.unit or judged.part.unit or "share"
    region = evidence.region
    found = "none found" if region is None else strips.span(region.low, region.high, unit)
    if region is not None and unit in strips.IN_PERCENT:
        found += "\u202f%" if unit == "share" else " points"
    interval = evidence.interval
    chance = ""
    if region is not None and interval is not None and interval != region:
        chance = f"95 %: {strips.span(interval.low, interval.high, unit)}"
    role = (
        f"set aside: {site.rules.set_aside[evidence.set_aside].en}"
        if evidence.set_aside
        else "decides"
    )
    return {
        "label": evidence.label,
        "found": found,
        "chance": chance,
        "n": f"{evidence.n:,.0f}" if evidence.n else "",
        "grade": evidence.grade,
        "grade_words": site.rules.grades[evidence.grade].en,
        "method": evidence.method,
        "cited": list(dict.fromkeys((c.source, c.second_hand) for c in evidence.cited)),
        "search": evidence.search,
        "role": role,
    }


def _cited(entry: Entry) -> list[str]:
    return list(
        dict.fromkeys(
            c.source for j in entry.judged for e in j.finding.evidence for c in e.cited
            if c.source != MICRODATA
        )
    )  # fmt: skip


def _cite(site: Site, entry: Entry, language: str, here: str) -> dict[str, str]:
    year = site.released[:4]
    name = site.themes.name(entry.claim.id, language)
    address = site.address(here)
    key = f"exile-{entry.claim.id}"
    return {
        "text": f"“{name}”, in: {site.title}, version {site.citation['version']}, "
        f"{site.date('en')}. {address}",
        "bibtex": f"@incollection{{{key},\n  title = {{{name}}},\n  booktitle = {{{site.title}}},\n"
        f"  year = {{{year}}},\n  version = {{{site.citation['version']}}},\n  url = {{{address}}}\n}}",
    }


def linked_data(site: Site, entry: Entry, language: str) -> dict:
    """schema.org's ClaimReview: the claim, and its headline as the rating in words."""
    word, meaning, people = site.word(entry, language)
    article = site.register.article
    address = site.address(path(entry.claim.id, language))
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": address,
        "datePublished": site.released,
        "inLanguage": language,
        "license": LICENCE,
        "author": {"@type": "Organization", "name": site.title},
        "claimReviewed": entry.statements[language],
        "reviewBody": entry.answers.get(language, ""),
        "itemReviewed": {
            "@type": "Claim",
            "name": entry.statements[language],
            "appearance": {
                "@type": "CreativeWork",
                "url": article.url,
                "headline": article.title,
                "publisher": {"@type": "Organization", "name": article.publisher},
            },
        },
        "reviewRating": {
            "@type": "Rating",
            "alternateName": word,
            "ratingExplanation": f"{meaning} ({people})",
        },
    }
