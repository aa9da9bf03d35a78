"""Every file of a folder -> an output of its own: on this machine or on a cluster, stopped and gone on with."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from askew.distributed.pool import work_through
from askew.distributed.tasks import Handlers
from askew.errors import AskewError, InvalidInputError
from askew.inputs import Address, Data
from askew.inputs.parquet_rows import row_parts
from askew.inputs.table_opening import ending
from askew.scoring.file_parts import RowPart
from askew.scoring.file_work import FileOutcome, FileTask, FolderJob, digest_of, fitted_model, score_task
from askew.scoring.folder_plan import RECORDS, FilePair, plan_outputs
from askew.scoring.listener import SILENCE, Listener
from askew.scoring.output_record import FileState, OutputRecord, finished
from askew.scoring.reason_columns import refuse_reasons
from askew.scoring.row_source import ReadOptions

PART_ROWS = 1 << 21
"""Rows of a part of a large parquet file: some seconds of work."""
_LARGE = 1 << 24  # bytes; files below are not looked into for parts
_TOLD = 20  # lines about files


class Workers(Protocol):
    """Who does the work: :class:`askew.distributed.cluster.Cluster`, say."""

    def work_through(self, tasks: Iterable[Any], work: Any, on: Handlers, /) -> None:
        """Do every task, as :func:`askew.distributed.pool.work_through` does."""

    def everywhere(self, function: Callable[..., Any], /, *arguments: Any) -> dict[str, Any]:
        """Call a function in every worker, and return what it returned by the worker's name."""


@dataclass
class FolderSummary:
    """What became of the files of a folder, each by the path of its output.

    `records` are of all outputs that are there now, `found` names those that an earlier command had finished, `failed`
    says by the path of an input why it could not be scored.
    """

    records: dict[str, OutputRecord] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """The number of rows of all outputs."""
        return sum(record.n_rows for record in self.records.values())

    @property
    def n_anomalies(self) -> int:
        """The number of rows that are flagged."""
        return sum(record.n_anomalies for record in self.records.values())


def score_folder(
    model: Path,
    data: Data,
    folder: Path,
    options: ReadOptions | None = None,
    *,
    kind: str = ".parquet",
    reasons: int = 0,
    workers: Workers | None = None,
    listener: Listener = SILENCE,
) -> FolderSummary:
    """Score every file of a folder or a pattern by itself, into an output of its own.

    An output is what :func:`~askew.scoring.score_file` writes for that file alone, whoever did the work. It is there
    as a whole or not at all. One that is there, of this model, input and settings, is not made again, so a command that
    was stopped is given again and goes on; large parquet files go on at a part of theirs.

    Parameters
    ----------
    model
        The file of a fitted model of tables.
    data
        A folder or a pattern of files, or a file; :func:`~askew.scoring.folder_plan.plan_outputs` says what the outputs
        are called, and what is refused.
    folder
        Where the outputs are written; it is made if there is none.
    options, reasons, listener
        As :func:`~askew.scoring.score_file` has them.
    kind
        Ending of the outputs: ``.parquet``, ``.csv`` or ``.json``.
    workers
        Who does the work, for example :func:`askew.distributed.cluster.cluster_at`; this process by default. They must
        see the files under the same paths.

    A file that cannot be scored does not keep the others from it; the summary says why. Errors that all files would
    have raise InvalidInputError or ModelFileError; a disk that is full raises OSError.
    """
    options = options or ReadOptions()
    options.check(data, images=False)
    pairs = plan_outputs(data, folder, kind, model)
    sheet = data.sheet if isinstance(data, Address) else None
    job = FolderJob(model.absolute(), digest_of(model), folder.absolute(), kind, options, reasons, sheet)
    fitted = fitted_model(job.model, job.model_sha256)
    _refuse_model(fitted, job, data)
    folder.mkdir(exist_ok=True)
    if workers is not None:
        pairs = [replace(pair, source=pair.source.absolute()) for pair in pairs]
        _check_sight(workers, job, pairs[0].source)
    in_parts = not reasons and not getattr(fitted, "needs_all_rows", False)
    return _Session(job, listener).run(pairs, workers, in_parts)


class _Session:
    """One command's work: what is to be done, and what has become of it."""

    def __init__(self, job: FolderJob, listener: Listener) -> None:
        self._job, self._listener = job, listener
        self._summary = FolderSummary()
        self._notes: dict[str, list[str]] = defaultdict(list)
        self._done: dict[FileTask, float] = defaultdict(float)
        self._all_done = 0.0
        self._progress: Callable[[float], None] = lambda fraction: None

    def run(self, pairs: Sequence[FilePair], workers: Workers | None, in_parts: bool) -> FolderSummary:
        start = secrets.randbelow(len(pairs))  # two commands at once begin at different files
        tasks = [task for pair in [*pairs[start:], *pairs[:start]] for task in self._tasks(pair, in_parts)]
        total = sum(map(_work_of, tasks)) or 1.0
        work = partial(score_task, self._job)
        handlers = Handlers(self._part, self._finished, self._died, self._begin)
        with self._listener.bar("scoring") as progress:
            self._progress = lambda done: progress(min(done / total, 1.0))
            if workers is None:
                work_through(tasks, work, 1, handlers)
            else:
                workers.work_through(tasks, work, handlers)
            for task in tasks:  # parts that no worker has seen all of, as folders on a network tell late
                if self._begin(task) is not None:
                    self._finished(task, work(task, lambda fraction: None))
        self._tell()
        return self._summary

    def _tasks(self, pair: FilePair, in_parts: bool) -> list[FileTask]:
        try:
            state = FileState.of(pair.source)
        except AskewError as error:
            self._summary.failed[str(pair.source)] = str(error)
            return []
        parts = _parts_of(pair.source) if in_parts and state.size >= _LARGE else []
        if len(parts) < 2:
            return [FileTask(pair, state)]
        return [
            FileTask(pair, state, RowPart(number, len(parts), *rows)) for number, rows in enumerate(parts)
        ]

    def _begin(self, task: FileTask) -> FileTask | None:
        name = task.pair.name
        if name in self._summary.records or str(task.pair.source) in self._summary.failed:
            return None
        record = finished(self._job.folder, name, self._job.origin(task.state))
        if record is None:
            return task
        self._summary.records[name] = record
        self._summary.found.add(name)
        self._part(task, 1.0)
        return None

    def _part(self, task: FileTask, fraction: float) -> None:
        done = fraction * _work_of(task)
        self._all_done += done - self._done[task]
        self._done[task] = done
        self._progress(self._all_done)

    def _finished(self, task: FileTask, outcome: FileOutcome) -> None:
        self._part(task, 1.0)
        if outcome.error:
            self._summary.failed[str(task.pair.source)] = outcome.error
        elif outcome.record is not None and task.pair.name not in self._summary.records:
            self._summary.records[task.pair.name] = outcome.record
            for line in outcome.record.notes:
                self._notes[line].append(task.pair.name)

    def _died(self, task: FileTask, how: str) -> list[FileTask]:
        text = f"the worker process {how} (out of memory?). Give workers more memory, or fewer threads."
        self._summary.failed[str(task.pair.source)] = text
        return []

    def _tell(self) -> None:
        """Say what was noticed, each line once."""
        for line, names in list(self._notes.items())[:_TOLD]:
            more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
            self._listener.note(f"{names[0]}{more}: {line}")
        if len(self._notes) > _TOLD:
            self._listener.note(
                f"{len(self._notes) - _TOLD:,} more lines like these are in {self._job.folder / RECORDS}."
            )


def _parts_of(source: Path) -> list[tuple[int, int]]:
    """Return the parts in which a file is scored; none of one that has none, or cannot be read."""
    try:
        return row_parts(source, PART_ROWS) if ending(source) in (".parquet", ".pq") else []
    except AskewError:  # whoever scores it says why
        return []


def _work_of(task: FileTask) -> float:
    return (task.state.size + 1) / (1 if task.part is None else task.part.n_parts)


def _refuse_model(fitted: Any, job: FolderJob, data: Data) -> None:
    """Refuse what no file of a folder could be scored with."""
    from askew.base.wrapper import unwrap

    if getattr(unwrap(fitted), "image_shape_", None) is not None:
        raise InvalidInputError(
            f"model {str(job.model)!r} must be one of tables for an output folder; it was fitted on images. Name the "
            "folder of the images, and one output file, such as -o scores.parquet."
        )
    if job.reasons:
        refuse_reasons(fitted, data)


def _check_sight(workers: Workers, job: FolderJob, source: Path) -> None:
    """Refuse workers that do not see the model, the files and the output folder under their paths."""
    token = job.folder / RECORDS / f"sight-{secrets.token_hex(8)}"
    token.parent.mkdir(exist_ok=True)
    token.touch()
    try:
        seen = workers.everywhere(_unseen, [job.model, source, token])
    finally:
        token.unlink()
    for worker, unseen in sorted(seen.items()):
        if unseen:
            what = job.folder if unseen[0] == str(token) else unseen[0]
            raise InvalidInputError(
                f"every worker must see the files under the same paths; {worker} does not see {what}. "
                "Use folders that all machines share, or leave --cluster out."
            )


def _unseen(paths: Sequence[Path]) -> list[str]:
    return [str(path) for path in paths if not path.exists()]
