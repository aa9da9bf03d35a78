"""The templates of a model's page and card, with their sentences in ``card.txt.j2``."""

from __future__ import annotations

from askew.benchmarks.report.templating import Templates

CARD = Templates("card.txt.j2", "askew.model_card", "askew.benchmarks.report")

SECTIONS = {
    "What it is": "summary",
    "What it is for": "purpose",
    "Inputs": "inputs",
    "Threshold": "threshold",
    "Health": "health",
    "Results": "results",
    "Drift": "drift",
    "Limits": "limits",
    "Words": "words",
}
"""The sections of a card, and the macros that say them."""
