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
    run = release.run
    people = {a.by: f"#person-{i}" for i, a in enumerate(release.approvals, 1)}
    checks = [
        {
            "@id": f"#check-{i}",
            "@type": "AssessAction",
            "name": "Safe outputs: disclosure check",
            "additionalType": {"@id": "https://w3id.org/shp#DisclosureCheck"},
            "agent": {"@id": people[a.by]},
            "endTime": a.at,
            "description": a.comment,
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "object": {"@id": "release.json"},
        }
        for i, a in enumerate(release.approvals, 1)
    ]
    return {
        "@context": "https://w3id.org/ro/crate/1.2/context",
        "@graph": [
            {
                "@id": NAME,
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": [{"@id": "https://w3id.org/ro/crate/1.2"}, {"@id": PROFILE}],
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": f"Restricted run on {run.survey}",
                "description": "A claim-by-claim audit re-run where the respondents' answers are.",
                "conformsTo": {"@id": PROFILE},
                "datePublished": run.made,
                "license": "Not to be passed on without the custodian's consent.",
                "hasPart": [{"@id": "release.json"}],
                "mentions": [{"@id": "#run"}, *({"@id": c["@id"]} for c in checks)],
                "sourceOrganization": {"@id": "#project"},
                "mainEntity": {"@id": "#book"},
            },
            {
                "@id": "#project",
                "@type": "Project",
                "name": "Safe project: the claims of the register, and nothing else",
            },
            {"@id": "#custodian", "@type": "Organization", "name": run.custodian},
            {
                "@id": "#survey",
                "@type": "Dataset",
                "name": run.survey,
                "description": "Safe data: "
                + ("made-up respondents" if run.synthetic else "never left the custodian")
                + f"; variables {', '.join(run.variables)}.",
                "temporalCoverage": run.fieldwork,
                "maintainer": {"@id": "#custodian"},
                "sha256": run.file_sha256,
            },
            {
                "@id": "#codebook",
                "@type": "CreativeWork",
                "name": "Codebook",
                "sha256": run.codebook_sha256,
            },
            {
                "@id": "#book",
                "@type": ["SoftwareApplication", "CreativeWork"],
                "name": "Democracy in Exile? A claim-by-claim audit",
                "sha256": run.rules_sha256,
            },
            {
                "@id": "#run",
                "@type": "CreateAction",
                "name": f"Safe setting: run in one process, profile {run.profile}",
                "instrument": {"@id": "#book"},
                "object": [{"@id": "#survey"}, {"@id": "#codebook"}],
                "result": {"@id": "release.json"},
                "endTime": run.made,
                "actionStatus": "http://schema.org/CompletedActionStatus",
            },
            {
                "@id": "release.json",
                "@type": "File",
                "name": "Everything that leaves the run, with rule, class of counts and reason",
                "encodingFormat": "application/json",
                "sha256": release.digest,
            },
            *({"@id": ref, "@type": "Person", "name": name} for name, ref in people.items()),
            *checks,
        ],
    }


def write(release: Release, path: Path) -> None:
    text = json.dumps(crate(release), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
