"""What a worker does with a file: its record, and what goes wrong."""

import os

import pytest
from scoring_tables import kde, numbers

from askew.errors import ModelFileError
from askew.inputs import TextFormat
from askew.scoring import ReadOptions, Scoring, file_work
from askew.scoring.file_parts import RowPart
from askew.scoring.file_work import FileOutcome, FileTask, FolderJob, digest_of, score_task
from askew.scoring.folder_plan import FilePair
from askew.scoring.output_record import FileState, finished


@pytest.fixture
def job(tmp_path):
    kde().save(tmp_path / "m.askew")
    numbers(seed=2).to_parquet(tmp_path / "x.parquet")
    model = tmp_path / "m.askew"
    return FolderJob(model, digest_of(model), tmp_path / "out", ".csv", ReadOptions("id"), 0, None)


def task(job, part=None):
    source = job.model.parent / "x.parquet"
    return FileTask(FilePair(source, "a/x.csv"), FileState.of(source), part)


def work(job, task):
    return score_task(job, task, lambda fraction: None)


def test_the_record_says_what_the_output_is(job):
    found = work(job, task(job))
    assert found == FileOutcome(finished(job.folder, "a/x.csv", job.origin(task(job).state)))
    assert (found.record.n_rows, found.record.n_anomalies, found.record.notes) == (40, 5, [])
    before = (job.folder / "a/x.csv").stat()
    assert work(job, task(job)) == found and (job.folder / "a/x.csv").stat() == before


@pytest.mark.parametrize(
    "other",
    [
        {"model_sha256": "0"},
        {"reasons": 1},
        {"sheet": "May"},
        {"options": ReadOptions()},
        {"options": ReadOptions(text_format=TextFormat(missing=("-",)))},
    ],
)
def test_another_model_or_setting_is_another_origin(job, other):
    changed = FolderJob(**vars(job) | other)
    assert changed.origin(FileState(1, 2)) != job.origin(FileState(1, 2)) != job.origin(FileState(1, 3))


def test_the_last_part_makes_the_output_whichever_it_is(job):
    first, last = (task(job, RowPart(number, 2, 0, 40)) for number in (0, 1))
    assert work(job, last) == FileOutcome(None)
    assert work(job, last) == FileOutcome(None)  # as a worker does that was thought to be dead
    assert work(job, first).record.n_rows == 80
    assert [path.name for path in (job.folder / ".askew/parts").rglob("*")] == []


def test_whoever_comes_late_to_the_parts_finds_the_output(job, monkeypatch):
    first, last = (task(job, RowPart(number, 2, 0, 40)) for number in (0, 1))
    work(job, last)
    join = file_work.join_parts

    def late(*given):
        monkeypatch.setattr(file_work, "join_parts", join)
        assert work(job, first).record is not None  # another worker, meanwhile
        return join(*given)

    monkeypatch.setattr(file_work, "join_parts", late)
    assert work(job, first).record.n_rows == 80


def test_another_model_under_the_path_is_refused(job):
    job.model.write_bytes(job.model.read_bytes() + b" ")
    assert "must be the same until all is scored" in work(job, task(job)).error
    job.model.unlink()
    with pytest.raises(ModelFileError, match="must be one that can be read"):
        digest_of(job.model)


def test_a_file_that_changes_while_it_is_scored_has_no_output(job, monkeypatch):
    batches, planned = Scoring.batches, task(job)

    def changed(self):
        os.utime(planned.pair.source, (1, 1))
        return batches(self)

    monkeypatch.setattr(Scoring, "batches", changed)
    assert "must stay as it is while it is scored" in work(job, planned).error
    assert not (job.folder / "a/x.csv").exists()


@pytest.mark.parametrize("kind", ["parquet", "csv", "feather"])
def test_a_file_without_rows_has_an_output_without_rows(job, kind):
    source = job.model.parent / f"x.{kind}"
    empty = numbers().iloc[:0]
    empty.to_csv(source, index=False) if kind == "csv" else getattr(empty, f"to_{kind}")(source)
    found = work(job, FileTask(FilePair(source, "e.csv"), FileState.of(source)))
    assert (found.record.n_rows, found.record.notes) == (0, ["no rows."])
    assert (job.folder / "e.csv").read_text() == "id,score,anomaly_score,prediction\n"
