"""Scores of the detectors without networks as ONNX operations, all in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble._iforest import _average_path_length

from askew.errors import ExportError
from askew.export.graph import Graph

Rows = NDArray[np.float64]


def scaled(graph: Graph, detector: Any, value: str) -> str:
    """Add the standardised columns, cut off where the detector cuts them off."""
    from askew.families.tabular import LARGEST

    centred = graph.add("Sub", value, graph.constant(detector.column_mean_))
    divided = graph.add("Div", centred, graph.constant(detector.column_scale_))
    return graph.add("Clip", divided, graph.constant(-LARGEST), graph.constant(LARGEST))


def logistic_regression(graph: Graph, detector: Any, value: str) -> str:
    """Add ``-(x @ coef + intercept)``."""
    odds = graph.add("MatMul", scaled(graph, detector, value), graph.constant(detector.coef_[:, None]))
    return graph.vector(graph.add("Neg", graph.add("Add", odds, graph.constant(detector.intercept_))))


def kde(graph: Graph, detector: Any, value: str) -> str:
    """Add the log-density of Gaussian kernels around the training rows."""
    h, (n, d) = detector.bandwidth_, detector.rows_.shape
    distances = _squared_distances(graph, scaled(graph, detector, value), detector.rows_)
    logs = graph.add("Mul", distances, graph.constant(-0.5 / h**2))
    total = graph.add("ReduceLogSumExp", logs, graph.constant(np.array([1])), keepdims=0)
    norm = math.log(n) + d * (math.log(h) + 0.5 * math.log(2 * math.pi))
    return graph.add("Sub", total, graph.constant(norm))


def kernel_ssad(graph: Graph, detector: Any, value: str) -> str:
    """Add the weighted sum of kernels around the support vectors."""
    return _rbf_sum(graph, detector, value, detector.support_, detector.weights_, 0.0)


def oc_svm(graph: Graph, detector: Any, value: str) -> str:
    """Add the weighted sum of kernels around the support vectors, plus the intercept."""
    machine = detector.machine_
    weights, shift = machine.dual_coef_[0], float(machine.intercept_[0])
    return _rbf_sum(graph, detector, value, machine.support_vectors_, weights, shift)


def _rbf_sum(graph: Graph, detector: Any, value: str, points: Rows, weights: Rows, shift: float) -> str:
    distances = _squared_distances(graph, scaled(graph, detector, value), points)
    kernel = graph.add("Exp", graph.add("Mul", distances, graph.constant(-detector.gamma_)))
    total = graph.add("MatMul", kernel, graph.constant(np.asarray(weights)[:, None]))
    return graph.vector(graph.add("Add", total, graph.constant(shift)))


def _squared_distances(graph: Graph, value: str, points: Rows) -> str:
    """Add the squared distances of rows and points, (rows, points), at least 0."""
    squares = graph.add("ReduceSumSquare", value, graph.constant(np.array([1])))
    both = graph.add("Add", squares, graph.constant((points**2).sum(axis=1)))
    inner = graph.add("MatMul", value, graph.constant(-2.0 * points.T))
    return graph.add("Max", graph.add("Add", both, inner), graph.constant(0.0))


def isolation_forest(graph: Graph, detector: Any, value: str) -> str:
    """Add ``-2 ** (-mean path / usual path)``; rows are compared in float32, as scikit-learn does."""
    forest = detector.forest_
    trees = []
    for tree, columns in zip(forest.estimators_, forest.estimators_features_, strict=True):
        t = tree.tree_
        path = np.asarray(tree.tree_.compute_node_depths(), dtype=np.float64) - 1.0
        path += _average_path_length(t.n_node_samples)
        inner = t.children_left >= 0
        column = np.where(inner, np.asarray(columns)[np.maximum(t.feature, 0)], 0)
        trees.append((t.children_left, t.children_right, column, t.threshold, path))
    usual = float(len(trees) * _average_path_length([forest._max_samples])[0])
    rows = graph.cast(graph.cast(value, "float"), "double")
    path_sum = _tree_sum(graph, rows, trees)
    # trees of one row have no usual length: scikit-learn's exponent is then 1
    exponent = graph.add("Div", path_sum, graph.constant(-usual)) if usual else graph.constant([[-1.0]])
    return graph.vector(graph.add("Neg", graph.add("Pow", graph.constant(2.0), exponent)))


def gradient_boosting(graph: Graph, detector: Any, value: str) -> str:
    """Add minus the raw prediction of scikit-learn's trees."""
    if detector.library != "sklearn":
        raise ExportError(
            'GradientBoosting cannot be written as ONNX with library="catboost". '
            'Use library="sklearn", or deploy the file that save() writes.'
        )
    model = detector.model_
    trees = []
    for (predictor,) in model._predictors:
        nodes = predictor.nodes
        leaf = nodes["is_leaf"].astype(bool)
        left = np.where(leaf, -1, nodes["left"].astype(np.int64))
        right = np.where(leaf, -1, nodes["right"].astype(np.int64))
        trees.append((left, right, nodes["feature_idx"], nodes["num_threshold"], nodes["value"]))
    total = _tree_sum(graph, scaled(graph, detector, value), trees)
    start = graph.constant(float(model._baseline_prediction.ravel()[0]))
    return graph.vector(graph.add("Neg", graph.add("Add", total, start)))


def _tree_sum(graph: Graph, value: str, trees: list[tuple[Any, ...]]) -> str:
    """Add the sum over trees of the leaf that each row ends in, (rows, 1).

    The operation gives float32, so each tree gives its leaf's value as two such numbers, which are added up in
    float64: what many rows share stays equal.

    A tree is its left and right children (-1 in a leaf), columns, thresholds (left if at most that) and the
    values of its leaves.
    """
    nodes: dict[str, list[Any]] = {key: [] for key in ("tree", "id", "mode", "left", "right", "column", "at")}
    leaves: dict[str, list[Any]] = {key: [] for key in ("tree", "id", "target", "value")}
    for number, (left, right, column, threshold, value_of) in enumerate(trees):
        leaf = left < 0
        nodes["tree"] += [number] * len(left)
        nodes["id"] += range(len(left))
        nodes["mode"] += ["LEAF" if is_leaf else "BRANCH_LEQ" for is_leaf in leaf]
        nodes["left"] += np.maximum(left, 0).tolist()
        nodes["right"] += np.maximum(right, 0).tolist()
        nodes["column"] += np.where(leaf, 0, column).tolist()
        nodes["at"] += np.where(leaf, 0.0, threshold).tolist()
        exact = np.asarray(value_of, dtype=np.float64)[leaf]
        coarse = exact.astype(np.float32).astype(np.float64)
        for part, values in enumerate((coarse, exact - coarse)):
            leaves["tree"] += [number] * len(values)
            leaves["id"] += np.flatnonzero(leaf).tolist()
            leaves["target"] += [2 * number + part] * len(values)
            leaves["value"] += values.tolist()
    parts = graph.add(
        "TreeEnsembleRegressor",
        value,
        ml=True,
        n_targets=2 * len(trees),
        nodes_treeids=nodes["tree"],
        nodes_nodeids=nodes["id"],
        nodes_modes=nodes["mode"],
        nodes_truenodeids=nodes["left"],
        nodes_falsenodeids=nodes["right"],
        nodes_featureids=nodes["column"],
        nodes_values_as_tensor=graph.doubles(nodes["at"]),
        target_treeids=leaves["tree"],
        target_nodeids=leaves["id"],
        target_ids=leaves["target"],
        target_weights_as_tensor=graph.doubles(leaves["value"]),
    )
    return graph.add("ReduceSum", graph.cast(parts, "double"), graph.constant(np.array([1])), keepdims=1)


FORMULAS = {
    function.__name__: function
    for function in (
        gradient_boosting,
        isolation_forest,
        kde,
        kernel_ssad,
        logistic_regression,
        oc_svm,
    )
}
"""What adds a detector's score to a graph, by the detector's short name."""
