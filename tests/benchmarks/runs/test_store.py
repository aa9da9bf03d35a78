"""The results folder: whole runs or none, and nothing in it can make reading fail."""

import json
import os
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from askew.benchmarks import Run, Store
from askew.benchmarks.runs.plan import digest
from askew.benchmarks.runs.store import Record, parquet_row
from askew.errors import InvalidInputError


def record(seed=0, **changes):
    run = Run("classic", "cardio", "vae", {"beta_kl": 0.05, "n_members": 5}, seed)
    fields = {
        "preset": "quick",
        "status": "ok",
        "error": None,
        "auroc": 0.1 + 0.2,
        "auprc": 1 / 3,
        "fpr80": 0.0,
        "fit_seconds": 1.25,
        "score_seconds": 0.5,
        "group_size": 3,
        "n_train": 1000,
        "n_labelled": 9,
        "n_test": 700,
        "warnings": "codes – collapsed",
        "versions": {"askew": "1", "torch": "2", "numpy": "3", "sklearn": "4"},
        "started": "2026-01-02T03:04:05+00:00",
    }
    return Record(**{"run": run} | fields | changes)


def test_what_was_written_is_read_exactly(tmp_path):
    mine = [record(0), record(1, status="failed", error="NaN", auroc=None, auprc=None, fpr80=None)]
    mine.append(record(2, run=replace(record().run, normal_class="7", known_classes=("1", "2"))))
    for one in mine:
        Store(tmp_path).write(one)
    found, messages = Store(tmp_path).read()
    assert messages == []
    assert found == {one.run.key: one for one in mine}


def test_writing_twice_keeps_one_run(tmp_path):
    store = Store(tmp_path)
    store.write(record(auroc=0.5))
    store.write(record(auroc=0.75))
    assert [one.auroc for one in store.read()[0].values()] == [0.75]
    assert len(os.listdir(tmp_path / "runs")) == 1


@pytest.mark.parametrize("broken", ["replace", "fsync"])
def test_a_failure_before_the_end_leaves_nothing(tmp_path, monkeypatch, broken):
    store = Store(tmp_path)

    def fail(*args, **kwargs):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, fail)
        with pytest.raises(OSError, match="disk full"):
            store.write(record())
    assert os.listdir(tmp_path / "runs") == [] and store.read() == ({}, [])


def test_nothing_is_seen_under_the_final_name_before_it_is_whole(tmp_path, monkeypatch):
    store, seen = Store(tmp_path), []
    real = os.replace

    def look(source, target):
        seen.append((os.path.exists(target), json.loads(Path(source).read_text())["body"]["auroc"]))
        real(source, target)

    monkeypatch.setattr(os, "replace", look)
    store.write(record(auroc=0.5))
    assert seen == [(False, 0.5)]


def damage_truncate(path):
    path.write_bytes(path.read_bytes()[:-40])


def damage_number(path):
    path.write_text(path.read_text().replace('"n_test": 700', '"n_test": 701'))


def damage_empty(path):
    path.write_bytes(b"")


def damage_binary(path):
    path.write_bytes(b"\xff\xfe\x00" * 30)


def damage_foreign(path):
    path.write_text('{"format": "something else"}')


def damage_list(path):
    path.write_text("[1, 2]")


def damage_missing_body(path):
    path.write_text('{"format": "askew-run-1"}')


def damage_name(path):
    shutil.move(path, path.with_name("0" * 64 + ".json"))


def damage_folder(path):
    path.unlink()
    path.mkdir()


DAMAGES = [value for name, value in sorted(globals().items()) if name.startswith("damage_")]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_named_and_count_as_not_done(tmp_path, damage):
    store = Store(tmp_path)
    store.write(record(0))
    store.write(record(1))
    damage(store.path(record(0).run.key))
    found, messages = store.read()
    assert list(found) == [record(1).run.key]
    (name,) = {path.name for path in (tmp_path / "runs").iterdir()} - {f"{record(1).run.key}.json"}
    assert len(messages) == 1 and name in messages[0] and "\n" not in messages[0]


def test_foreign_files_are_named(tmp_path):
    store = Store(tmp_path)
    (tmp_path / "runs" / "notes.txt").write_text("hello")
    found, messages = store.read()
    assert found == {} and "notes.txt" in messages[0]


def test_leftovers_of_killed_processes_are_ignored_and_swept_once_old(tmp_path):
    store = Store(tmp_path)
    young, old = (tmp_path / "runs" / f".askew-{name}.partial.json" for name in ("young", "old"))
    for path in (young, old):
        path.write_text('{"half": ')
    os.utime(old, (time.time() - 8 * 86400,) * 2)
    assert store.read() == ({}, [])
    assert young.exists() and not old.exists()


def test_parquet_has_one_row_per_run(tmp_path):
    store = Store(tmp_path)
    store.write(record(1, status="failed", error="NaN", auroc=None))
    store.write(record(0))
    store.export()
    table = pq.read_table(tmp_path / "runs.parquet")
    rows = table.to_pylist()
    assert [(row["seed"], row["status"], row["error"]) for row in rows] == [
        (0, "ok", None),
        (1, "failed", "NaN"),
    ]
    first = rows[0]
    assert json.loads(first["params"]) == {"beta_kl": 0.05, "n_members": 5}
    assert (first["key"], first["auroc"], first["preset"]) == (record(0).run.key, 0.1 + 0.2, "quick")
    assert (first["torch_version"], first["sklearn_version"]) == ("2", "4")
    assert first["normal_class"] is None and first["known_classes"] is None
    assert set(parquet_row(record(0))) == set(table.column_names), "a field has no column"


def test_parquet_says_where_and_in_what_a_run_was_trained(tmp_path):
    store = Store(tmp_path)
    store.write(record(0))
    away = record(1)
    store.write(replace(away, versions=away.versions | {"device": "cuda", "precision": "bfloat16"}))
    store.export()
    rows = pq.read_table(tmp_path / "runs.parquet").to_pylist()
    assert [(row["device"], row["precision"]) for row in rows] == [(None, None), ("cuda", "bfloat16")]
    assert [row["torch_version"] for row in rows] == ["2", "2"]


def test_an_empty_folder_exports_an_empty_table(tmp_path):
    Store(tmp_path).export()
    assert pq.read_table(tmp_path / "runs.parquet").num_rows == 0


def test_two_writers_at_once(tmp_path):
    """Two threads stand for two processes: same runs, same exports, no lock."""

    def write(value):
        store = Store(tmp_path)
        for seed in range(30):
            store.write(record(seed, auroc=value))
        store.export()

    writers = [threading.Thread(target=write, args=(value,)) for value in (0.25, 0.75)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found, messages = Store(tmp_path).read()
    assert messages == [] and len(found) == 30
    assert (
        sorted(os.listdir(tmp_path)) == ["runs", "runs.parquet"] and len(os.listdir(tmp_path / "runs")) == 30
    )
    assert pq.read_table(tmp_path / "runs.parquet").num_rows == 30


def test_export_sees_runs_that_finish_meanwhile(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.write(record(0))
    real, late = os.replace, [record(1)]

    def replace_and_finish_another(source, target):
        real(source, target)
        if late:
            store.write(late.pop())

    monkeypatch.setattr(os, "replace", replace_and_finish_another)
    assert len(store.export()) == 2
    assert pq.read_table(tmp_path / "runs.parquet").num_rows == 2


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "results").write_text("mine")
    with pytest.raises(InvalidInputError, match="out must be a folder that can be written"):
        Store(tmp_path / "results")


def rewritten(store, **changes):
    """Write a run whose file was edited with its checksum, by somebody who means it."""
    body = {**vars(record()), "run": record().run.as_dict(), **changes}
    sealed = {"format": store.form, "sha256": digest(body), "body": body}
    store.path(record().run.key).write_text(json.dumps(sealed))


def test_a_run_nested_too_deeply_is_a_damaged_one(tmp_path):
    store = Store(tmp_path)
    store.path("deep").write_text("[" * 100_000)
    records, (message,) = store.read()
    assert records == {} and "deep.json: nested too deeply" in message


@pytest.mark.parametrize("value", [10**400, "0.9", True, [0.9]])
def test_a_metric_that_is_no_number_makes_a_damaged_run(tmp_path, value):
    store = Store(tmp_path)
    rewritten(store)
    assert len(store.read()[0]) == 1
    rewritten(store, auroc=value)
    records, (message,) = store.read()
    assert records == {} and "its auroc is no number" in message
