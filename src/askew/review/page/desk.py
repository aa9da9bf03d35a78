"""What the page remembers of who sits before it: their session, what they were shown, and what they are told next."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from askew.errors import AskewError
from askew.review.page.guard import Access
from askew.review.questions import Question
from askew.review.session import ReviewSession

_SHOWN = 1000
"""Questions that are remembered as they were shown, until they are answered."""

_AHEAD = 3
"""Questions whose reasons are worked out ahead."""

_BLIND, _SEEING = "blind:", "seeing:"


@dataclass(frozen=True)
class Note:
    """A sentence that a person is told once, at the top of the next page.

    `undo` is the line of the log that a button beside it takes back.
    """

    text: str
    undo: int | None = None
    wrong: bool = False


class Desk:
    """One for the page: the sessions of all people who use it, by their names.

    `source` says in a line what is reviewed.
    """

    def __init__(self, session: ReviewSession, source: str, access: Access) -> None:
        self.session, self.source = session, source
        self._cookie = f"{access.cookie}-person"
        self._people = {(session.reviewer, session.blind): session}
        self._notes: dict[tuple[str, bool], Note] = {}
        self._shown: OrderedDict[tuple[str, bool, int, int], Question] = OrderedDict()
        self._lock, self._looking = threading.Lock(), threading.Lock()

    def session_of(self, request: Request) -> ReviewSession:
        """Return the session of the person that the browser is known to have; of the command line's without one."""
        value = unquote(request.cookies.get(self._cookie, ""))
        for prefix in (_BLIND, _SEEING):
            if value.startswith(prefix) and value.removeprefix(prefix).strip():
                return self.session_as(value.removeprefix(prefix), prefix == _BLIND)
        return self.session

    def session_as(self, reviewer: str, blind: bool) -> ReviewSession:
        """Return the session of a person."""
        key = (reviewer, blind)
        with self._lock:
            if key not in self._people:
                self._people[key] = self.session.as_reviewer(reviewer, blind)
            return self._people[key]

    def remember(self, answer: Response, session: ReviewSession) -> Response:
        """Let the browser remember whose it is."""
        value = quote((_BLIND if session.blind else _SEEING) + session.reviewer)
        answer.set_cookie(self._cookie, value, httponly=True, samesite="lax")
        return answer

    def tell(self, session: ReviewSession, note: Note) -> None:
        """Leave a note for a person's next page."""
        self._notes[_person(session)] = note

    def note(self, session: ReviewSession) -> Note | None:
        """Return what a person is to be told, once."""
        return self._notes.pop(_person(session), None)

    def show(self, session: ReviewSession, question: Question) -> Question:
        """Remember a question as it is shown, and return it."""
        with self._lock:
            self._shown[(*_person(session), question.row, question.model)] = question
            while len(self._shown) > _SHOWN:
                self._shown.popitem(last=False)
        return question

    def look_ahead(self, session: ReviewSession) -> None:
        """Work out the reasons of what is asked next, while a person looks at a question; one at a time."""
        if self._looking.acquire(blocking=False):
            try:
                for n in range(1, _AHEAD + 1):
                    session.ask(n)
            except AskewError:
                pass  # who opens the row is told
            finally:
                self._looking.release()

    def seen(self, session: ReviewSession, row: int, model: int) -> list[Question]:
        """Return the question about a row as a person saw it, with the scores of a model; none if nobody did."""
        found = self._shown.get((*_person(session), row, model))
        return [] if found is None else [found]


def _person(session: ReviewSession) -> tuple[str, bool]:
    return session.reviewer, session.blind
