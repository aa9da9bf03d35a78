"""Scoring that is stopped leaves no half file: not at the output's place, and after Ctrl-C nowhere."""

import os
import signal
import textwrap

import numpy as np
import pandas as pd
import pytest

import askew

CHILD = textwrap.dedent(
    """
    import os, sys, time
    from askew.cli import main
    from askew.scoring import Scoring
    from askew.inputs import parquet_table
    parquet_table.ROWS = 50
    batches = Scoring.batches
    def slow(self):
        for done, batch in enumerate(batches(self)):
            yield batch
            if done == 3:
                print("halfway", flush=True)
                time.sleep(60)
    Scoring.batches = slow
    sys.exit(main.main(sys.argv[1:]))
    """
)


@pytest.fixture
def folder(tmp_path):
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(1000, 2)), columns=["a", "b"])
    X.to_parquet(tmp_path / "new.parquet")
    askew.IsolationForest(n_estimators=5, random_state=0).fit(X).save(tmp_path / "m.askew")
    return tmp_path


def stopped(forks, folder, number, output):
    """Stop scoring half-way by a signal and return the exit code."""
    child = forks.start(CHILD, "score", "m.askew", "new.parquet", "-o", output, folder=folder)
    assert child.stdout.readline() == "halfway\n"
    assert [path for path in folder.iterdir() if ".partial" in path.name]  # rows are written as they come
    os.kill(child.pid, number)
    return child.wait().returncode


@pytest.mark.parametrize(
    ("number", "code", "before"),
    [(signal.SIGINT, 130, None), (signal.SIGTERM, 143, "old"), (signal.SIGKILL, -9, "old")],
    ids=["Ctrl-C", "terminate", "kill -9"],
)
def test_no_half_file(run, forks, folder, number, code, before):
    output = folder / "s.csv"
    if before is not None:
        output.write_text(before)
    assert stopped(forks, folder, number, "s.csv") == code
    assert (output.read_text() if output.exists() else None) == before
    inputs = {"m.askew", "new.parquet"}
    left = {path.name for path in folder.iterdir()} - {"s.csv", *inputs}
    assert (left == set()) == (number != signal.SIGKILL)
    assert run("score", "m.askew", "new.parquet", "-o", "s.csv").code == 0
    assert len(pd.read_csv(output)) == 1000
    # what a kill had left is gone: its process is no more
    assert {path.name for path in folder.iterdir()} == {"s.csv", *inputs}
