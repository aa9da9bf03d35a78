"""The steps that scale columns in a graph give what the scaling gives."""

import numpy as np

from askew.base.preparation.column_scaling import ColumnScaling
from askew.base.score_graph import add_scaled

STEPS = {
    "Abs": np.abs,
    "Add": np.add,
    "Clip": np.clip,
    "Div": np.divide,
    "Log": np.log,
    "Max": np.maximum,
    "Min": np.minimum,
    "Mul": np.multiply,
    "Sign": np.sign,
    "Sub": np.subtract,
}


class AtOnce:
    """A graph whose values are numbers."""

    def add(self, operation, *inputs):
        return STEPS[operation](*inputs)

    def constant(self, value):
        return value


def test_scaled_columns():
    x = np.random.default_rng(0).normal(size=(50, 2)) + 3.0
    x[:2, 0] = 1e9, -1e9
    for scale in ("robust", "standard", None):
        scaling = ColumnScaling.learn(x, scale)
        np.testing.assert_allclose(add_scaled(AtOnce(), x, scaling), scaling(x), rtol=1e-12, atol=1e-12)
