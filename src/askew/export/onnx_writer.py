"""to_onnx: a fitted model -> one ONNX file, and the check that both give the same scores."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from askew import index
from askew.base import DeepDetector, Detector
from askew.base.fitted_parameters import require_fitted
from askew.base.prepared import RawColumns, raw_columns
from askew.base.wrapper import unwrap
from askew.errors import ExportError
from askew.export.example_rows import example_rows
from askew.export.graph import Graph
from askew.export.network_graph import network_codes, network_scores
from askew.export.onnx_model import KEY, OnnxModel
from askew.export.table_preparation import prepared_numbers
from askew.inputs import atomic_path, check_writable

if TYPE_CHECKING:
    import onnx

TOLERANCE = 1e-5
"""Largest difference between the file's scores and the model's, as a share of the spread and size of scores."""


class Parity(NamedTuple):
    """What the check of an exported file found.

    Attributes
    ----------
    n_rows : int
        Rows that both scored.
    largest : float
        Largest difference of scores, divided by their standard deviation plus their own size.
    """

    n_rows: int
    largest: float


def to_onnx(model: Any, path: str | Path, X: Any = None) -> Parity:
    """Write a fitted model, with all of its wrappers, to one ONNX file that gives the same scores.

    The file holds preparation, scaling, all members and the threshold. Its input is ``X``, (rows, features)
    float64, in the order of the features; for a model that prepares mixed tables one input
    ``column:<name>``, (rows, 1), per raw column: float64 for numbers (NaN is missing), 0 and 1, and dates
    (microseconds since 1970); text for words ("" is missing); for a model of images ``X`` is (rows, channels, height,
    width), uint8 or float64 as it was fitted. The number of rows is free. Its outputs, (rows,)
    each, are ``score`` and ``anomaly_score`` (float64) and ``prediction`` (int64, -1 or +1). Networks compute in
    float32, all else in float64.

    Before the file is written, it scores rows, and is refused unless its scores are the model's, up to 1e-5 of
    their standard deviation plus their own size, and its predictions too, but for rows nearer to the threshold
    than that.

    Parameters
    ----------
    model : fitted detector or wrapper
    path : path
        The file; an older one is replaced once the new one is whole.
    X : array or DataFrame, optional
        Rows or images for the check, best those of training. Default: 512 rows like those that the model remembers.

    Returns
    -------
    Parity
        How many rows were compared and the largest difference.

    Raises
    ------
    ExportError
        If the method has no ONNX form, or the check fails; nothing is written.
    MissingDependencyError
        If onnx, onnxscript or onnxruntime are not installed.

    Examples
    --------
    >>> import tempfile
    >>> from askew import LogisticRegression
    >>> from askew.export import load_onnx
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> X[:4] += 3.0
    >>> detector = LogisticRegression().fit(X, np.r_[-np.ones(4), np.zeros(76)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     parity = to_onnx(detector, f"{folder}/model.onnx", X)
    ...     scores = load_onnx(f"{folder}/model.onnx").score_samples(X)
    >>> bool(np.allclose(scores, detector.score_samples(X))), parity.n_rows
    (True, 80)
    """
    require_fitted(model)
    check_writable(Path(path), sources=[])
    _refuse_together(model)
    content = _model(model).SerializeToString()
    rows = example_rows(model) if X is None else X
    parity = _compared(model, OnnxModel(content), rows)
    with atomic_path(Path(path)) as temporary:
        temporary.write_bytes(content)
    return parity


def _refuse_together(model: Any) -> None:
    """Refuse thresholds that judge rows together: an ONNX file would judge them one by one."""
    while hasattr(model, "inner"):
        if getattr(model, "needs_all_rows", False):
            raise ExportError(
                f"{type(model).__name__} cannot be written as ONNX: it judges all rows of a table together, and "
                "the file one by one. Use Quantile, AlertBudget or Cost, or export the model inside it."
            )
        model = model.inner


def _model(model: Any) -> onnx.ModelProto:
    graph, detector, raw = DetectorGraph(), unwrap(model), raw_columns(model)
    if detector.image_shape_ is not None:
        rows = _pixels(graph, detector)
    elif raw is None:
        rows = graph.input("X", "double", detector.n_features_in_)
    else:
        rows = prepared_numbers(graph, raw.preparation)
    score = graph.score(detector, rows)
    # a row whose score is no number is far away, as in the model itself
    score = graph.add("Where", graph.add("IsNaN", score), graph.constant(-np.inf), score)
    passes = graph.add("GreaterOrEqual", score, graph.constant(float(model.offset_)))
    prediction = graph.add("Where", passes, graph.constant(1), graph.constant(-1))
    graph.output("score", score, "double")
    graph.output("anomaly_score", graph.add("Neg", score), "double")
    graph.output("prediction", prediction, "int64")
    return graph.model({KEY: json.dumps(_about(model, detector, raw))})


def _pixels(graph: Graph, detector: Detector) -> str:
    """Add the input of images and return flat rows of pixels as the detector takes them."""
    kind = "uint8" if detector.image_bytes_ else "double"
    images = graph.input("X", kind, *(detector.image_shape_ or ()))
    rows = graph.add("Reshape", images, graph.constant(np.array([-1, detector.n_numbers_])))
    if detector.keeps_bytes or not detector.image_bytes_:
        return rows
    return graph.add("Div", graph.cast(rows, "double"), graph.constant(255.0))


class DetectorGraph(Graph):
    """A graph to which detectors add their scores."""

    def score(self, detector: Detector, rows: str) -> str:
        """Add a detector's score, (rows,) float64."""
        if isinstance(detector, DeepDetector):
            return network_scores(self, detector, rows)
        if type(detector)._add_score is Detector._add_score:
            classes = [index.detector_class(name) for name in index.tabular()]
            able = [each.name for each in classes if each._add_score is not Detector._add_score]
            raise ExportError(
                f"{type(detector).__name__} cannot be written as ONNX: nobody has written its score as ONNX "
                f"operations. Deploy the file that save() writes, or use one of: {', '.join(able)} or a network."
            )
        return detector._add_score(self, rows)

    def codes(self, detector: DeepDetector, rows: str) -> str:
        """Add the code of each row by a deep detector, (rows, code) float64."""
        return network_codes(self, detector, rows)


def _about(model: Any, detector: Detector, raw: RawColumns | None) -> dict[str, Any]:
    """Return what the file says of itself."""
    import askew

    names = getattr(detector, "feature_names_in_", None) if raw is None else raw.names
    about: dict[str, Any] = {
        "version": askew.__version__,
        "detector": detector.name,
        "n_features_in": int(model.n_features_in_),
        "features": None if names is None else [str(name) for name in names],
        "offset": float(model.offset_),
    }
    if detector.image_shape_ is not None:
        about["images"] = {"shape": list(detector.image_shape_), "bytes": detector.image_bytes_}
    if raw is None:
        others = getattr(detector, "other_columns_", None)
        return about | {"other_columns": None if others is None else [str(name) for name in others]}
    values, arrays = raw.preparation.state()
    packed = {
        key: [str(array.dtype), base64.b64encode(array.tobytes()).decode()] for key, array in arrays.items()
    }
    own = {"extra": raw.extra, "other_columns": list(raw.other_columns)}
    return about | own | {"preparation": [values, packed]}


def _compared(model: Any, exported: OnnxModel, X: Any) -> Parity:
    """Return how far the two are apart, or raise ExportError if that is too far."""
    wanted, outputs = model.score_samples(X), exported.run(X)
    finite = np.isfinite(wanted)
    spread = float(wanted[finite].std()) if finite.any() else 0.0
    scale = spread + np.abs(wanted[finite])
    scale[scale == 0] = 1.0
    apart = np.abs(outputs["score"][finite] - wanted[finite]) / scale
    largest = float(apart.max(initial=0.0))
    same = np.array_equal(outputs["score"][~finite], wanted[~finite])
    sure = np.abs(wanted - model.offset_) > TOLERANCE * (spread + np.abs(wanted))
    agree = np.array_equal(outputs["prediction"][sure], np.where(wanted >= model.offset_, 1, -1)[sure])
    if not (largest <= TOLERANCE and same and agree):
        raise ExportError(
            f"{type(unwrap(model)).__name__} cannot be written as ONNX: the file's scores differ from the model's "
            f"by up to {largest:.2g} of their scale over {len(wanted)} rows (allowed: {TOLERANCE:g}). "
            "Deploy the file that save() writes."
        )
    return Parity(len(wanted), largest)
