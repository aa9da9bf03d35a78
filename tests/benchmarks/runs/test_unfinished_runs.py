"""A training that is stopped in the middle of a bench goes on from there, and ends with the same result."""

from dataclasses import replace

import pytest

from askew.benchmarks import Run, Store
from askew.benchmarks.protocols.classic.protocol import CLASSIC, Classic
from askew.benchmarks.runs import detection
from askew.benchmarks.runs.plan import Group
from askew.benchmarks.runs.protocol import Job
from askew.benchmarks.runs.runner import run_group

RUNS = tuple(
    Run(
        protocol="classic",
        dataset="thyroid",
        method="autoencoder",
        params={"training__epochs": 6, "training__batch_size": 512},
        seed=seed,
        labelled_ratio=0.0,
        split="clean",
    )
    for seed in (3, 4)
)


def aurocs(records):
    return [record.auroc for record in records]


@pytest.fixture
def often(monkeypatch):
    monkeypatch.setattr(detection, "CHECKPOINT_EVERY", 0.0)


def stopped(folder, runs=RUNS):
    """Do the runs in `folder` and stop them half-way; return what is left there."""

    def stop(fraction):
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_group(Group(runs), stop, CLASSIC, Job(folder, "quick"))
    assert Store(folder).read()[0] == {}
    return list(folder.glob("unfinished-*.ckpt"))


def done(folder, runs=RUNS):
    told = []
    return run_group(Group(runs), told.append, CLASSIC, Job(folder, "quick")), told


def test_a_stopped_training_goes_on_and_ends_alike(tmp_path, often):
    whole, _ = done(tmp_path / "whole")
    (left,) = stopped(tmp_path / "stopped")
    records, told = done(tmp_path / "stopped")
    assert min(told) > 0.5 and aurocs(records) == aurocs(whole)
    assert not left.exists()
    assert all(record.fit_seconds is None and record.score_seconds > 0 for record in records)
    assert all(record.fit_seconds > 0 for record in whole)


def test_what_cannot_be_gone_on_from_is_begun_anew(tmp_path, often):
    whole, _ = done(tmp_path / "whole")
    (left,) = stopped(tmp_path / "torn")
    left.write_bytes(left.read_bytes()[:100])
    records, told = done(tmp_path / "torn")
    assert min(told) < 0.5 and aurocs(records) == aurocs(whole) and not left.exists()


def test_other_runs_have_files_of_their_own(tmp_path, often):
    files = stopped(tmp_path) + [path for run in RUNS for path in stopped(tmp_path, (run,))]
    assert len({path.name for path in files}) == 3


def test_tables_of_two_shapes_leave_nothing_behind(tmp_path, often, monkeypatch):
    whole = Classic.split

    def split(protocol, run):
        return whole(protocol, run) if run.seed == 3 else shorter(whole(protocol, run))

    def shorter(part):
        return replace(part, X_train=part.X_train[:-1], y_train=part.y_train[:-1])

    monkeypatch.setattr(Classic, "split", split)
    expected, _ = done(tmp_path / "whole")
    (first,) = stopped(tmp_path / "stopped")
    first.with_name(f"{first.stem}-2{first.suffix}").write_bytes(b"torn")  # of the other shape
    records, _ = done(tmp_path / "stopped")
    assert aurocs(records) == aurocs(expected) and all(record.fit_seconds is None for record in records)
    assert not list((tmp_path / "stopped").glob("unfinished-*"))


def test_a_short_training_writes_nothing(tmp_path):
    assert stopped(tmp_path) == []
