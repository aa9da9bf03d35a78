"""Reasons: which features drove a row's score, what was observed there and what was to be expected.

``detector.explain(X)`` and ``askew.explain.explain(model, X)`` are the same, for any detector and any wrapper.
"""

from askew.base.explanation import Explanation
from askew.base.image_explanation import ImageExplanation
from askew.explain.attribution import integrated_gradients
from askew.explain.decoded_images import Interpolations, Reconstructions, interpolations, reconstructions
from askew.explain.model_explanation import explain
from askew.explain.shapley import shapley_values
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
