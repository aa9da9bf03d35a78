"""The work on one file of a folder, or on a part of it: what a worker is given, what it does, and what it returns."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from askew.errors import AskewError, DataFileError, ModelFileError
from askew.inputs import Address, Data, atomic_path
from askew.inputs.atomic import make_folder
from askew.inputs.table_file import NoRowsError
from askew.scoring.file_parts import RowPart, join_parts, part_paths, parts_folder, score_part
from askew.scoring.folder_plan import FilePair
from askew.scoring.listener import Silence
from askew.scoring.output_record import FileState, OutputRecord, finished
from askew.scoring.row_files import open_writer
from askew.scoring.row_source import ReadOptions
from askew.scoring.score_file import Scoring, Summary, score_file
from askew.scoring.source_opening import load_model, open_source


@dataclass(frozen=True)
class FolderJob:
    """What all files of a folder have in common; a worker is given it with every task."""

    model: Path
    model_sha256: str
    folder: Path
    kind: str
    options: ReadOptions
    reasons: int
    sheet: str | None

    def origin(self, state: FileState) -> dict[str, Any]:
        """Return what an output is made of, by which it is known again, as JSON has it."""
        import askew

        settings = asdict(self.options) | {"reasons": self.reasons, "sheet": self.sheet}
        settings["text_format"]["missing"] = list(self.options.text_format.missing)
        return {
            "askew": askew.__version__,
            "model": self.model_sha256,
            "input": list(state),
            "settings": settings,
        }


class FileTask(NamedTuple):
    """A file to be scored, or a part of it, and its state when the work was planned."""

    pair: FilePair
    state: FileState
    part: RowPart | None = None


class FileOutcome(NamedTuple):
    """What became of a file: its record, None if it could not be scored, and then why."""

    record: OutputRecord | None
    error: str = ""


def digest_of(model: Path) -> str:
    """Return the SHA-256 of a model file."""
    try:
        with model.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileError(
            f"model file {str(model)!r} must be one that can be read; got {error.strerror!r}. Check the path."
        ) from error


@lru_cache(maxsize=1)
def fitted_model(model: Path, sha256: str) -> Any:
    """Return the model of a file, which a process loads once, if it is the one that was meant."""
    if digest_of(model) != sha256:
        raise ModelFileError(
            f"model file {model} must be the same until all is scored, and on every machine; got another. "
            "Give the command again."
        )
    return load_model(model)


def score_task(job: FolderJob, task: FileTask, report: Callable[[float], None]) -> FileOutcome:
    """Score a file or a part of it; the last part makes the output, too."""
    origin, name = job.origin(task.state), task.pair.name
    try:
        if (record := finished(job.folder, name, origin)) is not None:
            return FileOutcome(record)
        return FileOutcome(_scored(job, task, origin, report))
    except (AskewError, FileNotFoundError) as error:
        record = finished(job.folder, name, origin)
        if record is not None:  # another has joined the parts, and removed them
            return FileOutcome(record)
        if isinstance(error, FileNotFoundError):
            raise
        return FileOutcome(None, " ".join(str(error).splitlines()))


def _scored(
    job: FolderJob, task: FileTask, origin: dict[str, Any], report: Callable[[float], None]
) -> OutputRecord | None:
    """Return the record of an output that has been made, None if parts of it are still to come."""
    model, output = fitted_model(job.model, job.model_sha256), job.folder / task.pair.name
    make_folder(output.parent)
    if task.part is None:
        summary = _score_whole(job, task.pair.source, output, model, report)
    else:
        paths = part_paths(job.folder, task.pair.name, origin, task.part.n_parts)
        if not paths[task.part.number].exists():
            score_part(model, task.pair.source, job.options, task.part, paths[task.part.number], report)
        if not all(path.exists() for path in paths):
            return None
        summary = join_parts(paths, output, job.kind, job.options.quote_formulas)
    if FileState.of(task.pair.source) != task.state:
        output.unlink()
        raise DataFileError(
            f"table {task.pair.source} must stay as it is while it is scored; it was changed. Score it again."
        )
    record = OutputRecord(origin, FileState.of(output), summary.n_rows, summary.n_anomalies, summary.notes)
    record.write(job.folder, task.pair.name)
    if task.part is not None:
        shutil.rmtree(parts_folder(job.folder, task.pair.name), ignore_errors=True)
    return record


def _score_whole(
    job: FolderJob, source: Path, output: Path, model: Any, report: Callable[[float], None]
) -> Summary:
    heard = _Heard(report)
    data: Data = source if job.sheet is None else Address(str(source), job.sheet)
    try:
        summary = score_file(model, data, output, job.options, listener=heard, reasons=job.reasons)
    except NoRowsError as error:
        if error.table is None:
            raise
        summary = Summary("rows", 0)
        schema = Scoring(open_source(model, error.table, job.options), job.reasons).schema
        with atomic_path(output) as path, open_writer(path, job.kind, schema, job.options.quote_formulas):
            heard.note("no rows.")
    summary.notes = heard.lines
    return summary


class _Heard(Silence):
    """A listener that keeps what it hears, for the record of an output."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self.lines: list[str] = []
        self._report = report

    def note(self, text: str, /) -> None:
        self.lines.append(text)

    @contextmanager
    def bar(self, title: str, /) -> Iterator[Callable[[float], None]]:
        yield self._report
