"""One small panel of made-up people, written in the ways of many exporters.

Everybody was asked in wave 1 about the time before, and in each wave about after and trust;
some did not come to wave 2, some gave no answer.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle, islice, product
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

import duckdb
import pandas as pd
import pyreadstat
import rdata

from exile.custody.counts import cubes
from exile.custody.counts.interviews import Interviews

PEOPLE = 60
ITEMS = ("sex", "education", "before_rally", "after_rally", "trust_people")
ONCE = ("sex", "education", "before_rally")
LEVELS = {
    "sex": ("man", "woman"),
    "education": ("higher", "other"),
    **dict.fromkeys(("before_rally", "after_rally", "trust_people"), ("yes", "no")),
}
COLUMNS = {"sex": "sex", "education": "edu", "before_rally": "rb", "after_rally": "ra",
           "trust_people": "tp"}  # fmt: skip
IDS = {
    "numbers": lambda i: str(i + 1),
    "zeros": lambda i: f"{i + 1:04d}" if i % 2 else f"{i + 1}",
    "hash": lambda i: f"#{i}",
    "long": lambda i: str(7_000_000_000_000_000_000 + i),
    "letters": lambda i: f"Р-{i}",
}
# The first word stands for the first level, the second for the second.
CODES = {
    "numbers": ("1", "2"),
    "floats": ("1.0", "2.0"),
    "words": ("Да, это", "Нет"),
    "truth": ("True", "False"),
    "zero": ("1", "0"),
}
MISSING = {"blank": "", "na": "NA", "99": "99", "null": "#NULL!"}


@dataclass(frozen=True)
class Export:
    """How one file is written."""

    suffix: str = ".csv"
    shape: str = "long"
    ids: str = "numbers"
    codes: str = "numbers"
    missing: str = "blank"
    delimiter: str = ","
    encoding: str = "utf-8"
    ends: str = "\n"
    quoting: str = "minimal"
    extra: str = "none"
    declared: dict = field(default_factory=dict)


def interviews() -> list[dict]:
    """Every interview, in the book's words; None for no answer."""
    random = Random(7)
    found = []
    for person in range(PEOPLE):
        fixed = {
            item: random.choice([*LEVELS[item]] * 4 + [None] * (item != "sex")) for item in ONCE
        }
        for wave in (1, 2) if random.random() < 0.6 else (1,):
            found.append({
                "person": person, "wave": wave, **fixed,
                "after_rally": random.choice(["yes", "no", "no", None]),
                "trust_people": random.choice(["yes", "no"]),
                "weight": random.choice([0.5, 1.25, 2.0]),
            })  # fmt: skip
    return found


def truth() -> dict[str, Counter]:
    """Counts as they should be: of persons at their last interview, by wave, and over waves."""
    last, second, sums = {}, {}, Counter()
    found = interviews()
    for one in found:
        last[one["person"]] = one
        if one["wave"] == 2:
            second[one["person"]] = one["trust_people"]
    said = Counter(
        tuple(o[v] or "missing" for v in ("sex", "education", "before_rally", "after_rally"))
        for o in last.values()
    )
    for one in last.values():
        sums[one["before_rally"] or "missing"] += one["weight"]
    return {
        "last": said,
        "weights": sums,
        "waves": Counter((str(o["wave"]), o["after_rally"] or "missing") for o in found),
        "panel": Counter(
            (o["trust_people"], second.get(o["person"], "absent")) for o in found if o["wave"] == 1
        ),
    }


def found(made: dict[str, cubes.Axis], interviews: Interviews) -> dict[str, Counter]:
    """The same from the interviews as they were read, and from the tables of counts."""
    tables = dict(cubes.tables(interviews, made))

    def counter(by: list[str], value: str = "n") -> Counter:
        summed = tables["rally"].groupby(by)[value].sum()
        return Counter({k: v for k, v in summed.to_dict().items() if v})

    def answers(item: str) -> list[str]:
        return [made[item].words[place] for place in made[item].places]

    waves, trust = list(map(int, interviews.wave)), answers("trust_people")
    second = {p: t for p, w, t in zip(interviews.person, waves, trust, strict=True) if w == 2}
    return {
        "last": counter(["sex", "education", "before_rally", "after_rally"]),
        "weights": counter(["before_rally"], "w"),
        "waves": Counter(zip(map(str, waves), answers("after_rally"), strict=True)),
        "panel": Counter(
            (t, second.get(p, "absent"))
            for p, w, t in zip(interviews.person, waves, trust, strict=True)
            if w == 1
        ),
    }


def write(export: Export, folder: Path) -> tuple[Path, dict]:
    """The survey's path, and the codebook that says how to read it."""
    upper = export.suffix == ".por"
    variables: dict[str, dict] = {"respondent": {"column": "id"}, "weight": {"column": "w"}}
    yes, no = (float(c) if _typed(export) and c.isdigit() else c for c in CODES[export.codes])
    for item in ITEMS:
        codes = dict(zip((yes, no), LEVELS[item], strict=True))
        variables[item] = {"column": COLUMNS[item], "codes": codes}
        if export.missing in ("na", "99", "null") and item != "sex":
            variables[item]["missing"] = [MISSING[export.missing]]
        if export.missing == "user":
            variables[item]["missing"] = ["90..99"]
    file: dict = dict(export.declared)
    tables: dict[str, list[list]] = {}
    if export.shape == "wide":
        tables["people"] = _wide(export)
        for item in ("after_rally", "trust_people", "weight"):
            column = variables[item]["column"]
            variables[item]["column"] = {1: f"{column}_1", 2: f"{column}_2"}
    else:
        rows = _long(export)
        variables["wave"] = {"column": "wave"}
        tables["people"] = rows
        if export.shape == "files":
            del variables["wave"]
            file["waves"] = {w: f"wave{w}{export.suffix}" for w in (1, 2)}
            tables = {
                f"wave{w}": [rows[0], *(r for r in rows[1:] if r[1] == str(w))] for w in (1, 2)
            }
    for name, rows in tables.items():
        _write(
            export, folder / f"{name}{export.suffix}", _with_extra(export, rows, variables, file)
        )
    if upper:
        for entry in variables.values():
            column = entry["column"]
            entry["column"] = (
                {w: c.upper() for w, c in column.items()} if isinstance(column, dict)
                else column.upper()
            )  # fmt: skip
    path = folder if export.shape == "files" else folder / f"people{export.suffix}"
    return path, {"file": file, "variables": variables}


def _typed(export: Export) -> bool:
    return export.suffix not in (".csv", ".tsv", ".csv.gz", ".csv.bz2", ".csv.xz", ".csv.zip")


def _cell(export: Export, item: str, level: str | None) -> str:
    if level is None:
        return "99" if export.missing == "user" else MISSING[export.missing]
    return CODES[export.codes][LEVELS[item].index(level)]


def _long(export: Export) -> list[list[str]]:
    rows = [["id", "wave", *COLUMNS.values(), "w"]]
    for one in interviews():
        cells = [
            "" if item in ONCE and one["wave"] == 2 else _cell(export, item, one[item])
            for item in ITEMS
        ]
        rows.append([IDS[export.ids](one["person"]), str(one["wave"]), *cells, str(one["weight"])])
    return rows


def _wide(export: Export) -> list[list[str]]:
    each = ("after_rally", "trust_people")
    rows = [["id", *(COLUMNS[i] for i in ONCE),
             *(f"{COLUMNS[i]}_{w}" for w in (1, 2) for i in each), "w_1", "w_2"]]  # fmt: skip
    by_person: dict[int, dict[int, dict]] = {}
    for one in interviews():
        by_person.setdefault(one["person"], {})[one["wave"]] = one
    for person, waves in by_person.items():
        cells = [_cell(export, i, waves[1][i]) for i in ONCE]
        for w in (1, 2):
            cells += [_cell(export, i, waves[w][i]) if w in waves else "" for i in each]
        weights = [str(waves[w]["weight"]) if w in waves else "" for w in (1, 2)]
        rows.append([IDS[export.ids](person), *cells, *weights])
    return rows


def _with_extra(export: Export, rows: list[list], variables: dict, file: dict) -> list[list]:
    match export.extra:
        case "index":
            return [["" if i == 0 else str(i - 1), *row] for i, row in enumerate(rows)]
        case "others":
            return [[*row, *(("Other", "other", "Other") if i == 0 else ("x", "", "y"))]
                    for i, row in enumerate(rows)]  # fmt: skip
        case "spaces":
            return [[f" {c} " for c in rows[0]], *rows[1:]]
        case "same names" if export.shape != "wide":
            at = {c: i for i, c in enumerate(rows[0])}
            for item in ("before_rally", "after_rally"):
                variables[item]["column"] = at[COLUMNS[item]] + 1
            return [[{"rb": "Q", "ra": "q"}.get(c, c) for c in rows[0]], *rows[1:]]
        case "same name" if export.shape != "wide":
            at = {c: i for i, c in enumerate(rows[0])}
            for item in ("before_rally", "after_rally"):
                variables[item]["column"] = at[COLUMNS[item]] + 1
            return [["Q" if c in ("rb", "ra") else c for c in rows[0]], *rows[1:]]
        case "three headers":
            file["header_lines"] = 3
            words = [f"Вопрос {i}, {c}?" for i, c in enumerate(rows[0])]
            return [rows[0], words, [f'{{"ImportId":"{c}"}}' for c in rows[0]], *rows[1:]]
        case "notes":
            told = ['said "no", then\nleft', "", "a;b,c\td|e", '5" tall', "# not a comment"]
            return [[*row, "note" if i == 0 else told[i % 5]] for i, row in enumerate(rows)]
        case "late note":
            return [[*row, "note" if i == 0 else ('"late", one' if i == len(rows) - 1 else "")]
                    for i, row in enumerate(rows)]  # fmt: skip
    return rows


def _write(export: Export, path: Path, rows: list[list]) -> None:
    if _typed(export):
        _typed_file(export, path, rows)
        return
    text = io.StringIO()
    writer = csv.writer(
        text, delimiter=export.delimiter, lineterminator=export.ends,
        quoting=csv.QUOTE_ALL if export.quoting == "all" else csv.QUOTE_MINIMAL,
    )  # fmt: skip
    if export.extra == "sep":
        text.write(f"sep={export.delimiter}{export.ends}")
    writer.writerows(rows)
    data = text.getvalue()
    if export.quoting == "no last end":
        data = data.removesuffix(export.ends)
    raw = data.encode(export.encoding)
    match path.suffix:
        case ".gz":
            raw = gzip.compress(raw)
        case ".bz2":
            raw = bz2.compress(raw)
        case ".xz":
            raw = lzma.compress(raw)
        case ".zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("people.csv", raw)
            return
    path.write_bytes(raw)


def _typed_file(export: Export, path: Path, rows: list[list]) -> None:
    frame = pd.DataFrame(rows[1:], columns=rows[0], dtype=object)
    for at, column in enumerate(frame.columns):
        cells = frame.iloc[:, at]
        kept = cells[cells != ""]
        numeric = kept.str.fullmatch(r"-?(0|[1-9]\d{0,14})(\.\d+)?").all() and len(kept)
        if export.codes == "truth" and set(kept) == {"True", "False"} and len(kept) == len(cells):
            frame[column] = cells == "True"
        elif numeric:
            whole = len(kept) == len(cells) and kept.str.fullmatch(r"\d+").all()
            kind = "int64" if whole and at % 2 else float
            frame[column] = cells.where(cells != "", None).astype(kind)
    match path.suffix:
        case ".sav" | ".zsav":
            ranges = {}
            if export.missing == "user":
                ranges = {
                    c: [{"lo": 90, "hi": 99}]
                    for c in frame
                    if c.split("_")[0] in COLUMNS.values() and frame[c].dtype == float
                }
            pyreadstat.write_sav(
                frame, str(path), missing_ranges=ranges or None, compress=path.suffix == ".zsav"
            )
        case ".por":
            pyreadstat.write_por(frame, str(path))
        case ".dta":
            pyreadstat.write_dta(frame, str(path))
        case ".parquet":
            with duckdb.connect() as connection:
                connection.register("answers", frame.replace("", None))
                connection.execute(f"COPY answers TO '{path}' (FORMAT parquet)")
        case ".rds":
            rdata.write_rds(str(path), frame)
        case ".xlsx":
            _excel(path, [list(frame.columns), *frame.astype(object).to_numpy().tolist()])


def _excel(path: Path, rows: list[list]) -> None:
    """The least workbook that Excel would open, with strings inline."""

    def cell(value: object) -> str:
        if value is None or value == "" or pd.isna(value):
            return "<c/>"
        if isinstance(value, bool):
            return f'<c t="b"><v>{int(value)}</v></c>'
        if isinstance(value, int | float):
            return f"<c><v>{value!r}</v></c>"
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'

    sheet = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/s.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="people" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/s.xml"/></Relationships>',
        "xl/worksheets/s.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData>'
        "</worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)


def exports() -> Iterator[Export]:
    """More than 300 ways to write the panel; the rarer traits take turns."""
    turns = zip(
        cycle(("long", "wide", "files")),
        cycle(IDS),
        cycle(("numbers", "words", "floats", "truth", "zero", "numbers", "words")),
        cycle(MISSING),
        cycle(("none", "index", "others", "spaces", "same name", "same names", "three headers",
               "notes", "late note", "sep", "notes")),
        strict=False,
    )  # fmt: skip
    texts = product(
        ",;\t|",
        ("utf-8", "utf-8-sig", "utf-16", "cp1251"),
        ("\n", "\r\n", "\r"),
        ("minimal", "all", "no last end"),
    )
    for (delimiter, encoding, ends, quoting), turn in zip(texts, turns, strict=False):
        shape, ids, codes, missing, extra = turn
        declared = {} if encoding in ("utf-8", "utf-8-sig", "utf-16") else {"encoding": encoding}
        suffix = ".tsv" if delimiter == "\t" else ".csv"
        yield Export(suffix, shape, ids, codes, missing, delimiter, encoding, ends, quoting, extra,
                     declared)  # fmt: skip
    for suffix, ids, codes in product(
        (".csv.gz", ".csv.bz2", ".csv.xz", ".csv.zip"), IDS, ("numbers", "words")
    ):
        shape, _, _, missing, extra = next(turns)
        yield Export(suffix, shape, ids, codes, missing, extra=extra)
    kinds = {
        ".sav": ("blank", "99", "user"), ".zsav": ("blank", "user"), ".dta": ("blank", "99"),
        ".parquet": ("blank", "99", "na"), ".xlsx": ("blank", "99", "na"), ".rds": ("blank", "99"),
        ".por": ("blank", "99"),
    }  # fmt: skip
    for suffix, missing_ways in kinds.items():
        ways = product(missing_ways, IDS, ("long", "wide", "files"), ("numbers", "words", "truth"))
        for missing, ids, shape, codes in islice(ways, 0, None, 2):
            words = codes in ("words", "truth")
            if (missing in ("99", "user") and words) or (missing == "na" and not words):
                continue
            if suffix == ".por" and (ids == "letters" or words):
                continue
            if codes == "truth" and suffix in (".sav", ".zsav", ".dta"):
                continue  # these formats hold no truth values
            yield Export(suffix, shape, ids, codes, missing)


__all__ = ["Export", "exports", "found", "replace", "truth", "write"]
