"""Tables of label_loop: all there, large ones sampled by seed with their share of anomalies."""

import os

import numpy as np
import pytest

from askew.benchmarks.protocols.label_loop import tables


def test_a_large_table_is_sampled_by_seed_and_keeps_its_share_of_anomalies():
    (X, anomaly), (again, _), (other, _) = (tables.load("thyroid", seed) for seed in (0, 0, 1))
    assert len(X) == tables.MOST_ROWS and anomaly.sum() == round(3000 * 93 / 3772)
    assert (X == again).all() and not (X == other).all()


def test_a_small_table_is_whole():
    X, anomaly = tables.load("cardio", 0)
    assert X.shape == (1831, 21) and anomaly.sum() == 176


@pytest.mark.skipif("ASKEW_DATA" not in os.environ, reason="ASKEW_DATA is not set")
@pytest.mark.parametrize("name", tables.ADBENCH)
def test_a_table_of_adbench_has_anomalies(name):
    X, anomaly = tables.load(name, 0)
    assert np.isfinite(X).all() and 0 < anomaly.sum() < len(X) / 2 and len(X) <= tables.MOST_ROWS


def test_the_loop_was_settled_on_known_tables():
    assert set(tables.SETTLED_ON) < set(tables.DATASETS) and set(tables.DATASETS) >= set(tables.BUNDLED)
