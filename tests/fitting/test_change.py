"""What a refit changed, worked out by hand."""

import numpy as np

from askew.fitting.change import Move, change_between


class Model:
    def __init__(self, scores, cut):
        self.scores, self.cut = np.array(scores), cut

    def score_samples(self, X):
        return self.scores

    def predict(self, X):
        return np.where(self.scores < self.cut, -1, 1)


def test_rows_that_crossed_the_threshold():
    before, after = Model([0.1, 0.2, 0.3, 0.9, 0.8], 0.35), Model([0.5, 0.1, 0.6, 0.0, 0.2], 0.3)
    change = change_between(before, after, np.zeros((5, 1)), list("abcde"), np.array([1, 0, 0, -1, 0]))
    assert (change.n_flagged_before, change.n_flagged_after) == (3, 3)
    assert change.flagged == (Move("d", -1, 5, 1), Move("e", 0, 4, 3))
    assert change.passed == (Move("a", 1, 1, 4), Move("c", 0, 3, 5))
