"""Thresholds: what a score means, and which rows to flag. They wrap a fitted model and never change it.

Each is fitted on held-out rows that the model was not trained on, and that are not test rows either. Each says
what to expect of it (``expected_``) and gives every row a p-value and a severity from 0 to 100.
"""

from askew.calibration.alert_budget import AlertBudget
from askew.calibration.conformal import Conformal
from askew.calibration.cost import Cost
from askew.calibration.expected import Estimate, Expected
from askew.calibration.hold_out import HeldOut, hold_out
from askew.calibration.quantile import Quantile
from askew.calibration.rules import from_rule
from askew.calibration.threshold import Judgement, Threshold

__all__ = [
    "AlertBudget",
    "Conformal",
    "Cost",
    "Estimate",
    "Expected",
    "HeldOut",
    "Judgement",
    "Quantile",
    "Threshold",
    "from_rule",
    "hold_out",
]
