"""What a person does on the page: each deed is stored by the session before the browser goes on."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from askew.errors import AskewError
from askew.review.page.desk import Note
from askew.review.page.rendering import WORDS, plural, rendered
from askew.review.page.views import Visit, shown_columns
from askew.review.questions import ANSWERS
from askew.scoring import cell_text

_LONGEST_REASON = 1000


def answer(visit: Visit) -> Response:
    """Store an answer and go on to the next question."""
    session, row, given = visit.session, visit.row(), _answer(visit.form)
    id = session.id_of(row)
    model = str(visit.form.get("model", ""))
    seen = visit.desk.seen(session, row, int(model)) if model.isdecimal() else []
    number = session.answer(id, given, _reason(visit.form), seen=seen)
    text = f"{cell_text(id)}: {WORDS[given]}."
    visit.desk.tell(session, Note(f"Stored. {text}", number))
    return RedirectResponse("/", 303)


def answer_line(visit: Visit) -> Response:
    """Store an answer given in the list, and return the line as it is now."""
    session, row = visit.session, visit.row()
    session.answer(session.id_of(row), _answer(visit.form, "given"))
    found = session.line(session.id_of(row))
    template = "tile_item.html.j2" if session.of_images else "line.html.j2"
    columns = shown_columns(session, [])
    return rendered(template, 200, line=found, columns=columns, of_images=session.of_images)


def answer_many(visit: Visit) -> Response:
    """Store one answer for several rows once it is confirmed; before that, show what would be stored."""
    session, form, back = visit.session, visit.form, _back(visit.form, "/list")
    rows = [str(each) for each in form.getlist("row")]
    if not all(each.isdecimal() and int(each) < session.n_rows for each in rows):
        raise HTTPException(404, "There is no such row.")
    ids = [session.id_of(int(each)) for each in dict.fromkeys(rows)]
    given = _answer(form)
    unit = "image" if session.of_images else "row"
    if not ids:
        visit.desk.tell(session, Note(f"No {unit} is marked: mark some first.", wrong=True))
        return RedirectResponse(back, 303)
    if form.get("confirmed") != "yes":
        return visit.show(
            "several.html.j2",
            several=[session.line(id) for id in ids],
            columns=shown_columns(session, []),
            heading=f"{plural(len(ids), unit)}: {WORDS[given]}?",
            explanation=f"One answer is stored for each marked {unit}; one undo takes all of them back.",
            back=back,
            answer=given,
            reason=_reason(form),
        )
    number = session.answer(ids, given, _reason(form))
    visit.desk.tell(session, Note(f"Stored. {plural(len(ids), unit)}: {WORDS[given]}.", number))
    return RedirectResponse("/" if back.startswith("/row/") else back, 303)


def undo(visit: Visit) -> Response:
    """Take back a line of the log, or this person's last deed, and show the row that it was about."""
    session, number = visit.session, str(visit.form.get("number", ""))
    entry = session.undo(int(number) if number.isdecimal() else None)
    if entry is None:
        visit.desk.tell(session, Note("There is nothing to take back."))
        return RedirectResponse(_back(visit.form, "/"), 303)
    about = f"{cell_text(entry.ids[0])}: " if len(entry.ids) == 1 else f"{plural(len(entry.ids), 'row')}: "
    what = WORDS.get(entry.answer, entry.answer)
    visit.desk.tell(session, Note(f"Taken back. {about if entry.ids else ''}{what or entry.kind}."))
    place = f"/row/{session.row_of(entry.ids[0])}" if entry.ids else "/"
    return RedirectResponse(_back(visit.form, place), 303)


def settle(visit: Visit) -> Response:
    """Say which answer holds where people differ."""
    session = visit.session
    id, given = session.id_of(visit.row()), _answer(visit.form)
    number = session.settle(id, given, _reason(visit.form))
    visit.desk.tell(session, Note(f"Settled. {cell_text(id)}: {WORDS[given]}.", number))
    return RedirectResponse("/findings#conflicts", 303)


def refit(visit: Visit) -> Response:
    """Begin to fit the model again."""
    visit.session.refit(background=True)
    return RedirectResponse("/models", 303)


def use_model(visit: Visit) -> Response:
    """Use another model of the review."""
    number = str(visit.form.get("number", ""))
    if not number.isdecimal():
        raise HTTPException(404, "There is no such model.")
    visit.session.go_back(int(number))
    visit.desk.tell(visit.session, Note(f"Model {int(number)} is in use again; all answers are kept."))
    return RedirectResponse("/models", 303)


def settings(visit: Visit) -> Response:
    """Change how the session asks."""
    form = visit.form
    chosen: dict[str, Any] = {"order": str(form.get("order", ""))}
    chosen["random_share"] = _number(form, "random_share") / 100
    chosen["refit_every"] = _number(form, "refit_every")
    chosen["budget"] = _number(form, "budget") if str(form.get("budget", "")).strip() else None
    visit.session.choose(**chosen)
    visit.desk.tell(visit.session, Note("Stored how it asks from now on."))
    return RedirectResponse("/models", 303)


def person(visit: Visit) -> Response:
    """Go on as another person."""
    name = " ".join(str(visit.form.get("reviewer", "")).split())
    if not name or len(name) > 80:
        raise HTTPException(400, "A name must have 1 to 80 characters.")
    session = visit.desk.session_as(name, visit.form.get("blind") == "yes")
    return visit.desk.remember(RedirectResponse("/", 303), session)


def refused(visit: Visit, error: AskewError) -> Response:
    """Tell why a deed is not possible, where the person was."""
    visit.desk.tell(visit.session, Note(str(error), wrong=True))
    return RedirectResponse(_back(visit.form, "/"), 303)


def _answer(form: FormData, name: str = "answer") -> Any:
    given = str(form.get(name, ""))
    if given not in ANSWERS:
        raise HTTPException(400, "An answer is anomaly, normal, unsure or skip.")
    return given


def _reason(form: FormData) -> str:
    return str(form.get("reason", "")).strip()[:_LONGEST_REASON]


def _number(form: FormData, name: str) -> int:
    text = str(form.get(name, "")).strip()
    if not text.isdecimal() or len(text) > 6:
        raise HTTPException(400, "Shares and counts are whole numbers.")
    return int(text)


def _back(form: FormData, otherwise: str) -> str:
    """Return the page to go back to: one of ours, never an address elsewhere."""
    back = str(form.get("back", ""))
    ours = back.startswith("/") and not back.startswith(("//", "/\\")) and len(back) < 200
    return back if ours else otherwise
