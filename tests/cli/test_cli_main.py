"""The frame of all commands: quick start, exit codes, signals, pipes, warnings."""

import os
import re
import runpy
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from cli_tables import table

import askew
from askew.cli import main as main_module
from askew.cli.console import print_json
from askew.scoring import Scoring

PROGRAM = "import sys; from askew.cli.main import main; sys.exit(main())"
COMMAND = [sys.executable, "-c", PROGRAM]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(askew.__file__).parents[1])}


def test_version(run):
    assert run("--version").out == f"askew {askew.__version__}\n"


@pytest.mark.parametrize("module", ["askew", "askew.cli"])
def test_python_runs_the_package_as_the_command(module, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [module, "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__")
    assert ended.value.code == 0 and capsys.readouterr().out == f"askew {askew.__version__}\n"


@pytest.mark.parametrize("words", [[], ["--help"], ["bench"]])
def test_help_lists_commands(run, words):
    outcome = run(*words)
    assert outcome.code == 0
    expected = ["classic"] if words == ["bench"] else ["fit", "score", "methods", "datasets", "bench"]
    assert all(command in outcome.out for command in expected)


def test_help_wraps_paragraphs_at_the_terminals_width(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    paragraph = run("score", "--help").out.split("Columns: ")[1]
    _first, *full, _last = re.split(r"\n\s*\n", paragraph)[0].splitlines()
    assert full and all(len(line.rstrip()) > 60 for line in full)


def test_unexpected_error_is_one_line_and_exit_code_1(run, train_csv, monkeypatch):
    def fit(self, X, y):
        raise ZeroDivisionError("first line\nsecond line")

    monkeypatch.setattr(askew.DPVAE, "fit", fit)
    words = ("fit", train_csv, "--detector", "dp_vae", "--drop", "id", "--drop", "label", "-o", "m")
    outcome = run(*words)
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].startswith(
        "error: ZeroDivisionError: first line second line (unexpected"
    )
    monkeypatch.setenv("ASKEW_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run(*words)


def test_full_disk_is_one_line_and_exit_code_1(run, model, monkeypatch):
    def batches(self):
        raise OSError(28, "No space left on device")
        yield

    monkeypatch.setattr(Scoring, "batches", batches)
    table().to_csv("new.csv", index=False)
    outcome = run("score", model, "new.csv", "-o", "s.csv")
    assert (outcome.code, outcome.err.splitlines()[-1]) == (1, "error: [Errno 28] No space left on device")


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("std::bad_alloc"), RuntimeError("can't start new thread")]
)
def test_too_little_memory_is_said_whoever_finds_it(run, model, monkeypatch, error):
    def batches(self):
        raise error
        yield

    monkeypatch.setattr(Scoring, "batches", batches)
    table().to_csv("new.csv", index=False)
    outcome = run("score", model, "new.csv", "-o", "s.csv")
    what = str(error) or "MemoryError"
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].startswith(f"error: there is not enough memory ({what}). Give fewer")


def test_interrupt_between_batches_keeps_the_old_output(run, model, tmp_path, monkeypatch):
    whole = Scoring.batches

    def batches(self):
        yield next(whole(self))
        raise KeyboardInterrupt

    monkeypatch.setattr(Scoring, "batches", batches)
    table().to_csv("new.csv", index=False)
    (tmp_path / "s.csv").write_text("old")
    outcome = run("score", model, "new.csv", "-o", "s.csv")
    assert outcome.code == 130
    assert outcome.out == ""
    assert "error" not in outcome.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.askew", "new.csv", "s.csv"]
    assert (tmp_path / "s.csv").read_text() == "old"


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_while_training(forks, train_csv, tmp_path, sent, code):
    words = ["fit", "train.csv", "--drop", "id", "--drop", "label", "--detector", "dp_vae"]
    words += ["--epochs", "1000000", "-o", "m.askew"]
    process = forks.start("import sys; sys.stderr = sys.stdout\n" + PROGRAM, *words, folder=tmp_path)
    first = process.stdout.readline()
    assert "60 rows" in first  # the next thing is training
    os.kill(process.pid, sent)
    done = process.wait()
    said = "Stopped; nothing is kept. With --checkpoint FILE a fit can be stopped and go on later.\n"
    assert (done.returncode, done.stdout) == (code, said)
    assert [path.name for path in tmp_path.iterdir()] == ["train.csv"]


@pytest.mark.parametrize("attempt", [1, 2])
def test_bad_cell_in_a_process_of_its_own(forks, tmp_path, attempt):
    """Reading ahead through a Python file made more than half of such processes abort at their end."""
    table().astype({"b": object}).replace({"b": {table()["b"][5]: "oops"}}).to_csv(
        tmp_path / "t.csv", index=False
    )
    words = ("fit", "t.csv", "--label-column", "label", "--drop", "id", "-o", "m")
    done = forks.start(PROGRAM, *words, folder=tmp_path, whole=True).wait()
    assert done.returncode == 2
    assert done.stderr.startswith("error: column 'b' of t.csv") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_reader_that_stops_early_is_no_error(unbuffered):
    read, write = os.pipe()
    os.close(read)
    environment = ENVIRONMENT | {"PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(
        [*COMMAND, "methods", "--json"], stdout=write, stderr=-1, env=environment, text=True
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


def test_signal_handler_is_put_back(run):
    def mine(number, frame):
        raise AssertionError("no signal is sent here")

    before = signal.signal(signal.SIGTERM, mine)
    try:
        run("methods")
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, before)


def test_warnings_are_one_line_on_stderr(run, monkeypatch):
    def warn():
        warnings.warn("the model\nlooks unhealthy", UserWarning, stacklevel=1)
        return {}

    monkeypatch.setattr("askew.index.entries", warn)
    outcome = run("methods", "--json")
    assert outcome.err == "warning: the model looks unhealthy\n"


def test_json_has_null_for_numbers_it_lacks(capsys):
    print_json({"a": [float("nan"), float("inf"), 1.5], "b": (1, None)})
    assert capsys.readouterr().out.split() == '{ "a": [ null, null, 1.5 ], "b": [ 1, null ] }'.split()


def test_every_command_has_json():
    result = []
    for command in main_module.app.registered_commands:
        result.append((command.name, "json" in command.callback.__annotations__))
    for group in main_module.app.registered_groups:
        for command in group.typer_instance.registered_commands:
            result.append((command.name, "json" in command.callback.__annotations__))
    assert len(result) == 34
    assert all(has for _, has in result), result
