"""What more labels would add: held-out AUROC against the number of known anomalies trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from askew import labels
from askew.base.detector import Detector, fit_together
from askew.distributed.jobs import call_each
from askew.errors import ColumnWarning, HealthWarning, InvalidInputError, must
from askew.model_card.sentences import CARD
from askew.own_warnings import kept_back
from askew.selection import LabelledKFold

FEWEST = 6
"""Known anomalies below which no curve is drawn: two per fold would be held out or trained on."""

FOLDS, REPEATS = 3, 2
MOST_ROWS = 3000
"""Other rows used at most; a curve needs many small fits rather than one large one."""

_BOOTSTRAP = 2000


@dataclass(frozen=True)
class LearningCurve:
    """Held-out AUROC by the number of known anomalies trained on, of all that are ``known``.

    ``auroc`` (n_repeats, n_sizes) is of held-out known anomalies against held-out other rows, which count as normal.
    """

    sizes: tuple[int, ...]
    auroc: NDArray[np.float64]
    known: int

    def gain(self, more: int = 10) -> tuple[float, float, float]:
        """Return what `more` labels are likely to add to the AUROC, with a 90 % interval: (value, low, high).

        From a straight line in one over the root of the number of labels, fitted to the means over repeats; the
        interval comes from drawing repeats with replacement, so it does not know of a wrong shape.
        """
        rng = np.random.default_rng(0)
        draws = rng.integers(len(self.auroc), size=(_BOOTSTRAP, len(self.auroc)))
        slopes = np.array([self._slope(self.auroc[rows].mean(0)) for rows in draws])
        step = 1 / np.sqrt(self.known + more) - 1 / np.sqrt(self.known)
        low, high = np.quantile(slopes * step, [0.05, 0.95])
        return float(self._slope(self.auroc.mean(0)) * step), float(low), float(high)

    def _slope(self, means: NDArray[np.float64]) -> float:
        return float(np.polyfit(1 / np.sqrt(self.sizes), means, 1)[0])

    def sentence(self, more: int = 10) -> str:
        """Return the gain in plain words."""
        return CARD.say("gain", more, *(100 * each for each in self.gain(more)))[0]


def learning_curve(
    model: Any, X: Any, y: Any, *, seed: int = 0, progress: Callable[[float], None] | None = None
) -> LearningCurve:
    """Fit copies of `model` with fewer and fewer known anomalies and score held-out ones.

    Parameters
    ----------
    model : Detector or Prepared
        Fitted or not; it is copied. Thresholds do not change the AUROC: pass the model inside.
    X : array, DataFrame or Arrow table of shape (n_rows, n_features)
        The training rows.
    y : vector of n_rows labels
        With at least six known anomalies.
    seed : int
        Decides folds and sub-sets.
    progress : callable, optional
        Called with the share that is done, 0 to 1.

    Raises
    ------
    InvalidInputError
        If there are too few known anomalies, or the method makes nothing of them.
    """
    checked = np.asarray(labels.check(y, len(X), owner="learning_curve"), dtype=np.int8)
    known = int((checked < 0).sum())
    if known < FEWEST:
        remedy = "Label more anomalies first."
        rule = f"labels with at least {FEWEST} known anomalies"
        raise InvalidInputError(must("y", "learning_curve", rule, known, remedy))
    rng = np.random.default_rng(seed)
    rows = _sample(checked, rng)
    X, checked = rows_of(X, rows), checked[rows]
    folds = [
        fold
        for repeat in range(REPEATS)
        for fold in LabelledKFold(FOLDS, random_state=seed + repeat).split(X, labels.ours(checked))
    ]
    most = min(int((checked[train] < 0).sum()) for train, _ in folds)
    sizes = tuple(sorted({max(round(most * part), 1) for part in (1 / 8, 1 / 4, 1 / 2, 1)}))
    # the known anomalies in random order, so that sub-sets of them are nested
    shuffled = [(part[checked[part] >= 0], rng.permutation(part[checked[part] < 0])) for part, _ in folds]
    columns = []
    for number, size in enumerate(sizes):
        trained = [np.concatenate([others, anomalies[:size]]) for others, anomalies in shuffled]
        models = _fitted(model, X, checked, trained, seed)
        tested = [
            (each, rows_of(X, test), checked[test] < 0) for each, (_, test) in zip(models, folds, strict=True)
        ]
        columns.append(
            [roc_auc_score(known_there, -each.score_samples(part)) for each, part, known_there in tested]
        )
        if progress is not None:
            progress((number + 1) / len(sizes))
    return LearningCurve(sizes, np.array(columns).T, known)


def rows_of(X: Any, rows: NDArray[np.intp]) -> Any:
    """Return some rows of an array, a DataFrame or an Arrow table, by their places."""
    return X[rows] if isinstance(X, np.ndarray) else X.take(rows)


def _sample(y: NDArray[np.int8], rng: np.random.Generator) -> NDArray[np.intp]:
    """Return all labelled rows and at most MOST_ROWS others."""
    others = np.flatnonzero(y == 0)
    if len(others) > MOST_ROWS:
        others = rng.choice(others, MOST_ROWS, replace=False)
    return np.sort(np.concatenate([np.flatnonzero(y != 0), others]))


def _fitted(model: Any, X: Any, y: NDArray[np.int8], groups: list[NDArray[np.intp]], seed: int) -> list[Any]:
    """Return a fitted copy of the model per group of rows; a detector's copies are trained together."""
    copies = [clone(model) for _ in groups]
    data = [(rows_of(X, rows), labels.ours(y[rows])) for rows in groups]
    with kept_back(ColumnWarning, HealthWarning):  # about copies that nobody keeps
        if isinstance(model, Detector):
            for number, copy in enumerate(copies):
                if "random_state" in copy.get_params(deep=False):
                    copy.set_params(random_state=seed + number)
            fit_together(copies, data)
        else:
            copies = call_each(_fitted_copy, [(copy, *pair) for copy, pair in zip(copies, data, strict=True)])
    failed = [copy.fit_error_ for copy in copies if getattr(copy, "fit_error_", None) is not None]
    if failed:
        raise InvalidInputError(f"model of learning_curve must train on parts of the rows; {failed[0]}")
    return copies


def _fitted_copy(model: Any, rows: Any, marks: Any) -> Any:
    return model.fit(rows, marks)
