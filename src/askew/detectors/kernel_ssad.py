"""KernelSSAD: semi-supervised anomaly detection with a kernel, solved in its convex dual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from askew.base.detector import Scores, Y
from askew.detectors._kernels import (
    GAMMAS,
    KernelDetector,
    auroc,
    labelled_folds,
    rbf_sum,
    scale_gamma,
    squared_distances,
)
from askew.detectors._smo import Solution, solve


@final
class KernelSSAD(KernelDetector):
    r"""Support vector data description that known anomalies push away, with :math:`k(x,x')=\exp(-\gamma\|x-x'\|^2)`.

    Score :math:`\sum_i y_i\alpha_i k(x_i,x)`, where α minimises
    :math:`\frac12\sum_{ij}\alpha_i\alpha_jy_iy_jk(x_i,x_j)` subject to :math:`0\le\alpha_i\le C,\
    \sum_iy_i\alpha_i=1,\ \sum_{\text{labelled}}\alpha_i\ge\kappa`, and :math:`y_i=+1` for unlabelled rows.

    Reference: Görnitz, Kloft, Rieck and Brefeld (2013), Toward Supervised Anomaly Detection, the convex dual of
    section 4 for a radial kernel; in the papers' tables as SSAD. It is solved by sequential minimal
    optimisation, along a path of kernels that each start from their neighbour's solution.

    A row far from all training rows scores 0, and rows near known anomalies less: the score says less about
    how strange a strange row is than about which side it is on.

    How ``"search"`` chooses γ, on the training rows alone: by the mean AUROC over three folds that spread the
    known anomalies (with fewer of them fewer folds; a single one is tested by a model that has not seen it).
    A few anomalies measure it roughly, so of all γ within one standard error of the best (Breiman et al. 1984,
    section 3.4.3) the one nearest to "scale" is taken. Without known anomalies it is "scale" itself.

    *Departures:* the papers choose γ on a tenth of the test rows (``fit_with_test_tuning``). κ asks for a
    margin between the labelled rows and the boundary; without a known anomaly it would move the whole
    weight onto known normal rows, so then those count as unlabelled and κ as 0.

    Parameters
    ----------
    gamma : float above 0, "scale" or "search"
        "search" tries :math:`2^{-7},\dots,2^2`; "scale" is 1 / (columns × variance).
    C : float above 0
        Upper bound of every α (the papers' η, the same for labelled and unlabelled rows). At 1 the boundary is
        nearly hard.
    kappa : float of at least 0
        κ, the weight of the labelled rows' margin.
    max_rows : int
        With more training rows a sub-sample of this size is used; labelled rows stay.
    contamination : float in (0, 0.5]
        Share of the training rows that `predict` flags.
    scale : "standard" or None
        Whether columns are standardised on the training rows.
    random_state : int, RandomState or None
        Decides sub-sample and folds, nothing else.

    Attributes
    ----------
    gamma_ : float
        What was used.
    support_, weights_ : arrays of shape (n_support, n_features) and (n_support,)
        The scaled rows with α above 0, and their :math:`y_i\alpha_i`.
    approximation_ : str or None
        What was left out, or None.
    tuned_on_test_ : bool
        Whether `fit_with_test_tuning` chose γ.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 2))
    >>> X[:5] += 3.0
    >>> y = np.r_[-np.ones(5), np.zeros(75)]
    >>> known, new = [[3.0, 3.0]], [[-3.0, -3.0]]
    >>> detector = KernelSSAD(gamma=0.5).fit(X, y)
    >>> bool(detector.score_samples(known)[0] < detector.score_samples(new)[0])
    True
    """

    name: ClassVar[str] = "kernel_ssad"
    uses_labels: ClassVar[bool] = True

    def __init__(
        self,
        gamma: str | float = "search",
        C: float = 1.0,
        kappa: float = 1.0,
        max_rows: int = 3000,
        contamination: float = 0.05,
        scale: str | None = "standard",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.gamma = gamma
        self.C = C
        self.kappa = kappa
        self.max_rows = max_rows
        self.contamination = contamination
        self.scale = scale
        self.random_state = random_state

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_number("C", "above 0 and finite", lambda C: 0 < C < np.inf, "The papers use 1.")
        remedy = "The papers use 1; 0 asks for no margin."
        self._require_number("kappa", "at least 0 and finite", lambda kappa: 0 <= kappa < np.inf, remedy)

    def _choose(self, x: Scores, y: Y, seed: int) -> Mapping[str, float]:
        if self.gamma != "search":
            return {"gamma": scale_gamma(x[y >= 0]) if self.gamma == "scale" else float(self.gamma)}
        if not (y < 0).any():
            return {"gamma": scale_gamma(x)}
        folds = []
        for train, held_out in labelled_folds(y, seed):
            paths = self._path(x[train], y[train], GAMMAS, x[held_out])
            folds.append([auroc(scores, y[held_out] < 0) for _, scores in paths])
        return {"gamma": _cautious(np.array(folds), scale_gamma(x[y >= 0]))}

    def _choose_on_test(
        self, x: Scores, y: Y, test: Scores, anomaly: NDArray[np.bool_]
    ) -> Mapping[str, float]:
        gammas = GAMMAS if self.gamma == "search" else (self._choose(x, y, 0)["gamma"],)
        found = [auroc(scores, anomaly) for _, scores in self._path(x, y, gammas, test)]
        return {"gamma": gammas[int(np.argmax(found))]}

    def _path(self, x: Scores, y: Y, gammas: Sequence[float], new: Scores) -> list[tuple[Solution, Scores]]:
        """Return the solution and the scores of `new` for every γ, in their order.

        The widest kernels come last: a narrow one's solution is spread over all rows, as the start is.
        """
        found = list(self._solutions(squared_distances(x, x), y, sorted(gammas, reverse=True)))
        across, signs = squared_distances(new, x), np.where(y < 0, -1.0, 1.0)
        by_gamma = {
            gamma: (solution, np.exp(-gamma * across) @ (signs * solution.alpha)) for gamma, solution in found
        }
        return [by_gamma[gamma] for gamma in gammas]

    def _solutions(
        self, distances: Scores, y: Y, gammas: Sequence[float]
    ) -> Iterator[tuple[float, Solution]]:
        """Yield (γ, solution), each started from the one before."""
        if (y < 0).any():
            labels, kappa = y, float(self.kappa)
        else:
            labels, kappa = np.zeros_like(y), 0.0
        start = None
        for gamma in gammas:
            solution = solve(np.exp(-gamma * distances), labels, float(self.C), kappa, start)
            start = solution.alpha
            yield gamma, solution

    def _fit_chosen(self, x: Scores, y: Y, chosen: Mapping[str, float]) -> None:
        self.gamma_ = chosen["gamma"]
        ((_, solution),) = self._solutions(squared_distances(x, x), y, (self.gamma_,))
        used = solution.alpha > 0.0
        self.support_ = x[used]
        self.weights_ = np.where(y[used] < 0, -1.0, 1.0) * solution.alpha[used]

    def _score_scaled(self, x: Scores) -> Scores:
        return rbf_sum(x, self.support_, self.weights_, self.gamma_)

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        fitted = ("gamma_", "approximation_", "tuned_on_test_")
        arrays = self._scaler_state() | {"support": self.support_, "weights": self.weights_}
        return {key: getattr(self, key) for key in fitted}, arrays

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._set_scaler(arrays)
        self.gamma_, self.approximation_ = float(values["gamma_"]), values["approximation_"]
        self.tuned_on_test_ = bool(values["tuned_on_test_"])
        self.support_, self.weights_ = arrays["support"], arrays["weights"]


def _cautious(folds: Scores, usual: float) -> float:
    """Return of the γ within one standard error of the best that nearest to `usual`: AUROCs (folds, gammas)."""
    means = folds.mean(axis=0)
    best = int(means.argmax())
    error = folds[:, best].std(ddof=1) / np.sqrt(len(folds)) if len(folds) > 1 else 0.0
    good = [gamma for gamma, mean in zip(GAMMAS, means, strict=True) if mean >= means[best] - error]
    return min(good, key=lambda gamma: abs(np.log(gamma / usual)))
