"""What answers say of the rows like them at once, before the model is fitted again.

A model that learns every ten answers asks nine questions without having learned from the last answer, and many models
learn little from a row being normal. So the order of questions is corrected after every answer, whatever the model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.ensemble import IsolationForest

Floats = NDArray[np.float64]

N_TREES = 100
ROWS_PER_TREE = 32
"""Few rows make leaves that are large, so that an answer reaches far."""

ANOMALY, NORMAL = 5.0, -1.0
"""What the correction aims at for rows with an answer; rows without one are between 0 and 1 by their rank."""

RIDGE = 0.3
"""Trust in the ranks: what is added to the diagonal of the similarities of answered rows."""

MOST_ANSWERS = 500
"""Answers that count at most: those that the ranks got most wrong. The regression takes their number cubed."""


@dataclass(frozen=True, eq=False)
class Feedback:
    r"""Which rows are alike, so that an answer about one says something of the others.

    Similarity :math:`k(x,x')` is the share of the trees of an isolation forest in which two rows are in one leaf. With
    m the rank of a row from 0 (most normal) to 1 (most anomalous), on a logarithmic scale, and t = 5 for an answer
    "anomaly", -1 for "normal", the corrected rank is a kernel ridge regression of what the ranks got wrong,

    .. math:: m(x) + k(x)^\top (K + \lambda I)^{-1} (t - m).

    So next to an answer the answer decides, and far from all answers the model does. The scores themselves, and so
    threshold and severity, stay as they are.

    Reference: Das, Wong, Fern, Dietterich and Siddiqui (2017), Incorporating Feedback into Tree-based Anomaly
    Detection, for learning from answers in the leaves of an isolation forest; Rasmussen and Williams (2006), Gaussian
    Processes for Machine Learning, section 2.7, for the regression around a mean that is given.

    Attributes
    ----------
    leaves : (n_rows, n_trees) uint8
        The leaf that each row is in.
    """

    leaves: NDArray[np.uint8]

    @classmethod
    def of(cls, z: Floats, seed: int = 0) -> Feedback:
        """Return it for scaled rows (:func:`askew.review.likeness.scaled`) or codes, (n_rows, n_columns)."""
        forest = IsolationForest(
            n_estimators=N_TREES, max_samples=min(ROWS_PER_TREE, len(z)), random_state=seed
        )
        x = np.asarray(z, dtype=np.float32)
        forest.fit(x)
        by_tree = np.stack([tree.apply(x).astype(np.uint8) for tree in forest.estimators_])
        return cls(by_tree.T)  # trees are read one by one

    def corrected(self, scores: Floats, labels: NDArray[np.int8]) -> Floats:
        """Return scores by which to ask, (n_rows,), lower = sooner, from the model's and the answers, +1, 0 and -1.

        Without an answer they have the order of `scores`.

        >>> z = np.r_[np.zeros((5, 2)), np.full((5, 2), 9.0)]
        >>> scores, answers = np.arange(10.0), np.array([1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        >>> Feedback.of(z).corrected(scores, answers).argsort()[:3].tolist()  # the first five are alike
        [5, 6, 7]
        """
        n = len(scores)
        ranks: Floats = -np.log(rankdata(scores) / n) / np.log(max(n, 2))
        answered = np.flatnonzero(labels)
        if not len(answered):
            return -ranks
        wrong = np.where(labels[answered] < 0, ANOMALY, NORMAL) - ranks[answered]
        if len(answered) > MOST_ANSWERS:
            worst = np.sort(np.argsort(-np.abs(wrong), kind="stable")[:MOST_ANSWERS])
            answered, wrong = answered[worst], wrong[worst]
        known = self.leaves[answered]
        similar = np.stack([(known == row).mean(axis=1) for row in known])
        weights = np.linalg.solve(similar + RIDGE * np.eye(len(answered)), wrong) / self.leaves.shape[1]
        for tree, leaf in enumerate(known.T):
            ranks += np.bincount(leaf, weights, minlength=256)[self.leaves[:, tree]]
        return -ranks
