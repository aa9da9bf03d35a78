"""Ways of asking: nobody is asked twice, our loop learns, and coniferest's own session is what it does."""

import numpy as np
import pytest

from askew.benchmarks.protocols.label_loop.strategies import LOOPS, METHODS, Person, aad_forest, simulate

PARAMS = {"budget": 20, "refit_every": 10, "detector": "mahalanobis"}


def table(n=60):
    """Eight outliers that are normal, then eight anomalies that are less far out."""
    z = 0.1 * np.random.default_rng(0).normal(size=(n, 2))
    z[:8] += 9
    z[8:16] -= 5
    return z, (np.arange(n) >= 8) & (np.arange(n) < 16)


@pytest.mark.parametrize("method", METHODS)
def test_all_rows_are_asked_once_and_a_smaller_budget_ends_sooner(method):
    if method == "aad_forest":
        pytest.importorskip("coniferest")
    X, anomaly = table()
    whole = simulate(method, X, anomaly, 0, PARAMS | {"budget": 999})
    assert len(whole.hits) == 60 and whole.hits.sum() == 8
    part = simulate(method, X, anomaly, 0, PARAMS)
    np.testing.assert_array_equal(part.hits, whole.hits[:20])


def test_our_loop_learns_that_the_first_outliers_are_normal():
    X, anomaly = table()
    found = {name: simulate(name, X, anomaly, 0, PARAMS).hits[:12].sum() for name in ("anomalous", "static")}
    assert found["anomalous"] == 8 > found["static"]
    assert simulate("anomalous", X, anomaly, 0, PARAMS).n_fits == 2 and set(LOOPS) < set(METHODS)


def test_coniferest_is_used_as_its_session_uses_it():
    forests = pytest.importorskip("coniferest.aadforest")
    X, anomaly = table()
    person = Person(anomaly, 6)
    assert aad_forest(X, person, seed=0).n_fits == 6
    forest = forests.AADForest(n_subsamples=60, random_seed=0, n_jobs=1).fit(X)
    for n in range(6):  # by hand: the lowest score without an answer, then all answers
        if n:
            forest.fit_known(X, X[person.asked[:n]], person.labels[person.asked[:n]].astype(int))
        scores = forest.score_samples(X)
        scores[person.asked[:n]] = np.inf
        assert scores[person.asked[n]] == scores.min()
