"""OC-SVM: scikit-learn's one-class support vector machine, with the papers' search space."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import SGDOneClassSVM
from sklearn.model_selection import KFold
from sklearn.svm import OneClassSVM

from askew.base import Scores, Y
from askew.distributed.jobs import call_each
from askew.families import kernels
from askew.files import sklearn_array, sklearn_object

NUS = (0.1, 0.05, 0.2, 0.01, 0.5)  # Ruff et al. (2020), section D; their code's own, 0.1, wins ties
_SGD_STEPS = 1_000_000  # the second half is averaged; scikit-learn's rule stopped far from the optimum


@final
@dataclass(eq=False, repr=False)
class OCSVM(kernels.KernelDetector):
    r"""One-class support vector machine with the kernel :math:`k(x,x')=\exp(-\gamma\|x-x'\|^2)`.

    Score :math:`\sum_i\alpha_i k(x_i,x)-\rho`, where α minimises :math:`\frac12\alpha^\top K\alpha` subject to
    :math:`0\le\alpha_i\le1,\ \sum_i\alpha_i=\nu n`. Known anomalies are left out of training; labels
    are used to choose hyper-parameters, and for nothing else.

    Reference: Schölkopf et al. (2001), Estimating the Support of a High-Dimensional Distribution, Eqs. 6–11;
    the grids are those of Ruff et al. (2020), Deep Semi-Supervised Anomaly Detection, section D.

    ``"search"`` chooses on the training rows alone: first γ at ν = 0.1 (or the ν given), then ν.

    - With known anomalies: the highest mean AUROC over three folds of the other rows, each judged on all known
      anomalies; equal AUROCs go to the smaller γ.
    - Without: the largest γ with which no smaller one is inconsistent (Tax and Müller 2004, A Consistency-Based
      Model Selection for One-Class Classification): at most :math:`\nu+2\sqrt{\nu(1-\nu)/n}` of the
      held-out rows of three folds are rejected. ν stays 0.1.

    *Departures:* the papers choose γ on a tenth of the test rows and report the best ν
    (``fit_with_test_tuning``), and their code trains on known anomalies too. Where all kernels are as good as 0, a row
    that is further away still scores lower, see :class:`~askew.families.kernels.Expansion`.

    Parameters
    ----------
    gamma : float above 0, "scale" or "search"
        "search" tries :math:`2^{-7},\dots,2^2`; "scale" is 1 / (columns × variance).
    nu : float in (0, 1] or "search"
        Share of the training rows that may lie outside; "search" tries 0.01, 0.05, 0.1, 0.2 and 0.5.
    max_rows : int
        With more training rows than that, see `approximation`.
    approximation : {"subsample", "nystroem", "exact"}
        What to do then: fit on a sub-sample of `max_rows` rows (labelled rows stay), on the Nyström features of
        all, or on all, with a matrix of all pairs in memory. Hyper-parameters are chosen on the sub-sample.
    n_components : int
        Rows that stand for all in the Nyström map.

    Attributes
    ----------
    gamma_, nu_ : float
        What was used.
    approximation_ : str or None
        What was left out, or None.
    tuned_on_test_ : bool
        Whether `fit_with_test_tuning` chose them.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = OCSVM(gamma="scale", nu=0.1, random_state=0).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "oc_svm"
    known_anomalies: ClassVar[str] = "chooses its kernel by them"
    fitted_values: ClassVar[tuple[str, ...]] = ("gamma_", "nu_", "approximation_", "tuned_on_test_")
    approximations: ClassVar[tuple[str, ...]] = ("subsample", "nystroem", "exact")

    gamma: str | float = "search"
    nu: str | float = "search"
    max_rows: int = 3000
    approximation: str = "subsample"
    n_components: int = 300

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_whole("n_components", 1, "It is the number of rows that stand for all; 300 is usual.")
        remedy = 'Use "search", or 0.1 as the reference code does.'
        self._require_choice("nu", 'in (0, 1] or "search"', lambda nu: 0 < nu <= 1, ("search",), remedy)

    def _gammas(self, x: Scores) -> tuple[float, ...]:
        if self.gamma == "search":
            return kernels.GAMMAS
        return (kernels.scale_gamma(x) if self.gamma == "scale" else float(self.gamma),)

    def _nus(self) -> tuple[float, ...]:
        return NUS if self.nu == "search" else (float(self.nu),)

    def _choose(self, x: Scores, y: Y, seed: int) -> Mapping[str, float]:
        normal, known = x[y >= 0], x[y < 0]
        gammas, nus = self._gammas(normal), self._nus()
        if len(gammas) == len(nus) == 1:
            return {"gamma": gammas[0], "nu": nus[0]}
        folds = KFold(min(kernels.FOLDS, len(normal)), shuffle=True, random_state=seed)
        if len(known) == 0:
            gamma = _consistent_gamma(normal, gammas, nus[0], folds) if len(gammas) > 1 else gammas[0]
            return {"gamma": gamma, "nu": nus[0]}

        def best(pairs: list[tuple[float, float]]) -> tuple[float, float]:
            if len(pairs) == 1:
                return pairs[0]
            calls = [(normal, known, folds, *pair) for pair in pairs]
            return pairs[int(np.argmax(call_each(_mean_auroc, calls, threads=True)))]

        gamma, _ = best([(gamma, nus[0]) for gamma in gammas])
        _, nu = best([(gamma, nu) for nu in nus])
        return {"gamma": gamma, "nu": nu}

    def _choose_on_test(self, x: Scores, y: Y, test: Scores, anomaly: kernels.Mask) -> Mapping[str, float]:
        normal = x[y >= 0]
        pairs = [(gamma, nu) for nu in self._nus() for gamma in self._gammas(normal)]

        def quality(pair: tuple[float, float]) -> float:
            model = _machine(*pair).fit(normal)
            return kernels.auroc(model.decision_function(test), anomaly)

        gamma, nu = max(pairs, key=quality)
        return {"gamma": gamma, "nu": nu}

    def _fit_chosen(self, x: Scores, y: Y, chosen: Mapping[str, float]) -> None:
        self.gamma_, self.nu_ = chosen["gamma"], chosen["nu"]
        self.machine_ = _machine(self.gamma_, self.nu_).fit(x[y >= 0])

    def _fit_many(self, x: Scores, y: Y, chosen: Mapping[str, float], seed: int) -> None:
        if self.approximation == "exact":
            self._fit_chosen(x, y, chosen)
            return
        self.gamma_, self.nu_ = chosen["gamma"], chosen["nu"]
        x = x[y >= 0]
        size = min(self.n_components, len(x))
        self.approximation_ = f"Nyström map of {size} of {len(y)} training rows"
        landmarks = x[np.random.default_rng(seed).choice(len(x), size, replace=False)]
        mapping = kernels.NystroemMap(landmarks, self.gamma_)
        epochs = max(2, -(-_SGD_STEPS // len(x)))
        linear = SGDOneClassSVM(
            nu=self.nu_, max_iter=epochs, tol=None, average=epochs * len(x) // 2, random_state=seed
        )
        linear.fit(mapping.features(x))
        self.machine_ = None
        self.support_, self.weights_ = mapping.landmarks, mapping.expansion(linear.coef_.ravel())
        self.rho_ = float(linear.offset_[0])

    @property
    def _expansion(self) -> kernels.Expansion:
        if self.machine_ is None:
            return kernels.Expansion(self.support_, self.weights_, self.gamma_, self._continued)
        points, weights = self.machine_.support_vectors_, self.machine_.dual_coef_[0]
        return kernels.Expansion(points, weights, self.gamma_, self._continued)

    def _threshold(self) -> float:
        return self.rho_ if self.machine_ is None else -float(self.machine_.intercept_[0])

    def _score_scaled(self, x: Scores) -> Scores:
        expansion, rho = self._expansion, self._threshold()
        if self.machine_ is None:
            return expansion(x) - rho
        scores = np.asarray(self.machine_.decision_function(x), dtype=np.float64)
        low = scores + rho < expansion.floor
        if self._continued and low.any():
            scores[low] = expansion(x[low]) - rho
        return scores

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values, arrays = super()._state()
        if self.machine_ is None:
            expansion = {"support": self.support_, "weights": self.weights_}
            return values | {"rho_": self.rho_}, arrays | expansion
        return values, arrays | {"machine": sklearn_array(self.machine_)}

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        super()._set_state(values, arrays)
        self.machine_ = sklearn_object(arrays["machine"], OneClassSVM) if "machine" in arrays else None
        if self.machine_ is not None:
            _check_machine(self.machine_, self.n_numbers_)
        else:
            self.support_, self.weights_, self.rho_ = arrays["support"], arrays["weights"], values["rho_"]


def _check_machine(machine: OneClassSVM, n_columns: int) -> None:
    """Raise ValueError unless a machine's arrays belong together: libsvm reads as far as one of them says."""
    n = len(machine.support_)
    shapes = {
        "support_vectors_": (n, n_columns),
        "_dual_coef_": (1, n),
        "_intercept_": (1,),
        "_n_support": (2,),
    }
    for name, shape in shapes.items():
        if np.shape(getattr(machine, name)) != shape:
            raise ValueError(
                f"{name} of its machine is of shape {np.shape(getattr(machine, name))}, not {shape}"
            )
    if machine._sparse or n != machine._n_support[0]:
        raise ValueError("its machine has other support vectors than it says")


def _mean_auroc(normal: Scores, known: Scores, folds: KFold, gamma: float, nu: float) -> float:
    """Return the AUROC of known anomalies against normal rows that the model has not seen, mean over folds."""
    aurocs = []
    for train, held_out in folds.split(normal):
        model = _machine(gamma, nu).fit(normal[train])
        scores = model.decision_function(np.concatenate([normal[held_out], known]))
        aurocs.append(kernels.auroc(scores, np.arange(len(scores)) >= len(held_out)))
    return float(np.mean(aurocs))


def _machine(gamma: float, nu: float) -> OneClassSVM:
    """Return a machine that is to be fitted."""
    machine = OneClassSVM(gamma=gamma, nu=nu)
    machine.random_state = 0  # it takes none and needs none, but would draw one from numpy's global generator
    return machine


def _consistent_gamma(x: Scores, gammas: Iterable[float], nu: float, folds: KFold) -> float:
    """Return the largest γ that rejects about ν of the held-out rows, as all smaller ones do."""
    allowed = nu + 2.0 * math.sqrt(nu * (1.0 - nu) / len(x))
    ascending = sorted(gammas)
    chosen = ascending[0]
    for gamma in ascending:
        outside = 0
        for train, held_out in folds.split(x):
            model = _machine(gamma, nu).fit(x[train])
            outside += int((model.decision_function(x[held_out]) < 0).sum())
        if outside / len(x) > allowed:
            break
        chosen = gamma
    return chosen
