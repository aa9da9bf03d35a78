"""A table file or a folder of images, with a few labels -> a fitted model."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from askew.errors import ColumnWarning
from askew.fitting.detector_choice import build_detector, parse_settings
from askew.fitting.training_file import record_of
from askew.fitting.training_options import TrainingOptions
from askew.fitting.training_rows import open_training_rows
from askew.inputs import Data
from askew.own_warnings import kept_back
from askew.scoring import SILENCE, Listener
from askew.scoring.row_source import take_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from askew.base.preparation.column_scaling import ExtremeCells
    from askew.calibration import Threshold
    from askew.labels import Labels

_LINES = 20  # columns whose extreme cells are named
_SHARE = 0.2  # of the rows, held out for a threshold


@dataclass(frozen=True)
class DetectorChoice:
    """Which detector is fitted, in words: its short name (None: the default for the data), and parameters.

    `settings` are texts such as ``training__lr=1e-3``; `shortcuts` are parameters with options of their own, option ->
    (parameter, value), where a value None was not given.
    """

    name: str | None = None
    settings: tuple[str, ...] = ()
    shortcuts: Mapping[str, tuple[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class ThresholdChoice:
    """An unfitted threshold to put around the model, and the `share` of the rows (None: a fifth) to hold out for it."""

    threshold: Threshold
    share: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class FittedFile:
    """A model that was fitted on a file, with its preparation and threshold.

    `n_seconds` are what the fit took, without reading; `y` has the labels of all rows, None without any; `about` is
    to be said of the rows, JSON-able.
    """

    model: Any
    n_seconds: float
    y: Labels | None
    about: dict[str, Any]

    @property
    def detector(self) -> Any:
        """The detector inside."""
        from askew.base.wrapper import unwrap

        return unwrap(self.model)

    @property
    def extremes(self) -> tuple[ExtremeCells, ...]:
        """The cells of the file that columns' scales were learned without; `row` counts from 0."""
        from askew.base.prepared import extreme_cells_of

        return extreme_cells_of(self.model)

    @property
    def reasons(self) -> list[str]:
        """Why a detector that chose among others chose as it did."""
        return list(getattr(self.detector, "reasons_", ()))


class FileFit:
    """A fit of a detector on a table file or a folder of images; options are checked before the long work.

    `options`, `choice` and `threshold` say what is learned from `data`, by which detector, and what is put around that.
    Data that cannot be read raise DataFileError; wrong options, and a detector that takes no such rows,
    InvalidInputError.
    """

    def __init__(
        self,
        data: Data,
        options: TrainingOptions,
        choice: DetectorChoice,
        threshold: ThresholdChoice | None = None,
        listener: Listener = SILENCE,
    ) -> None:
        self._rows = open_training_rows(data, options, listener)
        self._file = record_of(data, options)
        self._threshold, self._listener, self._by_default = threshold, listener, choice.name is None
        self.name = choice.name or self._rows.default_detector
        self.detector: Any = build_detector(self.name, parse_settings(choice.settings), choice.shortcuts)
        self._rows.refuse(self.detector)

    def run(self) -> FittedFile:
        """Read the rows, fit the detector on them, and the threshold on those held out."""
        from askew.drift import keep_columns

        X, y = self._rows.read(self._listener)
        for sentence in self._rows.sentences(X, y):
            self._listener.note(sentence)
        if self._by_default and self.name != "auto":
            self._listener.note(f"Method: {self.name}, the default for images; --detector names another.")
        start = time.perf_counter()
        model = self._fit(X, y) if self._threshold is None else self._calibrated(self._threshold, X, y)
        fitted = FittedFile(model, time.perf_counter() - start, y, self._rows.about(X))
        keep_columns(model, X, y)
        fitted.detector.training_file_ = self._file
        for each in fitted.extremes[:_LINES]:
            self._listener.note(f"note: {each.in_words()}")
        return fitted

    def _fit(self, X: Any, y: Labels | None, places: Any = slice(None)) -> Any:
        """Return the fitted model; `places` of the rows that were read are those of X."""
        model = self._rows.prepared(self.detector, X)
        # a fitted file's lines say of every column what is warned of
        with self._listener.training(f"fitting {self.name}"), kept_back(ColumnWarning):
            model.fit(X, y)
        if self._rows.numbers is not None:
            number_rows(model, self._rows.numbers[places])
        return model

    def _calibrated(self, choice: ThresholdChoice, X: Any, y: Labels | None) -> Threshold:
        from askew.calibration import hold_out

        share = _SHARE if choice.share is None else choice.share
        training, held_out = hold_out(y, len(X), share, choice.seed)
        self._listener.note(f"{len(held_out):,} of {len(X):,} rows are held out for the threshold.")
        labels: Any = (None, None) if y is None else (y[training], y[held_out])
        threshold: Threshold = choice.threshold.set_params(
            model=self._fit(take_rows(X, training), labels[0], training)
        )
        return threshold.fit(take_rows(X, held_out), labels[1])


def number_rows(model: Any, numbers: NDArray[np.int64]) -> None:
    """Let extreme cells say the row of the file, whose `numbers` (rows,) are from 1."""
    from askew.base.wrapper import unwrap

    detector: Any = unwrap(model)
    if detector.facts_ is not None:
        extremes = (each._replace(row=int(numbers[each.row]) - 1) for each in detector.facts_.extremes)
        detector.facts_ = replace(detector.facts_, extremes=tuple(extremes))
