"""What the detectors without networks share: scaled columns, a seed, and sub-samples that are announced."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from askew.base import ScaleParameters, ScoreGraph, Scores, ShallowDetector, Y, add_scaled
from askew.base.preparation.column_scaling import ColumnScaling, check_scale
from askew.base.preparation.table_rows import check_two_rows
from askew.errors import InvalidInputError, must

LARGEST = 1e150  # scaled values are cut off here: squares of larger ones are infinite


class TabularDetector(ScaleParameters, ShallowDetector):
    """Base of methods without networks on columns that are scaled by the rows that are no known anomalies.

    Parameters
    ----------
    random_state : int, RandomState or None
        Decides sub-samples and folds, nothing else.
    """

    random_training: ClassVar[bool] = False

    fitted_values: ClassVar[tuple[str, ...]] = ()  # attributes that a file keeps as numbers or words
    fitted_arrays: ClassVar[tuple[str, ...]] = ()  # those kept as arrays, without the underscore at the end

    @abstractmethod
    def _fit_scaled(self, x: Scores, y: Y) -> None:
        """Fit on scaled rows (n, d) and labels (n,)."""

    @abstractmethod
    def _score_scaled(self, x: Scores) -> Scores:
        """Return the scores of scaled rows."""

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_scale(self.scale, type(self).__name__)
        self._check_random_state()

    def _require_choice(
        self, name: str, rule: str, fits: Callable[[float], bool], words: Collection[str], remedy: str
    ) -> None:
        """Raise InvalidInputError unless the parameter `name` is one of `words` or a number that `fits`."""
        value = getattr(self, name)
        if isinstance(value, str):
            if value not in words:
                raise InvalidInputError(must(name, type(self).__name__, rule, value, remedy))
        else:
            self._require_number(name, rule, fits, remedy)

    def _require_rows(self, name: str) -> None:
        """Raise InvalidInputError unless the parameter `name` is a whole number of at least 2."""
        remedy = "It is the number of training rows up to which all are used; memory grows with its square."
        self._require_whole(name, 2, remedy)

    def _fit_rows(self, x: Scores, y: Y) -> None:
        check_two_rows(y, type(self).__name__)
        scale = None if self._input.one_scale else self.scale
        self._columns = ColumnScaling.learn(x[y >= 0], scale)
        self._fit_scaled(self._scaled(x), y)

    def _score_rows(self, x: Scores) -> Scores:
        return self._score_scaled(self._scaled(x))

    @property
    def column_mean_(self) -> Scores:
        """What each number becomes 0 at, (n_features,)."""
        return self._columns.centre

    @property
    def column_scale_(self) -> Scores:
        """What its distance from there is divided by, (n_features,)."""
        return self._columns.scale

    def _scaled(self, x: Scores) -> Scores:
        scaled = self._columns(x)
        return scaled if self._columns.knee else np.clip(scaled, -LARGEST, LARGEST)

    def _add_scaled(self, graph: ScoreGraph, rows: str) -> str:
        """Add the scaled columns to a graph."""
        scaled = add_scaled(graph, rows, self._columns)
        return graph.add("Clip", scaled, graph.constant(-LARGEST), graph.constant(LARGEST))

    def _subsample(self, y: Y, most: int, generator: np.random.Generator) -> NDArray[np.intp]:
        """Return the rows to fit on: all with a label, and as many others as `most` leaves room for.

        Sets ``approximation_``, and warns, if rows are left out.
        """
        self.approximation_: str | None = None
        rows = drawn_rows(y, most, generator)
        if len(rows) < len(y):
            self.approximation_ = f"sub-sample of {len(rows)} of {len(y)} training rows"
            self._warn(f"fitted on a {self.approximation_}; raise max_rows to use more")
        return rows

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        arrays = self._columns.state() | {name: getattr(self, f"{name}_") for name in self.fitted_arrays}
        return {name: getattr(self, name) for name in self.fitted_values}, arrays

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.fit_error_ = None
        for name in self.fitted_values:
            setattr(self, name, values[name])
        self._columns = ColumnScaling.from_state(arrays)
        for name in self.fitted_arrays:
            setattr(self, f"{name}_", arrays[name])


def drawn_rows(y: Y, most: int, generator: np.random.Generator) -> NDArray[np.intp]:
    """Return all rows with a label, and as many others, drawn, as `most` leaves room for; at least two."""
    labelled, others = np.flatnonzero(y != 0), np.flatnonzero(y == 0)
    room = max(most - len(labelled), 2)
    if len(others) <= room:
        return np.arange(len(y))
    return np.sort(np.concatenate([labelled, generator.choice(others, room, replace=False)]))
