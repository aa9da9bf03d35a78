"""The application: which address answers what, with limits on all that is taken."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from askew.errors import AskewError
from askew.serving.access import Access
from askew.serving.answers import Answer, answer_explanation, answer_reasons, answer_scores, as_json
from askew.serving.log import LOGGER
from askew.serving.metrics import Metrics
from askew.serving.questions import Question, form_of, options_of, wants_arrow
from askew.serving.refusals import Refusal
from askew.serving.schema import describe, schema_page
from askew.serving.served_model import ModelKeeper
from askew.serving.settings import Settings
from askew.serving.work_queue import QueueFullError, WorkQueue

_LONGEST_BODY = 30.0
"""Seconds that a body may take to come."""

_TOGETHER = 32
"""Requests that are scored in one call, at most."""

_EXPLAINED = 8
"""Requests for reasons that wait or are under way, at most: each takes seconds."""

_LOOK = 1.0
"""Seconds between two looks at the model file."""

_Endpoint = Callable[[Request], Awaitable[Response]]


class Service:
    """One process's part of the service: a model, two queues with a thread each, and counts."""

    def __init__(self, settings: Settings) -> None:
        settings.check()
        self.settings = settings
        self.keeper = ModelKeeper(settings.model, settings.background, LOGGER.warning)
        self.metrics = Metrics()
        self._access = Access(settings)
        self._scores: WorkQueue[Question, Answer] = WorkQueue(self._score, settings.queue, _TOGETHER)
        self._reasons: WorkQueue[Question, Answer] = WorkQueue(self._explain, min(_EXPLAINED, settings.queue))
        self.metrics.watch("score", self._scores)
        self.metrics.watch("explain", self._reasons)
        self.metrics.loaded(self.keeper.current, "", first=True)

    def application(self) -> Starlette:
        """Return the ASGI application."""
        routes = [
            Route("/", self._guarded("page", self._page)),
            Route("/schema", self._guarded("schema", self._schema)),
            Route("/health", self._guarded("health", self._health)),
            Route("/metrics", self._guarded("metrics", self._show_metrics)),
            Route("/score", self._guarded("score", self._score_request), methods=["POST"]),
            Route("/explain", self._guarded("explain", self._explain_request), methods=["POST"]),
        ]
        handlers: Any = {HTTPException: _refuse_address}
        return Starlette(routes=routes, lifespan=self._life, exception_handlers=handlers)

    async def reload(self) -> None:
        """Read the model file anew, beside the requests."""
        await asyncio.to_thread(self.keeper.reload)
        self.metrics.loaded(self.keeper.current, self.keeper.problem)

    @asynccontextmanager
    async def _life(self, application: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._watch()) if self.settings.watch else None
        try:
            yield
        finally:
            if watching is not None:
                watching.cancel()
            self._scores.close()
            self._reasons.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            if self.keeper.has_changed():
                await self.reload()

    def _guarded(self, name: str, endpoint: _Endpoint) -> _Endpoint:
        """Return an endpoint behind the checks of who asks, whose refusals are answers, and which is counted."""

        async def answer(request: Request) -> Response:
            started = time.perf_counter()
            try:
                self._access.check(request)
                response = await endpoint(request)
            except Refusal as refusal:
                response = _refusal(refusal.status, str(refusal), refusal.headers)
            except QueueFullError as full:
                headers = {"Retry-After": str(full.seconds)}
                text = f"the service is busy; its queue is full. Ask again in {full.seconds} s."
                response = _refusal(503, text, headers)
            except AskewError as error:
                response = _refusal(422, str(error))
            except Exception as error:  # what it says may be data, which no log shows
                LOGGER.error("unexpected %s in /%s at %s", type(error).__name__, name, _place_of(error))
                if LOGGER.isEnabledFor(logging.DEBUG):
                    LOGGER.exception("details")
                response = _refusal(
                    500, f"unexpected {type(error).__name__}. Report it, with the model's kind."
                )
            self.metrics.answered(name, response.status_code, time.perf_counter() - started)
            return response

        return answer

    async def _score_request(self, request: Request) -> Response:
        options = options_of(request.query_params, ("id_column", "ignore_extra", "reasons"))
        queue, name = (self._reasons, "explain") if options.get("reasons") else (self._scores, "score")
        return await self._answer(request, options, queue, name)

    async def _explain_request(self, request: Request) -> Response:
        options = options_of(request.query_params, ("id_column", "ignore_extra", "top", "features"))
        return await self._answer(request, options, self._reasons, "explain")

    async def _answer(
        self, request: Request, options: dict[str, Any], queue: WorkQueue[Question, Answer], name: str
    ) -> Response:
        form = form_of(request.headers.get("content-type", ""))
        arrow = wants_arrow(request.headers.get("accept", ""), form)
        with self._place(queue, name):
            body = await _body(request, self.settings.max_bytes)
            answer = await queue.do(Question(body, form, arrow, **options))
        self.metrics.scored(answer)
        return Response(answer.body, media_type=answer.kind, headers={"X-Askew-Model": answer.digest})

    @contextmanager
    def _place(self, queue: WorkQueue[Question, Answer], name: str) -> Iterator[None]:
        try:
            with queue.place():
                self.metrics.entered(name)
                yield
        finally:
            self.metrics.entered(name)

    def _score(self, questions: Sequence[Question]) -> list[Answer | Exception]:
        served = self.keeper.current
        answers = answer_scores(served, questions, self.settings.max_rows)
        if (drift := served.drift.figures()) is not None:
            self.metrics.drifted(drift)
        return answers

    def _explain(self, questions: Sequence[Question]) -> list[Answer | Exception]:
        (question,) = questions
        answer = answer_reasons if question.reasons else answer_explanation
        return [answer(self.keeper.current, question, self.settings.max_rows)]

    async def _health(self, request: Request) -> Response:
        served = self.keeper.current
        found = {"status": "ok", "model": served.name, "digest": served.digest}
        problem = {"problem": self.keeper.problem} if self.keeper.problem else {}
        return Response(as_json(found | problem), media_type="application/json")

    async def _show_metrics(self, request: Request) -> Response:
        page, kind = await asyncio.to_thread(self.metrics.page)
        return Response(page, media_type=None, headers={"Content-Type": kind})

    async def _schema(self, request: Request) -> Response:
        found = await asyncio.to_thread(describe, self.keeper.current, self.settings)
        return Response(as_json(found), media_type="application/json")

    async def _page(self, request: Request) -> Response:
        address = str(request.base_url).rstrip("/")
        page = await asyncio.to_thread(schema_page, self.keeper.current, self.settings, address)
        return HTMLResponse(page, headers=_PAGE_HEADERS)


_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


async def _body(request: Request, most: int) -> bytes:
    """Return a body, or refuse one that is too long, compressed, or does not come."""
    if encoding := request.headers.get("content-encoding"):
        raise Refusal(415, f"Content-Encoding must be left out; got {encoding!r}. Send the body as it is.")
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > most:
        raise _too_long(most)
    parts, size = [], 0
    try:
        async with asyncio.timeout(_LONGEST_BODY):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise _too_long(most)
                parts.append(part)
    except TimeoutError:
        raise Refusal(408, f"the body must come within {_LONGEST_BODY:.0f} s. Send it in parts.") from None
    except ClientDisconnect:
        raise Refusal(400, "the body must be whole; the connection was closed before its end.") from None
    return b"".join(parts)


def _too_long(most: int) -> Refusal:
    return Refusal(413, f"request must have at most {most:,} bytes. Send it in parts, or use askew score.")


def _refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    text = as_json({"error": " ".join(message.splitlines())})
    return Response(text, status, headers, media_type="application/json")


async def _refuse_address(request: Request, error: HTTPException) -> Response:
    there = "GET / says what there is"
    text = {
        404: f"there is no {request.url.path!r}; {there}.",
        405: f"{request.method} is not for this; {there}.",
    }
    return _refusal(error.status_code, text.get(error.status_code, error.detail), dict(error.headers or {}))


def _place_of(error: Exception) -> str:
    """Return the file and line where an error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
