"""Whether new rows are still like those that a model learned from: their scores, and each of their columns."""

from askew.drift.comparison import compare, compare_file
from askew.drift.findings import Criteria, Drift, Finding, share
from askew.drift.held_out_scores import are_training_rows
from askew.drift.monitor import DriftFigures, DriftMonitor
from askew.drift.reference import keep_columns, keeps_columns

__all__ = [
    "Criteria",
    "Drift",
    "DriftFigures",
    "DriftMonitor",
    "Finding",
    "are_training_rows",
    "compare",
    "compare_file",
    "keep_columns",
    "keeps_columns",
    "share",
]
