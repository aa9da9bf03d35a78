"""Label Studio's JSON: rows as tasks with annotations and predictions, and annotations back as answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import atomic_path, check_writable
from askew.inputs.label_column import Meaning, word
from askew.labels.values import spelling
from askew.review.answer_log import LogLine
from askew.review.choice import Turn
from askew.review.core import ReviewCore
from askew.review.people import WORDS
from askew.review.questions import Answer, RowId
from askew.review.showing import seen_of

FROM, TO = "label", "row"
"""Names of the control and of the object in our labelling interface."""

_REVIEWER = "askew_reviewer"

CONFIG_OF_TABLES = """<View>
  <Table name="row" value="$cells"/>
  <Choices name="label" toName="row" choice="single" showInLine="true">
    <Choice value="anomaly"/><Choice value="normal"/><Choice value="unsure"/>
  </Choices>
  <TextArea name="reason" toName="row" placeholder="Reason"/>
</View>
"""
"""The labelling interface that the tasks of a table fit."""

CONFIG_OF_IMAGES = CONFIG_OF_TABLES.replace(
    '<Table name="row" value="$cells"/>', '<Image name="row" value="$image"/>'
)
"""The labelling interface that the tasks of images fit."""


class Annotation(NamedTuple):
    """What an annotator says of a row, and when, "" if the file does not say."""

    id: RowId
    answer: Answer
    reviewer: str
    reason: str


def write_tasks(path: Path, core: ReviewCore, only: str) -> int:
    """Write rows as tasks: `only` "answered", "open" (without an answer) or "all"; return how many.

    A task has the row's id and cells (an image its file), an annotation for each answer, and the model's score,
    severity and judgement as a prediction.
    """
    if path.suffix.lower() != ".json":
        raise InvalidInputError(
            f"file of Label Studio must end in .json; got {str(path)!r}. Choose that ending."
        )
    check_writable(path)
    known = core.answers.answered
    wanted = {"answered": known, "open": ~known & (core.rows.y == 0), "all": np.ones(len(known), dtype=bool)}
    if only not in wanted:
        raise InvalidInputError(
            f'only must be "answered", "open" or "all"; got {only!r}. The first is the default.'
        )
    rows = [row for row in core.scored.order.tolist() if wanted[only][row]]
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        tasks = [_task(core, row) for row in rows]
        json.dump(tasks, file, ensure_ascii=False, indent=1, default=str, allow_nan=False)
    return len(rows)


def _task(core: ReviewCore, row: int) -> dict[str, Any]:
    data: dict[str, Any] = {"askew_id": core.rows.ids[row]}
    if core.rows.of_images:
        data["image"] = str(core.rows.files[row]) if core.rows.files else str(core.rows.ids[row])
    else:
        data["cells"] = {name: _plain(cell) for name, cell in core.rows.cells(row).items()}
    scored = core.scored
    by = core.answers.standing.get(row, {})
    flagged = _result("anomaly" if scored.flagged[row] else "normal", "")
    return {
        "id": row + 1,
        "data": data,
        "annotations": [
            {
                _REVIEWER: each.said.reviewer,  # whose address Label Studio does not know, it refuses
                "created_at": each.said.at,
                "result": _result(each.said.answer, each.said.reason),
            }
            for each in by.values()
        ],
        "predictions": [
            {
                "model_version": f"model {scored.number}",
                "score": round(float(scored.severities[row]) / 100, 6),
                "result": flagged,
            }
        ],
    }


def _result(answer: str, reason: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"from_name": FROM, "to_name": TO, "type": "choices", "value": {"choices": [answer]}}
    ]
    if reason:
        found.append({"from_name": "reason", "to_name": TO, "type": "textarea", "value": {"text": [reason]}})
    return found


def _plain(cell: Any) -> Any:
    if isinstance(cell, float) and not np.isfinite(cell):
        return None
    return cell if cell is None or isinstance(cell, bool | int | float | str) else str(cell)


def read_annotations(path: Path, core: ReviewCore, meaning: Meaning) -> list[Annotation]:
    """Return the annotations of a JSON export of Label Studio, whole or "JSON-MIN".

    A task is found by ``askew_id`` or the id column among its data, or by the name of an image. Choices are ours
    (anomaly, normal, unsure) or as `meaning` says. A task that is no row, and a choice without a meaning, are refused.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError("not a file")
        tasks = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataFileError(f"file of Label Studio {str(path)!r} does not exist. Check the path.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise DataFileError(
            f"file of Label Studio {str(path)!r} must be JSON; it cannot be read ({str(error)[:120]})."
        ) from error
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise DataFileError(
            f"file of Label Studio {str(path)!r} must be a list of tasks; got another JSON. "
            "Export as JSON or JSON-MIN."
        )
    table: dict[Any, Answer] = {spelling(name): name for name in WORDS.values()}
    table |= {spelling(value): WORDS[label] for value, label in meaning.table().items()}
    find = _finder(core)
    found = []
    for number, task in enumerate(tasks, start=1):
        where = f"task {task.get('id', number)} of {path}"
        for said in _said_in(task, where):
            id = find(task)
            if id is None:
                raise DataFileError(
                    f"{where} must be about a row of the data; its data name none by 'askew_id', {core.rows.id_name!r} "
                    "or the file of an image. Import it into the session it was exported from."
                )
            answer = table.get(spelling(word(said.choice)))
            if answer is None:
                raise DataFileError(
                    f"choice of {where} must be {', '.join(table.values())}; got {said.choice!r}. Say what it means "
                    "with Meaning(anomaly=(...), normal=(...), unlabelled=(...))."
                )
            found.append(Annotation(id, answer, said.reviewer, said.reason))
    return found


def import_lines(annotations: list[Annotation], core: ReviewCore, by: str, file: str) -> list[LogLine]:
    """Return the lines that add what is new in annotations to the log: one per annotator and reason."""
    groups: dict[tuple[str, str], list[Annotation]] = {}
    for each in annotations:
        standing = core.answers.standing.get(core.rows.row_of(each.id), {}).get(each.reviewer)
        if standing is None or (standing.said.answer, standing.said.reason) != (each.answer, each.reason):
            groups.setdefault((each.reviewer, each.reason), []).append(each)
    return [
        LogLine(
            "import",
            reviewer,
            tuple(each.id for each in group),
            tuple(each.answer for each in group),
            reason,
            core.scored.number,
            tuple(
                seen_of(core, Turn(core.rows.row_of(each.id), "opened"), core.scored, None) for each in group
            ),
            {"file": file, "by": by},
        )
        for (reviewer, reason), group in groups.items()
    ]


def _said_in(task: dict[str, Any], where: str) -> list[_Said]:
    try:
        return list(_said(task))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise DataFileError(
            f"{where} must have annotations as Label Studio writes them; got others ({type(error).__name__}). "
            "Export it again as JSON or JSON-MIN."
        ) from error


class _Said(NamedTuple):
    choice: Any
    reviewer: str
    reason: str


def _said(task: dict[str, Any]) -> Iterator[_Said]:
    """Yield the choices of a task; an annotation that was cancelled (skipped) has none."""
    if "data" not in task:  # JSON-MIN
        if task.get(FROM) is not None:
            choice = task[FROM]["choices"][0] if isinstance(task[FROM], dict) else task[FROM]
            yield _Said(choice, _person(task.get("annotator")), str(task.get("reason") or ""))
        return
    for annotation in task.get("annotations") or []:
        results = [each for each in annotation.get("result") or [] if isinstance(each.get("value"), dict)]
        choices = [c for each in results for c in each["value"].get("choices") or []]
        texts = [t for each in results for t in _texts(each["value"].get("text"))]
        if choices and not annotation.get("was_cancelled"):
            person = annotation.get(_REVIEWER) or _person(annotation.get("completed_by"))
            yield _Said(choices[0], str(person), "; ".join(texts))


def _texts(value: Any) -> list[str]:
    return [] if value is None else [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _person(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("email") or value.get("id")
    return (
        "Label Studio"
        if value is None
        else str(value)
        if not isinstance(value, int)
        else f"annotator {value}"
    )


def _finder(core: ReviewCore) -> Callable[[dict[str, Any]], RowId | None]:
    """Return a function that finds the row of a task."""
    rows = core.rows
    by_text = {str(id): id for id in rows.ids}
    by_name: dict[str, RowId] = {}
    for id in rows.ids if rows.of_images else ():
        name = Path(str(id)).name
        by_name[name] = "" if name in by_name else id  # two files of one name: neither

    def find(task: dict[str, Any]) -> RowId | None:
        data = task.get("data", task)
        data = data if isinstance(data, dict) else {}
        for key in ("askew_id", rows.id_name):
            if (id := by_text.get(str(data.get(key)))) is not None:
                return id
        image = str(data.get("image", ""))
        # Label Studio puts uploaded files elsewhere, and eight letters and a dash before their names
        name = Path(image).name
        return by_text.get(image) or by_name.get(name) or by_name.get(name.partition("-")[2]) or None

    return find
