"""Typed errors that carry their remedy.

Every message has the form ``<argument> of <class> must be <rule>; got <value>. <Remedy>.``
"""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any

_LARGEST = 2**63 - 1
_LONGEST = 2000
"""Characters of a value that a message shows."""


class AskewError(Exception):
    """Base of every error that askew raises on purpose."""


class InvalidInputError(AskewError, ValueError):
    """Data, labels or parameters that cannot be used as given."""


class LabelError(InvalidInputError):
    """Labels that are wrong or that could mean two things."""


class DataFileError(InvalidInputError):
    """A table or image file that cannot be read; the message names the file, and the cell where there is one."""


class ModelFileError(AskewError, ValueError):
    """A model file that is truncated, edited, foreign or written by a newer askew."""


class ExportError(AskewError, ValueError):
    """A model that cannot be written in the form asked for; the message says why and what can be done instead."""


class TrainingError(AskewError, RuntimeError):
    """Training failed in a way that a plain sentence can explain."""


class MissingDependencyError(AskewError, ImportError):
    """An optional library is not installed; the message holds the install command."""


class HealthWarning(UserWarning):
    """A fitted model works but looks unhealthy; the message says what was seen and what to try."""


class ColumnWarning(UserWarning):
    """A column of a table is left out, or read in a way that is worth a look; the message says which and why."""


def must(argument: str, owner: str, rule: str, got: object, remedy: str) -> str:
    """Return the standard text of a refusal.

    >>> must("n_members", "DPVAE", "an integer of at least 1", 0, "Use n_members=5 for an ensemble.")
    'n_members of DPVAE must be an integer of at least 1; got 0. Use n_members=5 for an ensemble.'
    """
    return f"{argument} of {owner} must be {rule}; got {_shown(got)}. {remedy}"


def _shown(got: object) -> str:
    try:
        text = repr(got)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a number of more digits than Python writes"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def require_whole(argument: str, owner: str, value: object, least: int, remedy: str) -> None:
    """Raise InvalidInputError unless `value` is a whole number (True is none) of at least `least`.

    >>> require_whole("k", "Explanation.top", 0, 1, "5 features are a good start.")
    Traceback (most recent call last):
    askew.errors.InvalidInputError: k of Explanation.top must be an integer of at least 1; got 0. 5 features are a \
good start.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise InvalidInputError(must(argument, owner, f"an integer of at least {least}", value, remedy))
    if int(value) > _LARGEST:
        rule = f"an integer of at least {least} and at most 2**63 - 1"
        raise InvalidInputError(must(argument, owner, rule, value, remedy))


def as_float(value: Any) -> float:
    """Return a number as a float; one beyond all floats is infinite.

    >>> as_float(2), as_float(-(10**400))
    (2.0, -inf)
    """
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
