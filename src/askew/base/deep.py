"""DeepDetector: a method that is networks, stages of training and a score; ensembles come for free."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from askew.base.detector import Scores, Y
from askew.base.fitted_parameters import require_fitted
from askew.base.joint_fit import fit_in_groups
from askew.base.members_state import members_state, restored_members
from askew.base.preparation.column_scaling import check_scale
from askew.base.quick_scores import QuickScores
from askew.base.recipe import Recipe
from askew.errors import InvalidInputError, must
from askew.labels.values import Words
from askew.training import Training, one_thread
from askew.training.health import check_codes, check_labels, check_scores
from askew.training.precision import autocast_dtype

_CHECKED = 4096
"""Training rows whose codes are checked."""

_MAY_DIFFER = {"contamination", "device", "network", "random_state", "training"}
"""Parameters that a fit may have otherwise than the one it goes on from; of networks the shapes are compared."""

_THREADED_CHUNKS = 8
"""From this many chunks on, several threads compute them."""


class DeepDetector(Recipe):
    """Base of detectors made of networks. A subclass gives networks, stages and a score for **one** member.

    The engine trains ``n_members`` members together, each from its own random weights on its own shuffles; the
    score is the mean over members. Columns are scaled by the training rows that are not known anomalies (``scale``).
    Scores are computed in float64, so that they do not depend on the batch.

    Images are flat rows of pixels to losses and scores; their networks fold them. Pixels are brought to 0..1: bytes
    in the batch, others by the extremes of training, unless ``scale=None``. Convolutions on a CPU train one member
    after the other, with all of torch's threads, and score in float32.

    Attributes
    ----------
    members_ : list of Member
        The trained members that count, with their networks (float64, evaluation mode), seeds and losses.
    failed_members_ : list of str
        Why each member that was given up failed; empty if none was.
    offset_ : float
        The score under which `predict` flags a row.
    """

    keeps_bytes: ClassVar[bool] = True

    def fit(self, X: Any, y: Any = None, *, init_model: Self | None = None, **unknown: Any) -> Self:
        """Fit the detector as :meth:`askew.base.Detector.fit` does.

        With `init_model`, a fitted detector of the same class and the same networks, it goes on from the weights of
        that one's members, with a new optimiser and the last tenth of the epochs, for which the learning rate runs
        through its whole course; pre-training is left out. How rows are prepared stays as it was learned then. It is
        for data that are almost those of then, with other labels, say; the result depends on them and on
        `init_model` alone, which stays as it is.

        Raises
        ------
        InvalidInputError
            If `init_model` is another detector, or has networks of another shape.
        """
        if init_model is None:
            return super().fit(X, y, **unknown)
        self._check_start(init_model)
        self._start = init_model
        try:
            return super().fit(X, y, **unknown)
        finally:
            del self._start

    def set_params(self, **params: Any) -> Self:
        """Set parameters; ``training__lr=...`` also works while ``training`` is None."""
        if self.training is None and any(key.startswith("training__") for key in params):
            params = {"training": Training()} | params
        super().set_params(**params)
        return self

    def member_scores(self, X: Any) -> Scores:
        """Return each member's scores, (n_members, n_rows): their spread says how sure the ensemble is."""
        require_fitted(self)
        x = self._validated(X)
        return np.stack([self._chunked(partial(self._row_scores, member), x) for member in self.members_])

    def encode(self, X: Any) -> NDArray[np.float64]:
        """Return the code of each row by the first member, (n_rows, code)."""
        require_fitted(self)
        return self._chunked(partial(self._codes, self.members_[0]), self._validated(X))

    def _check_parameters(self) -> None:
        super()._check_parameters()
        owner = type(self).__name__
        self._require_whole("n_members", 1, "Use 1 for a single model, 5 for an ensemble as in the paper.")
        self._check_input()
        training: Any = self.training
        if training is not None and not isinstance(training, Training):
            remedy = "Use training=Training(epochs=50), or set_params(training__epochs=50)."
            raise InvalidInputError(must("training", owner, "a Training or None", training, remedy))
        try:
            torch.empty(0, device=self.device)
        except (RuntimeError, AssertionError) as error:
            text = must("device", owner, "a device of this machine", self.device, 'Use "cpu".')
            raise InvalidInputError(text) from error

    def _check_input(self) -> None:
        """Raise InvalidInputError for a parameter of the input's preparation that is out of range."""
        check_scale(self.scale, type(self).__name__)

    def _check_start(self, start: Any) -> None:
        """Raise InvalidInputError unless the fit can go on from the members of `start`."""
        owner, rule = type(self).__name__, f"a fitted {type(self).__name__}"
        if type(start) is not type(self):
            remedy = "Leave it out to train from random weights."
            raise InvalidInputError(must("init_model", owner, rule, start, remedy))
        require_fitted(start)
        given, trained = self.get_params(deep=False), start.get_params(deep=False)
        for name in sorted(given.keys() - _MAY_DIFFER - self.fit_only):
            if repr(given[name]) != repr(trained[name]):
                rule = f"{rule} with {name}={given[name]!r}"
                remedy = f"Set {name} as there, or leave init_model out to train from random weights."
                raise InvalidInputError(must("init_model", owner, rule, Words(repr(trained[name])), remedy))

    def _learned(self, X: Any, y: Any) -> NDArray[Any]:
        if self._start is None:
            return super()._learned(X, y)
        self._input = self._start._input
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self._start, name):
                setattr(self, name, getattr(self._start, name))
        return self._validated(X)

    @classmethod
    def _fit_group(cls, detectors: Sequence[Self], data: Sequence[tuple[Scores, Y]]) -> None:
        fit_in_groups(detectors, data)

    @property
    def training_precision(self) -> str:
        """What the networks of a fitted detector compute in when it is fitted here: "float32" or "bfloat16"."""
        asked = self._settings().precision if self._preparation.convolutional else "float32"
        return "bfloat16" if autocast_dtype(torch.device(self.device), asked) else "float32"

    def _end_fit(self) -> None:
        kept = self.__dict__.pop("_checkpoint", None)
        if kept is not None:
            kept.remove()

    def _unusable(self, scores: Scores) -> str | None:
        if np.isfinite(scores).all():
            return None
        return f"{type(self).__name__}: {check_scores(scores)}. Look for extreme values in the columns."

    def _problems(self, x: Scores, y: Y, scores: Scores) -> Iterable[str | None]:
        return check_labels(scores, y), self._code_problem(x[:_CHECKED])

    def _code_problem(self, x: Scores) -> str | None:
        """Return what is wrong with the codes of training rows, in plain words, or None."""
        return check_codes(self._chunked(partial(self._codes, self.members_[0]), x))

    @property
    def column_mean_(self) -> Scores:
        """What each number becomes 0 at, (n_features,); of images black, (1,)."""
        return self._preparation.mean

    @property
    def column_scale_(self) -> Scores:
        """What its distance from there is divided by, (n_features,); of images white less black, (1,)."""
        return self._preparation.scale

    def _score_rows(self, x: Scores) -> Scores:
        scores = self._chunked(self._mean_scores, x)
        scores[np.isnan(scores)] = -np.inf  # x is finite: the numbers grew too large, so the row is far away
        return scores

    def _quick_scores(self, cut: float) -> Callable[[Scores], Scores]:
        return QuickScores.of(self, self._score_rows, cut) or super()._quick_scores(cut)

    def _mean_scores(self, rows: Tensor) -> Tensor:
        return torch.stack([self._row_scores(member, rows) for member in self.members_]).mean(0)

    def _tensor(self, x: Any) -> Tensor:
        """Return checked rows as scoring takes them."""
        return self._preparation.tensor(x, self.device)

    def _chunked(self, function: Callable[[Tensor], Tensor], x: Any) -> Scores:
        """Return `function` of checked rows once they are prepared, in chunks; threads share many."""
        preparation, size = self._preparation, self._preparation.chunk

        def one(start: int) -> Scores:
            with torch.no_grad():
                values = function(self._tensor(x[start : start + size])).cpu().numpy()
            return np.asarray(values, dtype=np.float64)

        starts = range(0, len(x), size)
        with one_thread(not preparation.convolutional):
            if len(x) < _THREADED_CHUNKS * size or preparation.convolutional:
                return np.concatenate([one(start) for start in starts])
            with ThreadPoolExecutor(os.cpu_count(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
                return np.concatenate(list(pool.map(one, starts)))

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        prepared, scales = self._preparation.state()
        values, arrays = members_state(self.members_)
        return prepared | values | {"failed_members": self.failed_members_}, scales | arrays

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._preparation = self._new_preparation()
        self._preparation.set_state(values, arrays)
        self.failed_members_ = list(values["failed_members"])
        self.fit_error_ = None
        build = partial(self._build, self._spec())
        self.members_ = restored_members((values, arrays), build, self._preparation.dtype, self.device)
