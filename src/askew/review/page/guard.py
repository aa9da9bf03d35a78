"""Who may open the page: Host, Origin and token of every request are checked, and bodies are short.

Everything is refused that a page of somebody else, open in the same browser, could send.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")

MOST_BYTES = 64 * 1024
"""Length of a request's body at most: an answer has some hundred bytes, a thousand ids some ten thousand."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What every response says to the browser: nothing from elsewhere, nothing kept, nothing framed."""

OPEN, TOKEN_FORM = "/static/", "/token"
"""What needs no token: files that hold no data (style, script, icon), and the address that a token is sent to."""

_TOO_LONG = f"A request must have at most {MOST_BYTES:,} bytes."


@dataclass(frozen=True)
class Access:
    """The address at which the page is served, and the token that opens it.

    Parameters
    ----------
    host : str
        What the server listens at.
    port : int
        And the port.
    names : sequence of str
        Names of the machine, beside its own, by which browsers may ask for the page.
    token : str
        By default a new one of 32 random bytes.
    """

    host: str = LOOPBACK[0]
    port: int = 8765
    names: Sequence[str] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def is_local(self) -> bool:
        """Whether this machine alone reaches the page."""
        return self.host in LOOPBACK

    @property
    def origin(self) -> str:
        """The page's address without the token."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def address(self) -> str:
        """The address to open: with the token on this machine, elsewhere without, and then the page asks for it."""
        return f"{self.origin}/?{urlencode({'token': self.token})}" if self.is_local else f"{self.origin}/"

    @property
    def cookie(self) -> str:
        """The cookie's name; browsers do not tell ports apart, so that it names the port."""
        return f"askew-review-{self.port}"

    def holds(self, token: str | None) -> bool:
        """Return whether this is the token, in a time that says nothing about it."""
        return secrets.compare_digest((token or "").encode("utf-8", "replace"), self.token.encode())

    def knows(self, host: str) -> bool:
        """Return whether a browser may call the server so; a foreign name may be led here by its owner (rebinding).

        >>> Access().knows("localhost:9000"), Access().knows("evil.example:8765")
        (True, False)
        """
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if name in LOOPBACK:  # of any port: it may be forwarded
            return True
        if self.is_local:
            return False
        own = {self.host, socket.gethostname(), socket.getfqdn(), *self.names}
        return name in {each.lower() for each in own} or _is_number(name)


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """Lets requests through to `app` that the page itself or its owner sends, and answers the others.

    `ask` makes the answer to who has no token: a form that sends it to :data:`TOKEN_FORM`.
    """

    def __init__(self, app: ASGIApp, access: Access, ask: Callable[[], Response]) -> None:
        self._app, self._access, self._ask = app, access, ask

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, see ASGI."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            answer = self._refusal(scope) or self._entry(HTTPConnection(scope))
            await (answer or self._app)(scope, _limited(receive), _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that the page did not send, None where it may have."""
        headers, changes = Headers(scope=scope), scope["method"] not in ("GET", "HEAD")
        host, origin, site = headers.get("host", ""), headers.get("origin"), headers.get("sec-fetch-site")
        length = headers.get("content-length", "0")
        follows_link = not changes and headers.get("sec-fetch-dest") == "document"
        if not self._access.knows(host):
            return refusal("This name is not known here. Use the address that askew review printed.")
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            return refusal("Another page sent this.")
        if site in ("cross-site", "same-site") and not follows_link:
            return refusal("Another page sent this.")
        if changes and origin is None:
            return refusal("A request that changes something must say where it comes from (Origin).")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return refusal(_TOO_LONG, 413)
        return None

    def _entry(self, request: HTTPConnection) -> Response | None:
        """Return None for who holds the token; the address that brings it is left for one without it."""
        access, path, given = self._access, request.url.path, request.query_params.get("token")
        if access.is_local and access.holds(given):
            return welcome(access)
        if path.startswith(OPEN) or path == TOKEN_FORM or access.holds(request.cookies.get(access.cookie)):
            return None
        return self._ask()


def welcome(access: Access) -> Response:
    """Return the answer to who brought the token: a cookie for as long as the browser is open."""
    answer = RedirectResponse("/", 303)
    answer.set_cookie(access.cookie, access.token, httponly=True, samesite="lax")
    return answer


def refusal(why: str, status: int = 403) -> Response:
    """Return an answer that says why."""
    return PlainTextResponse(f"{why}\n", status)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


def _limited(receive: Receive) -> Receive:
    """Return what receives a body of any stated length no further than may be."""
    read = 0

    async def receiving() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MOST_BYTES:
            raise HTTPException(413, _TOO_LONG)
        return message

    return receiving
