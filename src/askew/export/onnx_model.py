"""An ONNX file as a model: what `askew score` needs of it, through onnxruntime alone."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError, MissingDependencyError, ModelFileError, must
from askew.export.onnx_guard import check_onnx
from askew.export.table_preparation import fed, input_name
from askew.inputs import match_columns, to_matrix
from askew.inputs.in_memory import image_rows, is_images, to_arrow
from askew.inputs.mixed_columns import Novelties
from askew.inputs.mixed_tables import TablePreparation
from askew.inputs.spec import ImageSpec

Scores = NDArray[np.float64]

KEY = "askew"
"""Where the file's metadata says what it is."""

_ROWS_AT_ONCE = 4096
_IMAGES_AT_ONCE = 256


class OnnxModel:
    """A scorer that :func:`askew.export.to_onnx` wrote; it cannot be fitted, saved or explained.

    Parameters
    ----------
    source : bytes or path
        The ONNX file or its content.

    Attributes
    ----------
    about : dict
        What the file says of itself: ``version`` of askew, ``detector`` (short name), ``features``, ``offset``, ...
    n_features_in_, feature_names_in_ : int, array of str
        The names only if the model was fitted on columns with names.
    preparation_ : TablePreparation
        Only if the model prepares mixed tables: the raw columns that it takes.
    image_shape_, image_bytes_ : (int, int, int) or None, bool
        (channels, height, width) of a model of images, and whether it takes uint8 pixels.
    offset_ : float
        The score under which `predict` flags a row.

    Raises
    ------
    ModelFileError
        If it is missing, damaged, or not a model of askew.
    MissingDependencyError
        If onnxruntime is not installed.
    """

    def __init__(self, source: bytes | str | Path) -> None:
        self._session = _session(source)
        text = self._session.get_modelmeta().custom_metadata_map.get(KEY)
        if text is None:
            raise ModelFileError(
                "the ONNX file is not a model of askew. Give a file that askew export wrote."
            )
        try:
            self._read_about(json.loads(text))
        except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
            raise ModelFileError(
                f"the ONNX file says of itself what cannot be read ({type(error).__name__}: {error}). Export it anew."
            ) from error

    def _read_about(self, about: dict[str, Any]) -> None:
        """Take what the file says of itself."""
        self.about = about
        self.offset_ = float(about["offset"])
        if self.offset_ != self.offset_:
            raise ValueError("its offset is NaN")
        self.n_features_in_ = int(about["n_features_in"])
        images = about.get("images")  # models of tables have none
        self.image_shape_: tuple[int, int, int] | None = None if images is None else tuple(images["shape"])
        self.image_bytes_ = images is not None and bool(images["bytes"])
        if about["features"] is not None:
            self.feature_names_in_ = np.asarray(about["features"], dtype=object)
        self.other_columns_ = about["other_columns"]
        if "preparation" in about:
            self.preparation_ = _preparation(*about["preparation"])

    def run(self, X: Any) -> dict[str, NDArray[Any]]:
        """Return ``score``, ``anomaly_score`` (float64) and ``prediction`` (int64) of every row, (n_rows,) each.

        X is an array or DataFrame (n_rows, n_features), whose columns are taken by name if the model has names, or
        images (n_images, channels, height, width). A column that is missing, a cell that is not a finite number, or
        images that are not like those of training raise InvalidInputError.
        """
        feed = self._columns(X) if hasattr(self, "preparation_") else {"X": self._numbers(X)}
        names = [output.name for output in self._session.get_outputs()]
        n_rows = len(next(iter(feed.values())))
        size = _ROWS_AT_ONCE if self.image_shape_ is None else _IMAGES_AT_ONCE
        parts = [
            self._session.run(names, {key: rows[start : start + size] for key, rows in feed.items()})
            for start in range(0, n_rows, size)
        ]
        return {name: np.concatenate(values) for name, *values in zip(names, *parts, strict=True)}

    def score_samples(self, X: Any) -> Scores:
        """Return how normal each row is: (n_rows,) float64, higher = more normal."""
        return self.run(X)["score"]

    def decision_function(self, X: Any) -> Scores:
        """Return ``score_samples(X) - offset_``: (n_rows,) float64, negative = flagged."""
        return self.score_samples(X) - self.offset_

    def anomaly_score(self, X: Any) -> Scores:
        """Return how anomalous each row is: ``-score_samples(X)``."""
        return self.run(X)["anomaly_score"]

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return +1 for rows that pass and -1 for rows that are flagged, (n_rows,)."""
        return self.run(X)["prediction"]

    def novelties(self, X: Any) -> Novelties:
        """Return what X has and the training rows had not, of a model that prepares mixed tables."""
        return self.preparation_.novelties(X)

    @property
    def extra(self) -> str:
        """``"refuse"`` or ``"ignore"`` columns that the training table did not have."""
        return str(self.about.get("extra", "refuse"))

    @property
    def other_columns(self) -> tuple[str, ...]:
        """Columns beside the features that a new table may have."""
        return tuple(self.other_columns_ or ())

    def _columns(self, X: Any) -> dict[str, NDArray[Any]]:
        """Return the raw columns of X as the inputs take them."""
        where = "X of OnnxModel"
        table = to_arrow(X, "OnnxModel")
        self.preparation_.match(table.schema, where, self.extra, self.other_columns)
        return {
            input_name(column.name): fed(column, column.brought(table.column(column.name), where))
            for column in self.preparation_.columns
        }

    def _numbers(self, X: Any) -> NDArray[Any]:
        if self.image_shape_ is not None:
            return self._images(X, self.image_shape_)
        if is_images(X):
            remedy = "Give the columns that the model was fitted on."
            raise InvalidInputError(must("X", "OnnxModel", "a table (n, d)", np.shape(X), remedy))
        matrix = to_matrix(X, "OnnxModel")
        values = matrix.values
        if matrix.names is not None and self.about["features"] is not None:
            wanted = match_columns(self.about["features"], matrix.names, "X of OnnxModel").selected
            values = values[:, [matrix.names.index(name) for name in wanted]]
        if values.shape[1] != self.n_features_in_:
            rule, got = f"{self.n_features_in_} columns", f"{values.shape[1]}"
            remedy = "Give the columns that the model was fitted on."
            raise InvalidInputError(must("X", "OnnxModel", rule, got, remedy))
        return np.ascontiguousarray(values)

    def _images(self, X: Any, shape: tuple[int, int, int]) -> NDArray[Any]:
        """Return images as the input takes them."""
        kind = "uint8" if self.image_bytes_ else "floating-point"
        rule = f"{kind} images (n, {', '.join(map(str, shape))}), like what it was fitted on"
        remedy = "Bring the images to that size and type."
        if not is_images(X):
            raise InvalidInputError(must("X", "OnnxModel", rule, np.shape(X), remedy))
        rows, spec = image_rows(X, "OnnxModel")
        if (rows.dtype == np.uint8, spec) != (self.image_bytes_, ImageSpec(*shape)):
            got = f"{rows.dtype} images {np.shape(X)[1:]}"
            raise InvalidInputError(must("X", "OnnxModel", rule, got, remedy))
        return np.ascontiguousarray(
            rows.reshape(-1, *shape), dtype=np.uint8 if self.image_bytes_ else np.float64
        )


def load_onnx(path: str | Path) -> OnnxModel:
    """Return the model in an ONNX file that :func:`askew.export.to_onnx` wrote, ready to score."""
    if not Path(path).is_file():
        raise ModelFileError(f"model file {str(path)!r} does not exist. Check the path.")
    try:
        return OnnxModel(path)
    except ModelFileError as error:
        raise ModelFileError(f"{str(path)!r}: {error}") from error


def _preparation(values: dict[str, Any], packed: dict[str, list[str]]) -> TablePreparation:
    arrays = {
        key: np.frombuffer(base64.b64decode(text), dtype=np.dtype(kind))
        for key, (kind, text) in packed.items()
    }
    return TablePreparation.from_state(values, arrays)


def _session(source: bytes | str | Path) -> Any:
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            "onnxruntime must be installed to score with an ONNX file; it is not. "
            "Run: python -m pip install 'askew[onnx]'"
        ) from error
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    check_onnx(content)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common base but Exception
        raise ModelFileError(
            f"the ONNX model cannot be read ({str(error).splitlines()[0]}). Export it anew."
        ) from error
