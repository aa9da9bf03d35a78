"""The contract of every detector: scikit-learn's, with labels that count and scores that have one direction."""

from askew.base.deep import DeepDetector
from askew.base.detector import Detector, fit_together
from askew.base.persistence import load

__all__ = ["DeepDetector", "Detector", "fit_together", "load"]
