"""Models in files: what every model is, a detector or a wrapper around one, and how it is saved and loaded."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from askew import files, index
from askew.base.explanation import Explanation
from askew.base.fitted_parameters import require_fitted
from askew.base.image_explanation import ImageExplanation
from askew.errors import AskewError, ModelFileError

Packed: TypeAlias = "tuple[dict[str, Any], dict[str, NDArray[Any]]]"

CHECKPOINT = "checkpoint"
"""Stands for the class in the file of a fit that is not finished."""


_LARGEST = 2**64
_LONGEST = 300
"""Characters of another library's message that a refusal shows."""


class Model(ABC):
    """A detector, or a wrapper around one: it can be explained and saved."""

    name: ClassVar[str]
    """Short name, by which the index finds its class; files carry it."""

    def explain(self, X: Any, **options: Any) -> Explanation | ImageExplanation:
        """Say which features drove the scores of the rows X; see :func:`askew.explain.explain` for the options."""
        return index.model_method_named("explain")(self, X, **options)  # type: ignore[no-any-return]

    def save(self, path: str | Path) -> None:
        """Write the fitted model, and the model inside it, to `path`, without pickle.

        The file holds JSON and arrays. A custom network's weights are in it, its code is not: give ``network=``
        to :func:`askew.load`. A ``random_state`` that is a generator is saved as None.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        """
        files.write(path, *pack(self))

    @abstractmethod
    def _pack(self) -> Packed:
        """Return what :meth:`_unpack` needs; a model inside goes through :func:`pack` and :func:`nested`."""

    @classmethod
    @abstractmethod
    def _unpack(cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]], **parameters: Any) -> Any:
        """Return the model that :meth:`_pack` took apart; `parameters` are those that only code can make."""

    @abstractmethod
    def _try_out(self) -> None:
        """Raise an error if the parts of a model that was loaded do not fit together."""


def pack(model: Any) -> Packed:
    """Return all of a fitted model as a JSON-able header, whose ``class`` says what it is, and arrays."""
    require_fitted(model)
    header, arrays = model._pack()
    return {"class": model.name, **header}, arrays


def unpack(header: dict[str, Any], arrays: dict[str, NDArray[Any]], **parameters: Any) -> Any:
    """Return the model that :func:`pack` took apart, with `parameters` that only code can make."""
    name = header["class"]
    if name == CHECKPOINT:
        raise ModelFileError(
            "this is the checkpoint of a fit that is not finished. Fit again with it as training__checkpoint, "
            "on the same data."
        )
    kind = index.model_class(name)
    if kind is None:
        raise ModelFileError(f"the model is a {name!r}, which this askew does not have. Upgrade askew.")
    return kind._unpack(header, arrays, **parameters)


def nested(prefix: str, packed: Packed) -> Packed:
    """Return a packed part as an entry of its whole: the header under `prefix`, the arrays' names behind it."""
    header, arrays = packed
    return {prefix: header}, {f"{prefix}.{key}": array for key, array in arrays.items()}


def part_of(prefix: str, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Packed:
    """Return the packed part that :func:`nested` put into a whole."""
    lead = f"{prefix}."
    return header[prefix], {k.removeprefix(lead): array for k, array in arrays.items() if k.startswith(lead)}


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
    for what in _unusable(header, arrays):
        raise ModelFileError(
            f"{str(path)!r} must hold numbers to score with; its {what}. Use the original file, or fit anew."
        )
    try:
        model = unpack(header, arrays, **parameters)
        model._try_out()
        return model
    except ModelFileError as error:
        raise ModelFileError(f"{str(path)!r}: {error} {files.other_versions(header)}".rstrip()) from error
    except AskewError:
        raise
    except (
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        RuntimeError,
        ValueError,
        ArithmeticError,
    ) as error:
        reason = " ".join(str(error).partition("\n")[0].split())[:_LONGEST]
        unfit = f"{str(path)!r} does not fit this version of askew ({reason})."
        raise ModelFileError(
            " ".join(f"{unfit} {files.other_versions(header)}".split()) + " Fit it anew."
        ) from error


def _unusable(header: Any, arrays: dict[str, NDArray[Any]]) -> Iterator[str]:
    """Yield where a header has no number, and which arrays have a NaN, or are learned and infinite."""
    rest = [("header", header)]
    while rest:  # a loop: the depth is the file's
        name, value = rest.pop()
        if isinstance(value, dict):
            rest += [(str(key), each) for key, each in value.items()]
        elif isinstance(value, list):
            rest += [(name, each) for each in value]
        elif isinstance(value, float) and value != value:
            yield f"{name} is NaN"
        elif isinstance(value, int) and abs(value) > _LARGEST:
            yield f"{name} is a number beyond 2**64"
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            if np.isnan(array).any():
                yield f"array {name!r} has a NaN"
            elif "member." in name:
                yield f"array {name!r} has an infinite weight"
