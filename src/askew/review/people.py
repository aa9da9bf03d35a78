"""Who has said what: reviewers, conflicts, and lines of the log as people read them."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from askew.review.answer_log import LogLine
from askew.review.answers import LABELS, Answers
from askew.review.core import ReviewCore
from askew.review.questions import GIVEN, Answer, Said
from askew.review.reports import Conflict, LogEntry, Progress, ReviewerRecord
from askew.review.rows import ReviewRows

WORDS: dict[int, Answer] = {-1: "anomaly", 1: "normal", 0: "unsure"}
"""The answer that a label stands for."""


def said_by_others(answers: Answers, row: int, reviewer: str) -> tuple[Said, ...]:
    """Return what the others say of a row, the oldest first."""
    by = answers.standing.get(row, {})
    return tuple(each.said for name, each in by.items() if name != reviewer)


def conflicts(answers: Answers, rows: ReviewRows) -> list[Conflict]:
    """Return the rows on which people, or people and the labels in the data, differ; unsettled ones of people first."""
    found = []
    for row in answers.differing:
        said = [each.said for each in answers.standing[row].values()]
        if rows.y[row]:
            said.insert(0, Said(GIVEN, WORDS[int(rows.y[row])], ""))
        found.append(Conflict(rows.ids[row], row, tuple(said), answers.settled.get(row)))
    return sorted(found, key=lambda each: bool(answers.holds(each.row)) or each.settled is not None)


def reviewers(answers: Answers) -> list[ReviewerRecord]:
    """Return who has answered, in the order of their first lines."""
    names = dict.fromkeys(line.reviewer for line in answers.active if line.kind in ("answer", "import"))
    records = []
    for name in names:
        theirs = [by[name] for by in answers.standing.values() if name in by]
        if theirs:
            last = max(each.said.at for each in theirs)
            n_anomalies = sum(LABELS[each.said.answer] < 0 for each in theirs)
            records.append(
                ReviewerRecord(name, len(theirs), n_anomalies, last, all(each.blind for each in theirs))
            )
    return records


def progress_of(core: ReviewCore, reviewer: str, blind: bool) -> Progress:
    """Return how far the answers are; to one who is blind only their own count."""
    answers, n_rows = core.answers, len(core.rows)
    theirs = {row: by[reviewer].said for row, by in answers.standing.items() if reviewer in by}
    if blind:
        labels = np.array([LABELS[said.answer] for said in theirs.values()], dtype=np.int8)
        n_answered, n_conflicts = len(theirs), 0
    else:
        labels = answers.answers[answers.answered]
        n_answered = int(answers.answered.sum())
        n_conflicts = len(
            [row for row in answers.differing if not answers.holds(row) and row not in answers.settled]
        )
    lines = [
        line for line in answers.active if line.kind == "answer" and (not blind or line.reviewer == reviewer)
    ]
    found: set[int | str] = set()
    curve = []
    for line in lines:
        for id, answer in zip(line.ids, line.answers, strict=True):
            if answer == "anomaly":
                found.add(id)
            elif answer != "skip":
                found.discard(id)
        curve.append(len(found))
    today = datetime.now().astimezone().date()
    return Progress(
        n_rows=n_rows,
        n_answered=n_answered,
        n_anomalies=int((labels < 0).sum()),
        n_normal=int((labels > 0).sum()),
        n_unsure=n_answered - int((labels != 0).sum()) - n_conflicts,
        n_skipped=int(answers.skipped_by(reviewer).sum()),
        n_conflicts=n_conflicts,
        n_today=sum(datetime.fromisoformat(said.at).astimezone().date() == today for said in theirs.values()),
        budget=core.settings.budget,
        curve=tuple(curve),
    )


def entry(line: LogLine, answers: Answers) -> LogEntry:
    """Return a line of the log as people read it."""
    different = dict.fromkeys(line.answers)
    return LogEntry(
        line.number,
        line.at,
        line.reviewer,
        line.kind,
        line.ids,
        next(iter(different)) if len(different) == 1 else "",
        line.reason,
        line.model,
        line.number in answers.undone,
        line.seen,
        line.more,
    )
