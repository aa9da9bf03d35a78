"""Ensembles of trees as one operation of a graph, and the check of trees that come from a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.tree._tree import Tree as SklearnTree

from askew.base import ScoreGraph


class Tree(NamedTuple):
    """One tree, an entry per node; the first node is the root."""

    left: NDArray[Any]  # number of the left child, -1 in a leaf
    right: NDArray[Any]
    column: NDArray[Any]
    threshold: NDArray[Any]  # a row goes left if its column is at most this
    value: NDArray[Any]  # what a leaf adds to the sum


def check_tree(left: NDArray[Any], right: NDArray[Any], column: NDArray[Any], n_columns: int) -> None:
    """Raise ValueError unless every row of `n_columns` comes to a leaf: scikit-learn follows nodes unchecked.

    The arrays (nodes,) are as in :class:`Tree`. Children come behind their node, so that no way is a circle.
    """
    inner = np.asarray(left) >= 0
    nodes = np.arange(len(inner))
    for children in (left, right):
        found = np.asarray(children)[inner]
        if ((found <= nodes[inner]) | (found >= len(inner))).any():
            raise ValueError("a node of its trees has no child where it says")
    used = np.asarray(column)[inner]
    if not len(inner) or ((used < 0) | (used >= n_columns)).any():
        raise ValueError(f"a node of its trees is about none of the {n_columns} columns")


def check_forest(trees: Sequence[Any], n_columns: int) -> None:
    """Raise ValueError unless scikit-learn's trees, ``tree_`` of its estimators, are sound."""
    for tree in trees:
        if not isinstance(tree, SklearnTree) or tree.n_features != n_columns:
            raise ValueError(f"its trees are not about {n_columns} columns")
        check_tree(tree.children_left, tree.children_right, tree.feature, n_columns)


def add_tree_sum(graph: ScoreGraph, rows: str, trees: Sequence[Tree]) -> str:
    """Add the sum over trees of the leaf that each row ends in, (rows, 1).

    The operation gives float32, so a tree gives its leaf's value as two such numbers, added up in float64.
    """
    keys = ("treeids", "nodeids", "modes", "truenodeids", "falsenodeids", "featureids")
    nodes: dict[str, list[Any]] = {key: [] for key in keys}
    leaves: dict[str, list[Any]] = {key: [] for key in ("treeids", "nodeids", "ids")}
    thresholds: list[float] = []
    weights: list[float] = []
    for number, tree in enumerate(trees):
        leaf = tree.left < 0
        nodes["treeids"] += [number] * len(leaf)
        nodes["nodeids"] += range(len(leaf))
        nodes["modes"] += ["LEAF" if is_leaf else "BRANCH_LEQ" for is_leaf in leaf]
        nodes["truenodeids"] += np.maximum(tree.left, 0).tolist()
        nodes["falsenodeids"] += np.maximum(tree.right, 0).tolist()
        nodes["featureids"] += np.where(leaf, 0, tree.column).tolist()
        thresholds += np.where(leaf, 0.0, tree.threshold).tolist()
        exact = np.asarray(tree.value, dtype=np.float64)[leaf]
        coarse = exact.astype(np.float32).astype(np.float64)
        for part, values in enumerate((coarse, exact - coarse)):
            leaves["treeids"] += [number] * len(values)
            leaves["nodeids"] += np.flatnonzero(leaf).tolist()
            leaves["ids"] += [2 * number + part] * len(values)
            weights += values.tolist()
    parts = graph.add(
        "TreeEnsembleRegressor",
        rows,
        ml=True,
        n_targets=2 * len(trees),
        **{f"nodes_{key}": values for key, values in nodes.items()},
        nodes_values_as_tensor=graph.doubles(thresholds),
        **{f"target_{key}": values for key, values in leaves.items()},
        target_weights_as_tensor=graph.doubles(weights),
    )
    return graph.add("ReduceSum", graph.cast(parts, "double"), graph.constant(np.array([1])), keepdims=1)
