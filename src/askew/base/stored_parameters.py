"""Constructor parameters as the file of a model holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from askew import index
from askew.base.persistence import Model
from askew.errors import ModelFileError
from askew.training.config import Training

_CUSTOM = {"custom": True}
"""Stands in the file for a parameter that only code can make, such as a network factory."""

_OF_THE_FIT = ("checkpoint", "checkpoint_every")
"""Settings of training that say nothing about the model."""


def parameters_of(detector: Any) -> dict[str, Any]:
    """Return a detector's parameters as a file holds them: JSON-able, with a stand-in for what only code can make.

    Where its training kept its state is none of them.
    """
    found = {key: _plain(key, value) for key, value in detector.get_params(deep=False).items()}
    return {k: None if k in detector.fit_only and v == _CUSTOM else v for k, v in found.items()}


def _plain(key: str, value: Any) -> Any:
    """Return a JSON-able stand-in of one parameter."""
    if isinstance(value, Model):
        inner = parameters_of(value)
        # what only code can make is asked for as a whole: askew.load(path, encoder=...)
        return _CUSTOM if _CUSTOM in inner.values() else {"detector": value.name, "parameters": inner}
    if isinstance(value, Training):
        given = value.get_params(deep=False)
        return {"training": {k: _plain(k, v) for k, v in given.items() if k not in _OF_THE_FIT}}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    if key == "random_state" and not isinstance(value, int):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list) and all(
        isinstance(item, int | float | str | np.generic) for item in value
    ):
        return [_plain(key, item) for item in value]
    return _CUSTOM


def _rich(value: Any) -> Any:
    """Return the parameter that a JSON value stands for."""
    if isinstance(value, dict) and "detector" in value:
        inner = {k: _rich(v) for k, v in value["parameters"].items()}
        return index.detector_class(value["detector"])(**inner)
    if isinstance(value, dict) and "training" in value:
        given: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in value["training"].items()
        }
        return Training(**given)
    return tuple(value) if isinstance(value, list) else value


def given_parameters(saved: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return constructor parameters: the saved ones, with what only code can make taken from `parameters`."""
    for key in [key for key, value in saved.items() if value == _CUSTOM]:
        if key not in parameters:
            raise ModelFileError(
                f"the model was saved with a custom {key}, whose code is not in the file. "
                f"Give it again: askew.load(path, {key}=...)."
            )
    if unknown := sorted(set(parameters) - set(saved)):
        raise ModelFileError(f"the model has no parameter {unknown}. It has {sorted(saved)}.")
    return {key: parameters.get(key, _rich(value)) for key, value in saved.items()}
