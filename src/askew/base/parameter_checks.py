"""What constructor parameters must be: checks that name the parameter, the class and the remedy."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

from askew.errors import InvalidInputError, must, require_whole


class ParameterChecks:
    """Checks of parameters by their names, for detectors and thresholds."""

    def _require_number(self, name: str, rule: str, fits: Callable[[float], bool], remedy: str) -> None:
        """Raise InvalidInputError unless the parameter called `name` is a number that `fits`."""
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, Real) or not fits(float(value)):
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
