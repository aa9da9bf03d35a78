"""Trees as an operation: what it is told of nodes and leaves; the contract of exports compares whole scores."""

import numpy as np

from askew.families.trees import Tree, add_tree_sum


class Recorder:
    """A graph that remembers what was added."""

    def __init__(self):
        self.added = []

    def add(self, operation, *inputs, **attributes):
        self.added.append((operation, attributes))
        return operation

    def constant(self, value):
        return value

    def doubles(self, values):
        return np.asarray(values)

    def cast(self, value, kind):
        return value


def test_leaves_are_given_as_two_numbers_that_add_up():
    graph, leaves = Recorder(), np.array([0.0, 0.1, 1.0 / 3.0])
    stump = Tree(
        np.array([1, -1, -1]), np.array([2, -1, -1]), np.array([4, 9, 9]), np.array([0.5, 9, 9]), leaves
    )
    add_tree_sum(graph, "X", [stump])
    (_, told), (total, _) = graph.added
    assert told["nodes_modes"] == ["BRANCH_LEQ", "LEAF", "LEAF"] and told["nodes_featureids"] == [4, 0, 0]
    assert told["n_targets"] == 2 and told["target_ids"] == [0, 0, 1, 1] and total == "ReduceSum"
    coarse, rest = np.split(told["target_weights_as_tensor"], 2)
    assert (coarse + rest == leaves[1:]).all() and (coarse == coarse.astype(np.float32)).all()
