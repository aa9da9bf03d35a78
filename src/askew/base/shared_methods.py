"""Methods that detectors, Prepared and thresholds share: checks of parameters, and what follows from scores."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from numbers import Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError, as_float, must, require_whole


class ParameterChecks:
    """Checks of parameters by their names, for detectors and thresholds."""

    def _require_number(self, name: str, rule: str, fits: Callable[[float], bool], remedy: str) -> None:
        """Raise InvalidInputError unless the parameter called `name` is a number that `fits`."""
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, Real) or not fits(as_float(value)):
            raise InvalidInputError(must(name, type(self).__name__, rule, value, remedy))

    def _require_positive(self, name: str, remedy: str = "Leave it out for the default.") -> None:
        """Raise InvalidInputError unless the parameter called `name` is a finite number above 0."""
        self._require_number(name, "a finite number above 0", lambda value: 0 < value < math.inf, remedy)

    def _require_not_negative(self, name: str, remedy: str = "Leave it out for the default.") -> None:
        """Raise InvalidInputError unless the parameter called `name` is a finite number of at least 0."""
        rule = "a finite number of at least 0"
        self._require_number(name, rule, lambda value: 0 <= value < math.inf, remedy)

    def _require_whole(self, name: str, least: int, remedy: str = "Leave it out for the default.") -> None:
        """Raise InvalidInputError unless the parameter called `name` is a whole number of at least `least`."""
        require_whole(name, type(self).__name__, getattr(self, name), least, remedy)

    def _require_one_of(
        self, name: str, allowed: tuple[Any, ...], remedy: str, rule: str | None = None
    ) -> None:
        """Raise InvalidInputError unless the parameter called `name` is one of these words or constants."""
        value = getattr(self, name)
        if not any(value is one or (isinstance(value, str) and value == one) for one in allowed):
            rule = rule or " or ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in allowed)
            raise InvalidInputError(must(name, type(self).__name__, rule, value, remedy))


class ScoreMethods:
    """Methods of a model that gives scores, higher = more normal, and flags the rows below ``offset_``."""

    if TYPE_CHECKING:

        @property
        def offset_(self) -> float:
            """The score under which a row is flagged."""

    @abstractmethod
    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the model."""

    @abstractmethod
    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Return how normal each row is: (n_rows,) float64, higher = more normal."""

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return ``score_samples(X) - offset_``: (n_rows,) float64, negative = flagged."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return +1 for rows that pass and -1 for rows that are flagged, (n_rows,)."""
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def anomaly_score(self, X: Any) -> NDArray[np.float64]:
        """Return how anomalous each row is: ``-score_samples(X)``, PyOD's direction."""
        return -self.score_samples(X)

    def fit_predict(self, X: Any, y: Any = None, **kwargs: Any) -> NDArray[np.int64]:
        """Fit on X with the labels y and return ``predict(X)`` (scikit-learn's own version drops y)."""
        return self.fit(X, y, **kwargs).predict(X)
