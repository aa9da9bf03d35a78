"""Thresholds: what a score means, and which rows to flag. They wrap a fitted model and never change it.

Each is fitted on held-out rows that the model was not trained on, and that are not test rows either. Each says
what to expect of it (``expected_``) and gives every row a p-value and a severity from 0 to 100.
"""

from typing import Any

from askew import index
from askew.calibration.expectations import Estimate, Expected
from askew.calibration.hold_out import HeldOut, hold_out
from askew.calibration.rules import from_rule
from askew.calibration.threshold import Judgement, Threshold

__all__ = [
    "Estimate",
    "Expected",
    "HeldOut",
    "Judgement",
    "Threshold",
    "from_rule",
    "hold_out",
]


def __getattr__(attribute: str) -> Any:
    """Return the threshold of that name: the index finds them."""
    for entry in index.threshold_rules().values():
        if entry.class_name == attribute:
            return index.wrapper_class(entry.name)
    raise AttributeError(f"module {__name__!r} has no attribute {attribute!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *(entry.class_name for entry in index.threshold_rules().values())])
