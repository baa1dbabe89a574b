"""A small clean site, and leaks to plant in it one at a time.

All people, ids, addresses and answers are invented.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import pickle
import re
import shutil
import sqlite3
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pypdf
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from exile.custody.leaks.raw import Secrets

ROOT = Path(__file__).parents[3]
PAGE, CHAPTER = "index.html", "book/activism.html"
NOTEBOOK, WHEEL = "downloads/activism.ipynb", "downloads/exile_audit-0.1.0-py3-none-any.whl"
PDF, PICTURE, SEARCH = "downloads/activism.pdf", "_static/plus.png", "searchindex.js"

ANSWER = "My brother was taken from our flat at night, and I left by bus in the morning"
RUSSIAN = "Соседка донесла на меня в полицию, и мы уехали с одним чемоданом"
EMAIL, PHONE, HANDLE = "vera.k81@proton.example.org", "+995 555 01 23 45", "@vera_in_exile"
SECRETS = Secrets(ids=["R-7F3K-2291", 48213, 912004417], answers=[ANSWER, RUSSIAN])

SPEC = {
    "mark": "bar",
    "encoding": {"x": {"field": "share"}, "y": {"field": "group"}},
    "datasets": {
        "data-1": [
            {"group": "women", "share": 0.61, "n": 120},
            {"group": "men", "share": 0.55, "n": 90},
        ]
    },
}
CHART = (
    '<figure class="chart"><figcaption>Women took part more often.</figcaption>'
    '<svg><g aria-label="group: women; n: 120; share: 61 %"><path d="M1.23456,7.89123L1,2"/></g>'
    "<text>women</text></svg>"
    '<script type="application/json" class="chart-spec">SPEC</script></figure>'
)
TABLE = (
    '<table class="dataframe"><thead><tr><th></th><th>n</th><th>share</th></tr></thead>'
    "<tbody><tr><th>women</th><td>120</td><td>61 %</td></tr></tbody></table>"
)
SECTION = "<!-- end of the part on respondents -->"


def page(title: str, body: str) -> str:
    return (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title>\n"
        '<script type="application/ld+json">{"@context": "https://schema.org", '
        '"dateModified": "2026-11-23T09:30:00+00:00"}</script></head>\n'
        f"<body><!-- Table of contents -->\n<h1>{title}</h1>\n{body}\n</body></html>\n"
    )


def clean_site(folder: Path) -> Path:
    """Pages, data, a notebook, a wheel, a PDF and pictures, as the real site has."""
    for name in ("book", "downloads", "_static", "data/benchmarks"):
        (folder / name).mkdir(parents=True)
    public = (
        "<p>The rally of 5 March 2022 drew 300 people; 7 people spoke.</p>"
        "<p>See https://www.helsinki.fi/en and 43.5 % of adults.</p>"
        "<table><tr><th>case</th><th>n</th></tr><tr><td>Estonia</td><td>2</td></tr></table>"
    )
    (folder / PAGE).write_text(page("The audit", public), "utf-8")
    chart = CHART.replace("SPEC", json.dumps(SPEC))
    body = f'<section class="respondents">\n{chart}\n{TABLE}\n<p>Of all, 61 % did.</p>\n</section>'
    (folder / CHAPTER).write_text(page("Activism", f"{public}\n{body}\n{SECTION}"), "utf-8")
    terms = {"telegram": 3, "phone": [1, 2], "n": 4, "email": 2}
    (folder / SEARCH).write_text(f"Search.setIndex({json.dumps({'terms': terms})})\n", "utf-8")
    claims = [{"id": "better-off", "verdict": "Not identified", "n": None, "region": [0.1, 0.4]}]
    (folder / "claims.json").write_text(json.dumps(claims), "utf-8")
    (folder / "claims.csv").write_text("id,verdict\nbetter-off,Not identified\n", "utf-8")
    for name in ("data/sources.csv", "data/benchmarks/historical_cases.csv"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "_static/exile.css").write_text("@media print { a { color: #000 } }\n", "utf-8")
    (folder / PICTURE).write_bytes(png(Software="a plotting library"))
    (folder / NOTEBOOK).write_text(json.dumps(notebook()), "utf-8")
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.write(ROOT / "exile/errors.py", "exile/errors.py")
        wheel.write(ROOT / "data/sources.csv", "exile/tables/sources.csv")
        wheel.writestr("exile_audit-0.1.0.dist-info/METADATA", "Name: exile-audit\n")
    write_pdf(folder / PDF, "Women took part more often.")
    return folder


def notebook(**output: object) -> dict:
    """A notebook whose second cell is tagged; ``output`` replaces that cell's data."""
    data = output or {"text/plain": "       n  share\nwomen  120   0.61\nmen     90   0.55"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3"}},
        "cells": [
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "Two rallies."},
            {
                "cell_type": "code",
                "id": "b",
                "metadata": {"tags": ["respondents"]},
                "execution_count": 1,
                "source": "@cached\ndef f(): return rates.iloc[1::2]",
                "outputs": [
                    {
                        "output_type": "execute_result",
                        "execution_count": 1,
                        "metadata": {},
                        "data": data,
                    }
                ],
            },
        ],
    }


def png(tail: bytes = b"", **texts: str) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + sum_

    parts = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))]
    parts += [chunk(b"tEXt", k.encode() + b"\0" + v.encode()) for k, v in texts.items()]
    parts += [chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b"")]
    return b"".join(parts) + tail


def write_pdf(
    path: Path, text: str, attach: bytes = b"", drawing: bool = False, **facts: str
) -> None:
    writer = pypdf.PdfWriter()
    sheet = writer.add_blank_page(400, 400)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    fonts = DictionaryObject({NameObject("/F1"): font})
    sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    drawn = DecodedStreamObject()
    said = f"<{text.encode('latin-1').hex()}>" if drawing else f"({text})"
    lines = "10 20 m\n30.5 40 l\nS\n" if drawing else ""
    drawn.set_data(f"{lines}BT\n/F1 12 Tf\n20 200 Td\n{said} Tj\nET\n{lines}".encode("latin-1"))
    sheet[NameObject("/Contents")] = drawn
    writer.add_metadata({f"/{k}": v for k, v in facts.items()})
    if attach:
        writer.add_attachment("answers.csv", attach)
    writer.write(path)


def rows(count: int) -> list[dict]:
    return [{"group": f"g{i}", "score": i % 7, "other": i % 3} for i in range(count)]


PEOPLE = pd.DataFrame(
    {"respondent_id": range(48213, 48221), "age": range(30, 38), "sex": ["f", "m"] * 4}
)
MICRODATA = "age,sex,q1,q2\n" + "".join(f"{30 + i},f,{i % 2},{i % 3}\n" for i in range(40))
SHORT_IDS = '{"respondent_id": 48213, "wave": 8}'


@dataclass(frozen=True)
class Plant:
    """A leak: how to plant it, and what the scanner has to say of it."""

    name: str
    kind: str
    file: str
    secret: str
    put: Callable[[Path], None]


PLANTS: list[Plant] = []


def plant(name: str, kind: str, file: str, secret: str, put: Callable[[Path], object]) -> None:
    PLANTS.append(Plant(name, kind, file, secret, lambda site: put(site / file.partition("!")[0])))


def new(content: str | bytes) -> Callable[[Path], None]:
    """Write a new file."""
    content = content.encode("utf-8") if isinstance(content, str) else content

    def put(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return put


def into(content: str, before: str = "</body>") -> Callable[[Path], None]:
    """Insert into a page before its end, or before the end of the section."""

    def put(path: Path) -> None:
        text = path.read_text("utf-8")
        assert text.count(before) == 1
        path.write_text(text.replace(before, content + before), "utf-8")

    return put


def section(content: str) -> Callable[[Path], None]:
    return into(content, "</section>")


def chart(**datum: object) -> Callable[[Path], None]:
    """A row more in the data of the chart on respondents."""
    return lambda path: path.write_text(
        path.read_text("utf-8").replace(
            '{"group": "women"', json.dumps({"group": "all", **datum}) + ', {"group": "women"'
        ),
        "utf-8",
    )


def output(**data: object) -> Callable[[Path], None]:
    data = {k.replace("_", "/"): v for k, v in data.items()}
    return lambda path: path.write_text(json.dumps(notebook(**data)), "utf-8")


def change(edit: Callable[[dict], object]) -> Callable[[Path], None]:
    """Edit a JSON file in place."""

    def put(path: Path) -> None:
        held = json.loads(path.read_text("utf-8"))
        edit(held)
        path.write_text(json.dumps(held), "utf-8")

    return put


def member(name: str, content: str | bytes) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)

    return put


def zipped(name: str, content: str | bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return held.getvalue()


def b64(content: str | bytes) -> str:
    content = content.encode("utf-8") if isinstance(content, str) else content
    return base64.b64encode(content).decode()


ROWS, COLUMN = "rows of respondents", "column that singles out a person"
IDS, OPEN = "respondent's id", "open answer"

# Rows of people
plant("long array in JSON", ROWS, "data/all.json", "g611", new(json.dumps(rows(612))))
plant("JSON by lines", ROWS, "data/all.jsonl", "g611", new("\n".join(map(json.dumps, rows(612)))))
plant(
    "arrays in an array",
    ROWS,
    "data/all.json",
    "611",
    new(json.dumps([[i, 1] for i in range(612)])),
)
plant(
    "JSON by columns", ROWS, "data/all.json", "g611",
    new(json.dumps({k: [r[k] for r in rows(612)] for k in ("group", "score")})),
)  # fmt: skip
plant("JSON split", COLUMN, "data/all.json", "48213", new(PEOPLE.to_json(orient="split")))
plant("JSON by column and index", COLUMN, "data/all.json", "48213", new(PEOPLE.to_json()))
plant(
    "array in a script", ROWS, "_static/all.js", "g611",
    new("var d=[" + ",".join(f"{{group:'g{i}',score:{i % 7}}}" for i in range(612)) + "];"),
)  # fmt: skip
plant(
    "keys in a script", COLUMN, "_static/all.js", "Telavi",
    new("const d=[{town:'Telavi',q:1},{town:'Telavi',q:2},{town:'Telavi',q:3}]"),
)  # fmt: skip
plant(
    "JSON in a string of a script", COLUMN, "_static/all.js", "Telavi",
    new("""x=JSON.parse('[{"town": "Telavi"}, {"town": "Rustavi"}]')"""),
)  # fmt: skip
plant(
    "long chart", ROWS, CHAPTER, "g611",
    into(f'<script type="application/json" class="chart-spec">{json.dumps(rows(612))}</script>'),
)  # fmt: skip
plant("town in a chart", COLUMN, CHAPTER, "Telavi", chart(town="Telavi", share=0.5))
plant(
    "JSON in an attribute", COLUMN, PAGE, "Telavi",
    into("<div data-rows='[{\"town\": \"Telavi\"}, {\"town\": \"Rustavi\"}]'></div>"),
)  # fmt: skip
plant("microdata", ROWS, "downloads/answers.csv", "69,f", new(MICRODATA))
plant("microdata without a suffix", ROWS, "downloads/answers", "69,f", new(MICRODATA))
plant("microdata in UTF-16", ROWS, "a.csv", "69,f", new(MICRODATA.encode("utf-16")))
plant("ids in a CSV", COLUMN, "p.csv", "48213", new(PEOPLE.to_csv(index=False)))
plant("ids in a TSV", COLUMN, "p.tsv", "48213", new(PEOPLE.to_csv(index=False, sep="\t")))
plant(
    "interview times in a CSV", COLUMN, "t.csv", "14:31",
    new("start_time,share\n2022-09-01 14:31,1\n2022-09-02 09:12,0\n"),
)  # fmt: skip
plant(
    "moments under a plain name", "exact date", "t.csv", "14:31",
    new("when,share\n" + "".join(f"2022-09-0{i} 14:31,{i}\n" for i in range(1, 5))),
)  # fmt: skip
plant("head of a frame", ROWS, PAGE, "37", into(PEOPLE[["age", "sex"]].head().to_html()))
plant("column of ids in a page", COLUMN, PAGE, "48213", into(PEOPLE.to_html(index=False)))
plant(
    "long table in a page", ROWS, PAGE, "g611", into(pd.DataFrame(rows(612)).to_html(index=False))
)
plant("printed frame", ROWS, NOTEBOOK, "37", output(text_plain=PEOPLE[["age", "sex"]].to_string()))
plant("printed frame in a page", COLUMN, PAGE, "48213", into(f"<pre>{PEOPLE.to_string()}</pre>"))
plant(
    "footer of a frame", ROWS, PAGE, "Telavi",
    into("<pre>Telavi ...\n\n[500 rows x 30 columns]</pre>"),
)  # fmt: skip
plant(
    "printed records", COLUMN, NOTEBOOK, "48215",
    output(text_plain=str(PEOPLE.to_dict("records"))),
)  # fmt: skip
plant(
    "table in a tagged cell as JSON", COLUMN, NOTEBOOK, "48213",
    output(**{"application/json": json.loads(PEOPLE.to_json(orient="records"))}),
)  # fmt: skip

# Files of data
for suffix, start in {
    "parquet": b"PAR1", "sav": b"$FL2@(#)", "dta": b"<stata_dta>", "feather": b"ARROW1",
    "xls": b"\xd0\xcf\x11\xe0", "rds": b"RDX3\n", "h5": b"\x89HDF\r\n",
}.items():  # fmt: skip
    plant(f"{suffix} file", "data file", f"data/p.{suffix}", ANSWER, new(start + ANSWER.encode()))
plant(
    "lists in YAML", COLUMN, "data/p.yaml", "Telavi",
    new("".join(f"- wave: {i}\n  town: Telavi\n" for i in range(5))),
)  # fmt: skip
plant(
    "columns of fixed width", ROWS, "data/p.txt", "000611",
    new("".join(f"{i:06d} {i % 80:2d} {i % 2}\n" for i in range(612))),
)  # fmt: skip
plant("disguised file", "data file", "_static/p.png", ANSWER, new(b"PAR1" + ANSWER.encode()))
plant(
    "packed arrays", "data file", "d.npz!arr_0.npy", "48213", lambda p: np.savez(p, PEOPLE["age"])
)
plant("workbook", "data file", "p.xlsx", ANSWER, new(zipped("xl/workbook.xml", ANSWER)))
plant("pickle", "pickled object", "p.pkl", ANSWER, new(pickle.dumps(ANSWER)))
plant("pickle by another name", "pickled object", "p.bin", ANSWER, new(pickle.dumps(ANSWER)))


def database(path: Path) -> None:
    base = sqlite3.connect(path)
    base.execute("create table answers (words text)")
    base.execute("insert into answers values (?)", [ANSWER])
    base.commit()
    base.close()


plant("database", "data file", "data/p.db", ANSWER, database)

# Small cells, fine shares, exact dates
SMALL, FINE = "small cell", "share too fine"
plant("count in a chart", SMALL, CHAPTER, "other-group", chart(group="other-group", n=4))
plant(
    "count in a table", SMALL, CHAPTER, "other-group",
    section("<table><tr><th></th><th>n</th></tr><tr><td>other-group</td><td>4</td></tr></table>"),
)  # fmt: skip
plant(
    "count in a row", SMALL, CHAPTER, "other-group",
    section("<table><tr><th></th><th>other-group</th></tr><tr><td>n</td><td>4</td></tr></table>"),
)  # fmt: skip
plant("count in words", SMALL, CHAPTER, "Latvia", section("<p>Four people went to Latvia.</p>"))
plant("numerator", SMALL, CHAPTER, "Latvia", section("<p>Latvia: 3 of 140</p>"))
plant(
    "count in a picture", SMALL, CHAPTER, "Latvia",
    section('<svg><g aria-label="host: Latvia; n: 4"></g></svg>'),
)  # fmt: skip
plant("count in a tagged cell", SMALL, NOTEBOOK, "Latvia", output(text_plain="Latvia: n = 4"))
plant(
    "count in a table of a tagged cell", SMALL, NOTEBOOK, "Latvia",
    output(text_html="<table><tr><th>host</th><th>n</th></tr><tr><td>Latvia</td><td>4</td></tr>"
           "</table>"),
)  # fmt: skip
plant("count in a made CSV", SMALL, "data/cells.csv", "Latvia", new("host,n\nLatvia,4\nIran,90\n"))
plant(
    "count in evidence of grade A", SMALL, "claims.json", "Latvia",
    change(lambda held: held[0].update(evidence=[{"grade": "A", "label": "Latvia", "n": 4}])),
)  # fmt: skip
plant("decimals", FINE, CHAPTER, "43.7", section("<p>43.7 % remained active</p>"))
plant("decimals in a chart", FINE, CHAPTER, "0.43712", chart(share=0.43712))
plant("day", "exact date", CHAPTER, "12 March", section("<p>She left on 12 March 2022.</p>"))

# Identifiers
MAIL, TALK = "e-mail address", "account or handle"
plant("e-mail", MAIL, PAGE, EMAIL, into(f"<p>Write to {EMAIL}.</p>"))
plant("e-mail in a link", MAIL, PAGE, EMAIL, into(f'<a href="mailto:{EMAIL}">her</a>'))
plant("disguised e-mail", MAIL, PAGE, "vera [at]", into("<p>vera [at] example [dot] org</p>"))
plant("e-mail in entities", MAIL, PAGE, EMAIL, into("".join(f"&#{ord(c)};" for c in EMAIL)))
plant("e-mail in a style sheet", MAIL, "_static/exile.css", EMAIL, new(f"/* {EMAIL} */"))
plant("e-mail in a feed", MAIL, "feed.xml", EMAIL, new(f"<?xml version='1.0'?><a>{EMAIL}</a>"))
plant("e-mail in a picture", MAIL, "a.svg", EMAIL, new(f"<svg><text>{EMAIL}</text></svg>"))
plant(
    "e-mail among drawings", MAIL, PDF, EMAIL, lambda path: write_pdf(path, EMAIL, drawing=True)
)  # fmt: skip
plant("e-mail in a PDF", MAIL, PDF, EMAIL, lambda path: write_pdf(path, EMAIL))
plant(
    "e-mail in a wheel", MAIL, WHEEL + "!exile/new.py", EMAIL, member("exile/new.py", f"# {EMAIL}")
)
plant("phone", "phone number", PAGE, PHONE, into(f"<p>Ring {PHONE}</p>"))
plant("Russian phone", "phone number", PAGE, "555-01-23", into("<p>8 (916) 555-01-23</p>"))
plant("Telegram", TALK, PAGE, "vera_exile", into('<a href="https://t.me/vera_exile">talk</a>'))
plant("handle", TALK, PAGE, HANDLE, into(f"<p>Known as {HANDLE} there.</p>"))
plant("profile", TALK, PAGE, "id5501234", into("<p>https://vk.com/id5501234</p>"))
plant(
    "IP address", "IP address", "claims.json", "91.108.4.17",
    change(lambda held: held[0].update(summary="sent from 91.108.4.17")),
)  # fmt: skip
plant("IPv6 address", "IP address", PAGE, "2a02:6b8", into("<p>from 2a02:6b8::feed:17</p>"))
plant("coordinates", "coordinates", PAGE, "41.71514", into("<p>41.71514, 44.82710</p>"))
plant(
    "point on a map", "coordinates", "data/p.geojson", "44.82710",
    new('{"type": "Point", "coordinates": [44.82710, 41.71514]}'),
)  # fmt: skip
plant("degrees in a chart", COLUMN, CHAPTER, "41.71514", chart(lat=41.71514, share=0.5))
plant(
    "device", "device id", "_static/a.js", "3f2504e0",
    new('track("3f2504e0-4f89-41d3-9a0c-0305e82c3301")'),
)  # fmt: skip
plant("file's name", MAIL, f"downloads/{EMAIL}.txt", EMAIL, new("An interview.\n"))

# Open answers and ids
SHOWN = "taken from our flat at night"
plant("quotation", OPEN, PAGE, SHOWN, into(f"<blockquote>{ANSWER}</blockquote>"))
plant("part of a quotation", OPEN, PAGE, "our flat at night", into("<p>from our flat at night</p>"))
plant(
    "changed quotation", OPEN, PAGE, "BROTHER",
    into("<p>MY BROTHER\n  was <em>taken</em> from&nbsp;our flat</p>"),
)  # fmt: skip
plant(
    "quotation in entities", OPEN, PAGE, "донесла", into("".join(f"&#{ord(c)};" for c in RUSSIAN))
)
plant("decomposed letters", OPEN, PAGE, "донесла", into(unicodedata.normalize("NFD", RUSSIAN)))
plant("quotation in an address", OPEN, PAGE, "%D0%A1", into(f'<a href="?q={quote(RUSSIAN)}">x</a>'))
plant("quotation in base64", OPEN, PAGE, b64(RUSSIAN), into(f"<p>{b64(RUSSIAN)}</p>"))
plant("quotation in a short code", OPEN, PAGE, b64(SHOWN), into(f"<i>{b64(SHOWN)}</i>"))
plant("quotation in a script", OPEN, "_static/a.js", "донесла", new(f"x = {json.dumps(RUSSIAN)}"))
plant("quotation in a PDF", OPEN, PDF, SHOWN, lambda path: write_pdf(path, ANSWER))
plant("quotation in a style sheet", OPEN, "_static/exile.css", SHOWN, new(f"/* {ANSWER} */"))
plant("quotation in a remark", OPEN, PAGE, SHOWN, into(f"<!-- {ANSWER} -->"))
plant("id", IDS, PAGE, "7F3K", into("<p>(R-7F3K-2291)</p>"))
plant("id of many digits", IDS, PAGE, "912004417", into("<p>case 912004417</p>"))
plant(
    "small id under its key",
    IDS,
    "claims.json",
    "48213",
    change(lambda h: h.append(json.loads(SHORT_IDS))),
)
plant("small id in a CSV", IDS, "p.csv", "48213", new("id,share\n48213,1\nbetter-off,2\n"))

# What hides
plant("table in a remark", COLUMN, PAGE, "48213", into(f"<!-- {PEOPLE.to_html()} -->"))
plant(
    "remark among respondents", "hidden remark", CHAPTER, "merge", section("<!-- merge these -->")
)
plant("source map", "source map", "_static/a.js.map", "Telavi", new('{"sources": ["Telavi.js"]}'))
plant("text in a picture", "metadata", PICTURE, "Telavi", new(png(Comment="Telavi, the flat")))
plant("mail in a picture", MAIL, PICTURE, EMAIL, new(png(Comment=EMAIL)))
plant("after a picture", "metadata", PICTURE, "Telavi", new(png(tail=b"Telavi, the flat")))
plant("PDF's author", "metadata", PDF, "Vera K.", lambda p: write_pdf(p, "x", Author="Vera K."))
plant(
    "attached to a PDF", "data file", PDF + "!answers.csv", "69,f",
    lambda path: write_pdf(path, "x", attach=MICRODATA.encode()),
)  # fmt: skip
plant(
    "widgets", "widget state", NOTEBOOK, "Telavi",
    change(lambda held: held["metadata"].update(widgets={"state": {"value": "Telavi"}})),
)  # fmt: skip
plant(
    "traceback", "traceback", NOTEBOOK, "Telavi",
    change(lambda held: held["cells"][1]["outputs"].append(
        {"output_type": "error", "ename": "KeyError", "evalue": "Telavi", "traceback": ["Telavi"]}
    )),
)  # fmt: skip
plant(
    "attachment of a cell", MAIL, NOTEBOOK + "!image.png", EMAIL,
    change(lambda held: held["cells"][0].update(
        attachments={"a.png": {"image/png": b64(png(Comment=EMAIL))}}
    )),
)  # fmt: skip
plant(
    "cell's metadata", MAIL, NOTEBOOK, EMAIL,
    change(lambda held: held["cells"][0]["metadata"].update(note=EMAIL)),
)  # fmt: skip
plant("gzip", ROWS, "a.json.gz!a.json", "g611", new(gzip.compress(json.dumps(rows(612)).encode())))
plant(
    "archive in an archive", COLUMN, "a.zip!b.zip!c.csv", "48213",
    new(zipped("b.zip", zipped("c.csv", PEOPLE.to_csv(index=False)))),
)  # fmt: skip
plant(
    "data address", COLUMN, PAGE + "!data.csv", "48213",
    into(f'<a href="data:text/csv,{quote(PEOPLE.to_csv(index=False))}">x</a>'),
)  # fmt: skip
plant(
    "data address in base64", COLUMN, PAGE + "!data.csv", "48213",
    into(f'<a href="data:text/csv;base64,{b64(PEOPLE.to_csv(index=False))}">x</a>'),
)  # fmt: skip
plant(
    "rows in base64", COLUMN, "_static/a.js!base64", "48213",
    new(f'load("{b64(PEOPLE.to_json(orient="records"))}")'),
)  # fmt: skip

plant(
    "data address in a style", COLUMN, PAGE + "!data.csv", "48213",
    into(f'<style>a {{ b: url("data:text/csv;base64,{b64(PEOPLE.to_csv(index=False))}") }}</style>'),
)  # fmt: skip
plant(
    "rows in base64 in a page", COLUMN, PAGE + "!base64", "48213",
    into(f"<p>{b64(PEOPLE.to_json(orient='records'))}</p>"),
)  # fmt: skip
plant("script left open", COLUMN, "a.html", "Telavi", new(
    "<p>x</p><script>d=[{town:'Telavi',q:1},{town:'Telavi',q:2},{town:'Telavi',q:3}]"
))  # fmt: skip
plant(
    "table in Markdown", COLUMN, "_sources/book/a.md", "Telavi",
    new("# A\n\nSome prose, as ever.\n\n| town | q1 |\n|---|---|\n| Telavi | 1 |\n| Gori | 2 |\n"),
)  # fmt: skip
plant(
    "many rows on respondents", ROWS, CHAPTER, "g199",
    section(f'<script type="application/json" class="chart-spec">{json.dumps(rows(200))}</script>'),
)  # fmt: skip
plant(
    "tabs in base64", COLUMN, "_static/a.js!base64", "48213",
    new(f'load("{b64(PEOPLE.to_csv(index=False, sep=chr(9)))}")'),
)  # fmt: skip
plant("quotation in a name", OPEN, PAGE, SHOWN, into(f'<p id="{ANSWER}">x</p>'))
plant(
    "tags lost", "mark missing", NOTEBOOK, "Telavi",
    change(lambda held: held["cells"][1]["metadata"].clear()),
)  # fmt: skip

# What cannot be read
UNREAD = "not readable"
plant("bomb", UNREAD, "a.gz", "Telavi", new(gzip.compress(b"Telavi " * 2**22)))
plant(
    "too many archives", UNREAD, "a.zip!b.zip!c.zip", "48213",
    new(zipped("b.zip", zipped("c.zip", zipped("d.csv", PEOPLE.to_csv())))),
)  # fmt: skip
plant("unknown form", UNREAD, "a.bin", "Telavi", new(b"\x01\x02\x00Telavi"))
plant("unknown font", UNREAD, "a.ttf", "Telavi", new(b"\x00\x01\x00\x00Telavi"))
plant("link", UNREAD, "a.txt", "Telavi", lambda path: path.symlink_to(path.with_name(PAGE)))
plant("broken archive", UNREAD, "a.zip", "Telavi", new(b"PK\x03\x04Telavi"))
plant("broken notebook", UNREAD, NOTEBOOK, "Telavi", new('{"cells": "Telavi'))
plant(
    "locked archive", UNREAD, "a.zip", "Telavi",
    new(re.sub(rb"(PK\x01\x02.{4})\0\0", rb"\1\1\0", zipped("a.txt", "Telavi"), flags=re.DOTALL)),
)  # fmt: skip


def too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(65 * 2**20)


plant("giant file", UNREAD, "a.json", "Telavi", too_large)
