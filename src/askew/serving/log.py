"""What the service tells of itself, a line each; nothing of anybody's data."""

from __future__ import annotations

import logging
import sys

from askew.plain_text import visible

LOGGER = logging.getLogger("askew.serving")


class _Lines(logging.Formatter):
    """One line an event, with the time and the process, in which nothing is obeyed by a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s [%(process)d] %(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; of a traceback, its lines."""
        return "\n".join(map(visible, super().format(record).splitlines()))


def log_to_stderr(*, everything: bool = False) -> None:
    """Write the log of this process to stderr, with `everything` also what helps to find a fault."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    LOGGER.handlers[:] = [handler]
    LOGGER.propagate = False
    LOGGER.setLevel(logging.DEBUG if everything else logging.INFO)
