"""Parameters of a fitted model: a change after the fit is refused, because nothing in the model follows it."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from askew.errors import InvalidInputError

_OF_THE_FIT = ("training__checkpoint", "training__checkpoint_every")
"""Settings that say nothing about the model."""

_LONGEST = 60
"""Letters of a value that a message shows."""


def remember_parameters(model: Any) -> None:
    """Note with which parameters a model was fitted."""
    model._parameters_of_fit = {name: _kept(model, value) for name, value in _parameters(model).items()}


def require_fitted(model: Any, attribute: str = "offset_") -> None:
    """Raise NotFittedError unless `model` is fitted, InvalidInputError if a parameter was changed since.

    >>> from askew import KDE
    >>> detector = KDE(bandwidth=1.0).fit([[0.0], [1.0], [2.0]])
    >>> detector.set_params(contamination=0.2).predict([[1.0]])
    Traceback (most recent call last):
    askew.errors.InvalidInputError: contamination of KDE must be as in its fit, 0.05; got 0.2. Call fit again, or set \
it back and use askew.Quantile(model, contamination=0.2).fit(held_out_rows).
    """
    check_is_fitted(model, attribute)
    noted = getattr(model, "_parameters_of_fit", None)
    if noted is None:  # of an askew that did not note them
        return
    for name, value in _parameters(model).items():
        if name not in noted or not _same(noted[name], value):
            owner, remedy = type(model).__name__, "Call fit again."
            if name == "contamination" and _copies_parts(model):
                threshold = f"askew.Quantile(model, contamination={value}).fit(held_out_rows)"
                remedy = f"Call fit again, or set it back and use {threshold}."
            if name == "device":
                remedy = f"Call fit again, or save it and askew.load(path, device={value!r})."
            before, now = (_in_a_line(found) for found in (noted.get(name), value))
            raise InvalidInputError(f"{name} of {owner} must be as in its fit, {before}; got {now}. {remedy}")


def _parameters(model: Any) -> dict[str, Any]:
    """Return the parameters that a fit reads, those of parts as ``part__name``."""
    free = (*getattr(type(model), "read_when_scoring", ()), *_OF_THE_FIT)
    found = model.get_params(deep=_copies_parts(model))
    return {name: value for name, value in found.items() if name not in free}


def _copies_parts(model: Any) -> bool:
    """Return whether a fit fits copies of the model's parts, so that a change in these does not reach them."""
    return bool(getattr(type(model), "copies_parts", True))


def _kept(model: Any, value: Any) -> Any:
    """Return what a parameter is compared with: parts by their class, what can be changed in place by a copy."""
    if hasattr(value, "get_params"):
        return type(value) if _copies_parts(model) else value
    return copy.copy(value) if isinstance(value, dict | list | set | np.ndarray) else value


def _same(noted: Any, value: Any) -> bool:
    if noted is value or (hasattr(value, "get_params") and type(value) is noted):
        return True
    if type(noted) is not type(value):
        return isinstance(noted, int | float) and isinstance(value, int | float) and noted == value
    if isinstance(value, np.ndarray):
        return np.array_equal(noted, value)
    if hasattr(value, "get_params"):
        return False
    try:
        return bool(noted == value) or bool(noted != noted)
    except (TypeError, ValueError):  # of arrays in a tuple: not to be told
        return True


def _in_a_line(value: Any) -> str:
    text = value.__name__ if isinstance(value, type) else " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
