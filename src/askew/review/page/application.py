"""The page as an ASGI application: its addresses, and what becomes of errors."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from askew.errors import AskewError
from askew.review.page import deeds, downloads, views
from askew.review.page.desk import Desk
from askew.review.page.guard import TOKEN_FORM, Access, Guard, welcome
from askew.review.page.rendering import message, static_files
from askew.review.page.views import Visit
from askew.review.session import ReviewSession

_MOST_FIELDS = 2000

_View: TypeAlias = Callable[[Visit], Response]

_VIEWS: dict[str, _View] = {
    "/": views.next_question,
    "/row/{row}": views.row,
    "/reasons/{row}": views.reasons,
    "/list": views.lines,
    "/find": views.find,
    "/alike/{row}": views.alike,
    "/findings": views.findings,
    "/models": views.models,
    "/person": views.person,
    "/status": views.status,
    "/picture/{row}.png": downloads.picture,
    "/expected/{row}.png": downloads.expected,
    "/export/{name}": downloads.export,
}
_DEEDS: dict[str, _View] = {
    "/answer": deeds.answer,
    "/answer-line/{row}": deeds.answer_line,
    "/answer-many": deeds.answer_many,
    "/undo": deeds.undo,
    "/settle": deeds.settle,
    "/refit": deeds.refit,
    "/use-model": deeds.use_model,
    "/settings": deeds.settings,
    "/person": deeds.person,
}


def application(session: ReviewSession, access: Access, source: str = "") -> ASGIApp:
    """Return the page of a session, guarded: see :class:`~askew.review.page.guard.Guard`.

    `source` says in a line what is reviewed.
    """
    desk = Desk(session, source, access)
    files = static_files()

    def static(request: Request) -> Response:
        if request.path_params["name"] not in files:
            raise HTTPException(404, "There is no such file.")
        content, kind = files[request.path_params["name"]]
        return Response(content, media_type=kind)

    async def token(request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=10)
        if access.holds(str(form.get("token", "")).strip()):
            return welcome(access)
        return message("That is not the token", "askew review prints it where it was started.", 401, True)

    routes = [Route(path, _endpoint(desk, view)) for path, view in _VIEWS.items()]
    routes += [Route(path, _endpoint(desk, deed), methods=["POST"]) for path, deed in _DEEDS.items()]
    routes += [Route("/static/{name}", static), Route(TOKEN_FORM, token, methods=["POST"])]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _said})
    return Guard(app, access, _ask)


def _endpoint(desk: Desk, view: _View) -> Callable[[Request], object]:
    """Return the endpoint of a view; whatever goes wrong is told in the browser, and nothing is logged."""

    def answered(request: Request, form: FormData) -> Response:
        try:
            visit = Visit(desk.session_of(request), desk, request, form)
            try:
                return view(visit)
            except AskewError as error:
                if request.method == "POST":
                    return deeds.refused(visit, error)
                return message("That is not possible", str(error), 400)
        except HTTPException:
            raise
        except Exception as error:
            if os.environ.get("ASKEW_DEBUG"):
                traceback.print_exc()
            return message("Something went wrong", _unexpected(error), 500)

    async def endpoint(request: Request) -> Response:
        sent = request.method == "POST"
        form = await request.form(max_files=0, max_fields=_MOST_FIELDS) if sent else FormData()
        return await run_in_threadpool(answered, request, form)

    return endpoint


def _unexpected(error: Exception) -> str:
    return (
        f"Unexpected: {type(error).__name__}. Answers up to the last one are stored. "
        "Start askew review with ASKEW_DEBUG=1 to see where, and report it."
    )


async def _said(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    heading = "Not here" if status == 404 else "That is not possible"
    return message(heading, detail if detail else f"Status {status}.", status)


def _ask() -> Response:
    text = "This review is open to who has its token. askew review prints it where it was started, anew at each start."
    return message("Which token?", text, 401, True)
