"""Who may ask: the names that the service goes by, pages that may call it, and the token."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from askew.serving.refusals import Refusal
from askew.serving.settings import Settings, is_loopback

if TYPE_CHECKING:
    from starlette.requests import Request

_OPEN = frozenset({"/health"})
"""What is answered without the token: load balancers ask it."""

_HEADERS = {"WWW-Authenticate": "Bearer"}


class Access:
    """Lets requests in that name this machine, come from no other page, and bring the token, where there is one.

    The name keeps out pages whose address was made to point here (DNS rebinding); an address of numbers cannot.
    """

    def __init__(self, settings: Settings) -> None:
        self._names = {"localhost", settings.host.lower(), *(name.lower() for name in settings.hosts)}
        self._everywhere = not is_loopback(settings.host)
        if self._everywhere:
            self._names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
        self._token = settings.token.encode()

    def check(self, request: Request) -> None:
        """Raise Refusal: 403 for a name that is not this machine's or a foreign page, 401 without the token."""
        host = request.headers.get("host", "")
        if not self._is_ours(_name_of(f"//{host}")):
            raise Refusal(
                403,
                f"Host must be a name of this service; got {host!r}. Add it with --allow-host, or use its address.",
            )
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            raise Refusal(403, f"Origin must be this service; got {origin!r}. Call it from a program.")
        if self._token and request.url.path not in _OPEN:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not secrets.compare_digest(token.strip().encode(), self._token):
                rule = "Authorization must be 'Bearer TOKEN' with the service's token"
                raise Refusal(401, f"{rule}. Ask whoever runs it.", _HEADERS)

    def _is_ours(self, name: str) -> bool:
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self._everywhere


def _name_of(address: str) -> str:
    """Return the host of ``//host:port``, "" if there is none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""
