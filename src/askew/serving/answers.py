"""Questions about rows -> answers: what a thread does with a model, apart from any network."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import AskewError, InvalidInputError
from askew.scoring import (
    SILENCE,
    OneImage,
    ReadOptions,
    RequestRows,
    RowSource,
    Scoring,
    open_source,
    read_request,
    score_together,
    table_reasons,
)
from askew.serving.questions import ARROW_STREAM, IMAGES, Question
from askew.serving.served_model import ServedModel

_JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """The body of a response and its kind; of how many rows, how many are flagged, their scores, and whose they are."""

    body: bytes
    kind: str
    n_rows: int
    n_flagged: int
    scores: NDArray[np.float64]
    digest: str


def answer_scores(
    served: ServedModel, questions: Sequence[Question], most_rows: int
) -> list[Answer | Exception]:
    """Return the scores that each question asks for, or the error that it gets."""
    read: list[RequestRows | Exception] = [_read(served, question, most_rows) for question in questions]
    good = [each for each in read if isinstance(each, RequestRows)]
    found = score_together(served.model, good)
    for request, rows in zip(good, found, strict=True):
        if isinstance(rows, pa.RecordBatch):
            served.drift.add(request.batch.X, rows.column("score").to_numpy(zero_copy_only=False))
    scored = iter(found)
    return [
        each if isinstance(each, Exception) else _answer_rows(served, question, next(scored), each.notes)
        for question, each in zip(questions, read, strict=True)
    ]


def answer_reasons(served: ServedModel, question: Question, most_rows: int) -> Answer:
    """Return scores with reasons beside them, for flagged rows."""
    _refuse_reasons(served)
    source = _source(served, question)
    read_request(source, most_rows)
    scoring = Scoring(source, question.reasons)
    scoring.look_ahead(0, SILENCE, served.usual)
    rows = pa.Table.from_batches([rows for rows, _ in scoring.batches()], scoring.schema).combine_chunks()
    answer = _answer_rows(served, question, rows.to_batches()[0], source.notes())
    if isinstance(answer, Exception):
        raise answer
    return answer


def answer_explanation(served: ServedModel, question: Question, most_rows: int) -> Answer:
    """Return what drove the scores of the most anomalous rows, as ``askew explain --json`` does."""
    _refuse_reasons(served)
    source = _source(served, question)
    read_request(source, most_rows)
    why = table_reasons(source, question.top, question.features, 0, SILENCE, served.usual)
    found = _about(served) | why.as_dict() | {"notes": source.notes()}
    return Answer(as_json(found), _JSON, why.n_rows, why.n_anomalies, why.why.scores, served.digest)


def as_json(value: Any) -> bytes:
    """Return JSON; NaN and infinities, which it lacks, become null."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, default=str)
    return text.encode("utf-8", "backslashreplace")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _refuse_reasons(served: ServedModel) -> None:
    if not hasattr(served.model, "explain"):
        raise InvalidInputError(
            f"model of reasons must be one that `askew fit` wrote; {served.name} holds scores alone. "
            "Serve the .askew file that it was exported from."
        )
    if served.image_shape is not None:
        raise InvalidInputError("reasons of images are squares of pixels; `askew explain` draws them.")


def _about(served: ServedModel) -> dict[str, Any]:
    return {"model": served.name, "digest": served.digest}


def _source(served: ServedModel, question: Question) -> RowSource:
    if served.image_shape is not None:
        if question.form not in IMAGES.values():
            raise InvalidInputError(
                f"body of a request must be an image, {' or '.join(IMAGES)}: {served.name} was fitted on images. "
                "Send one at a time."
            )
        return OneImage(served.model, served.name, question.body)
    if question.form in IMAGES.values():
        raise InvalidInputError(
            f"body of a request must be rows: {served.name} was fitted on a table. GET /schema says its columns."
        )
    options = ReadOptions(question.id_column, question.ignore_extra)
    return open_source(served.model, question.table(), options)


def _read(served: ServedModel, question: Question, most_rows: int) -> RequestRows | Exception:
    try:
        return read_request(_source(served, question), most_rows)
    except AskewError as error:
        return error


def _answer_rows(
    served: ServedModel, question: Question, rows: pa.RecordBatch | AskewError, notes: Sequence[str]
) -> Answer | Exception:
    if isinstance(rows, AskewError):
        return rows
    flagged = int((rows.column("prediction").to_numpy(zero_copy_only=False) < 0).sum())
    scores = rows.column("score").to_numpy(zero_copy_only=False)
    about = _about(served) | {"n_rows": rows.num_rows, "n_anomalies": flagged, "notes": list(notes)}
    kind = ARROW_STREAM if question.arrow else _JSON
    body = _as_arrow(rows, about) if question.arrow else as_json(about | {"rows": rows.to_pylist()})
    return Answer(body, kind, rows.num_rows, flagged, scores, served.digest)


def _as_arrow(rows: pa.RecordBatch, about: dict[str, Any]) -> bytes:
    """Return rows as an Arrow stream; what JSON has beside the rows is the schema's metadata ``askew``."""
    schema = rows.schema.with_metadata({b"askew": as_json(about)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(rows.replace_schema_metadata(schema.metadata))
    return bytes(sink.getvalue())
