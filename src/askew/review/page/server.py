"""The page's server: one process, one address, quiet."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp

from askew.errors import InvalidInputError

if TYPE_CHECKING:
    import uvicorn

FIRST_PORT = 8765
_TRIES = 20


def listen(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens at a port, or at the first free one from :data:`FIRST_PORT` on where it is None.

    Raises InvalidInputError where the port is taken or the host is not one of this machine's.
    """
    ports = range(FIRST_PORT, FIRST_PORT + _TRIES) if port is None else [port]
    why = ""
    for each in ports:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, each, type=socket.SOCK_STREAM)[0]
            listening = socket.socket(family, socket.SOCK_STREAM)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listening.bind(address)
                listening.listen(64)
            except OSError:
                listening.close()
                raise
            return listening
        except (OSError, OverflowError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
    tried = f"{ports[0]}" if port is not None else f"{ports[0]} to {ports[-1]}"
    raise InvalidInputError(
        f"--host and --port must be an address of this machine that is free; got {host!r} and {tried} ({why}). "
        "Stop what listens there, or give another --port; 0 takes any free one."
    )


def server_of(app: ASGIApp, ready: Callable[[], None] = lambda: None) -> uvicorn.Server:
    """Return a server of the page that logs no request; `ready` is called when the page can be opened."""
    import uvicorn

    class Server(uvicorn.Server):
        """One that tells when it is ready."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    options: dict[str, Any] = {"access_log": False, "log_config": None, "log_level": "critical"}
    options |= {"server_header": False, "proxy_headers": False, "lifespan": "off", "ws": "none"}
    return Server(uvicorn.Config(app, **options, limit_concurrency=64, timeout_graceful_shutdown=5))


def serve(app: ASGIApp, listening: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Serve the page at a socket until the process is told to stop (Ctrl-C, SIGTERM); see :func:`server_of`."""
    server_of(app, ready).run(sockets=[listening])
