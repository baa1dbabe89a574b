"""What a pull request says of itself."""

from __future__ import annotations

import json

import pytest

from exile.site.moved import moved

CLAIM = {
    "id": "car-27-4",
    "headline": {"word": "Holds in part"},
    "answer": "By 9 to 26 points.",
    "verdicts": [
        {
            "part": "lead",
            "scope": "respondents",
            "label": "Supported",
            "grade": "C",
            "robustness": "strong",
        }
    ],
}


@pytest.fixture
def site(tmp_path):
    def make(name: str, claim: dict, row: str):
        folder = tmp_path / name
        (folder / "data").mkdir(parents=True)
        (folder / "claims.json").write_text(json.dumps([claim]), "utf-8")
        text = f"figure_id,value,unit\n{row}\n"
        (folder / "data" / "surveys.csv").write_text(text, "utf-8")
        return folder

    return make


def test_nothing_moved(site):
    same = (CLAIM, "OR1-01,27,percent")
    assert "No verdict, answer or figure." in moved(site("old", *same), site("new", *same))


def test_each_thing_that_moved_stands_beside_what_it_was(site):
    verdict = CLAIM["verdicts"][0] | {"label": "Direction only"}
    now = CLAIM | {"answer": "By 2 | 3 points.", "verdicts": [verdict]}
    said = moved(site("old", CLAIM, "OR1-01,27,percent"), site("new", now, "OR1-01,30,percent"))
    assert (
        "| car-27-4 | lead | respondents | Supported, grade C, strong "
        "| Direction only, grade C, strong |" in said
    )
    assert "| car-27-4 | By 9 to 26 points. | By 2 \\| 3 points. |" in said
    assert "| OR1-01 | surveys | 27 percent | 30 percent |" in said
    assert "Headlines" not in said


def test_what_came_and_what_went(site):
    other = CLAIM | {"id": "flat-10"}
    row = "OR1-01,27,percent"
    said = moved(site("old", CLAIM, row), site("new", other, row))
    assert "| car-27-4 | By 9 to 26 points. | – |" in said
    assert "| flat-10 | – | By 9 to 26 points. |" in said
