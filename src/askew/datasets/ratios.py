"""How many anomalies are labelled and how many hide, from the papers' two ratios.

With n normal training rows, all of them kept,

    gamma_l = m / (all training rows)            (``labelled_ratio``, m labelled anomalies)
    gamma_p = polluted / (all unlabelled rows)   (``pollution_ratio``, unlabelled rows that are anomalies)

gives ``polluted = n gamma_p / (1 - gamma_p)`` and ``m = n gamma_l / ((1 - gamma_l) (1 - gamma_p))``, both
rounded down. Somepalli et al. (2021) instead take both as shares of the normal rows, ``m = n gamma_l`` and
``polluted = n gamma_p``.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import NamedTuple

from askew.errors import InvalidInputError, must

__all__ = ["n_labelled", "n_polluted"]


def n_labelled(n_normal: int, labelled_ratio: float, pollution_ratio: float = 0.0) -> int:
    """Return how many anomalies are labelled: m = n gamma_l / ((1 - gamma_l) (1 - gamma_p)), rounded down.

    At least one where ``labelled_ratio`` is above 0. Ratios count as the decimals they are written as, so 0.2 of 5000
    normal rows gives 1250 exactly. A ratio outside [0, 1) raises InvalidInputError.

    >>> [n_labelled(5000, ratio) for ratio in (0, 0.01, 0.05, 0.1, 0.2)]
    [0, 50, 263, 555, 1250]
    >>> n_labelled(5000, 0.05, pollution_ratio=0.1)
    292
    """
    labelled = as_ratio("labelled_ratio", labelled_ratio, "n_labelled")
    unlabelled = operator.index(n_normal) / (1 - as_ratio("pollution_ratio", pollution_ratio, "n_labelled"))
    return max(1, math.floor(unlabelled * labelled / (1 - labelled))) if labelled else 0


def n_polluted(n_normal: int, pollution_ratio: float) -> int:
    """Return how many anomalies hide among the unlabelled rows: n gamma_p / (1 - gamma_p), rounded down.

    A ratio outside [0, 1) raises InvalidInputError.

    >>> n_polluted(5000, 0.1)
    555
    """
    polluted = as_ratio("pollution_ratio", pollution_ratio, "n_polluted")
    return math.floor(operator.index(n_normal) * polluted / (1 - polluted))


class Ratios(NamedTuple):
    """The ratios that a split was asked for, and the function that was asked."""

    labelled_ratio: float
    pollution_ratio: float
    owner: str
    of_normals: bool = False
    """Whether both are shares of the normal rows."""

    def counts(self, n_normal: int) -> tuple[int, int]:
        """Return how many anomalies to label and how many to hide.

        >>> Ratios(0.05, 0.1, "f").counts(5000), Ratios(0.05, 0.1, "f", of_normals=True).counts(5000)
        ((292, 555), (250, 500))
        """
        if self.of_normals:
            labelled = as_ratio("labelled_ratio", self.labelled_ratio, self.owner)
            polluted = as_ratio("pollution_ratio", self.pollution_ratio, self.owner)
            return max(math.floor(n_normal * labelled), int(labelled > 0)), math.floor(n_normal * polluted)
        m = n_labelled(n_normal, self.labelled_ratio, self.pollution_ratio)
        return m, n_polluted(n_normal, self.pollution_ratio)

    def refuse_too_few(self, argument: str, needed: int, available: int) -> None:
        """Refuse the ratio called ``argument`` if the pool cannot fill it."""
        if needed > available:
            rule = f"a ratio that the {available} anomalies to draw from can fill"
            remedy = f"It needs {needed}: lower it, or use a table with more anomalies."
            raise InvalidInputError(must(argument, self.owner, rule, getattr(self, argument), remedy))


def as_ratio(argument: str, value: float, owner: str, above_zero: bool = False) -> Fraction:
    """Return a ratio as the decimal it is written as: 0.2 as 1/5, so that counts round down exactly."""
    low = "(0" if above_zero else "[0"
    try:
        ratio = Fraction(str(float(value)))
    except (TypeError, ValueError):
        ratio = Fraction(-1)
    if not 0 <= ratio < 1 or (above_zero and not ratio):
        remedy = "It is a share of rows: 0.01 is one in a hundred."
        raise InvalidInputError(must(argument, owner, f"a number in {low}, 1)", value, remedy))
    return ratio
