"""A load of HTTP requests over connections that stay open: as fast as they are answered, or at a rate.

At a rate, a latency counts from the moment at which the request was due, so that waiting for a free connection counts.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Load:
    """What came of a load: seconds of each request that was answered, statuses, errors, and how long it all took."""

    seconds: list = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    errors: list = field(default_factory=list)
    wall: float = 0.0

    @property
    def rate(self):
        return len(self.seconds) / self.wall

    def percentile(self, share):
        return 1e3 * float(np.percentile(self.seconds, share))


def request_of(path, body, host="localhost"):
    head = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json"]
    head += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(head).encode() + body


async def ask(reader, writer, request):
    """Send a request and return the status, the headers and the body of its answer."""
    writer.write(request)
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return int(status.split()[1]), headers, body


async def run_load(port, requests, connections, rate=None, answered=None):
    """Send the requests over some connections and return the load; `answered` is given each answer and its number."""
    load, waiting, start = Load(), iter(enumerate(requests)), time.perf_counter()

    async def one_connection():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number, request in waiting:
            due = start + number / rate if rate else time.perf_counter()
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            try:
                status, headers, body = await ask(reader, writer, request)
            except (OSError, EOFError, ValueError) as error:
                load.errors.append(f"{number}: {type(error).__name__}")
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                continue
            load.seconds.append(time.perf_counter() - due)
            load.statuses[status] += 1
            if answered is not None:
                answered(number, status, headers, body)
        writer.close()

    await asyncio.gather(*(one_connection() for _ in range(connections)))
    load.wall = time.perf_counter() - start
    return load
