"""``python crate.py CONTEXT FOLDER``: what rocrate-validator finds in a crate, as JSON.

It runs in an environment of its own, with no network: the one address that the crate names
is answered with the context in ``CONTEXT``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import requests
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

CONTEXT = "https://w3id.org/ro/crate/1.3/context"


def answer(_, url: str, **settings) -> requests.Response:
    response = requests.Response()
    response.status_code = 200 if url == CONTEXT else 404
    response.url = url
    response.headers["Content-Type"] = "application/ld+json"
    response._content = Path(sys.argv[1]).read_bytes()
    return response


HttpRequester.get = HttpRequester.head = answer
found = services.validate(
    {
        "rocrate_uri": sys.argv[2],
        "profile_identifier": "ro-crate-1.3",
        "requirement_severity": models.Severity.REQUIRED,
    }
)
print(json.dumps([{"check": i.check.identifier, "text": i.message} for i in found.get_issues()]))
