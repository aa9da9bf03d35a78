"""Every file of a folder is scored as if it were alone: here, by a cluster, stopped, and gone on with."""

import os
import signal
from contextlib import contextmanager
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from scoring_tables import MODELS, Notes, kde, numbers, words

from askew.errors import InvalidInputError, ModelFileError
from askew.inputs import parquet_rows, parquet_table
from askew.scoring import ReadOptions, Scoring, Silence, score_file, score_folder

module = import_module("askew.scoring.score_folder")
OPTIONS = ReadOptions(ignore_extra=True)


@pytest.fixture
def folder(tmp_path):
    """Some files of one kind of rows, the model of a file, and a file that is none."""
    kde().save(tmp_path / "m.askew")
    (tmp_path / "in/a").mkdir(parents=True)
    for seed, name in enumerate(["b", "a/b", "c"], 1):
        numbers(seed=seed).to_parquet(tmp_path / "in" / f"{name}.parquet")
    numbers(seed=4).to_csv(tmp_path / "in/c.csv", index=False)
    return tmp_path


def score(folder, **more):
    return score_folder(folder / "m.askew", folder / "in", folder / "out", **{"options": OPTIONS} | more)


def outputs(folder):
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(".askew/")}


def alone(folder, kind=".parquet", reasons=0):
    """What every file gives by itself."""
    expected = {}
    for path in (folder / "in").rglob("*.*"):
        name = path.relative_to(folder / "in").as_posix()
        score_file(folder / "m.askew", path, folder / f"alone{kind}", OPTIONS, reasons=reasons)
        expected[name if name.endswith(kind) else name + kind] = (folder / f"alone{kind}").read_bytes()
    return expected


@pytest.mark.parametrize("kind", [".parquet", ".csv", ".json"])
def test_outputs_are_those_of_each_file_alone(folder, kind):
    found = score(folder, kind=kind)
    assert outputs(folder / "out") == alone(folder, kind)
    assert found.records.keys() == outputs(folder / "out").keys() and not found.found and not found.failed
    assert (found.n_rows, found.n_anomalies) == (160, sum(r.n_anomalies for r in found.records.values()))


def test_what_is_finished_is_known_again(folder):
    score(folder)
    before = {p: p.stat().st_mtime_ns for p in (folder / "out").rglob("*")}
    assert len(score(folder).found) == 4
    assert before == {p: p.stat().st_mtime_ns for p in (folder / "out").rglob("*")}
    numbers(seed=9).to_parquet(folder / "in/b.parquet")
    (folder / "out/c.parquet").write_bytes(b"foreign")
    assert score(folder).found == {"a/b.parquet", "c.csv.parquet"}
    assert not score(folder, options=ReadOptions("id")).found
    MODELS["quantile"]().save(folder / "m.askew")
    assert not score(folder).found
    assert outputs(folder / "out") == alone(folder)


def test_one_that_fails_does_not_keep_the_others(folder):
    (folder / "in/bad.parquet").write_bytes(b"PAR1")
    numbers().drop(columns="b").to_parquet(folder / "in/less.parquet")
    found = score(folder)
    assert len(found.records) == 4
    texts = {os.path.basename(file): error for file, error in found.failed.items()}
    assert texts.keys() == {"bad.parquet", "less.parquet"}
    assert "must be a parquet file" in texts["bad.parquet"] and "'b'" in texts["less.parquet"]
    numbers(seed=7).to_parquet(folder / "in/bad.parquet")
    os.remove(folder / "in/less.parquet")
    assert len(score(folder).found) == 4 and outputs(folder / "out") == alone(folder)


def test_what_is_new_is_told_once(folder):
    MODELS["prepared"]().save(folder / "m.askew")
    for path in (folder / "in").rglob("*.*"):
        path.unlink()
    for name in ("a", "b"):
        words(seed=5).assign(more=0).to_parquet(folder / "in" / f"{name}.parquet")
    listener = Notes()
    score(folder, listener=listener)
    (line,) = listener.lines
    assert line.endswith(" and 1 more: note: the model does not use 'more'.")


def large(folder, batch=1 << 16):
    """Make a file of three parts, as the module is told."""
    X = np.random.default_rng(0).normal(size=(5 * batch // 2, 2))
    X[-1] += 9  # stands out among a few rows, not among all
    pd.DataFrame(X, columns=["a", "b"]).to_parquet(folder / "in/large.parquet", row_group_size=batch // 2)


@pytest.fixture
def in_parts(monkeypatch):
    monkeypatch.setattr(module, "_LARGE", 0)
    monkeypatch.setattr(module, "PART_ROWS", 1)


@pytest.fixture
def small_batches(monkeypatch):
    for each in (parquet_rows, parquet_table):
        monkeypatch.setattr(each, "ROWS", 8)


@pytest.mark.parametrize(("name", "reasons"), [("conformal", 0), ("quantile", 1)])
def test_what_needs_all_rows_of_a_file_has_them(name, reasons, folder, in_parts, small_batches):
    for path in (folder / "in").rglob("*.*"):
        path.unlink()
    large(folder, batch=8)
    MODELS[name]().save(folder / "m.askew")
    score(folder, reasons=reasons)
    assert outputs(folder / "out") == alone(folder, reasons=reasons)


def test_a_large_file_goes_on_where_it_was_stopped(folder, in_parts, small_batches, monkeypatch):
    large(folder, batch=8)
    read, stopped = Scoring.batches, []

    def batches(self):
        if self.source._table.rows_before == 16:
            stopped.extend(p.stat().st_size for p in (folder / "out/.askew/parts").rglob("[!.]*.arrow"))
            raise KeyboardInterrupt
        return read(self)

    monkeypatch.setattr(Scoring, "batches", batches)
    with pytest.raises(KeyboardInterrupt):
        score(folder)
    assert len(stopped) == 2 and "large.parquet" not in outputs(folder / "out")
    started = []
    monkeypatch.setattr(
        Scoring, "batches", lambda self: started.append(self.source._table.rows_before) or read(self)
    )
    score(folder)
    assert 8 not in started and 16 in started
    monkeypatch.setattr(Scoring, "batches", read)
    assert outputs(folder / "out") == alone(folder)


class Killer(Silence):
    """Kill a process when the first of the work is reported."""

    def __init__(self, process):
        self.process = process

    @contextmanager
    def bar(self, title):
        def progress(fraction):
            if self.process and fraction > 0:
                os.kill(self.process, signal.SIGKILL)
                self.process = None

        yield progress


def test_a_cluster_whose_worker_dies_writes_the_same_once(folder, in_parts):
    pytest.importorskip("distributed")
    from askew.distributed.cluster import cluster_at

    large(folder)
    (folder / "in/bad.parquet").write_bytes(b"PAR1")
    with cluster_at("local:2") as cluster:
        listener = Killer(next(iter(cluster.everywhere(os.getpid).values())))
        found = score(folder, workers=cluster, listener=listener)
        assert listener.process is None
        assert [os.path.basename(file) for file in found.failed] == ["bad.parquet"] and not found.found
        assert len(score(folder, workers=cluster).found) == 5
    os.remove(folder / "in/bad.parquet")
    assert outputs(folder / "out") == alone(folder)


class Elsewhere:
    """Workers that see nothing of what is here, or die of every task."""

    def __init__(self, sees):
        self.sees = sees

    def everywhere(self, function, paths):
        return {"tcp://far": function(paths if self.sees else [path.with_name("no") for path in paths])}

    def work_through(self, tasks, work, on):
        for task in tasks:
            if on.begin(task) is not None:
                on.died(task, "died, 4 times")


def test_workers_must_see_the_files(folder):
    with pytest.raises(InvalidInputError, match="tcp://far does not see "):
        score(folder, workers=Elsewhere(sees=False))
    found = score(folder, workers=Elsewhere(sees=True))
    assert len(found.failed) == 4 and "worker process died, 4 times" in found.failed[str(folder / "in/c.csv")]
    assert outputs(folder / "out") == {}


def test_what_no_file_could_be_scored_with_is_refused_before(folder):
    for name, error in (("no.askew", ModelFileError), ("in/c.csv", ModelFileError)):
        with pytest.raises(error):
            score_folder(folder / name, folder / "in", folder / "out")
    with pytest.raises(InvalidInputError, match="--skip-corrupt"):
        score(folder, options=ReadOptions(skip_corrupt=True))
    assert not (folder / "out").exists()
