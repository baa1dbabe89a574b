"""The register holds what the article says, and refuses what it cannot mean."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from exile.audit.claims import load_register
from exile.errors import InputError

DATA = Path(__file__).parents[2] / "data"


def test_the_register_is_whole():
    claims = load_register(DATA / "claims.yaml").claims
    assert len(claims) >= 44
    assert all(0 <= c.paragraph <= 20 for c in claims.values())


def test_an_unknown_claim_names_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'car-27-4'"):
        load_register(DATA / "claims.yaml")["car-27-5"]


GOOD = {"id": "a", "paragraph": 1, "kind": "quantity", "statement": "A."}


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "it holds no claims"),
        ([GOOD, GOOD], "the id is used twice"),
        ([{k: v for k, v in GOOD.items() if k != "kind"}], "claim 1: no kind"),
        ([GOOD | {"kind": "rumour"}], "kind 'rumour' is not known"),
        ([GOOD | {"paragraph": -1}], "paragraph is not a count"),
        ([GOOD | {"knd": 1}], r"unknown field \['knd'\]"),
        ([GOOD | {"states": {"x": {"unit": "percent"}}}], "a.x: no numeric value"),
        ([GOOD | {"states": {"x": {"value": 127, "unit": "percent"}}}], "127 % is impossible"),
        ([GOOD | {"states": {"x": {"value": 1, "hedge": "roughly"}}}], "hedge 'roughly'"),
        ([GOOD | {"rests_on": ["b"]}], r"a.rests_on: no claim 'b'"),
        ([GOOD | {"rests_on": ["b"]}, GOOD | {"id": "b", "rests_on": ["a"]}], "in a circle"),
    ],
)
def test_a_bad_register_is_refused(tmp_path, records, message):
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump({"claims": records}), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_register(path)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"number": "N", "holder": "H"}, "request 1: no settles"),
        ({"number": "N", "holder": "H", "settles": ["b"]}, "request 'N': no claim 'b'"),
    ],
)
def test_a_bad_request_is_refused(tmp_path, request_, message):
    path = tmp_path / "claims.yaml"
    text = yaml.safe_dump({"claims": [GOOD], "requests": [request_]})
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_register(path)


def test_a_missing_register_says_so(tmp_path):
    with pytest.raises(InputError, match="the register is missing"):
        load_register(tmp_path / "claims.yaml")
