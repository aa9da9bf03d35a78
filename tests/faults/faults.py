"""Commands that are killed, or run out of disk or memory, at any moment; and what must hold after each.

Every command has outputs and inputs. After a fault an output is as it was before, or whole; inputs are as they were;
and the same command, run again, makes what it would have made, and leaves nothing else in the folder.
``tools/faults.py`` strikes many times, ``test_faults.py`` a few.
"""

import io
import json
import os
import random
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import askew
from askew import files
from askew.errors import ModelFileError

CHILD = """
import os, resource, signal, sys
from askew.cli import main

signal.alarm(300)  # it would wait for ever

fault, at, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
FILES = {"open", "os.rename", "os.remove", "os.mkdir", "os.chmod", "os.truncate", "sqlite3.connect"}
me, seen = os.getpid(), 0

def strike(event, args):
    global seen
    if event in FILES and not (event == "open" and isinstance(args[1], str) and args[1] in "rbrt"):
        seen += 1
        if seen == at and os.getpid() == me:
            os.kill(me, number)

if fault == "step":
    sys.addaudithook(strike)
elif fault == "disk":
    os.dup2(1, 2)  # what stderr is in tests is a file
    resource.setrlimit(resource.RLIMIT_FSIZE, (at, at))
elif fault == "memory":
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + at
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
print("begun", flush=True)
code = main.main(sys.argv[4:])
if fault == "step":
    print("steps", seen, flush=True)
sys.exit(code)
"""
"""A child that runs a command and strikes itself: at a step on files, or by a limit."""

OLD = b"what was there before"
ROWS = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=["a", "b", "c"])
ROWS[-3:] += 8
UNEQUAL = {"started", "warnings", "group_size"}
"""Columns of a benchmark's runs that tell of how they were done, beside their seconds."""


@dataclass(frozen=True)
class Command:
    """A command line, its inputs and its outputs."""

    words: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


TREES = ("--detector", "isolation_forest", "--set", "n_estimators=5")
MODEL_AND_ROWS = ("m.askew", "new.csv")
COMMANDS = {
    "fit": Command(
        ("fit", "train.csv", "--label-column", "label", *TREES, "-o", "fitted.askew"),
        ("train.csv",),
        ("fitted.askew",),
    ),
    "fit networks": Command(
        (
            *("fit", "train.csv", "--label-column", "label", "--detector", "vae", "--members", "2"),
            *("--epochs", "6", "--checkpoint", "fit.ckpt", "--set", "training__checkpoint_every=0"),
            *("-o", "vae.askew"),
        ),
        ("train.csv",),
        ("vae.askew",),
    ),
    "score": Command(("score", *MODEL_AND_ROWS, "-o", "s.parquet"), MODEL_AND_ROWS, ("s.parquet",)),
    "score as text": Command(("score", *MODEL_AND_ROWS, "-o", "s.csv"), MODEL_AND_ROWS, ("s.csv",)),
    "explain": Command(
        ("explain", *MODEL_AND_ROWS, "--top", "3", "-o", "why.json"), MODEL_AND_ROWS, ("why.json",)
    ),
    "threshold": Command(
        ("threshold", *MODEL_AND_ROWS, "--rule", "quantile:0.1", "-o", "t.askew"),
        MODEL_AND_ROWS,
        ("t.askew",),
    ),
    "export": Command(("export", "m.askew", "-o", "m.onnx"), ("m.askew",), ("m.onnx",)),
    "refit": Command(
        ("refit", "m.askew", "train.csv", "--labels", "answers.csv", "--folds", "0", "-o", "again.askew"),
        ("m.askew", "train.csv", "answers.csv"),
        ("again.askew",),
    ),
    "report on a model": Command(
        ("report", "m.askew", "-o", "card.html"), ("m.askew",), ("card.html", "card.md")
    ),
    "report on runs": Command(
        ("report", "finished", "-o", "runs.html"), ("finished/runs",), ("runs.html", "runs.md", "runs.csv")
    ),
    "bench": Command(
        (
            *("bench", "classic", "--methods", "isolation_forest,mahalanobis", "--datasets", "thyroid"),
            *("--seeds", "2", "--workers", "1", "-o", "results"),
        ),
        (),
        ("results/table.csv", "results/table.md", "results/runs.parquet"),
    ),
}


class World:
    """A folder with all inputs, and what every command makes of them when nothing goes wrong."""

    def __init__(self, forks, folder, names=tuple(COMMANDS)):
        self.forks, self.folder, self.names = forks, folder, names
        self.start, self.whole, self.seconds, self.steps = folder / "start", {}, {}, {}
        self.start.mkdir()
        write_inputs(self.start)
        needed = [(*COMMANDS["fit"].words[:-1], "m.askew")]
        if "report on runs" in names:
            needed.append((*COMMANDS["bench"].words[:-1], "finished"))
        for words in needed:
            done = self.run(words, self.start)
            assert done.returncode == 0, (words, done.stderr)
        for name in names:
            made, began = self.new(), time.monotonic()
            done = self.run(COMMANDS[name].words, made, "step")
            self.seconds[name] = time.monotonic() - began
            assert done.returncode == 0, (name, done.stderr)
            self.steps[name] = int(done.stdout.split()[-1])
            self.whole[name] = {output: content(made / output) for output in COMMANDS[name].outputs}
            assert None not in self.whole[name].values()
            shutil.rmtree(made)

    def new(self):
        """Return a new copy of the folder."""
        copy = self.folder / f"try-{random.getrandbits(48):x}"
        shutil.copytree(self.start, copy)
        return copy

    def begin(self, words, folder, fault="none", at=0, number=9):
        """Return the child that runs a command, once it has begun."""
        child = self.forks.start(CHILD, fault, at, int(number), *words, folder=folder)
        assert child.stdout.readline() == "begun\n"
        return child

    def run(self, words, folder, fault="none"):
        """Return the outcome of a command."""
        return self.begin(words, folder, fault).wait()

    def strike(self, name, fault, at, number=signal.SIGKILL, old=False):
        """Run a command under a fault, check what holds, run it again and check again; return how it ended.

        `at` is the number of a step on files ("step"), seconds ("time"), or bytes ("disk", "memory"). `old` puts files
        where the outputs will be.
        """
        command, folder = COMMANDS[name], self.new()
        for output in command.outputs if old else ():
            (folder / output).parent.mkdir(exist_ok=True)
            (folder / output).write_bytes(OLD)
        child = self.begin(command.words, folder, "none" if fault == "time" else fault, int(at), number)
        if fault == "time":
            time.sleep(at)
            with suppress(ProcessLookupError):  # it was quicker
                os.kill(child.pid, number)
        done = child.wait()
        try:
            assert done.returncode != -signal.SIGALRM, "it did not end"
            self._check(name, folder, done, old)
            if fault in ("disk", "memory"):
                assert done.returncode in (0, 1), "it did not end as one that failed"
                said = f"{done.stdout}{done.stderr}".splitlines()
                lines = [line for line in said if line.startswith("error: ")]
                assert len(lines) == (done.returncode != 0), "it is not said in one line"
                assert "(unexpected:" not in "".join(lines), "it was taken by surprise"
            if done.returncode != -signal.SIGKILL:
                assert not leftovers(folder), "it left temporary files"
            stored = runs(folder)
            again = self.run(command.words, folder)
            assert again.returncode == 0, f"it cannot be run again: {again.stderr}"
            self._check(name, folder, again, old)
            assert stored.items() <= runs(folder).items(), "a finished run was lost"
            left = {path.name for path in folder.iterdir()} - {path.name for path in self.start.iterdir()}
            assert left <= {output.split("/")[0] for output in command.outputs}, "it left files"
            assert not leftovers(folder), "it left temporary files of the time before"
        except AssertionError as error:
            said = (done.stdout + done.stderr)[-300:]
            how = f"{name}, {fault} {at}, signal {number}, old {old}: {done.returncode}, {said!r}"
            raise AssertionError(f"{error} ({how}; see {folder})") from None
        shutil.rmtree(folder)
        return done

    def _check(self, name, folder, done, old):
        for output, whole in self.whole[name].items():
            there = folder / output
            now = content(there)
            stopped = there.exists() == old and (not old or there.read_bytes() == OLD)
            if not stopped and name == "bench" and now is not None:
                stopped = is_part(output, now, whole)
            assert now == whole or (stopped and done.returncode != 0), f"{output} is not whole"
        for entry in COMMANDS[name].inputs:
            for path in files_of(self.start / entry):
                same = path.read_bytes() == (folder / path.relative_to(self.start)).read_bytes()
                assert same, f"input {path.name} was changed"


def write_inputs(folder):
    """Write a table to fit, one to score and one of answers."""
    ROWS.assign(label=[0] * 58 + [-1, -1]).to_csv(folder / "train.csv", index=False)
    ROWS.iloc[::-1].to_csv(folder / "new.csv", index=False)
    pd.DataFrame({"row": [58, 3], "answer": ["anomaly", "normal"]}).to_csv(
        folder / "answers.csv", index=False
    )


def files_of(path):
    """Return a file, or all files in a folder."""
    return [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]


def runs(folder):
    """Return the finished runs of a benchmark."""
    return {path.name: path.read_bytes() for path in (folder / "results" / "runs").glob("[!.]*.json")}


def is_part(output, now, whole):
    """Return whether a table of a benchmark that was stopped is one of finished runs: no number in it is another."""
    if output.endswith(".md"):
        return bool(now)  # the same rows, rounded
    texts = (io.BytesIO(each) if isinstance(each, bytes) else io.StringIO(each) for each in (now, whole))
    rows, planned = map(pd.read_csv, texts)
    if "n_runs" in rows:
        rows = rows[rows["n_runs"] == rows["n_planned"]]
    rows, planned = (each.drop(columns="Unnamed: 0", errors="ignore").astype(str) for each in (rows, planned))
    return len(rows.merge(planned)) == len(rows)


def leftovers(folder):
    """Return the temporary files of ours that are still there."""
    return list(folder.rglob(".askew-*.partial*"))


def content(path: Path):
    """Return what is in a file, but for what differs from run to run; None if there is no file or no whole one."""
    if not path.exists():
        return None
    if path.suffix == ".askew":
        try:
            model = askew.load(path)
        except ModelFileError:
            return None
        return json.dumps(files.read(path)[0], sort_keys=True), model.score_samples(ROWS).tolist()
    if path.suffix == ".parquet":
        try:
            frame = pd.read_parquet(path)
        except (OSError, ValueError):
            return None
        own = [name for name in frame.columns if "seconds" not in name and name not in UNEQUAL]
        return frame[own].to_csv()
    return path.read_bytes()
