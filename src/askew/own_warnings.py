"""Warnings of ours, which one thread can keep to itself: `warnings.catch_warnings` would do it for all threads."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_HEARERS: ContextVar[tuple[tuple[type[Warning], list[str]], ...]] = ContextVar("hearers", default=())
"""Kinds of warnings that are kept back, and where to."""


def warn(text: str, kind: type[Warning], stacklevel: int = 1) -> None:
    """Warn as :func:`warnings.warn` does, unless who runs this thread keeps warnings of the kind."""
    for kept, texts in _HEARERS.get():
        if issubclass(kind, kept):
            texts.append(text)
            return
    warnings.warn(text, kind, stacklevel=stacklevel + 1)


@contextmanager
def kept_back(*kinds: type[Warning]) -> Iterator[list[str]]:
    """Keep back what :func:`warn` says of these kinds in this thread, and give the list that its texts go to.

    >>> with kept_back(UserWarning) as texts:
    ...     warn("column 'a' is constant", UserWarning)
    >>> texts
    ["column 'a' is constant"]
    """
    texts: list[str] = []
    token = _HEARERS.set((*((kind, texts) for kind in kinds), *_HEARERS.get()))
    try:
        yield texts
    finally:
        _HEARERS.reset(token)
