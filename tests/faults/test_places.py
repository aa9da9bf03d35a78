"""Where commands may not write: over their input, in folders that take no files; and two that write at once."""

import shutil
import sys
from pathlib import Path

import pytest

import faults
from askew.cli.main import main

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="forks, and a folder that even root cannot write to"
)

OVER_INPUT = [
    ("fit", "train.csv"),
    ("score", "new.csv"),
    ("score", "m.askew"),
    ("explain", "new.csv"),
    ("threshold", "new.csv"),
    ("refit", "m.askew"),
    ("refit", "train.csv"),
    ("refit", "answers.csv"),
    ("export", "m.askew"),
]
"""Commands, and the input that is named as output."""


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    folder = tmp_path_factory.mktemp("start")
    faults.write_inputs(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main([*faults.COMMANDS["fit"].words[:-1], "m.askew"]) == 0
    return folder


@pytest.fixture
def folder(start, tmp_path, monkeypatch):
    shutil.copytree(start, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(words, folder, capsys):
    """Return what is said when a command is refused, and check that it changes nothing."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    capsys.readouterr()
    assert main(words) == 2
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    [line] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    return line


@pytest.mark.parametrize(("name", "output"), OVER_INPUT)
def test_an_input_is_no_output(folder, capsys, name, output):
    line = refused([*faults.COMMANDS[name].words[:-1], output], folder, capsys)
    assert output in line


@pytest.mark.parametrize(
    "name", [name for name in faults.COMMANDS if name not in ("report on runs", "bench")]
)
def test_a_folder_that_takes_no_files_is_refused_before_the_work(folder, capsys, name):
    words = faults.COMMANDS[name].words
    line = refused([*words[:-1], str(Path("/proc", words[-1]))], folder, capsys)
    assert "must be in a folder that can be written to" in line


def test_a_results_folder_that_cannot_be_made_is_refused(folder, capsys):
    line = refused([*faults.COMMANDS["bench"].words[:-1], "/proc/results"], folder, capsys)
    assert "must be a folder that can be written" in line


def test_two_that_write_one_file_at_once_leave_one_of_them_whole(folder, forks):
    code = """
import os, sys
from askew.cli import main
child = os.fork()
code = main.main(sys.argv[1:])
sys.exit(code or (child and os.waitpid(child, 0)[1]))
"""
    words = faults.COMMANDS["score"].words
    for _ in range(3):
        forks.run(code, *words, folder=folder)
        assert faults.content(folder / "s.parquet").count("\n") == 61
        assert not faults.leftovers(folder)
