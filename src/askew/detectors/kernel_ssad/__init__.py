"""KernelSSAD: semi-supervised anomaly detection with a kernel, solved in its convex dual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from askew.base import Scores, Y
from askew.detectors.kernel_ssad.smo import Solution, kinds_of, solve
from askew.detectors.kernel_ssad.working_set import solve_many
from askew.distributed.jobs import call_each
from askew.families import kernels
from askew.families.tabular import drawn_rows

ENOUGH_KNOWN = 10  # known anomalies from which on they choose γ: ten per choice (Peduzzi et al. 1996)
ROWS_TO_CHOOSE_ON = 1000  # training rows that γ is chosen on: the known anomalies limit how well that goes
_ON_THE_PATH, _FINAL = 1e-2, 1e-3  # the solver's tolerances, while γ is chosen and for the model itself


@final
@dataclass(eq=False, repr=False)
class KernelSSAD(kernels.KernelDetector):
    r"""Support vector data description that known anomalies push away, with :math:`k(x,x')=\exp(-\gamma\|x-x'\|^2)`.

    Score :math:`\sum_i y_i\alpha_i k(x_i,x)`, where α minimises
    :math:`\frac12\sum_{ij}\alpha_i\alpha_jy_iy_jk(x_i,x_j)` subject to :math:`0\le\alpha_i\le C,\
    \sum_iy_i\alpha_i=1,\ \sum_{\text{labelled}}\alpha_i\ge\kappa`, and :math:`y_i=+1` for unlabelled rows.

    Reference: Görnitz, Kloft, Rieck and Brefeld (2013), Toward Supervised Anomaly Detection, the convex dual of
    section 4 for a radial kernel; in the papers' tables as SSAD. It is solved by sequential minimal
    optimisation, along a path of kernels that each start from their neighbour's solution.

    A row far from all training rows scores 0, a hair less the further it is (see
    :class:`~askew.families.kernels.Expansion`), and rows near known anomalies less: the score says on which side a
    row is rather than how strange it is.

    ``"search"`` chooses γ on the training rows alone. With at least ten known anomalies (ten events per quantity
    chosen: Peduzzi et al. 1996, A Simulation Study of the Number of Events per Variable) by the highest mean AUROC
    over three folds that spread them, on at most 1,000 rows. With fewer it is the median heuristic,
    :math:`1/\gamma=\mathrm{median}_{i<j}\|x_i-x_j\|^2` over the rows that are not known anomalies (Garreau,
    Jitkrittum and Kanagawa 2017, Large Sample Analysis of the Median Heuristic, section 1; Caputo et al. 2002).
    The rule was fixed before it was measured on any test row.

    *Departures:* the papers choose γ on a tenth of the test rows (``fit_with_test_tuning``). Without a known
    anomaly κ would move the whole weight onto known normal rows; then these count as unlabelled, and κ as 0.

    Parameters
    ----------
    gamma : float above 0, "scale" or "search"
        "search" tries :math:`2^{-7},\dots,2^2` or takes the median heuristic; "scale" is 1 / (columns × variance).
    C : float above 0
        Upper bound of every α (the papers' η, for labelled and unlabelled rows); at 1 the boundary is nearly hard.
    kappa : float of at least 0
        κ, the weight of the margin between labelled rows and the boundary.
    max_rows : int
        With more training rows than that, see `approximation`.
    approximation : {"subsample", "exact"}
        What to do then: fit on a sub-sample of `max_rows` rows (labelled rows stay), or on all: a working set grows
        until the other rows would not change the solution. γ is chosen on the sub-sample. In a Nyström map rows
        far from all landmarks would have no feature left and take all the weight.

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
    known_anomalies: ClassVar[str] = "pushes them out of a support vector description"
    uses_labels: ClassVar[bool] = True
    fitted_values: ClassVar[tuple[str, ...]] = ("gamma_", "approximation_", "tuned_on_test_")
    fitted_arrays: ClassVar[tuple[str, ...]] = ("support", "weights")

    gamma: str | float = "search"
    C: float = 1.0
    kappa: float = 1.0
    max_rows: int = 3000
    approximation: str = "subsample"

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_number("C", "above 0 and finite", lambda C: 0 < C < np.inf, "The papers use 1.")
        remedy = "The papers use 1; 0 asks for no margin."
        self._require_number("kappa", "at least 0 and finite", lambda kappa: 0 <= kappa < np.inf, remedy)

    def _choose(self, x: Scores, y: Y, seed: int) -> Mapping[str, float]:
        if self.gamma != "search":
            return {"gamma": kernels.scale_gamma(x[y >= 0]) if self.gamma == "scale" else float(self.gamma)}
        generator = np.random.default_rng(seed)
        if int((y < 0).sum()) < ENOUGH_KNOWN:
            return {"gamma": kernels.median_gamma(x[y >= 0], generator)}
        rows = _rows_to_choose_on(y, generator)
        x, y = x[rows], y[rows]
        parts = [(x, y, *fold) for fold in kernels.labelled_folds(y, seed)]
        folds = call_each(self._aurocs, parts, threads=True)
        return {"gamma": kernels.GAMMAS[int(np.mean(folds, axis=0).argmax())]}

    def _aurocs(self, x: Scores, y: Y, train: NDArray[np.intp], held_out: NDArray[np.intp]) -> list[float]:
        """Return the AUROC of known anomalies that were held out, by every γ."""
        paths = self._path(x[train], y[train], kernels.GAMMAS, x[held_out])
        return [kernels.auroc(scores, y[held_out] < 0) for _, scores in paths]

    def _choose_on_test(self, x: Scores, y: Y, test: Scores, anomaly: kernels.Mask) -> Mapping[str, float]:
        gammas = kernels.GAMMAS if self.gamma == "search" else (self._choose(x, y, 0)["gamma"],)
        found = [kernels.auroc(scores, anomaly) for _, scores in self._path(x, y, gammas, test)]
        return {"gamma": gammas[int(np.argmax(found))]}

    def _path(self, x: Scores, y: Y, gammas: Sequence[float], new: Scores) -> list[tuple[Solution, Scores]]:
        """Return the solution for the rows, sorted by kind, and the scores of `new` for every γ, in their order.

        The widest kernels come last: a narrow one's solution is spread over all rows, as the start is.
        """
        x, y = self._sorted(x, y)
        within, widest_last = kernels.squared_distances(x, x), sorted(gammas, reverse=True)
        across, signs = kernels.squared_distances(new, x), np.where(y < 0, -1.0, 1.0)
        by_gamma = {}
        for gamma, solution in self._solutions(within, y, widest_last, _ON_THE_PATH):
            used = solution.alpha > 0.0
            weights = (signs * solution.alpha)[used]
            by_gamma[gamma] = (solution, np.exp(-gamma * across[:, used]) @ weights)
        return [by_gamma[gamma] for gamma in gammas]

    def _solutions(
        self, distances: Scores, y: Y, gammas: Sequence[float], tolerance: float
    ) -> Iterator[tuple[float, Solution]]:
        """Yield (γ, solution), each started from the one before. One kernel matrix is held at a time."""
        labels, kappa = self._dual(y)
        start, kernel = None, np.empty_like(distances)
        for gamma in gammas:
            np.multiply(distances, -gamma, out=kernel)
            np.exp(kernel, out=kernel)
            solution = solve(kernel, labels, float(self.C), kappa, start, tolerance)
            start = solution.alpha
            yield gamma, solution

    def _dual(self, y: Y) -> tuple[Y, float]:
        return (y, float(self.kappa)) if (y < 0).any() else (np.zeros_like(y), 0.0)

    def _sorted(self, x: Scores, y: Y) -> tuple[Scores, Y]:
        """Return rows and labels in the solver's own order, so that it copies no kernel matrix."""
        order = np.argsort(kinds_of(self._dual(y)[0]), kind="stable")
        return x[order], y[order]

    def _fit_many(self, x: Scores, y: Y, chosen: Mapping[str, float], seed: int) -> None:
        self.gamma_ = chosen["gamma"]
        labels, kappa = self._dual(y)
        start = drawn_rows(labels, ROWS_TO_CHOOSE_ON, np.random.default_rng(seed))
        rows, beta = solve_many(x, labels, self.gamma_, start, float(self.C), kappa, _FINAL)
        self.support_, self.weights_ = x[rows], beta

    def _fit_chosen(self, x: Scores, y: Y, chosen: Mapping[str, float]) -> None:
        self.gamma_ = chosen["gamma"]
        x, y = self._sorted(x, y)
        ((_, solution),) = self._solutions(kernels.squared_distances(x, x), y, (self.gamma_,), _FINAL)
        used = solution.alpha > 0.0
        self.support_ = x[used]
        self.weights_ = np.where(y[used] < 0, -1.0, 1.0) * solution.alpha[used]

    @property
    def _expansion(self) -> kernels.Expansion:
        return kernels.Expansion(self.support_, self.weights_, self.gamma_, self._continued)

    def _score_scaled(self, x: Scores) -> Scores:
        return self._expansion(x)


def _rows_to_choose_on(y: Y, generator: np.random.Generator) -> NDArray[np.intp]:
    """Return the rows on which γ is chosen: all if they are few, else at most half of them known anomalies."""
    if len(y) <= ROWS_TO_CHOOSE_ON:
        return np.arange(len(y))
    known, others = (generator.permutation(np.flatnonzero(kind)) for kind in (y < 0, y >= 0))
    known = known[: max(ROWS_TO_CHOOSE_ON // 2, ROWS_TO_CHOOSE_ON - len(others))]
    return np.sort(np.concatenate([known, others[: ROWS_TO_CHOOSE_ON - len(known)]]))
