"""From the findings of all chapters to one ledger, which every page and export is made from."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from exile import case, data
from exile.audit.ledger import Entry, Told, with_microdata
from exile.audit.records import decode, decode_finding, export
from exile.audit.verdict import Verdict
from exile.errors import InputError
from exile.site.collected import answers, cards_of, entries, findings, pages_with_views
from exile.wording import Amount, printed


def judge_chapters(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """On ``env-updated``: build the ledger, and name the pages that it changes.

    Raises
    ------
    ExtensionError
        For unknown claims, conflicts, judged claims without a card, and, where
        the configuration demands it, claims that no chapter has audited. Sphinx
        has written no page by then.
    """
    if getattr(env, "exile_source_page", None) not in env.all_docs:
        raise ExtensionError("no page lists the sources: add a source-list directive to one")
    state = _state(app, env)
    if state == getattr(env, "exile_state", None):
        return []
    try:
        public, microdata = {}, {}
        for doc, found in sorted(findings(env).items()):
            public[doc] = [decode_finding(r["finding"]) for r in found if "verdict" not in r]
            # What a release hands over brings its verdict.
            microdata[doc] = [
                (decode_finding(r["finding"]), decode(r["verdict"], Verdict))
                for r in found
                if "verdict" in r
            ]
        ledger = with_microdata(case.register(), public, microdata, case.rules(), told(env))
        for entry in ledger.values():
            _check_entry(entry, env, app.config.exile_require_all)
    except InputError as problem:
        raise ExtensionError(str(problem)) from None
    env.__dict__.update(exile_ledger=ledger, exile_state=state)
    return sorted(pages_with_views(env) & env.all_docs.keys())


def told(env: BuildEnvironment) -> Told:
    """The sentences of the answers, and the values that chapters and the article give them."""
    register = case.register()
    given = {c: v for values in answers(env).values() for c, v in values.items()}
    values = {
        claim.id: {name: printed(register.stated(claim.id, name)) for name in claim.states}
        | {name: decode(raw, Amount) for name, raw in given.get(claim.id, {}).items()}
        for claim in register.claims.values()
    }
    return Told(values, case.answer_templates())


def _state(app: Sphinx, env: BuildEnvironment) -> str:
    """A hash of all that the ledger's views are made from."""
    folder = data.data_directory()
    parts = [
        json.dumps(
            [findings(env), cards_of(env), answers(env), app.config.exile_require_all],
            sort_keys=True,
        ),
        json.dumps(case.answer_templates(), sort_keys=True),
        *(
            (folder / name).read_text("utf-8")
            for name in ("claims.yaml", "sources.csv", "article_figures.csv")
        ),
        case.rules().digest,
    ]
    return sha256("\0".join(parts).encode()).hexdigest()


def _check_entry(entry: Entry, env: BuildEnvironment, require_all: bool) -> None:
    claim = entry.claim.id
    if not entry.audited:
        if require_all:
            raise InputError(
                f"claim '{claim}'", "no chapter judges it", "Record a finding in its chapter."
            )
        return
    if claim not in cards_of(env).get(entry.chapter or "", []):
        raise InputError(
            f"{entry.chapter}",
            f"it judges '{claim}' but shows no card of it",
            f"Add a claim-card directive for {claim}.",
        )


def _export(app: Sphinx, env: BuildEnvironment) -> list[dict]:
    pages = {doc: app.builder.get_target_uri(doc) for doc in findings(env)}
    return export(entries(env), case.rules(), pages)


def write_exports(app: Sphinx, problem: Exception | None) -> None:
    """On ``build-finished``: ``claims.json`` at the root of the site."""
    if problem is None and app.builder.format == "html":
        text = json.dumps(_export(app, app.env), indent=1, ensure_ascii=False)
        Path(app.outdir, "claims.json").write_text(text + "\n", encoding="utf-8")
