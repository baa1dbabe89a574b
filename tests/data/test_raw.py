"""The cells give what the microdata give; other files are refused.

The microdata are read here with pyreadstat and pandas alone, not with the package.
"""

from __future__ import annotations

import http.server
import os
import threading
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from exile.data import chronicles, raw, table
from exile.data.__main__ import main
from exile.errors import InputError

RAW = os.environ.get("EXILE_RAW_DIR", "")
WEIGHT = {"9": "for_weight"}
EDUCATION = {"3": "Q2", "9": "Education"}
# Column, code that counts as yes; waves whose settlement codes differ from 1 urban, 2 rural.
SUPPORT = {"3": ("Q23", 1), "6": ("Q22", 1), "7b": ("Q5", 1), "8": ("Q16", 1), "9": ("Q10", 1)}
CAR = {w: ("POLOZHENIE", 5) for w in ("3", "5", "7a", "9")}
# The later waves are workbooks: file, and the column of the weight.
WORKBOOKS = {
    "10": ("chronicles_10_ru.xls", "вес"),
    "12": ("chronicles_12_ru.xlsx", "вес"),
    "14": ("chronicles_14_en.xlsx", "weight"),
    "15": ("chronicles_15_ru.xlsx", "вес"),
}


def microdata(wave: str) -> pd.DataFrame:
    """Respondents with a weight: attributes as the questionnaires code them."""
    import pyreadstat

    if wave in WORKBOOKS:
        return workbook(wave)
    path = Path(RAW) / "chronicles" / f"chronicles_0{wave}.sav"
    rows, _ = pyreadstat.read_sav(path, user_missing=True)
    rows["w"] = rows[WEIGHT.get(wave, "wes_age_gender_tnp")]
    education = rows[EDUCATION.get(wave, "EDU")]
    rows["higher"] = education.isin([4, 5]).astype(float).where(education != 99)
    rural = 3 if wave == "9" else 2
    rows["rural"] = (rows["TNP"] == rural).astype(float).where(~rows["TNP"].isin([99]))
    return rows[rows["w"] > 0]


def workbook(wave: str) -> pd.DataFrame:
    """Respondents of a later wave, as published."""
    file, weight = WORKBOOKS[wave]
    path = Path(RAW) / "chronicles" / file
    rows = pd.read_excel(path, engine="calamine")
    return pd.concat([rows, rows[weight].rename("w")], axis=1)


def design(rows: pd.DataFrame) -> np.ndarray:
    """Intercept, man, age groups, rural, higher education."""
    ages = [(rows["age"] == group).to_numpy(float) for group in ("35-44", "45-54", "55+")]
    columns = [rows["man"], *ages, rows["rural"], rows["higher"]]
    return np.column_stack([np.ones(len(rows)), *(np.asarray(c, float) for c in columns)])


def from_cells(wave: str, item: str, answer: str) -> pd.DataFrame:
    cells = table("chronicles")
    cells = cells[
        (cells["wave"] == wave)
        & (cells["item"] == item)
        & (cells["higher_education"] != "unknown")
        & (cells["settlement"] != "unknown")
    ]
    return cells.assign(
        y=(cells["answer"] == answer).astype(float),
        man=cells["sex"] == "man",
        age=cells["age_group"],
        rural=cells["settlement"] == "rural",
        higher=cells["higher_education"] == "yes",
    )


def fit(rows: pd.DataFrame, weight: str) -> sm.genmod.generalized_linear_model.GLMResults:
    model = sm.GLM(rows["y"], design(rows), sm.families.Binomial(), var_weights=rows[weight])
    return model.fit(tol=1e-14, tol_criterion="params", maxiter=100)


def sandwich(rows: pd.DataFrame, fitted: np.ndarray, w: str, w2: pd.Series) -> np.ndarray:
    """White's (1980) heteroskedasticity-robust standard errors of a weighted logit."""
    x, residual = design(rows), (rows["y"] - fitted).to_numpy()
    bread = np.linalg.inv(x.T @ (x * (rows[w] * fitted * (1 - fitted)).to_numpy()[:, None]))
    meat = x.T @ (x * (w2.to_numpy() * residual**2)[:, None])
    return np.sqrt(np.diag(bread @ meat @ bread))


CASES = [
    *((wave, *SUPPORT[wave], "war_support", "supports") for wave in SUPPORT),
    *((wave, *CAR[wave], "material_situation", "all_but_a_flat_or_house") for wave in CAR),
]


@pytest.mark.raw("chronicles")
class TestAgainstMicrodata:
    @pytest.mark.parametrize(
        "survey", ["chronicles", pytest.param("ess", marks=pytest.mark.raw("ess"))]
    )
    def test_committed_cells_are_the_derived_ones(self, survey, capsys):
        assert main(["derive", survey, "--check"]) == 0, capsys.readouterr().out

    @pytest.mark.parametrize(("wave", "column", "code", "item", "answer"), CASES)
    def test_weighted_share(self, wave, column, code, item, answer):
        rows = microdata(wave)
        cells = table("chronicles").query("wave == @wave and item == @item")
        share = cells.loc[cells["answer"] == answer, "w"].sum() / cells["w"].sum()
        assert share == pytest.approx(
            np.average(rows[column] == code, weights=rows["w"]), rel=1e-12
        )

    @pytest.mark.parametrize(("wave", "column", "code", "item", "answer"), CASES)
    def test_weighted_logit_and_robust_errors(self, wave, column, code, item, answer):
        rows = microdata(wave).dropna(subset=["higher", "rural"])
        rows = rows.assign(
            y=(rows[column] == code).astype(float),
            man=rows["GENDER"] == 1,
            age=np.select(
                [rows["AGE"] < 35, rows["AGE"] < 45, rows["AGE"] < 55],
                ["18-34", "35-44", "45-54"],
                "55+",
            ),
        )
        cells = from_cells(wave, item, answer)
        assert len(rows) == cells["n"].sum()
        micro, coarse = fit(rows, "w"), fit(cells, "w")
        np.testing.assert_allclose(coarse.params, micro.params, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(
            sandwich(cells, np.asarray(coarse.fittedvalues), "w", cells["w2"]),
            sandwich(rows, np.asarray(micro.fittedvalues), "w", rows["w"] ** 2),
            rtol=1e-10,
        )

    def test_logit_of_the_wish_to_leave(self):
        """Views and means in the model: cells and respondents give the same, errors included."""
        import patsy

        rows = microdata("3").dropna(subset=["higher"])
        rows = rows[rows["POLOZHENIE"] != 99]
        people = pd.DataFrame(
            {
                "y": rows["Q6"].isin([1, 2]).astype(float),
                "against": rows["Q23"] == 2,
                "silent": rows["Q23"].isin([99, 100]),
                "higher_means": rows["POLOZHENIE"] >= 4,
                "graduate": rows["higher"] == 1,
                "man": rows["GENDER"] == 1,
                "young": rows["AGE"] < 35,
                "old": rows["AGE"] >= 55,
                "w": rows["w"],
                "w2": rows["w"] ** 2,
            }
        )
        cells = table("chronicles_leaving").query("item == 'wish_to_emigrate'")
        assert cells["n"].sum() == len(people)
        cells = pd.DataFrame(
            {
                "y": cells["answer"].str.startswith("would_like_to").astype(float),
                "against": cells["war_support"] == "against",
                "silent": cells["war_support"] == "no_answer",
                "higher_means": cells["means"] == "higher",
                "graduate": cells["higher_education"] == "yes",
                "man": cells["sex"] == "man",
                "young": cells["age_group"] == "18-34",
                "old": cells["age_group"] == "55+",
                "w": cells["w"],
                "w2": cells["w2"],
            }
        )
        results = []
        for frame in (people, cells):
            terms = "against + silent + higher_means + graduate + man + young + old"
            x = np.asarray(patsy.dmatrix(terms, frame.astype(float)))
            model = sm.GLM(frame["y"], x, sm.families.Binomial(), var_weights=frame["w"])
            fitted = model.fit(tol=1e-14, tol_criterion="params", maxiter=100)
            mu = np.asarray(fitted.fittedvalues)
            bread = np.linalg.inv(x.T @ (x * (frame["w"] * mu * (1 - mu)).to_numpy()[:, None]))
            meat = x.T @ (x * (frame["w2"] * (frame["y"] - mu) ** 2).to_numpy()[:, None])
            results.append((fitted.params, np.sqrt(np.diag(bread @ meat @ bread))))
        np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-9)

    @pytest.mark.parametrize(
        ("wave", "item", "answer", "column", "code"),
        [
            ("10", "war_support", "does_not_support", "Q10", 2),
            ("12", "attitude_to_leavers", "condemns", "Q43", 1),
            ("14", "war_support", "refused", "Q22", 4),
            ("14", "industry_it_telecommunications", "named", "Q37_13", 1),
            ("14", "helped_for_free_refugees", "named", "Q16_3", 1),
            ("14", "member_volunteering_charity", "active", "Q34_7", 1),
            ("15", "industry", "it_communications_internet", "Q34", 13),
            ("15", "politics_in_conversation", "goes_on", "Q11", 1),
        ],
    )
    def test_weighted_share_of_women_in_later_waves(self, wave, item, answer, column, code):
        rows = workbook(wave)
        sex = {"10": "Q1", "12": "Q1", "14": "Q38", "15": "Q43"}[wave]
        women = rows[(rows[sex] == 2) & rows[column].notna()]
        cells = table("chronicles").query(
            "wave == @wave and item == @item and sex == 'woman' and answer != 'not_asked'"
        )
        share = cells.loc[cells["answer"] == answer, "w"].sum() / cells["w"].sum()
        assert share == pytest.approx(
            np.average(women[column] == code, weights=women["w"]), rel=1e-12
        )

    @pytest.mark.filterwarnings("ignore:cov_type not fully supported")
    def test_sandwich_is_the_one_of_statsmodels(self):
        rows = microdata("8").dropna(subset=["higher", "rural"])
        rows = rows.assign(y=(rows["Q16"] == 1).astype(float), man=rows["GENDER"] == 1, age="18-34")
        x = np.delete(design(rows), [2, 3, 4], axis=1)
        model = sm.GLM(rows["y"], x, sm.families.Binomial(), var_weights=rows["w"])
        robust = model.fit(cov_type="HC0", tol=1e-14, maxiter=100)
        mu, residual = robust.fittedvalues, (rows["y"] - robust.fittedvalues).to_numpy()
        bread = np.linalg.inv(x.T @ (x * (rows["w"] * mu * (1 - mu)).to_numpy()[:, None]))
        meat = x.T @ (x * (rows["w"].to_numpy() ** 2 * residual**2)[:, None])
        np.testing.assert_allclose(np.sqrt(np.diag(bread @ meat @ bread)), robust.bse, rtol=1e-8)

    @pytest.mark.parametrize("wave", chronicles.declaration()["waves"])
    def test_usable_rows(self, wave):
        stated = table("chronicles_waves").set_index("wave").loc[wave]
        assert len(microdata(wave)) == stated["usable"]

    @pytest.mark.raw("ess")
    @pytest.mark.parametrize(
        ("essround", "cntry", "group"),
        [(8, "RU", "native"), (7, "EE", "russia_born"), (6, "UA", "russia_born")],
    )
    def test_ess_mean_trust_by_education(self, essround, cntry, group):
        rows = pd.read_csv(next((Path(RAW) / "ess").glob("*.csv.gz")), low_memory=False)
        rows = rows.query("essround == @essround and cntry == @cntry and birth_group == @group")
        essround = str(essround)
        cells = table("ess").query(
            "essround == @essround and cntry == @cntry and birth_group == @group "
            "and item == 'ppltrst' and answer != 'no_answer'"
        )
        for attribute, codes in (("yes", [6, 7]), ("no", [1, 2, 3, 4, 5])):
            of_rows = rows[rows["eisced"].isin(codes) & rows["ppltrst"].notna()]
            of_cells = cells[cells["higher_education"] == attribute]
            assert of_cells["n"].sum() == len(of_rows)
            assert np.average(of_cells["answer"].astype(float), weights=of_cells["w"]) == (
                pytest.approx(np.average(of_rows["ppltrst"], weights=of_rows["wt"]), rel=1e-12)
            )


@pytest.mark.raw("chronicles", "ess")
class TestOtherFiles:
    def test_a_changed_cell_is_named(self, data_copy, capsys):
        path = data_copy / "cells/chronicles.csv"
        path.write_bytes(path.read_bytes().replace(b",1.598,", b",1.599,", 1))
        assert main(["derive", "chronicles", "--check"]) == 1
        assert capsys.readouterr().out.startswith("chronicles: the committed table differs")

    def test_derived_tables_are_written_with_their_hashes(self, data_copy):
        for path in (data_copy / "cells").glob("chronicles*.csv"):
            if path.name != "chronicles_waves.csv":
                path.write_text("", encoding="utf-8")
        assert main(["derive", "chronicles"]) == 0
        assert main(["derive", "chronicles", "--check"]) == 0
        assert main(["package", "--check"]) == 0

    @pytest.mark.parametrize(
        ("file", "survey"),
        [
            ("chronicles/chronicles_05.sav", "chronicles"),
            ("ess/ess_russia_migrants_r5_r9.csv.gz", "ess"),
        ],
    )
    def test_one_changed_byte_is_refused(self, raw_copy, capsys, file, survey):
        content = bytearray((raw_copy / file).read_bytes())
        content[-1] ^= 1
        (raw_copy / file).write_bytes(content)
        assert main(["derive", survey, "--check"]) == 2
        message = capsys.readouterr().err
        assert message.startswith(f"{file}: the file differs from the one")
        assert "fetch it again" in message

    def test_a_missing_file_is_named(self, raw_copy, capsys):
        (raw_copy / "chronicles/chronicles_07b.sav").unlink()
        assert main(["derive", "chronicles", "--check"]) == 2
        assert "chronicles/chronicles_07b.sav: the file is not in the folder" in (
            capsys.readouterr().err
        )


class TestWithoutRawFolder:
    @pytest.fixture(autouse=True)
    def no_raw_folder(self, monkeypatch):
        monkeypatch.delenv("EXILE_RAW_DIR", raising=False)

    def test_ess_says_how_to_obtain_it(self, capsys):
        assert main(["derive", "ess", "--check"]) == 2
        message = capsys.readouterr().err
        assert "not public and EXILE_RAW_DIR is not set" in message
        assert "data/cells/ess_rounds.csv" in message

    @pytest.fixture
    def server(self, tmp_path, monkeypatch):
        """Serves ``Глава 1/файл.sav``; yields the address."""
        served = tmp_path / "served" / "Глава 1"
        served.mkdir(parents=True)
        (served / "файл.sav").write_bytes(b"respondents")
        monkeypatch.setattr(raw, "CACHE", tmp_path / "cache")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        handler = partial(QuietHandler, directory=str(tmp_path / "served"))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
            threading.Thread(target=running.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{running.server_port}/"
            running.shutdown()

    def test_a_public_file_is_fetched_once(self, server):
        checksum = sha256(b"respondents").hexdigest()
        path = raw.fetch("chronicles", "file.sav", checksum, server, "Глава 1/файл.sav")
        assert path.read_bytes() == b"respondents"
        unreachable = "http://127.0.0.1:9/"
        again = raw.fetch("chronicles", "file.sav", checksum, unreachable, "Глава 1/файл.sav")
        assert again == path

    def test_another_file_at_the_address_is_refused(self, server):
        with pytest.raises(InputError, match=r"%D0%93.*%201/.*the file differs from the one"):
            raw.fetch("chronicles", "file.sav", "0" * 64, server, "Глава 1/файл.sav")

    @pytest.mark.parametrize("path", ["Глава 1/нет.sav", "Глава 2/файл.sav"])
    def test_no_file_at_the_address(self, server, path):
        with pytest.raises(InputError, match="cannot be fetched.*EXILE_RAW_DIR"):
            raw.fetch("chronicles", "file.sav", "0" * 64, server, path)

    def test_addresses_are_those_of_the_sources(self):
        """The mapping and sources.csv must name the same file."""
        from urllib.parse import quote

        declared = chronicles.declaration()
        urls = table("sources").set_index("source_id")["url"]
        waves = table("chronicles_waves").set_index("wave")["source_id"]
        for wave, entry in declared["waves"].items():
            assert urls[waves[wave]] == declared["address"] + quote(entry["path"])


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Says nothing."""
