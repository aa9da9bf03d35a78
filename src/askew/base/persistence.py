"""Saving and loading detectors: class name, parameters and fitted arrays in one safe file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from askew import files, index
from askew.errors import AskewError, ModelFileError
from askew.training.config import Training

if TYPE_CHECKING:
    from askew.base.detector import Detector

_CUSTOM = {"custom": True}
"""Stands in the file for a parameter that only code can make, such as a network factory."""


def save(detector: Detector, path: str | Path) -> None:
    """Write a fitted `detector` to `path`.

    The file holds JSON and arrays. A custom network's weights are in it, its code is not: give ``network=``
    to :func:`load`. A ``random_state`` that is a generator is saved as None.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the detector is not fitted.
    """
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(detector, "offset_")
    fitted, arrays = fitted_state(detector)
    header = {
        "class": detector.name,
        "parameters": _parameters(detector),
        **fitted,
    }
    files.write(path, header, arrays)


def fitted_state(detector: Detector) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return all that `detector` holds beside its parameters: JSON-able values, and arrays.

    A detector that is made of others saves each of them so.
    """
    values, arrays = detector._state()
    names = getattr(detector, "feature_names_in_", None)
    header = {
        "n_features_in": detector.n_features_in_,
        "feature_names_in": None if names is None else [str(name) for name in names],
        "offset": detector.offset_,
        "fitted": values,
    }
    return header, arrays


def set_fitted_state(detector: Detector, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    """Give a new detector of equal parameters what :func:`fitted_state` returned."""
    detector.n_features_in_ = header["n_features_in"]
    if header["feature_names_in"] is not None:
        detector.feature_names_in_ = np.asarray(header["feature_names_in"], dtype=object)
    detector._set_state(header["fitted"], arrays)
    detector.offset_ = float(header["offset"])


def load(path: str | Path, **parameters: Any) -> Detector:
    """Return the detector that :func:`save` wrote to `path`, ready to score; no code from the file runs.

    Parameters
    ----------
    path : path
        A file written by ``Detector.save``.
    **parameters
        What the file cannot hold: ``network=`` for a model with a custom network.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, edited, foreign, of a newer format, or needs a parameter.
    InvalidInputError
        If a parameter is not possible here, such as a ``device`` that this machine does not have; give another.
    """
    header, arrays = files.read(path)
    try:
        name, saved = header["class"], dict(header["parameters"])
        if name not in index.entries():
            raise ModelFileError(
                f"{str(path)!r} holds a {name!r}, which this askew does not have. Upgrade askew."
            )
        for key in [key for key, value in saved.items() if value == _CUSTOM]:
            if key not in parameters:
                raise ModelFileError(
                    f"{str(path)!r} was saved with a custom {key}, whose code is not in the file. "
                    f"Give it again: askew.load(path, {key}=...)."
                )
        for key, value in saved.items():
            saved[key] = parameters.pop(key, _rich(value))
        if parameters:
            raise ModelFileError(
                f"{str(path)!r} has no parameter {sorted(parameters)}. It has {sorted(saved)}."
            )
        detector = index.detector_class(name)(**saved)
        detector._check_parameters()
        set_fitted_state(detector, header, arrays)
    except AskewError:
        raise
    except (KeyError, TypeError, AttributeError, RuntimeError, ValueError) as error:
        raise ModelFileError(
            f"{str(path)!r} does not fit this version of askew ({error}). Save it anew."
        ) from error
    return detector


def _parameters(detector: Detector) -> dict[str, Any]:
    return {key: _plain(key, value) for key, value in detector.get_params(deep=False).items()}


def _plain(key: str, value: Any) -> Any:
    """Return a JSON-able stand-in of one parameter."""
    from askew.base.detector import Detector

    if isinstance(value, Detector):
        inner = _parameters(value)
        # what only code can make is asked for as a whole: askew.load(path, encoder=...)
        return _CUSTOM if _CUSTOM in inner.values() else {"detector": value.name, "parameters": inner}
    if isinstance(value, Training):
        return {"training": {k: _plain(k, v) for k, v in value.get_params(deep=False).items()}}
    if isinstance(value, np.generic):
        return value.item()
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
