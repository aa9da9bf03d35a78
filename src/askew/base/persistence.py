"""Saving and loading detectors: class name, parameters and fitted arrays in one safe file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from askew import files, index
from askew.base.facts import Facts
from askew.base.preparation.image_rows import ImageInput
from askew.base.preparation.table_rows import TableInput
from askew.errors import AskewError, InvalidInputError, ModelFileError
from askew.training.config import Training

if TYPE_CHECKING:
    from askew.base.detector import Detector
    from askew.base.explanation import Explanation
    from askew.base.image_explanation import ImageExplanation

Packed: TypeAlias = "tuple[dict[str, Any], dict[str, NDArray[Any]]]"

_CUSTOM = {"custom": True}
"""Stands in the file for a parameter that only code can make, such as a network factory."""

_OF_THE_FIT = ("checkpoint", "checkpoint_every")
"""Settings of training that say nothing about the model."""

CHECKPOINT = "checkpoint"
"""Stands for the class in the file of a fit that is not finished."""


class Wrapper(ABC):
    """A model around a fitted model, such as a threshold; it is saved and loaded with what is inside."""

    name: ClassVar[str]
    """Its key in :func:`askew.index.wrappers`."""

    @property
    @abstractmethod
    def inner(self) -> Any:
        """The model inside, a detector or another wrapper."""

    @abstractmethod
    def _pack(self) -> Packed:
        """Return what :meth:`_unpack` needs; the model inside goes through :func:`pack` and :func:`nested`."""

    @classmethod
    @abstractmethod
    def _unpack(cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]], **parameters: Any) -> Any:
        """Return the wrapper that :meth:`_pack` took apart; `parameters` go to the detector inside."""

    def explain(self, X: Any, **options: Any) -> Explanation | ImageExplanation:
        """Say which features drove the scores of the rows X; see :func:`askew.explain.explain` for the options."""
        return index.model_method_named("explain")(self, X, **options)  # type: ignore[no-any-return]

    def save(self, path: str | Path) -> None:
        """Write the wrapper and the model inside to one file, without pickle."""
        save(self, path)


def save(model: Detector | Wrapper, path: str | Path) -> None:
    """Write a fitted detector, or a wrapper around one, to `path`.

    The file holds JSON and arrays. A custom network's weights are in it, its code is not: give ``network=``
    to :func:`load`. A ``random_state`` that is a generator is saved as None.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    """
    header, arrays = pack(model)
    files.write(path, header, arrays)


def pack(model: Detector | Wrapper) -> Packed:
    """Return all of a fitted model as a JSON-able header, whose ``class`` says what it is, and arrays.

    A wrapper packs the model inside it in the same way.
    """
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(model, "offset_")
    if isinstance(model, Wrapper):
        header, arrays = model._pack()
        return {"class": model.name, **header}, arrays
    fitted, arrays = fitted_state(model)
    return {"class": model.name, "parameters": parameters_of(model), **fitted}, arrays


def unpack(header: dict[str, Any], arrays: dict[str, NDArray[Any]], **parameters: Any) -> Any:
    """Return the model that :func:`pack` took apart, with `parameters` that only code can make.

    Raises
    ------
    ModelFileError
        If it is of an unknown class, or needs a parameter, or has none of that name.
    """
    name = header["class"]
    if name == CHECKPOINT:
        raise ModelFileError(
            "this is the checkpoint of a fit that is not finished. Fit again with it as training__checkpoint, "
            "on the same data."
        )
    if name in index.wrappers():
        return index.wrapper_class(name)._unpack(header, arrays, **parameters)
    if name not in index.entries():
        raise ModelFileError(f"the model is a {name!r}, which this askew does not have. Upgrade askew.")
    detector = index.detector_class(name)(**_given(dict(header["parameters"]), parameters))
    detector._check_parameters()
    set_fitted_state(detector, header, arrays)
    return detector


def _given(saved: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
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


def nested(prefix: str, packed: Packed) -> Packed:
    """Return a packed part as an entry of its whole: the header under `prefix`, the arrays' names behind it."""
    header, arrays = packed
    return {prefix: header}, {f"{prefix}.{key}": array for key, array in arrays.items()}


def part_of(prefix: str, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Packed:
    """Return the packed part that :func:`nested` put into a whole."""
    lead = f"{prefix}."
    return header[prefix], {k.removeprefix(lead): array for k, array in arrays.items() if k.startswith(lead)}


def unwrap(model: Any) -> Detector:
    """Return the detector inside any number of wrappers, or `model` itself."""
    while isinstance(model, Wrapper):
        model = model.inner
    return cast("Detector", model)


def require_table(model: Any, what: str, *, or_images: bool = False) -> None:
    """Raise InvalidInputError unless the detector inside `model`, called `what`, takes tables (`or_images`)."""
    detector = unwrap(model)
    kind = getattr(detector, "input_kind", "table")
    if kind == "table" and (or_images or getattr(detector, "takes_tables", True)):
        return
    takes = "images alone" if kind == "table" else f"a list of {kind}s"
    raise InvalidInputError(
        f"{what} must be a detector of tables; got {type(detector).__name__}, which takes {takes}. "
        f"Use its own fit, score_samples and predict."
    )


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
        "facts": detector.facts_.as_dict() if detector.facts_ is not None else None,
        "fitted": values,
    }
    if (shape := getattr(detector, "image_shape_", None)) is not None:
        header["images"] = {"shape": list(shape), "bytes": detector.image_bytes_}
    if (others := getattr(detector, "other_columns_", None)) is not None:
        header["other_columns"] = list(others)
    return header, arrays


def set_fitted_state(detector: Detector, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    """Give a new detector of equal parameters what :func:`fitted_state` returned."""
    detector.n_features_in_ = header["n_features_in"]
    images = header.get("images")  # models of tables have none
    detector._input = (
        TableInput(detector.n_features_in_)
        if images is None
        else ImageInput().know(tuple(images["shape"]), bool(images["bytes"]))
    )
    if header["feature_names_in"] is not None:
        detector.feature_names_in_ = np.asarray(header["feature_names_in"], dtype=object)
    if "other_columns" in header:
        detector.other_columns_ = tuple(header["other_columns"])
    detector._set_state(header["fitted"], arrays)
    detector.offset_ = float(header["offset"])
    facts = header.get("facts")  # files of askew 0.1.0 have none
    detector.facts_ = None if facts is None else Facts.from_dict(facts)


def load(path: str | Path, **parameters: Any) -> Any:
    """Return the detector or wrapper that :func:`save` wrote to `path`, ready to score; no code from the file runs.

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
        return unpack(header, arrays, **parameters)
    except ModelFileError as error:
        raise ModelFileError(f"{str(path)!r}: {error}") from error
    except AskewError:
        raise
    except (KeyError, TypeError, AttributeError, RuntimeError, ValueError) as error:
        raise ModelFileError(
            f"{str(path)!r} does not fit this version of askew ({error}). Save it anew."
        ) from error


def parameters_of(detector: Detector) -> dict[str, Any]:
    """Return a detector's parameters as a file holds them: JSON-able, with a stand-in for what only code can make.

    Where its training kept its state is none of them.
    """
    found = {key: _plain(key, value) for key, value in detector.get_params(deep=False).items()}
    return {k: None if k in detector.fit_only and v == _CUSTOM else v for k, v in found.items()}


def _plain(key: str, value: Any) -> Any:
    """Return a JSON-able stand-in of one parameter."""
    from askew.base.detector import Detector

    if isinstance(value, Detector):
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
