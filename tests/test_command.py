"""The command: its version, its help, and a word on what is missing instead of a traceback."""

from __future__ import annotations

import builtins
import io
import subprocess
import sys

import pytest

import exile
from exile.__main__ import main


def test_it_tells_its_version(capsys):
    with pytest.raises(SystemExit) as done:
        main(["--version"])
    assert done.value.code == 0
    assert exile.__version__ in capsys.readouterr().out


@pytest.mark.parametrize("command", ["init", "check", "build", "approve", "publish", "rehearse"])
def test_every_option_has_a_word_of_help(command, capsys):
    with pytest.raises(SystemExit):
        main(["survey", command, "--help"])
    said = capsys.readouterr().out
    options = [line for line in said.split("options:")[1].splitlines() if line.startswith("  -")]
    assert options


def test_a_missing_extra_is_named(monkeypatch, capsys, tmp_path):
    original = builtins.__import__

    def without(name, *rest):
        if name.split(".")[0] in ("duckdb", "pyreadstat"):
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        return original(name, *rest)

    for module in [m for m in sys.modules if m.startswith("exile.custody.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", without)
    path = tmp_path / "a.csv"
    path.write_text("id,q\n1,2\n", encoding="utf-8")
    assert main(["survey", "init", str(path)]) == 1
    assert "exile-audit[custody,site]" in capsys.readouterr().err


def test_an_older_console_is_no_error():
    code = "from exile.__main__ import main\ntry:\n    main(['survey', '--help'])\nexcept SystemExit:\n    print('27\\u202f%')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False,
        env={"PYTHONIOENCODING": "cp1252", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert io.BytesIO(done.stdout).read().strip().endswith(b"?%")
