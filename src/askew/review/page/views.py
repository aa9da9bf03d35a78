"""What the page shows of a session: one row, the list, rows alike, findings, models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askew.review.asking import ORDERS
from askew.review.page import drawings
from askew.review.page.desk import Desk
from askew.review.page.rendering import rendered
from askew.review.questions import Driver, Question
from askew.review.session import ReviewSession

_COUNT = 50
"""Lines of a list."""

_COLUMNS = 6
"""Columns of a list."""

_ALIKE = 50
"""Rows alike that are offered at once."""

_LATEST = 6
_LOG = 50

FILTERS = (
    ("all", "All"),
    ("open", "Open"),
    ("flagged", "Flagged"),
    ("answered", "Answered"),
    ("anomaly", "Anomalies"),
    ("normal", "Normal"),
    ("unsure", "Don't know"),
    ("skip", "Skipped"),
    ("conflicts", "People differ"),
)
"""Parts of the list, and their names."""


_ORDER_NAMES = {"anomalous": "Most anomalous", "informative": "Most informative", "random": "At random"}


@dataclass(frozen=True)
class Visit:
    """A request by somebody: their session, the desk, and what they sent."""

    session: ReviewSession
    desk: Desk
    request: Request
    form: FormData

    def row(self) -> int:
        """Return the row that the address or the form names; one that is not there is answered with 404."""
        text = str(self.request.path_params.get("row", self.form.get("row", "")))
        if not text.isdecimal() or int(text) >= self.session.n_rows:
            raise HTTPException(404, f"There is no row {text[:20]!r}.")
        return int(text)

    def number(self, name: str, default: int = 0) -> int:
        """Return a whole number of the address."""
        text = self.request.query_params.get(name, "")
        return min(int(text), 10**9) if text.isdecimal() and text.isascii() else default

    def show(self, template: str, view: str = "", **context: Any) -> Response:
        """Return a page with what all pages have."""
        session = self.session
        about = {
            "source": self.desk.source,
            "view": view,
            "note": self.desk.note(session),
            "reviewer": session.reviewer,
            "blind": session.blind,
            "progress": session.progress(),
            "unit": "image" if session.of_images else "row",
            "of_images": session.of_images,
            "id_name": session.id_name,
            "crisp": self.crisp(),
        }
        return rendered(template, 200, **about, **context)

    def crisp(self) -> bool:
        """Whether images are so small that their pixels are to be seen."""
        if not self.session.of_images:
            return False
        height, width = self.session.picture(self.session.id_of(0)).shape[:2]
        return bool(max(height, width) < drawings.CRISP)


def next_question(visit: Visit) -> Response:
    """Show what is asked next."""
    asked = visit.session.ask(1, reasons=False)
    if not asked:
        return visit.show("end.html.j2", "Review")
    return case(visit, asked[0])


def row(visit: Visit) -> Response:
    """Show one row."""
    return case(visit, visit.session.question(visit.session.id_of(visit.row()), reasons=False))


def case(visit: Visit, question: Question) -> Response:
    """Show a row or an image, and take the answer; its reasons too if they are worked out, else they come after it."""
    session = visit.session
    q = visit.desk.show(session, question)
    previous = session.previous(q.id)
    mine = [each for each in session.history(0, 40) if _is_my_answer(session, each)][:_LATEST]
    answer = visit.show(
        "case.html.j2",
        "Review",
        q=q,
        name=str(q.id) if session.of_images else f"{session.id_name} {q.id}",
        ruler=drawings.ruler(session.scores(), q.threshold, q.score),
        n_alike=len(session.alike(q.id, _ALIKE)),
        most_alike=_ALIKE,
        previous=None if previous is None else session.row_of(previous),
        undoable=bool(mine),
        reasons=_reasons(session),
        history=mine,
        rows={each.number: session.row_of(each.ids[0]) for each in mine},
        curve=drawings.curve(session.progress().curve),
        advice=session.advice(),
        **_model(session),
        **_details(session, q, later=not q.drivers),
    )
    if q.drivers:
        answer.background = BackgroundTask(visit.desk.look_ahead, session)
    return answer


def reasons(visit: Visit) -> Response:
    """Show the part of a row that takes time: what drove its score, beside the known cases."""
    session = visit.session
    q = visit.desk.show(session, session.question(session.id_of(visit.row())))
    about = {"of_images": session.of_images, "unit": "image" if session.of_images else "row"}
    answer = rendered(
        "reasons.html.j2",
        200,
        q=q,
        name=str(q.id),
        crisp=visit.crisp(),
        **about,
        **_details(session, q, later=False),
    )
    answer.background = BackgroundTask(visit.desk.look_ahead, session)
    return answer


def status(visit: Visit) -> Response:
    """Show the part that says which model is in use and whether the next is being fitted."""
    return rendered("status.html.j2", 200, **_model(visit.session))


def lines(visit: Visit) -> Response:
    """Show the list."""
    only = visit.request.query_params.get("only", "all")
    only = only if only in dict(FILTERS) else "all"
    start = visit.number("start")
    page = visit.session.page(start, _COUNT, only)
    here = f"/list?only={only}&start={start}"
    return visit.show(
        "list.html.j2",
        "List",
        page=page,
        count=_COUNT,
        only=only,
        here=here,
        filters=FILTERS,
        columns=shown_columns(visit.session, []),
    )


def find(visit: Visit) -> Response:
    """Open a row by its id."""
    session, text = visit.session, visit.request.query_params.get("id", "").strip()
    for candidate in (text, int(text) if text.lstrip("-").isdecimal() and len(text) < 20 else text):
        try:
            return RedirectResponse(f"/row/{session.row_of(candidate)}", 303)
        except ValueError:
            continue
    raise HTTPException(404, f"No {session.id_name} is {text[:200]!r}. Look for it in the list.")


def alike(visit: Visit) -> Response:
    """Show rows that one answer may do for, all of them chosen."""
    session, place = visit.session, visit.row()
    question = session.question(session.id_of(place))
    found = session.alike(question.id, _ALIKE)
    unit = "image" if session.of_images else "row"
    return visit.show(
        "several.html.j2",
        "Review",
        several=[question, *found],
        columns=shown_columns(session, _drivers(question)),
        heading=f"{len(found) + 1} {unit}s alike",
        explanation="As far as the model sees they hardly differ. Take out what you would answer otherwise; one "
        f"answer is stored for each {unit} that stays, and one undo takes all of them back.",
        back=f"/row/{place}",
        answer="",
        reason="",
    )


def findings(visit: Visit) -> Response:
    """Show what the answers say of all rows, where people differ, files to take along, and the log."""
    session, count = visit.session, max(visit.number("history", _LOG), 1)
    history = session.history(0, count + 1)
    return visit.show(
        "findings.html.j2",
        "Findings",
        estimates=session.estimates(),
        advice=session.advice(),
        curve=drawings.curve(session.progress().curve),
        conflicts=session.conflicts(),
        reviewers=session.reviewers(),
        agreement=session.agreement(),
        history=history[:count],
        more_history=len(history) > count,
        n_history=count,
        settings=session.settings,
    )


def models(visit: Visit) -> Response:
    """Show the models, what the last refit changed, and how it asks."""
    session = visit.session
    return visit.show(
        "models.html.j2",
        "Models",
        models=session.models(),
        settings=session.settings,
        orders={key: (_ORDER_NAMES.get(key, key), meaning) for key, meaning in ORDERS.items()},
        **_model(session),
    )


def person(visit: Visit) -> Response:
    """Ask who answers."""
    return visit.show("person.html.j2", reviewers=visit.session.reviewers())


def shown_columns(session: ReviewSession, first: Sequence[str]) -> list[str]:
    """Return some columns for a list: those named first, then as they stand."""
    others = [each for each in session.columns if each not in (*first, session.id_name)]
    return [*first, *others][:_COLUMNS]


def _drivers(question: Question) -> list[str]:
    return [each.column for each in question.drivers if isinstance(each, Driver)]


def _cells(q: Question) -> list[tuple[str, Any, bool, list[Any]]]:
    """Return (column, value, whether it drove the score, values of the known cases), what drove it first."""
    drivers = _drivers(q)
    names = [name for name in drivers if name in q.cells] + [name for name in q.cells if name not in drivers]
    return [
        (name, q.cells[name], name in drivers, [case.cells.get(name) for case in q.known]) for name in names
    ]


def _details(session: ReviewSession, q: Question, later: bool) -> dict[str, Any]:
    """Return what is shown of a row beside its score; `later` says whether the reasons are still to come."""
    if not session.of_images:
        return {"later": later, "cells": _cells(q)}
    height, width = session.picture(q.id).shape[:2]
    return {
        "later": later,
        "marks": drawings.marks(q.drivers, (height, width)),
        "has_expected": not later and session.expected_picture(q.id) is not None,
    }


def _model(session: ReviewSession) -> dict[str, Any]:
    """Return what is told of the model in use."""
    records, progress = session.models(), session.progress()
    return {
        "refit": session.refit_status(),
        "current": next(each for each in records if each.is_current),
        "last_model": records[-1].number,
        "change": session.change(),
        "n_learned": progress.n_anomalies + progress.n_normal,
    }


def _is_my_answer(session: ReviewSession, entry: Any) -> bool:
    return bool(entry.kind == "answer" and not entry.undone and entry.reviewer == session.reviewer)


def _reasons(session: ReviewSession) -> list[str]:
    """Return reasons that were given lately, each once, to choose from."""
    return list(dict.fromkeys(each.reason for each in session.history(0, 200) if each.reason))[:12]
