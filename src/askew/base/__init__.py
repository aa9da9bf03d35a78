"""The contract of every detector: scikit-learn's, with labels that count and scores that have one direction."""

from askew.base.deep import DeepDetector
from askew.base.detector import Detector, Scores, Y, fit_together
from askew.base.explanation import Explanation
from askew.base.image_explanation import ImageExplanation
from askew.base.persistence import load
from askew.base.score_graph import ScoreGraph, add_scaled
from askew.base.shallow import ShallowDetector
from askew.base.shared_parameters import (
    NetworkParameters,
    RowEnsembleParameters,
    ScaleParameters,
    SeedParameters,
)

__all__ = [
    "DeepDetector",
    "Detector",
    "Explanation",
    "ImageExplanation",
    "NetworkParameters",
    "RowEnsembleParameters",
    "ScaleParameters",
    "ScoreGraph",
    "Scores",
    "SeedParameters",
    "ShallowDetector",
    "Y",
    "add_scaled",
    "fit_together",
    "load",
]
