"""What a service is asked to be: its model, its address, and its limits."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from askew.errors import InvalidInputError, MissingDependencyError, must

if TYPE_CHECKING:
    from askew.inputs import Data

TOKEN_VARIABLE = "ASKEW_SERVE_TOKEN"
"""Environment variable of the token; a word on the command line could be read by everybody on the machine."""

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable by which the Prometheus client keeps counts in files that processes share, as it is imported."""

_FEWEST_CHARACTERS = 16


@dataclass(frozen=True)
class Settings:
    """How a model is served; `check` refuses what cannot be.

    Requests of more than `max_bytes` or `max_rows` are refused; of each process, `queue` requests at most wait or are
    under way. `background` has rows that are mostly normal, for reasons. `hosts` are further names of this machine.
    With `watch` the model is read anew when its file changes.
    """

    model: Path
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    background: Data | None = None
    token: str = ""
    hosts: tuple[str, ...] = ()
    max_bytes: int = 32 << 20
    max_rows: int = 100_000
    queue: int = 64
    watch: bool = True

    def check(self) -> None:
        """Raise InvalidInputError for an address that all may reach without a token, or a token that is short."""
        if not self.token and not is_loopback(self.host):
            rule = f"given in the environment variable {TOKEN_VARIABLE} where others can reach the service"
            remedy = (
                "Set it to a long random word (python -c 'import secrets; print(secrets.token_urlsafe())')."
            )
            raise InvalidInputError(must("token", "askew serve", rule, f"--host {self.host}", remedy))
        if self.token and (len(self.token) < _FEWEST_CHARACTERS or not self.token.isascii()):
            rule = f"at least {_FEWEST_CHARACTERS} ASCII characters"
            remedy = "Make one with python -c 'import secrets; print(secrets.token_urlsafe())'."
            raise InvalidInputError(
                must("token", "askew serve", rule, f"{len(self.token)} characters", remedy)
            )


def is_loopback(host: str) -> bool:
    """Return whether an address is reached from this machine alone.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "example.org")]
    [True, True, True, False, False]
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def require_packages() -> None:
    """Raise MissingDependencyError if what the service runs on is not installed."""
    for name in ("starlette", "uvicorn", "prometheus_client"):
        if find_spec(name) is None:
            raise MissingDependencyError(
                f"askew serve needs {name}, which is not installed. Run: pip install 'askew[serve]'"
            )
