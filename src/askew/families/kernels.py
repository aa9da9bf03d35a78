"""What the kernel methods share: the RBF kernel, the papers' grids, folds with few labels, tuning on test rows."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist
from scipy.special import logsumexp
from sklearn.kernel_approximation import Nystroem
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, train_test_split

from askew.base import ScoreGraph, Scores, Y
from askew.errors import InvalidInputError, must
from askew.families.tabular import TabularDetector, drawn_rows
from askew.labels import ours
from askew.selection import LabelledKFold

Mask = NDArray[np.bool_]

GAMMAS = tuple(2.0**power for power in range(-7, 3))  # of the RBF kernel (Ruff et al. 2020, section D)

FOLDS = 3
TUNING_SHARE = 0.1  # the papers choose γ on this share of the test rows
_MEDIAN_ROWS = 1000  # rows whose distances the median heuristic looks at
_CHUNK = 4096  # rows scored at a time
_FLOOR = 1e-12  # mean kernel under which a sum is continued


def squared_distances(a: Scores, b: Scores) -> Scores:
    """Return ‖a_i − b_j‖² of all pairs, (rows of a, rows of b)."""
    squares = np.einsum("ij,ij->i", a, a)[:, None] + np.einsum("ij,ij->i", b, b)
    return np.asarray(np.maximum(squares - 2.0 * (a @ b.T), 0.0))


def scale_gamma(x: Scores) -> float:
    """Return scikit-learn's ``gamma="scale"``: 1 / (columns × variance)."""
    variance = float(x.var())
    return 1.0 / (x.shape[1] * variance) if variance > 0 else 1.0


def median_gamma(x: Scores, generator: np.random.Generator) -> float:
    """Return the median heuristic's γ, 1 / median ‖x_i − x_j‖² over pairs of at most a thousand rows.

    Of rows that are mostly equal, it is by the median of the distances above 0; of rows that are all equal, 1.
    """
    if len(x) > _MEDIAN_ROWS:
        x = x[generator.choice(len(x), _MEDIAN_ROWS, replace=False)]
    distances = pdist(x, "sqeuclidean")
    median = float(np.median(distances)) if len(distances) else 0.0
    if median == 0.0 and (distances > 0.0).any():
        median = float(np.median(distances[distances > 0.0]))
    return 1.0 / median if median > 0.0 else 1.0


class Expansion(NamedTuple):
    r"""A sum of kernels :math:`\sum_jw_j\exp(-\gamma\|x-x_j\|^2)` over points (n, d) with weights (n,).

    Far from all points it would be 0, and the further of two rows no more anomalous than the other. There it is
    continued: where the part P of the positive weights falls under :math:`\tau=10^{-12}\sum_{w_j>0}w_j`, P becomes
    :math:`\tau(1-\log(1+\log\frac{\tau}{P}))`, which goes on falling and meets P at τ without a corner. `continued`
    is False of files of askew 0.1.
    """

    points: Scores
    weights: Scores
    gamma: float
    continued: bool = True

    @property
    def floor(self) -> float:
        """τ."""
        return _FLOOR * float(self.weights[self.weights > 0.0].sum())

    def __call__(self, x: Scores) -> Scores:
        """Return the sum of every row of x."""
        parts = (x[start : start + _CHUNK] for start in range(0, len(x), _CHUNK))
        return np.concatenate([self._of_few(part) for part in parts])

    def _of_few(self, x: Scores) -> Scores:
        logs = -self.gamma * squared_distances(x, self.points)
        kernel = np.exp(logs)
        total: Scores = kernel @ self.weights
        positive = self.weights > 0.0
        if not self.continued or not positive.any():
            return total
        part = kernel[:, positive] @ self.weights[positive]
        low = part < self.floor
        if low.any():
            exact = logsumexp(logs[low][:, positive], axis=1, b=self.weights[positive])
            total[low] += self.floor * (1.0 - np.log1p(math.log(self.floor) - exact)) - part[low]
        return total

    def add_to(self, graph: ScoreGraph, rows: str) -> str:
        """Add the sum of every row to a graph, (rows, 1)."""
        add, number = graph.add, graph.constant
        logs = add("Mul", add_squared_distances(graph, rows, self.points), number(-self.gamma))
        kernel = add("Exp", logs)
        total = add("MatMul", kernel, number(np.asarray(self.weights)[:, None]))
        positive = np.flatnonzero(self.weights > 0.0)
        if not self.continued or not len(positive):
            return total
        part = add("MatMul", kernel, number(np.maximum(self.weights, 0.0)[:, None]))
        own = add("Gather", logs, number(positive), axis=1)
        weighed = add("Add", own, number(np.log(self.weights[positive])))
        exact = add("ReduceLogSumExp", weighed, number(np.array([1])), keepdims=1)
        under = add("Max", add("Sub", number(math.log(self.floor)), exact), number(0.0))
        fallen = add("Sub", number(1.0), add("Log", add("Add", under, number(1.0))))
        more = add("Sub", add("Mul", fallen, number(self.floor)), part)
        return add("Add", total, add("Where", add("Less", part, number(self.floor)), more, number(0.0)))


def add_squared_distances(graph: ScoreGraph, rows: str, points: Scores) -> str:
    """Add ‖x_i − points_j‖² of all pairs to a graph, (rows, points)."""
    squares = graph.add("ReduceSumSquare", rows, graph.constant(np.array([1])))
    both = graph.add("Add", squares, graph.constant((points**2).sum(axis=1)))
    inner = graph.add("MatMul", rows, graph.constant(-2.0 * points.T))
    return graph.add("Max", graph.add("Add", both, inner), graph.constant(0.0))


class NystroemMap:
    """Features φ of rows with φ(x)·φ(x') ≈ k(x, x'), after scikit-learn's ``Nystroem`` (Williams and Seeger 2001).

    A linear function of them is a sum over the `landmarks`, so that it is scored, and saved, as any other
    kernel expansion: :meth:`expansion`.
    """

    def __init__(self, landmarks: Scores, gamma: float) -> None:
        self._map = Nystroem(gamma=gamma, n_components=len(landmarks), random_state=0).fit(landmarks)

    @property
    def landmarks(self) -> Scores:
        """The rows that stand for all, (n_components, n_features)."""
        return np.asarray(self._map.components_)

    def features(self, x: Scores) -> Scores:
        """Return φ of every row, (rows, n_components)."""
        parts = [self._map.transform(x[start : start + _CHUNK]) for start in range(0, len(x), _CHUNK)]
        return np.concatenate(parts)

    def expansion(self, w: Scores) -> Scores:
        """Return the weights v with w·φ(x) = Σ_k v_k k(landmark_k, x)."""
        return np.asarray(self._map.normalization_.T @ w)


def auroc(scores: Scores, anomaly: Mask) -> float:
    """Return the AUROC of scores that are higher for normal rows."""
    return float(roc_auc_score(anomaly, -scores))


def labelled_folds(y: Y, seed: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield (train rows, test rows): at most three folds, a known anomaly in the test rows of each.

    A single known anomaly cannot be both trained on and tested; then there is one fold, which tests it.
    """
    known = np.flatnonzero(y < 0)
    folds = min(FOLDS, len(known), int((y >= 0).sum()))
    if folds >= 2:
        yield from LabelledKFold(folds, random_state=seed).split(y, ours(y))
    elif len(known):
        rest = np.flatnonzero(y >= 0)
        train, test = next(KFold(min(FOLDS, len(rest)), shuffle=True, random_state=seed).split(rest))
        yield rest[train], np.concatenate([rest[test], known])


class KernelDetector(TabularDetector):
    """Base of OC-SVM and SSAD: how their hyper-parameters are chosen.

    A subclass gives :meth:`_choose`, :meth:`_choose_on_test` and :meth:`_fit_chosen`. The papers choose on
    test rows; that is :meth:`fit_with_test_tuning` and nothing else.

    With more than ``max_rows`` training rows, hyper-parameters are chosen on a sub-sample, and the model is
    fitted on it too, or on all rows in one of the other ways of ``approximations``.
    """

    approximations: ClassVar[tuple[str, ...]] = ("subsample", "exact")

    gamma: str | float
    max_rows: int
    approximation: str
    gamma_: float
    tuned_on_test_: bool

    _continued: bool = True

    def fit_with_test_tuning(self, X: Any, y: Any, X_test: Any, anomaly_test: Any) -> Self:
        """Fit with hyper-parameters chosen on a tenth of the **test** rows, as the papers do.

        The result looks better than it is; ``tuned_on_test_`` is True afterwards, so that a table can mark it. Of
        OC-SVM the papers choose γ so for each ν, and ν by the whole test set; here both are chosen on the tenth. For
        cats against dogs they quote a ν from .1 to .9 and a γ by the whole test set, which nothing here does.

        Parameters
        ----------
        X, y
            As for `fit`.
        X_test : array of shape (n_test, n_features)
            The test rows. A tenth, drawn with equal shares of anomalies, is used.
        anomaly_test : array of n_test truth values
            Which of them are anomalies.

        Raises
        ------
        InvalidInputError
            If there are fewer than ten anomalies or ten other rows among the test rows.
        """
        anomaly = np.asarray(anomaly_test, dtype=bool).ravel()
        if min(anomaly.sum(), (~anomaly).sum()) < 1 / TUNING_SHARE or len(anomaly) != len(X_test):
            rule = "one truth value per row of X_test, at least ten of each"
            remedy = "Use fit, which chooses on the training rows."
            got = f"{len(anomaly)} values, {int(anomaly.sum())} of them true, for {len(X_test)} rows"
            raise InvalidInputError(must("anomaly_test", type(self).__name__, rule, got, remedy))
        self._tuning = (X_test, anomaly)
        try:
            return self.fit(X, y)
        finally:
            del self._tuning

    @abstractmethod
    def _choose(self, x: Scores, y: Y, seed: int) -> Mapping[str, float]:
        """Return the hyper-parameters for the training rows, chosen on them where they are "search"."""

    @abstractmethod
    def _choose_on_test(self, x: Scores, y: Y, test: Scores, anomaly: Mask) -> Mapping[str, float]:
        """Return the hyper-parameters that give the test rows the highest AUROC."""

    @abstractmethod
    def _fit_chosen(self, x: Scores, y: Y, chosen: Mapping[str, float]) -> None:
        """Fit with the hyper-parameters `chosen`."""

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_rows("max_rows")
        remedy = '"subsample" was about as good in our measurements, and much faster.'
        rule = f"one of {', '.join(self.approximations)}"
        self._require_one_of("approximation", self.approximations, remedy, rule)
        rule = 'a number above 0, "scale" or "search"'
        remedy = 'Use "search" to choose it on the training rows, "scale" for 1 / (columns x variance).'
        self._require_choice("gamma", rule, lambda gamma: 0 < gamma < np.inf, ("scale", "search"), remedy)

    def _fit_scaled(self, x: Scores, y: Y) -> None:
        self._continued = True
        generator = self._generator()
        if self.approximation == "subsample":
            rows = self._subsample(y, self.max_rows, generator)
        else:
            rows, self.approximation_ = drawn_rows(y, self.max_rows, generator), None
        seed = int(generator.integers(2**31 - 1))
        chosen = self._chosen(x[rows], y[rows], seed)
        if len(rows) < len(y) and self.approximation != "subsample":
            self._fit_many(x, y, chosen, seed)
        else:
            self._fit_chosen(x[rows], y[rows], chosen)

    @property
    @abstractmethod
    def _expansion(self) -> Expansion:
        """The sum of kernels that a fitted model scores by, of scaled rows."""

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        total = self._expansion.add_to(graph, self._add_scaled(graph, rows))
        return graph.vector(graph.add("Sub", total, graph.constant(self._threshold())))

    def _threshold(self) -> float:
        """Return what the score is less than the sum of kernels."""
        return 0.0

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values, arrays = super()._state()
        return values | {"continued": self._continued}, arrays

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        super()._set_state(values, arrays)
        self._continued = bool(values.get("continued", False))  # files of askew 0.1 do not say

    @abstractmethod
    def _fit_many(self, x: Scores, y: Y, chosen: Mapping[str, float], seed: int) -> None:
        """Fit on more than ``max_rows`` rows, as ``approximation`` says; may set ``approximation_``."""

    def _chosen(self, x: Scores, y: Y, seed: int) -> Mapping[str, float]:
        """Return the hyper-parameters, chosen on the training rows unless :meth:`fit_with_test_tuning` calls."""
        tuning = self.__dict__.get("_tuning")
        self.tuned_on_test_ = tuning is not None
        if tuning is None:
            return self._choose(x, y, seed)
        test = self._scaled(self._validated(tuning[0]))
        part, _, anomaly, _ = train_test_split(
            test, tuning[1], train_size=TUNING_SHARE, stratify=tuning[1], random_state=seed
        )
        return self._choose_on_test(x, y, part, anomaly)
