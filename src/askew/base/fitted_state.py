"""What a fitted detector holds beside its parameters, as values and arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.base.facts import Facts
from askew.base.preparation.image_rows import ImageInput
from askew.base.preparation.table_rows import TableInput


def fitted_state(detector: Any) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
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


def set_fitted_state(detector: Any, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
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
