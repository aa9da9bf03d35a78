"""One process of the service: uvicorn on a socket that is open already, with signals of its own."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from askew.serving.service import Service
from askew.serving.settings import Settings

_LAST_SECONDS = 60
"""Seconds in which requests under way are answered after the signal to stop."""


class _Server(uvicorn.Server):
    """uvicorn, which leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


def run_process(
    settings: Settings,
    listening: socket.socket,
    ready: Callable[[], object],
    orphaned: Any = None,
) -> None:
    """Serve until SIGTERM or SIGINT, and answer what is under way; SIGHUP reads the model anew.

    `ready` is called when requests are answered; the process also stops when the file `orphaned` can be read.
    """
    service = Service(settings)
    config = uvicorn.Config(
        service.application(),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    server = _Server(config)
    asyncio.run(_serve(service, server, listening, ready, orphaned))


async def _serve(
    service: Service, server: _Server, listening: socket.socket, ready: Callable[[], object], orphaned: Any
) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = loop.create_task(service.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    if orphaned is not None:
        loop.add_reader(orphaned, stop)
    serving = loop.create_task(server.serve([listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        ready()
    await serving
