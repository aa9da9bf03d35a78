"""Fields of a dataclass that a file holds: each has the type that the class declares, or the file is refused."""

from __future__ import annotations

import math
from typing import Any, get_type_hints

_LARGEST = 2**63


def check_fields(kind: type, values: dict[str, Any]) -> None:
    """Raise ValueError for a value that is not of the type that the class `kind` declares for it.

    Checked are texts, truth values, finite numbers, whole numbers of 64 bits, and tuples of texts or of numbers.

    >>> from askew.inputs.encoders import Number
    >>> check_fields(Number, {"fill": float("inf")})
    Traceback (most recent call last):
    ValueError: fill of Number is inf
    """
    hints = get_type_hints(kind)
    for name, value in values.items():
        if name in hints and not _fits(value, hints[name]):
            raise ValueError(f"{name} of {kind.__name__} is {value!r:.40}")


def _fits(value: Any, hint: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if hint is float:
        return number and abs(value) < _LARGEST**16 and math.isfinite(value)
    if hint is int:
        return number and isinstance(value, int) and abs(value) < _LARGEST
    if hint == tuple[float, ...]:
        return isinstance(value, tuple | list) and all(type(each) in (int, float) for each in value)
    if hint == tuple[str, ...]:
        return isinstance(value, tuple | list) and all(isinstance(each, str) for each in value)
    return isinstance(value, hint) if hint in (str, bool, str | None) else True
