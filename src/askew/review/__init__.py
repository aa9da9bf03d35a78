"""Sessions of labelling: a model asks a person about rows, keeps every answer, learns from them and asks again.

:class:`ReviewSession` takes a detector and rows in memory; :func:`open_review` a model file with a table or images.
"""

from askew.review.advice import Advice
from askew.review.asking import ORDERS, REASONS
from askew.review.opening import open_review, review_folder
from askew.review.questions import (
    ANSWERS,
    GIVEN,
    Answer,
    Driver,
    KnownCase,
    Line,
    Page,
    Place,
    Question,
    RowId,
    Said,
)
from askew.review.reports import (
    Agreement,
    Change,
    Conflict,
    Estimates,
    LogEntry,
    ModelRecord,
    Move,
    Progress,
    RefitStatus,
    ReviewerRecord,
)
from askew.review.session import ReviewSession
from askew.review.settings import ReviewSettings

__all__ = [
    "ANSWERS",
    "GIVEN",
    "ORDERS",
    "REASONS",
    "Advice",
    "Agreement",
    "Answer",
    "Change",
    "Conflict",
    "Driver",
    "Estimates",
    "KnownCase",
    "Line",
    "LogEntry",
    "ModelRecord",
    "Move",
    "Page",
    "Place",
    "Progress",
    "Question",
    "RefitStatus",
    "ReviewSession",
    "ReviewSettings",
    "ReviewerRecord",
    "RowId",
    "Said",
    "open_review",
    "review_folder",
]
