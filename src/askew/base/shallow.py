"""ShallowDetector: a method that is fitted by itself, not in a training that several share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Self

from askew.base.detector import Detector, Scores, Y
from askew.errors import AskewError, InvalidInputError


class ShallowDetector(Detector):
    """Base of detectors that are fitted one by one, such as those without networks.

    Subclasses implement :meth:`_fit_rows` and :meth:`_score_rows`.
    """

    fits_apart: ClassVar[bool] = True

    @abstractmethod
    def _fit_rows(self, x: Scores, y: Y) -> None:
        """Fit on checked rows (n, d) and labels (n,)."""

    @classmethod
    def _fit_group(cls, detectors: Sequence[Self], data: Sequence[tuple[Scores, Y]]) -> None:
        for detector, (x, y) in zip(detectors, data, strict=True):
            try:
                detector._fit_rows(x, y)
            except InvalidInputError:
                raise
            except AskewError as error:
                detector.fit_error_ = str(error)
