"""What R's haven keeps of SPSS and Stata in a data frame is read from its .rds as well."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from rdata.conversion import to_r
from rdata.parser import RObject, RObjectType
from rdata.unparser import unparse_file

from exile.custody.source.formats import saved_by_r

CONVERTER = to_r.ConverterFromPythonToR()


def made(value: object, **attributes: RObject) -> RObject:
    """A vector as R holds it, with attributes."""
    bare = CONVERTER.convert_to_r_object(value)
    return with_attributes(bare.info.type, bare.value, attributes)


def symbol(name: str) -> RObject:
    held = to_r.build_r_char(name, encoding="utf-8")
    return to_r.build_r_object(RObjectType.SYM, value=held)


def with_attributes(kind: RObjectType, value: object, attributes: dict[str, RObject]) -> RObject:
    pairs = [(symbol(name.replace("row_names", "row.names")), v) for name, v in attributes.items()]
    return to_r.build_r_object(
        kind, value=value, is_object="class" in attributes,
        attributes=to_r.build_r_list(pairs) if pairs else None,
    )  # fmt: skip


def texts(*words: str) -> RObject:
    return made(np.array(words, dtype=np.str_))


def save(path: Path, columns: dict[str, RObject], rows: int) -> None:
    frame = with_attributes(
        RObjectType.VEC, list(columns.values()),
        {
            "names": texts(*columns), "class": texts("tbl_df", "tbl", "data.frame"),
            "row_names": made(np.arange(1, rows + 1, dtype=np.int32)),
        },
    )  # fmt: skip
    data = CONVERTER.convert_to_r_data(pd.DataFrame())
    unparse_file(path, type(data)(data.versions, data.extra, frame), file_type="rds",
                 file_format="xdr", compression="gzip")  # fmt: skip


def test_labels_and_declared_missing_values_are_read(tmp_path):
    labels = made(np.array([1.0, 2.0, 99.0]), names=texts("Да", "Нет", "отказ"))
    rally = made(
        np.array([1.0, 2.0, 99.0, np.nan]), label=texts("Ходили на митинги?"),
        na_values=made(np.array([99.0])), na_range=made(np.array([90.0, 98.0])), labels=labels,
        **{"class": texts("haven_labelled_spss", "haven_labelled", "vctrs_vctr", "double")},
    )  # fmt: skip
    save(tmp_path / "made_up.rds", {"id": texts("a", "b", "c", "d"), "rally": rally}, 4)
    source = saved_by_r(tmp_path / "made_up.rds")
    person, answer = source.columns
    assert (person.name, person.text, person.codes) == ("id", True, {})
    assert (answer.name, answer.label) == ("rally", "Ходили на митинги?")
    assert answer.codes == {"1": "Да", "2": "Нет", "99": "отказ"}
    assert answer.declared_missing("99") and answer.declared_missing("95")
    assert not answer.declared_missing("1")
    assert source.claimed == 4 and source._cells[1][:3] == [1.0, 2.0, 99.0]


def test_a_column_without_declarations_is_read_as_before(tmp_path):
    save(tmp_path / "made_up.rds", {"id": texts("a"), "age": made(np.array([40.0]))}, 1)
    source = saved_by_r(tmp_path / "made_up.rds")
    assert [(c.name, c.codes, c.missing) for c in source.columns] == [
        ("id", {}, ()),
        ("age", {}, ()),
    ]
