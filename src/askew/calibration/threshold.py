"""Threshold: what all thresholds are, wrappers around a fitted model that are fitted on held-out rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from askew import labels
from askew.base.fitted_parameters import remember_parameters, require_fitted
from askew.base.persistence import Packed, nested, pack, part_of, unpack
from askew.base.shared_methods import ParameterChecks
from askew.base.wrapper import Wrapper
from askew.calibration.expectations import Counts, Expected, doubts, expect
from askew.errors import HealthWarning, InvalidInputError, must
from askew.labels.values import Words
from askew.own_warnings import warn

Scores = NDArray[np.float64]


def infinite_in_words(
    scores: Scores, row_name: Callable[[int], str] = "row {}".format, first: int = 0
) -> str:
    """Return which scores are no finite numbers; rows are counted from `first`.

    >>> infinite_in_words(np.array([0.5, -np.inf, 0.1, np.nan]))
    '-inf in row 1 and 1 more row like it'
    """
    places = np.flatnonzero(~np.isfinite(scores))
    more = len(places) - 1
    also = f" and {more:,} more row{'s' if more > 1 else ''} like it" if more else ""
    return f"{scores[places[0]]} in {row_name(int(places[0]) + first)}{also}"


class Judgement(NamedTuple):
    """What a threshold says of n rows."""

    p_value: Scores
    """(n,) float64, above 0, at most 1."""
    severity: Scores
    """(n,) float64, from 0 to below 100."""
    prediction: NDArray[np.int64]
    """(n,) int64, -1 for a flagged row, else +1."""


class Threshold(ParameterChecks, BaseEstimator, Wrapper):  # type: ignore[misc]
    r"""Base of all thresholds.

    The held-out rows that are not known anomalies, n of them, are the *calibration rows*. A row with score s
    has the conformal p-value

    .. math:: p(s) = \frac{1 + \#\{i \le n: s_i \le s\}}{n + 1},

    and if it is exchangeable with the calibration rows, :math:`P(p \le t) \le t` for every t, whatever the model
    and however few rows. Severity is :math:`100\,(1 - p)`: the percentage of ordinary rows that are less
    anomalous; an ordinary row has a severity of 95 or more at most one time in twenty.

    Anomalies that hide among the calibration rows make p-values larger, as long as they are lower in score than
    ordinary rows more often than not: fewer rows are flagged than could be, and what is said of false alarms
    still holds.

    A threshold never fits, changes or copies its model; `sklearn.base.clone` gives an unfitted threshold around
    the same fitted model.

    Reference: Bates, Candès, Lei, Romano and Sesia (2023), Testing for outliers with conformal p-values.
    """

    spelling: ClassVar[str]
    """How it is asked for in words: a word, a colon and numbers, such as ``"budget:ALERTS/ROWS"``."""

    example: ClassVar[str]
    """The same with usual numbers."""

    example_in_words: ClassVar[str] = ""
    """What the numbers of the example mean, where they do not say it themselves."""

    wish: ClassVar[str]
    """What somebody says who wants the threshold of the example."""

    promise: ClassVar[str]
    """What holds of it then."""

    place: ClassVar[int]
    """Where it stands in lists of thresholds, from 1: simple ones come first."""

    numbers: ClassVar[tuple[str, ...]]
    """The parameters that the numbers after the colon are; of several, with a slash between."""

    fewest_numbers: ClassVar[int] = 1

    needs_all_rows: ClassVar[bool] = False
    """Whether a row's prediction depends on the rows judged with it."""

    copies_parts: ClassVar[bool] = False
    """Its model is fitted by itself and looks after its own parameters."""

    model: Any
    anomaly_rate: float | None
    offset_: float
    calibration_: Scores
    anomalies_: Scores
    expected_: Expected

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the threshold on held-out rows.

        Parameters
        ----------
        X : what the model scores, n_rows rows
            Held-out training rows: the model was not fitted on them, and nothing is tested on them.
        y : vector of n_rows labels, optional
            +1, 0 or -1. Known anomalies are no calibration rows; they tell what is found and what is missed.

        Raises
        ------
        InvalidInputError
            If a parameter is out of range, or there are too few rows for it. `LabelError` for wrong labels.
        sklearn.exceptions.NotFittedError
            If the model is not fitted.

        Warns
        -----
        HealthWarning
            If there are labels, but too few known anomalies to say what to expect.
        """
        require_fitted(self.model)
        self._check_parameters()
        return self.fit_scores(self.model.score_samples(X), y)

    def fit_scores(self, scores: Any, y: Any = None) -> Self:
        """Fit the threshold as :meth:`fit` does, on scores that the model has given to held-out rows, (n_rows,)."""
        self._check_parameters()
        owner = type(self).__name__
        scores = np.asarray(scores, dtype=np.float64)
        rule = "a vector of finite numbers"
        if scores.ndim != 1:
            remedy = "Pass what the model's score_samples returned for held-out rows."
            raise InvalidInputError(must("scores", owner, rule, Words(f"shape {scores.shape}"), remedy))
        if not np.isfinite(scores).all():
            got, remedy = Words(infinite_in_words(scores)), "Leave such rows out, or correct their cells."
            raise InvalidInputError(must("scores", owner, rule, got, remedy))
        known = np.asarray(labels.check(y, len(scores), owner=owner)) < 0
        self.calibration_, self.anomalies_ = np.sort(scores[~known]), np.sort(scores[known])
        self.offset_ = self._offset()
        self.expected_ = self._expected()
        remember_parameters(self)
        # who gives no labels knows that nothing is known; `expected_` says what follows from it
        for text in self._warnings() if y is not None else ():
            warn(f"{type(self).__name__}: {text}", HealthWarning, stacklevel=2)
        return self

    def score_samples(self, X: Any) -> Scores:
        """Return the model's scores: (n_rows,) float64, higher = more normal."""
        require_fitted(self)
        return np.asarray(self.model.score_samples(X), dtype=np.float64)

    def anomaly_score(self, X: Any) -> Scores:
        """Return how anomalous each row is: ``-score_samples(X)``, PyOD's direction."""
        return -self.score_samples(X)

    def decision_function(self, X: Any) -> Scores:
        """Return the scores less the cut-off: (n_rows,) float64, negative = flagged."""
        scores = self.score_samples(X)
        return scores - self.cut_off(scores)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return +1 for rows that pass and -1 for rows that are flagged, (n_rows,)."""
        return self.judge(self.score_samples(X)).prediction

    def p_values(self, X: Any) -> Scores:
        """Return each row's conformal p-value, (n_rows,): how often an ordinary row scores as low."""
        return self.judge(self.score_samples(X)).p_value

    def severity(self, X: Any) -> Scores:
        """Return each row's severity, (n_rows,): the percentage of ordinary rows that are less anomalous."""
        return self.judge(self.score_samples(X)).severity

    def judge(self, scores: Scores, cut_off: float | None = None) -> Judgement:
        """Return p-values, severities and predictions of rows with these scores, (n_rows,) each.

        `cut_off` is the score below which rows are flagged; by default that of :meth:`cut_off`.
        """
        require_fitted(self)
        cut = self.cut_off(scores) if cut_off is None else cut_off
        p = (1.0 + self._ranks(scores)) / (len(self.calibration_) + 1)
        return Judgement(p, 100.0 * (1.0 - p), np.where(scores >= cut, 1, -1))

    def cut_off(self, scores: Scores) -> float:
        """Return the score below which rows are flagged when the rows with these scores are judged together."""
        return self.offset_

    @property
    def inner(self) -> Any:
        """The model inside."""
        return self.model

    @property
    def n_features_in_(self) -> int:
        """Columns that the model takes."""
        return int(self.model.n_features_in_)

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """Names of the columns that the model takes, if it has any."""
        return np.asarray(self.model.feature_names_in_)

    @abstractmethod
    def _offset(self) -> float:
        """Return the cut-off for one row by itself, from ``calibration_`` and ``anomalies_``."""

    @abstractmethod
    def _guarantee(self) -> str:
        """Return what holds, and under which assumption, as one sentence."""

    def _check_parameters(self) -> None:
        """Raise InvalidInputError for a parameter out of range."""
        if self.anomaly_rate is not None:
            remedy = "It is the share of anomalies among future rows; leave it out to take that of the held-out rows."
            self._require_number("anomaly_rate", "in (0, 1)", lambda value: 0 < value < 1, remedy)

    def _ranks(self, scores: Scores) -> NDArray[np.intp]:
        """Return how many calibration rows score as low as each score, or lower."""
        return np.searchsorted(self.calibration_, scores, side="right")

    def _cut_at(self, level: int) -> float:
        """Return the cut-off that flags what has a p-value of at most ``level / (n + 1)``; -inf flags nothing."""
        if level < 1:
            return -np.inf
        return float(self.calibration_[level - 1]) if level <= len(self.calibration_) else np.inf

    def _rate(self) -> float:
        """Return the share of anomalies among future rows: as given, or that of the held-out rows."""
        m = len(self.anomalies_)
        return m / (len(self.calibration_) + m) if self.anomaly_rate is None else float(self.anomaly_rate)

    def _found(self, cut: float) -> int:
        """Return how many of the held-out known anomalies are expected to be flagged."""
        return int((self.anomalies_ < cut).sum())

    def _expected(self) -> Expected:
        return self._expected_at(self.offset_)

    def _expected_at(self, cut: float) -> Expected:
        """Return what to expect if rows that score below `cut` are flagged."""
        false = int((self.calibration_ < cut).sum())
        counts = Counts(len(self.calibration_), false, len(self.anomalies_), self._found(cut))
        given = None if self.anomaly_rate is None else float(self.anomaly_rate)
        return expect(counts, given, nothing=cut == -np.inf, guarantee=self._guarantee())

    def _warnings(self) -> list[str]:
        """Return what to warn of once the threshold is fitted."""
        return doubts(self.expected_)

    def __sklearn_clone__(self) -> Self:
        return type(self)(**self.get_params(deep=False))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "outlier_detector"
        return tags

    def _pack(self) -> Packed:
        given = self.get_params(deep=False).items()
        parameters = {k: v.item() if isinstance(v, np.generic) else v for k, v in given if k != "model"}
        header, arrays = nested("model", pack(self.model))
        own = {"parameters": parameters, "offset": self.offset_, "expected": self.expected_.as_dict()}
        return header | own, arrays | {"calibration": self.calibration_, "anomalies": self.anomalies_}

    @classmethod
    def _unpack(cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]], **parameters: Any) -> Self:
        model = unpack(*part_of("model", header, arrays), **parameters)
        threshold = cls(model=model, **header["parameters"])
        threshold.calibration_, threshold.anomalies_ = arrays["calibration"], arrays["anomalies"]
        _check_scores(threshold.calibration_, threshold.anomalies_)
        threshold.offset_ = _number(header["offset"])
        expected = Expected.from_dict(header["expected"])
        threshold.expected_ = replace(expected, guarantee=threshold._guarantee())  # in the words of today
        remember_parameters(threshold)
        return threshold


def _check_scores(calibration: NDArray[Any], anomalies: NDArray[Any]) -> None:
    """Raise ValueError unless these are scores in ascending order."""
    for scores in (calibration, anomalies):
        if scores.ndim != 1 or scores.dtype.kind != "f" or (scores[1:] < scores[:-1]).any():
            raise ValueError("the scores that its threshold was set by are not in order")
    if not len(calibration):
        raise ValueError("it has no score that its threshold was set by")


def _number(value: Any) -> float:
    """Return the cut-off of a file; an infinite one flags nothing, or all."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"its offset is {value!r:.40}")
    return float(value)
