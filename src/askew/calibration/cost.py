"""Cost: flag so that misses and false alarms together cost least."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from askew.calibration.expectations import Expected
from askew.calibration.threshold import Scores, Threshold
from askew.errors import LabelError, must
from askew.index import wrapper


@final
@wrapper
@dataclass(eq=False, repr=False)
class Cost(Threshold):
    r"""Flag rows so that the expected cost of misses and false alarms is least.

    With :math:`\pi` the share of anomalies among future rows, the cost per row of flagging what scores below t is

    .. math::

        \pi\,c_\mathrm{miss}\,P(s \ge t \mid \text{anomaly})
        + (1-\pi)\,c_\mathrm{alarm}\,P(s < t \mid \text{normal}),

    with both probabilities taken from the held-out rows: the first from the known anomalies, the second from all
    others. The cost is least at a cut-off just above one of the known anomalies (or nothing is flagged). Of equal
    ones that with the fewest alarms is taken, as high as it goes without another false alarm.

    The cut-off is chosen by the known anomalies, so how many of them it flags is too good. ``expected_`` leaves each
    out in turn, chooses the cut-off by the others, and looks whether it is flagged.

    There is no guarantee: labelled anomalies must be like future ones, and a handful leave the cut-off uncertain.

    Parameters
    ----------
    model : fitted Detector or wrapper
    miss : float
        What a missed anomaly costs, above 0.
    false_alarm : float
        What a false alarm costs, above 0, in the same unit.
    anomaly_rate : float in (0, 1), optional
        Share of anomalies among future rows. None: that of the known anomalies among the held-out rows, which is
        right only if these are a random sample in which nearly all anomalies are labelled.

    Raises
    ------
    LabelError
        When fitted without a known anomaly.

    Examples
    --------
    >>> from askew import IsolationForest
    >>> rng = np.random.default_rng(0)
    >>> model = IsolationForest(random_state=0).fit(rng.normal(size=(300, 2)))
    >>> X, y = np.r_[rng.normal(size=(400, 2)), rng.normal(2, 1, size=(20, 2))], np.r_[[0] * 400, [-1] * 20]
    >>> dear, cheap = (Cost(model, miss=miss).fit(X, y) for miss in (50, 2))
    >>> dear.expected_.recall.value > cheap.expected_.recall.value
    True
    """

    name: ClassVar[str] = "cost"
    spelling: ClassVar[str] = "cost:MISS (or cost:MISS/FALSE_ALARM)"
    example: ClassVar[str] = "cost:50"
    example_in_words: ClassVar[str] = "a miss in false alarms"
    wish: ClassVar[str] = "A miss costs as much as 50 false alarms"
    promise: ClassVar[str] = "nothing; the cheapest cut-off that the known anomalies tell"
    place: ClassVar[int] = 4
    numbers: ClassVar[tuple[str, ...]] = ("miss", "false_alarm")

    model: Any
    miss: float = 50.0
    false_alarm: float = 1.0
    anomaly_rate: float | None = None

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name, usual in (("miss", "50 if a miss costs as much as 50 false alarms"), ("false_alarm", "1")):
            remedy = f"For example {usual}."
            self._require_number(name, "above 0 and finite", lambda v: 0 < v < float("inf"), remedy)

    def _offset(self) -> float:
        if not len(self.anomalies_):
            remedy = (
                "Label some anomalies, or use a threshold that needs none, such as Quantile or AlertBudget."
            )
            raise LabelError(must("y", "Cost", "labels with at least one -1 (known anomaly)", "none", remedy))
        cuts, false_rates = self._candidates()
        return float(cuts[self._cheapest(cuts, false_rates, self.anomalies_)])

    def _candidates(self) -> tuple[Scores, Scores]:
        """Return the cut-offs to choose from and their false-alarm rates: nothing, then above each known anomaly."""
        levels = self._ranks(self.anomalies_) + 1
        cuts = np.array([-np.inf, *(self._cut_at(int(level)) for level in levels)])
        return cuts, np.concatenate([[0.0], levels / (len(self.calibration_) + 1)])

    def _cheapest(self, cuts: Scores, false_rates: Scores, anomalies: Scores) -> int:
        missed = 1 - np.searchsorted(anomalies, cuts) / len(anomalies)  # those below the cut are flagged
        return int(np.argmin(self._costs(missed, false_rates)))

    def _costs(self, missed: NDArray[Any] | float, false_rate: NDArray[Any] | float) -> NDArray[Any] | float:
        """Return the cost per row."""
        return self._rate() * self.miss * missed + (1 - self._rate()) * self.false_alarm * false_rate

    def _found(self, cut: float) -> int:
        """Return how many known anomalies are flagged by the cut-off that the others choose."""
        cuts, false_rates = self._candidates()
        found = 0
        for place, score in enumerate(self.anomalies_):
            others = np.delete(self.anomalies_, place)
            if len(others):
                left = np.delete(cuts, place + 1), np.delete(false_rates, place + 1)
                found += bool(score < left[0][self._cheapest(*left, others)])
        return found

    def _expected(self) -> Expected:
        expected = super()._expected()
        missed = 1 - expected.recall.value if expected.recall else 1.0
        false = int((self.calibration_ < self.offset_).sum())
        false_rate = 0.0 if self.offset_ == -np.inf else (1 + false) / (len(self.calibration_) + 1)
        return dataclasses.replace(expected, cost=float(1000 * self._costs(missed, false_rate)))

    def _guarantee(self) -> str:
        estimated = "estimated: the known anomalies' share of the held-out rows"
        source = estimated if self.anomaly_rate is None else "as given"
        all_missed = 1000 * float(self._costs(1.0, 0.0))
        all_flagged = 1000 * float(self._costs(0.0, 1.0))
        return (
            f"For comparison, flagging nothing costs {all_missed:,.0f} per 1,000 rows and flagging everything "
            f"{all_flagged:,.0f}, if anomalies are {self._rate():.2%} of the rows ({source})."
        )
