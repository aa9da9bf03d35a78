"""A bag: folds of one shape, and a scale from rows that were not trained on."""

import numpy as np
import pytest

import askew
from askew.detectors.auto.bag import Bag, fit_bag, make_folds
from askew.detectors.auto.candidates import CANDIDATES
from detector_cases import table

X, Y = table(rows=120, anomalies=10, shift=2.0)
FAST = ("isolation_forest", "kernel_ssad", "logistic_regression")


def generator():
    return np.random.default_rng(0)


class TestFolds:
    @pytest.mark.parametrize("n_known", [0, 1, 2, 3, 5, 6, 11])
    def test_all_training_sets_are_of_one_shape_and_every_row_is_held_out_once(self, n_known):
        x, y = table(rows=97 + n_known, anomalies=n_known)
        folds = make_folds(x, y, 5, generator())
        assert len(folds) == 5
        shapes = {(len(fold.train), int((y[fold.train] < 0).sum())) for fold in folds}
        assert len(shapes) == 1
        held_out = np.concatenate([fold.held_out for fold in folds])
        expected = np.arange(len(y)) if n_known > 1 else np.flatnonzero(y >= 0)
        np.testing.assert_array_equal(np.sort(held_out), expected)
        for fold in folds:
            assert not np.intersect1d(fold.train, fold.held_out).size
            assert ((y[fold.train] < 0).sum() > 0) == (n_known > 0)

    def test_known_anomalies_are_held_out_with_their_neighbours(self):
        x, y = table(rows=100, anomalies=8)
        x[:8] = np.arange(8.0)[::-1, None] * [10, -10, 5, 1]
        for fold in make_folds(x, y, 4, generator()):
            held_out = np.sort(fold.held_out[y[fold.held_out] < 0])
            assert list(np.diff(held_out)) == [1]

    def test_small_tables_hold_nothing_out(self):
        (fold,) = make_folds(X[:19], Y[:19] * 0, 5, generator())
        np.testing.assert_array_equal(fold.train, fold.held_out)

    def test_the_auroc_is_of_rows_that_were_not_trained_on(self):
        rng = generator()
        x, y = rng.normal(size=(400, 9)), np.zeros(400, dtype=np.int8)
        y[:60] = -1  # labels that mean nothing
        kernel = next(each for each in CANDIDATES if each.name == "kernel_ssad")
        bag = fit_bag(lambda seed: kernel.make(0, 5, seed), x, y, make_folds(x, y, 5, rng), rng)
        assert isinstance(bag, Bag) and bag.auroc < 0.6
        assert bag(x[:60]).mean() > bag(x[60:]).mean() + 0.3  # though those it trained on are easy


class _NearlyConstant(askew.IsolationForest):
    """Scores of one value, but for rounding; scikit-learn's machinery sees an isolation forest."""

    def _score_rows(self, x):
        return -0.3 + 1e-16 * (np.arange(len(x)) % 3)


def test_rounding_noise_is_not_taken_for_a_difference_between_rows():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 3)), np.zeros(100, dtype=np.int8)
    bag = fit_bag(lambda seed: _NearlyConstant(random_state=seed), x, y, make_folds(x, y, 5, rng), rng)
    assert np.all(bag.spreads == 1.0)
