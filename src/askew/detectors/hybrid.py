"""Hybrid: a shallow detector on the code of an autoencoder or VAE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from askew import index, labels
from askew.base import DeepDetector, Detector, ScoreGraph, Scores, SeedParameters, Y, fit_together
from askew.base.detector_state import fitted_state, set_fitted_state
from askew.base.persistence import nested, part_of
from askew.base.preparation.column_scaling import ExtremeCells
from askew.errors import InvalidInputError, must
from askew.families.kernels import KernelDetector

_ENCODER, _DETECTOR = "autoencoder", "oc_svm"  # what None stands for


@final
@dataclass(eq=False, repr=False)
class Hybrid(SeedParameters, Detector):
    r"""Two steps: an encoder φ learns a code of the rows, then a shallow detector learns what is normal among codes.

    Score :math:`s(\phi(x))` with s the shallow detector's. Both are given the labels and do with them what they
    do by themselves; an ensemble of encoders gives the code of its first member.

    Reference: the "hybrid" rows (OC-SVM, IF, KDE and SSAD on an autoencoder's code) of Ruff et al. (2020), Deep
    Semi-Supervised Anomaly Detection, section D; first in Erfani et al. (2016). *Departures:* the shallow detector
    scales codes, as its ``scale`` says; γ is not chosen on test rows but by `fit_with_test_tuning`; kernels are RBF,
    theirs are also linear.

    Parameters
    ----------
    encoder : deep detector or its short name, optional
        For example ``AutoEncoder()``, the default, or ``"vae"``. It is not fitted itself; a copy is.
    detector : detector or its short name, optional
        For example ``OCSVM()``, the default, ``KernelSSAD()``, ``KDE()`` or ``"isolation_forest"``; a copy is fitted.
        Parameters of both can be set as ``encoder__n_members``, ``detector__gamma`` and so on.
    random_state : int, RandomState or None
        Decides both parts' own. None leaves them as they are.

    Attributes
    ----------
    encoder_, detector_ : Detector
        The fitted copies.

    Examples
    --------
    >>> from askew import KDE
    >>> X = np.random.default_rng(0).normal(size=(80, 9))
    >>> hybrid = Hybrid(detector=KDE(), random_state=0).set_params(encoder__training__epochs=3).fit(X)
    >>> hybrid.encoder_.encode(X).shape, hybrid.score_samples(X).shape
    ((80, 8), (80,))
    """

    name: ClassVar[str] = "hybrid"
    known_anomalies: ClassVar[str] = "what its two parts do"
    paper: ClassVar[str] = "baseline of Ruff et al. 2020"
    keeps_bytes: ClassVar[bool] = True

    encoder: DeepDetector | str | None = None
    detector: Detector | str | None = None

    def set_params(self, **params: Any) -> Self:
        """Set parameters; ``encoder__...`` and ``detector__...`` also work while these are None or names."""
        inner = {key: value for key, value in params.items() if "__" in key}
        super().set_params(**{key: value for key, value in params.items() if key not in inner})
        for part, usual in (("encoder", _ENCODER), ("detector", _DETECTOR)):
            value = getattr(self, part)
            if isinstance(value, str | None) and any(key.startswith(f"{part}__") for key in inner):
                super().set_params(**{part: _part(part, value, usual)})
        super().set_params(**inner)
        return self

    def fit_with_test_tuning(self, X: Any, y: Any, X_test: Any, anomaly_test: Any) -> Self:
        """Fit with the shallow detector's hyper-parameters chosen on a tenth of the **test** rows, as the papers do.

        The result looks better than it is; ``detector_.tuned_on_test_`` is True afterwards. Arguments and errors
        are those of the detector's own `fit_with_test_tuning`; detectors without one are refused.
        """
        chosen = _part("detector", self.detector, _DETECTOR)
        if not isinstance(chosen, KernelDetector):
            remedy = "Use fit: this detector has nothing that the papers tune on test rows."
            raise InvalidInputError(must("detector", "Hybrid", "an OCSVM or a KernelSSAD", chosen, remedy))
        self.fit(X, y)
        codes, test_codes = self.encoder_.encode(X), self.encoder_.encode(X_test)
        known = labels.ours(labels.check(y, len(codes), owner="Hybrid"))
        self.detector_.fit_with_test_tuning(codes, known, test_codes, anomaly_test)
        self._finish(self._validated(X), np.asarray(known))
        return self

    def published_parameters(self) -> dict[str, Any]:
        """Return those of the two parts."""
        parts = {"encoder": (self.encoder, _ENCODER), "detector": (self.detector, _DETECTOR)}
        of = {name: _part(name, *part).published_parameters() for name, part in parts.items()}
        return {f"{name}__{key}": value for name, found in of.items() for key, value in found.items()}

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for part in self._new_parts():
            part._check_parameters()

    def _new_parts(self) -> tuple[DeepDetector, Detector]:
        """Return unfitted copies of encoder and detector, with seeds of their own if there is a random_state."""
        encoder = clone(_part("encoder", self.encoder, _ENCODER))
        detector = clone(_part("detector", self.detector, _DETECTOR))
        if not isinstance(encoder, DeepDetector):
            remedy = "Use AutoEncoder(), VAE() or their names."
            raise InvalidInputError(must("encoder", "Hybrid", "a deep detector", encoder, remedy))
        if not detector.takes_tables:
            remedy = "Codes are a table, and it takes images alone: use OCSVM() or another that takes tables."
            raise InvalidInputError(must("detector", "Hybrid", "a detector of tables", detector, remedy))
        return encoder, detector

    def _seed_parts(self) -> None:
        seed = self._seed()
        if seed is None:
            return
        seeds = np.random.SeedSequence(seed).generate_state(2)
        for part, seed in zip((self.encoder_, self.detector_), seeds, strict=True):
            if "random_state" in part.get_params(deep=False):
                part.set_params(random_state=int(seed))

    @classmethod
    def _fit_group(cls, detectors: Sequence[Self], data: Sequence[tuple[Scores, Y]]) -> None:
        for hybrid in detectors:
            hybrid.encoder_, hybrid.detector_ = hybrid._new_parts()
            hybrid._seed_parts()
        both = zip(detectors, data, strict=True)
        pairs = [(hybrid._input.folded(x), labels.ours(y)) for hybrid, (x, y) in both]
        fit_together([hybrid.encoder_ for hybrid in detectors], pairs)
        trained = []
        for hybrid, (x, y) in zip(detectors, pairs, strict=True):
            hybrid.fit_error_ = hybrid.encoder_.fit_error_
            if hybrid.fit_error_ is None:
                trained.append((hybrid, (hybrid.encoder_.encode(x), y)))
        if trained:
            fit_together([hybrid.detector_ for hybrid, _ in trained], [codes for _, codes in trained])
        for hybrid, _ in trained:
            hybrid.fit_error_ = hybrid.detector_.fit_error_

    def _extremes(self, x: Any, y: Y) -> tuple[ExtremeCells, ...]:
        return self.encoder_._extremes(x, y)

    def _score_rows(self, x: Scores) -> Scores:
        return self.detector_.score_samples(self.encoder_.encode(self._input.folded(x)))

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        return graph.score(self.detector_, graph.codes(self.encoder_, rows))

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        encoder, encoder_arrays = nested("encoder", fitted_state(self.encoder_))
        detector, detector_arrays = nested("detector", fitted_state(self.detector_))
        return encoder | detector, encoder_arrays | detector_arrays

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.fit_error_ = None
        self.encoder_, self.detector_ = self._new_parts()
        set_fitted_state(self.encoder_, *part_of("encoder", values, arrays))
        set_fitted_state(self.detector_, *part_of("detector", values, arrays))


def _part(name: str, value: Any, usual: str) -> Any:
    """Return the detector that a parameter stands for."""
    wanted = usual if value is None else value
    if isinstance(wanted, str):
        if wanted != "hybrid" and wanted in index.tabular():
            return index.detector_class(wanted)()
        remedy = "`askew methods` lists the names there are."
    elif isinstance(wanted, Detector) and not isinstance(wanted, Hybrid) and wanted.input_kind == "table":
        return wanted
    else:
        remedy = "Give a new one, for example AutoEncoder() or OCSVM()."
    raise InvalidInputError(must(name, "Hybrid", "a detector, its short name or None", value, remedy))
