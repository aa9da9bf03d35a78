"""Both models are compared on answers that neither had learned."""

import numpy as np
import pytest

import askew
from askew.fitting import comparison
from askew.fitting.comparison import Comparison, compare

RNG = np.random.default_rng(0)
X = np.r_[RNG.normal(size=(60, 2)), RNG.normal([3, 0], 0.4, size=(12, 2))]
Y = np.r_[np.ones(10), np.zeros(50), -np.ones(12)].astype(np.int8)


def test_auroc_and_its_interval():
    said = np.array([-1, -1, 1, 1], dtype=np.int8)
    found = Comparison.of(np.array([0.1, 0.6, 0.5, 0.9]), np.array([0.1, 0.2, 0.2, 0.9]), said, 5)
    assert (found.n_anomalies, found.n_normal, found.before, found.after) == (2, 2, 0.75, 0.875)
    assert found.low <= 0.125 <= found.high
    assert "0.750 by the old model, 0.875 by refits" in found.in_words()


def test_an_answer_is_scored_by_a_model_that_has_not_learned_it(monkeypatch):
    before, seen, refit = askew.LogisticRegression().fit(X, np.r_[np.zeros(71), -1]), [], comparison.refit
    monkeypatch.setattr(
        comparison, "refit", lambda *given, **more: seen.append(given[2]) or refit(*given, **more)
    )
    new = np.r_[np.full(10, True), np.full(50, False), np.full(11, True), False]
    done = []
    found = compare(before, X, Y, new, 5, False, done.append)
    assert (found.n_anomalies, found.n_normal, found.n_folds, done[-1]) == (11, 10, 5, 1.0)
    hidden = np.array([np.asarray(y) != Y for y in seen])
    np.testing.assert_array_equal(hidden.sum(0), new)  # each new answer once, and no other label
    assert found.after > found.before - 0.05


@pytest.mark.parametrize("new", [Y < 0, np.r_[np.full(4, True), np.full(56, False), np.full(12, True)]])
def test_too_few_answers_of_a_kind_say_nothing(new):
    assert compare(askew.Mahalanobis().fit(X), X, Y, new, 5, False, print) is None
