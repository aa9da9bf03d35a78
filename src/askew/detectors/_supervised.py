"""What the plain classifiers share: known anomalies against everything else, and nothing without them."""

from __future__ import annotations

from typing import Any

from askew.base.detector import Scores, Y
from askew.detectors._tabular import TabularDetector
from askew.errors import InvalidInputError, must


class SupervisedDetector(TabularDetector):
    """Base of classifiers of known anomalies against all other rows, unlabelled ones counted as normal.

    They need at least one known anomaly: scikit-learn's tag ``target_tags.required`` says so, and `fit` without
    one is refused. They know nothing of anomalies that differ from the known ones, so a far away row may
    well be normal to them.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    def _fit_rows(self, x: Scores, y: Y) -> None:
        if not (y < 0).any():
            remedy = (
                "A classifier cannot learn from one class. Label at least one row -1, or use a detector that needs "
                "no labels, such as IsolationForest or VAE."
            )
            raise InvalidInputError(
                must("y", type(self).__name__, "labels with a known anomaly (-1)", "none", remedy)
            )
        super()._fit_rows(x, y)
