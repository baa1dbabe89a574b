"""A run described as a crate in the Five-Safes form (RO-Crate 1.2, JSON).

Source: Five Safes RO-Crate profile 0.4, TRE-FX (trefx.uk/5s-crate); Desai et al. 2016.
"""

from __future__ import annotations

import json
from pathlib import Path

from exile.custody.release.outputs import Release

NAME = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/5s-crate/0.4"


def crate(release: Release) -> dict:
    """The crate of a run: project, people, setting, data and outputs."""
    run, done = release.run, "http://schema.org/CompletedActionStatus"
    people = {a.by: f"#person-{i}" for i, a in enumerate(release.approvals, 1)}
    data = "made-up respondents" if run.synthetic else "never left the custodian"
    checks = [
        _node(
            f"#check-{i}", "AssessAction", "Safe outputs: disclosure check",
            additionalType=_to("https://w3id.org/shp#DisclosureCheck"), agent=_to(people[a.by]),
            endTime=a.at, description=a.comment, actionStatus=done, object=_to("release.json"),
        )
        for i, a in enumerate(release.approvals, 1)
    ]  # fmt: skip
    nodes = [
        _node(
            NAME, "CreativeWork", about=_to("./"),
            conformsTo=[_to("https://w3id.org/ro/crate/1.2"), _to(PROFILE)],
        ),
        _node(
            "./", "Dataset", f"Restricted run on {run.survey}",
            description="A claim-by-claim audit re-run where the respondents' answers are.",
            conformsTo=_to(PROFILE), datePublished=run.made,
            license="Not to be passed on without the custodian's consent.",
            hasPart=[_to("release.json")], mentions=[_to("#run"), *(_to(c["@id"]) for c in checks)],
            sourceOrganization=_to("#project"), mainEntity=_to("#book"),
        ),
        _node("#project", "Project", "Safe project: the claims of the register, and nothing else"),
        _node("#custodian", "Organization", run.custodian),
        _node(
            "#survey", "Dataset", run.survey,
            description=f"Safe data: {data}; variables {', '.join(run.variables)}.",
            temporalCoverage=run.fieldwork, maintainer=_to("#custodian"), sha256=run.file_sha256,
        ),
        _node("#codebook", "CreativeWork", "Codebook", sha256=run.codebook_sha256),
        _node(
            "#book", ["SoftwareApplication", "CreativeWork"],
            "Democracy in Exile? A claim-by-claim audit", sha256=run.rules_sha256,
        ),
        _node(
            "#run", "CreateAction", f"Safe setting: run in one process, profile {run.profile}",
            instrument=_to("#book"), object=[_to("#survey"), _to("#codebook")],
            result=_to("release.json"), endTime=run.made, actionStatus=done,
        ),
        _node(
            "release.json", "File",
            "Everything that leaves the run, with rule, class of counts and reason",
            encodingFormat="application/json", sha256=release.digest,
        ),
        *(_node(ref, "Person", name) for name, ref in people.items()),
        *checks,
    ]  # fmt: skip
    return {"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": nodes}


def _node(ref: str, kind: str | list[str], name: str = "", **said: object) -> dict:
    return {"@id": ref, "@type": kind, **({"name": name} if name else {}), **said}


def _to(ref: str) -> dict[str, str]:
    return {"@id": ref}


def write(release: Release, path: Path) -> None:
    text = json.dumps(crate(release), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
