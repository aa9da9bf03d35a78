"""Reasons: which features drove a row's score, what was observed there and what was to be expected.

``detector.explain(X)`` and ``askew.explain.explain(model, X)`` are the same, for any detector and any wrapper.
"""

from askew.explain.explaining import explain
from askew.explain.explanation import Explanation
from askew.explain.gradients import integrated_gradients
from askew.explain.image_explanation import ImageExplanation
from askew.explain.interpolating import Interpolations, interpolations
from askew.explain.reconstructing import Reconstructions, reconstructions
from askew.explain.sampling import shapley_values
from askew.explain.sheet import ContactSheet, contact_sheet

__all__ = [
    "ContactSheet",
    "Explanation",
    "ImageExplanation",
    "Interpolations",
    "Reconstructions",
    "contact_sheet",
    "explain",
    "integrated_gradients",
    "interpolations",
    "reconstructions",
    "shapley_values",
]
