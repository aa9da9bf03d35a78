"""Detector: what every method is, deep or not."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Literal, NoReturn, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.utils.validation import has_fit_parameter

from askew import index, labels
from askew.base.detector_state import fitted_state, given_parameters, parameters_of, set_fitted_state
from askew.base.facts import Facts, named
from askew.base.fitted_parameters import remember_parameters, require_fitted
from askew.base.persistence import Model, Packed
from askew.base.preparation.column_scaling import ExtremeCells, extreme_cells
from askew.base.preparation.image_rows import ImageInput
from askew.base.preparation.interface import RowInput
from askew.base.preparation.mixed_rows import MixedInput
from askew.base.preparation.table_rows import TableInput
from askew.base.score_graph import ScoreGraph
from askew.base.shared_methods import ParameterChecks, ScoreMethods
from askew.base.shared_parameters import ThresholdParameters
from askew.distributed.jobs import call_each, n_jobs
from askew.errors import HealthWarning, InvalidInputError, LabelError, TrainingError, must
from askew.inputs.frames import refuse_other_order
from askew.inputs.in_memory import holds_more_than_numbers, is_images
from askew.inputs.mixed_tables import TablePreparation
from askew.own_warnings import warn
from askew.plain_text import said_of
from askew.training.health import check_rows, check_scores

Scores = NDArray[np.float64]
Y = NDArray[np.int8]


class Detector(ParameterChecks, ThresholdParameters, ScoreMethods, OutlierMixin, BaseEstimator, Model):  # type: ignore[misc]
    """Base of all detectors. A subclass is final, lives in a file of its own and has a class attribute ``name``.

    Laws, tested for every detector that there is:

    - scores are higher for more normal rows, and scoring twice gives equal scores;
    - a row's score does not depend on the rows scored with it;
    - ``decision_function(X) == score_samples(X) - offset_``, and ``predict`` is +1 where that is at least 0;
    - `fit` leaves its inputs, the constructor's parameters and the global random state as they were;
    - the same seed gives the same result; other labels give another model.

    Subclasses derive from :class:`~askew.base.ShallowDetector` or :class:`~askew.base.DeepDetector`.
    """

    name: ClassVar[str]
    """Short name, the same on the command line, in result files and in the published tables."""

    input_kind: ClassVar[Literal["table", "text"]] = "table"
    """What X is: rows of numbers, or a list of texts. Images are rows of pixels."""

    takes_images: ClassVar[bool] = True
    """Whether X may be images, (n, channels, height, width); only where `input_kind` is "table"."""

    takes_tables: ClassVar[bool] = True
    """Whether X may be a table of numbers; False for methods of images alone."""

    keeps_bytes: ClassVar[bool] = False
    """Whether pixels stay uint8 until they are needed; if not, they become float64 from 0 to 1."""

    uses_labels: ClassVar[bool] = False
    """Whether a model is trained on known anomalies; if not, they are left out, and at most choose settings."""

    needs_anomalies: ClassVar[bool] = False
    """Whether `fit` refuses labels without a known anomaly."""

    known_anomalies: ClassVar[str] = ""
    """What it does with known anomalies, where `uses_labels` and `needs_anomalies` don't say all; for the README."""

    paper: ClassVar[str] = ""
    """Authors and year, where they aren't those of the docstring's reference; for the README."""

    random_training: ClassVar[bool] = True
    """Whether training depends on the seed; if not, it at most draws sub-samples and the folds of a search."""

    fit_only: ClassVar[frozenset[str]] = frozenset()
    """Parameters that only `fit` reads: one that no file can hold is saved as None."""

    fits_apart: ClassVar[bool] = False
    """Whether several are fitted each by itself, in any process or thread, if joblib is told to use many."""

    published_scale: ClassVar[str | None] = "standard"
    """The `scale` of columns that gives the papers' numbers, of a detector that has that parameter."""

    offset_: float
    quick_to_score: ClassVar[bool] = True
    """Whether a row is scored in milliseconds; a search by gradients takes longer."""

    fit_error_: str | None
    n_features_in_: int
    facts_: Facts | None = None
    """What was learned from and how it went; None for a file of an askew that did not note it."""

    columns_summary_: Packed | None = None
    """What :func:`askew.drift.keep_columns` keeps of the training rows, to tell drift by; None if nothing is kept."""

    _health: list[str]
    _input: RowInput = TableInput()
    training_file_: dict[str, Any] | None = None
    """The file that it was fitted on and how that was read, JSON-able, if :mod:`askew.fitting` did."""

    other_columns_: tuple[str, ...]
    """Columns of the training file that are no features (ids, labels), if ``askew fit`` read one."""

    def fit(self, X: Any, y: Any = None, **unknown: Any) -> Self:
        """Fit the detector.

        Parameters
        ----------
        X : array or DataFrame of shape (n_rows, n_features), or images (n_images, channels, height, width)
            Finite numbers; at least two rows. A DataFrame (pandas, polars, Arrow) may also have words, dates, truth
            values and gaps: its columns are prepared as :class:`askew.Prepared` does with its defaults, and
            ``preparation_`` says how. Pixels are uint8 from 0 to 255, or floats.
        y : vector of n_rows labels, optional
            +1 known normal, 0 unlabelled, -1 known anomaly. None means that nothing is known. Other
            conventions have converters in :mod:`askew.labels`.

        Raises
        ------
        InvalidInputError
            If the data or a parameter is unusable. `LabelError` if the labels are wrong or ambiguous, or the
            method needs known anomalies and there are none.
        TrainingError
            If training failed; the message says how and what to try.
        """
        if unknown:
            refuse_in_fit(type(self), next(iter(unknown)))
        fit_together([self], [(X, y)])
        if self.fit_error_ is not None:
            raise TrainingError(self.fit_error_)
        return self

    def score_samples(self, X: Any) -> Scores:
        """Return how normal each row is: (n_rows,) float64, higher = more normal."""
        require_fitted(self)
        return self._score_rows(self._validated(X))

    @abstractmethod
    def _score_rows(self, x: Scores) -> Scores:
        """Return the scores of checked rows."""

    def _quick_scores(self, cut: float) -> Callable[[Scores], Scores]:
        """Return a function that gives, to 1e-6, the scores (n,) of many checked rows of numbers by column, (d, n).

        Which of them are below `cut` is as :meth:`_score_rows` says it.
        """
        return lambda columns: self._score_rows(np.ascontiguousarray(columns.T))

    @abstractmethod
    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return what was fitted, as JSON-able values and arrays."""

    @abstractmethod
    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Take back what :meth:`_state` returned."""

    def _pack(self) -> Packed:
        fitted, arrays = fitted_state(self)
        return {"parameters": parameters_of(self), **fitted}, arrays

    @classmethod
    def _unpack(cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]], **parameters: Any) -> Self:
        detector = cls(**given_parameters(dict(header["parameters"]), parameters))
        detector._check_parameters()
        set_fitted_state(detector, header, arrays)
        return detector

    def _try_out(self) -> None:
        """Score a row of zeros, if that is quick: arrays that do not fit together raise an error."""
        if self.input_kind == "table" and self._input.image_shape is None and self.quick_to_score:
            self._score_rows(np.zeros((1, self.n_numbers_)))

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        """Add the scores of checked rows, (rows,) float64, to an ONNX graph and return their name.

        Networks are exported without it; other detectors that leave it out are refused by the export.
        """
        raise NotImplementedError

    @classmethod
    @abstractmethod
    def _fit_group(cls, detectors: Sequence[Self], data: Sequence[tuple[Scores, Y]]) -> None:
        """Fit detectors that differ in their random state alone, each on checked rows (n, d) and labels (n,).

        One whose fit fails gets a ``fit_error_``, and the others go on.
        """

    def published_parameters(self) -> dict[str, Any]:
        """Return parameters that differ from the defaults where the papers' numbers are to be reproduced."""
        return {"scale": self.published_scale} if hasattr(self, "scale") else {}

    def _check_parameters(self) -> None:
        """Raise InvalidInputError for a parameter out of range."""
        remedy = "It is the share of the training rows that predict() flags; 0.05 flags one in twenty."
        self._require_number("contamination", "in (0, 0.5]", lambda value: 0 < value <= 0.5, remedy)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.needs_anomalies
        return tags

    def _checked_labels(self, y: Any, n_rows: int) -> Y:
        """Return y as int8 (n_rows,), or raise a LabelError, also if known anomalies are needed and missing."""
        owner = type(self).__name__
        checked = np.asarray(labels.check(y, n_rows, owner=owner), dtype=np.int8)
        if self.needs_anomalies and not (checked < 0).any():
            remedy = (
                "It learns the difference between the two kinds. Mark some anomalies with -1, or use a detector "
                "that needs none, such as IsolationForest or VAE."
            )
            found = {int(label): int((checked == label).sum()) for label in np.unique(checked)}
            raise LabelError(must("y", owner, "labels with at least one -1 (known anomaly)", found, remedy))
        return checked

    def _new_input(self, X: Any) -> RowInput:
        """Return what X of a fit is, to be learned: here kinds of data part, and nowhere else."""
        if is_images(X):
            return ImageInput()
        mixed = self.takes_tables and holds_more_than_numbers(X, type(self).__name__)
        return MixedInput() if mixed else TableInput()

    def _validated(self, X: Any) -> NDArray[Any]:
        """Return X as checked rows (n, d): finite float64, or flat pixels, bytes where the class `keeps_bytes`."""
        return self._input.rows(self, X)

    def _learned(self, X: Any, y: Any) -> NDArray[Any]:
        """Return X of a fit as checked rows (n, d), and remember what it is; the labels y are as given."""
        learned = self._new_input(X)
        rows = learned.learn(self, X, y)
        self._input = learned
        return rows

    @property
    def unit_(self) -> str:
        """What is scored, in the plural: ``"rows"`` or ``"images"``."""
        return self._input.unit

    @property
    def preparation_(self) -> TablePreparation | None:
        """What turns raw columns into numbers, if X of the fit had words, dates or gaps; else None."""
        return self._input.prepared if isinstance(self._input, MixedInput) else None

    @property
    def extreme_cells_(self) -> tuple[ExtremeCells, ...]:
        """By column, the training cells so extreme that its scale was learned without them; they count by logarithm."""
        names = getattr(self, "feature_names_in_", None)
        return named(self.facts_, names if self.preparation_ is None else self.preparation_.names)

    @property
    def n_numbers_(self) -> int:
        """Numbers of one row: more than `n_features_in_` where columns are turned into numbers."""
        return int(self._input.spec.n_features)  # type: ignore[union-attr]

    @property
    def image_shape_(self) -> tuple[int, int, int] | None:
        """(channels, height, width) of a model of images, None of tables."""
        return self._input.image_shape

    @property
    def image_bytes_(self) -> bool:
        """Whether a model of images was fitted on uint8 pixels; it takes no others then."""
        return self._input.image_bytes

    def _finish(self, x: Scores, y: Y) -> None:
        """Set the offset so that `contamination` of the rows without a -1 are flagged, and note the facts."""
        scores = self._score_rows(x)
        self.fit_error_ = self._unusable(scores)
        if self.fit_error_ is not None:
            return
        self.offset_ = float(np.percentile(scores[y >= 0], 100.0 * self.contamination))
        found = (*self._problems_of_all(x, y, scores), *self._problems(x, y, scores))
        problems = [problem for problem in found if problem is not None]
        for problem in problems:
            self._warn(problem)
        self.facts_ = Facts.of(scores, y, self._health, self._extremes(x, y))

    def _extremes(self, x: Any, y: Y) -> tuple[ExtremeCells, ...]:
        """Return the cells of checked training rows that the columns' scale was learned without."""
        numbers = self.input_kind == "table" and not self._input.one_scale
        return extreme_cells(x, y >= 0) if numbers and getattr(self, "scale", "robust") == "robust" else ()

    def _end_fit(self) -> None:
        """Clear up after a fit that has come to its end, well or badly; one that was interrupted has not."""
        return

    def _unusable(self, scores: Scores) -> str | None:
        """Return why a model that gives training rows these scores is a failure, or None."""
        return None

    def _problems(self, x: Scores, y: Y, scores: Scores) -> Iterable[str | None]:
        """Return what is wrong with a model that was fitted on x with these scores, in plain words, or None."""
        return ()

    def _problems_of_all(self, x: Any, y: Y, scores: Scores) -> Iterable[str | None]:
        """Return what is wrong with any model of such rows and scores, in plain words, or None."""
        rows = check_rows(x, y, self.unit_)
        return (rows,) if rows is not None else (check_scores(scores),)

    def _warn(self, problem: str) -> None:
        """Warn of something that is wrong with the model, and remember it."""
        problem = said_of(self.unit_, problem)
        self._health.append(problem)
        warn(f"{type(self).__name__}: {problem}.", HealthWarning, stacklevel=2)


def refuse_in_fit(kind: type[Detector], parameter: str) -> NoReturn:
    """Refuse a parameter of `fit` that a method does not have, by its name; of weights say which methods take them."""
    if parameter != "sample_weight":
        remedy = (
            "Set parameters in the constructor." if parameter in kind._get_param_names() else "Leave it out."
        )
        raise InvalidInputError(f"fit of {kind.__name__} has no parameter {parameter!r}. {remedy}")
    able = [
        cls.__name__
        for cls in map(index.detector_class, index.tabular())
        if has_fit_parameter(cls, parameter)
    ]
    raise InvalidInputError(
        f"sample_weight of {kind.__name__} must be left out: it counts all rows alike. Use {', '.join(able)}, or "
        "repeat rows that count more."
    )


def fit_together(detectors: Sequence[Detector], data: Sequence[tuple[Any, Any]]) -> None:
    """Fit several detectors of one class and equal parameters, each on its own data, in one training.

    Ten seeds of an ensemble of five are one training of fifty members, which costs a fraction of fifty
    trainings; the result is that of separate fits, up to floating-point order.

    Parameters
    ----------
    detectors : sequence of Detector
        Alike but for ``random_state``. Each is fitted in place; ``fit_error_`` is None, or why it failed.
    data : sequence of (X, y)
        One pair per detector, as for :meth:`Detector.fit`.

    Raises
    ------
    InvalidInputError
        If the detectors differ, or some data or parameter is unusable.

    Examples
    --------
    >>> import numpy as np
    >>> from askew import VAE
    >>> X = np.random.default_rng(0).normal(size=(60, 3))
    >>> pair = [VAE(n_members=2, random_state=seed).set_params(training__epochs=2) for seed in (0, 1)]
    >>> fit_together(pair, [(X, None), (X, None)])
    >>> pair[1].score_samples(X).shape
    (60,)
    """
    if len(detectors) != len(data):
        rule = f"one pair per detector, {len(detectors)}"
        raise InvalidInputError(f"data of fit_together must have {rule}; got {len(data)}.")
    first = detectors[0]
    for detector in detectors:
        if type(detector) is not type(first) or _comparable(detector) != _comparable(first):
            raise InvalidInputError(
                "detectors of fit_together must be alike but for random_state; "
                f"got {detector!r} beside {first!r}. Fit them separately."
            )
    first._check_parameters()
    checked = []
    for detector, (X, y) in zip(detectors, data, strict=True):
        refuse_other_order(X, y, type(detector).__name__)
        x = detector._learned(X, y)
        checked.append((x, detector._checked_labels(y, len(x))))
        detector.fit_error_, detector._health = None, []
        detector.__dict__.pop("offset_", None)  # unfitted until this fit has succeeded
        detector.__dict__.pop("columns_summary_", None)  # of the rows of another fit
    if first.fits_apart and len(detectors) > 1 and n_jobs(threads=True) > 1:
        each = [(detector, x, y) for detector, (x, y) in zip(detectors, checked, strict=True)]
        for detector, fitted in zip(detectors, call_each(_fitted, each, threads=True), strict=True):
            adopt_fit(detector, fitted)
    else:
        type(first)._fit_group(detectors, checked)
        for detector, (x, y) in zip(detectors, checked, strict=True):
            _end_well(detector, x, y)
    for detector in detectors:
        detector._end_fit()


def _fitted(detector: Detector, x: Any, y: Y) -> Detector:
    """Return a detector, or a copy of it, fitted to checked rows."""
    detector._fit_group([detector], [(x, y)])
    _end_well(detector, x, y)
    return detector


def adopt_fit(detector: Detector, fitted: Detector) -> None:
    """Give a detector all that a fitted copy of it has but the parameters, which are the caller's own objects."""
    parameters = detector.get_params(deep=False)
    detector.__dict__ |= {name: value for name, value in vars(fitted).items() if name not in parameters}


def _end_well(detector: Detector, x: Any, y: Y) -> None:
    if detector.fit_error_ is None:
        detector._finish(x, y)
        remember_parameters(detector)


def _comparable(detector: Detector) -> str:
    parameters = detector.get_params(deep=True)
    return repr(sorted((k, v) for k, v in parameters.items() if k != "random_state" and k != "training"))
