"""A page about one model: what it learned from, how it is doing, what its threshold leads to, and a model card."""

from askew.model_card.card import Card, collect, gather
from askew.model_card.evidence import Evidence
from askew.model_card.learning_curve import LearningCurve, learning_curve
from askew.model_card.page import write_page

__all__ = ["Card", "Evidence", "LearningCurve", "collect", "gather", "learning_curve", "write_page"]
