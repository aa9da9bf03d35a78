"""A detector as values and arrays, as its file holds it: its parameters, and what it has learned."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew import index
from askew.base.facts import Facts
from askew.base.fitted_parameters import remember_parameters
from askew.base.persistence import Model, Packed, nested, part_of
from askew.base.preparation.image_rows import ImageInput
from askew.base.preparation.mixed_rows import MixedInput
from askew.base.preparation.table_rows import TableInput
from askew.errors import ModelFileError
from askew.inputs.mixed_tables import TablePreparation
from askew.training.config import Training

_CUSTOM = {"custom": True}
"""Stands in the file for a parameter that only code can make, such as a network factory."""

_OF_THE_FIT = ("checkpoint", "checkpoint_every")
"""Settings of training that say nothing about the model; a file that has them does not say where we write."""


def parameters_of(detector: Any) -> dict[str, Any]:
    """Return a detector's parameters, JSON-able, with a stand-in for what only code can make."""
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
    plain = int | float | str | np.generic
    if isinstance(value, tuple | list) and all(isinstance(item, plain) for item in value):
        return [_plain(key, item) for item in value]
    return _CUSTOM


def _rich(value: Any) -> Any:
    """Return the parameter that a JSON value stands for."""
    if isinstance(value, dict) and "detector" in value:
        inner = {k: _rich(v) for k, v in value["parameters"].items()}
        return index.detector_class(value["detector"])(**inner)
    if isinstance(value, dict) and "training" in value:
        given = {k: _rich(v) for k, v in value["training"].items() if k not in _OF_THE_FIT}
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


def fitted_state(detector: Any) -> Packed:
    """Return all that `detector` holds beside its parameters; one that is made of others saves each of them so."""
    values, arrays = detector._state()
    names = getattr(detector, "feature_names_in_", None)
    header = {
        "n_features_in": detector.n_features_in_,
        "feature_names_in": None if names is None else [str(name) for name in names],
        "offset": detector.offset_,
        "facts": detector.facts_.as_dict() if detector.facts_ is not None else None,
        "fitted": values,
    }
    if (shape := getattr(detector, "image_shape_", None)) is not None:
        header["images"] = {"shape": list(shape), "bytes": detector.image_bytes_}
    if (others := getattr(detector, "other_columns_", None)) is not None:
        header["other_columns"] = list(others)
    if (file := getattr(detector, "training_file_", None)) is not None:
        header["training_file"] = file
    if (preparation := getattr(detector, "preparation_", None)) is not None:
        columns, own = nested("preparation", preparation.state())
        header, arrays = header | columns, arrays | own
    if detector.columns_summary_ is not None:
        summary, own = nested("columns_summary", detector.columns_summary_)
        header, arrays = header | summary, arrays | own
    return header, arrays


def set_fitted_state(detector: Any, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    """Give a new detector of equal parameters what :func:`fitted_state` returned."""
    detector.n_features_in_ = _n_features(header, arrays)
    detector._input = TableInput(detector.n_features_in_)
    if (images := header.get("images")) is not None:  # models of tables have none
        detector._input = ImageInput().know(tuple(images["shape"]), bool(images["bytes"]))
    if "preparation" in header:  # of a table of more than numbers
        detector._input = MixedInput()
        detector._input.know(TablePreparation.from_state(*part_of("preparation", header, arrays)))
    if header["feature_names_in"] is not None:
        detector.feature_names_in_ = np.asarray(header["feature_names_in"], dtype=object)
    if "other_columns" in header:
        detector.other_columns_ = tuple(header["other_columns"])
    if "columns_summary" in header:
        detector.columns_summary_ = part_of("columns_summary", header, arrays)
    detector.training_file_ = header.get("training_file")  # models that Python fitted have none
    detector._set_state(header["fitted"], arrays)
    detector.offset_ = _offset(header["offset"])
    facts = header.get("facts")  # files of askew 0.1.0 have none
    detector.facts_ = None if facts is None else Facts.from_dict(facts)
    remember_parameters(detector)


def _n_features(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> int:
    """Return how many columns a model takes; raise ValueError if that cannot be, or if their names are others."""
    n, names, images = header["n_features_in"], header["feature_names_in"], header.get("images")
    if type(n) is not int or not 1 <= n <= max(sum(array.size for array in arrays.values()), 1):
        raise ValueError(f"its columns are {n!r:.40}")
    if names is not None:
        several = isinstance(names, list) and len(names) == n == len(set(map(str, names)))
        if not several or not all(isinstance(name, str) for name in names):
            raise ValueError(f"the names of its {n} columns are not {n} different texts")
    if images is not None:
        shape = images["shape"]
        if (
            len(shape) != 3
            or any(type(side) is not int or side < 1 for side in shape)
            or math.prod(shape) != n
        ):
            raise ValueError(f"its images are of shape {shape!r:.40}")
    return n


def _offset(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"its offset is {value!r:.40}")
    return float(value)
