"""AlertBudget: no more alerts than somebody can look at."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from scipy.stats import hypergeom

from askew.calibration.quantile import ROUNDING
from askew.calibration.threshold import Scores, Threshold
from askew.errors import InvalidInputError, must
from askew.index import wrapper


@final
@wrapper
@dataclass(eq=False, repr=False)
class AlertBudget(Threshold):
    r"""Flag at most `alerts` of every `per_rows` rows, such as 20 a day.

    Flags rows that score below the k-th lowest of the N held-out rows, known anomalies included. How many of M =
    `per_rows` new rows score below it has a distribution that depends on no model and no data: in the joint order
    of all N + M rows, at most a of the new ones come before the k-th old one exactly if at least k of the first
    a + k are old, so

    .. math:: P(\text{alerts} \le a) = P(\mathrm{Hypergeometric}(N + M, N, a + k) \ge k).

    k is the largest for which that is at least `confidence`: out of 100 such thresholds, each on one day of
    `per_rows` rows, at least 95 keep to the budget. With `confidence=None` it is the largest with
    :math:`k M/(N+1) \le a`: the budget is kept on average only. Equal scores can only lower the number of alerts.
    Assumption: new rows, anomalies included, are exchangeable with the held-out rows. If anomalies are more common
    among the held-out rows, fewer alerts come; if they are more common among new rows, more.

    Parameters
    ----------
    model : fitted Detector or wrapper
    alerts : int
        Largest number of flagged rows, at least 1.
    per_rows : int
        Of how many rows: those of a day if `alerts` is per day.
    confidence : float in (0, 1), optional
        Probability that a day keeps to the budget. None: the average day does.
    anomaly_rate : float in (0, 1), optional
        Share of anomalies among future rows, for ``expected_``; None: that of the held-out rows.

    Examples
    --------
    >>> from askew import IsolationForest
    >>> rng = np.random.default_rng(0)
    >>> model = IsolationForest(random_state=0).fit(rng.normal(size=(300, 2)))
    >>> X, y = np.r_[rng.normal(size=(990, 2)), rng.normal(6, 1, size=(10, 2))], np.r_[[0] * 990, [-1] * 10]
    >>> threshold = AlertBudget(model, alerts=20, per_rows=1000).fit(X, y)
    >>> int((threshold.predict(X) == -1).sum())
    10
    """

    name: ClassVar[str] = "alert_budget"
    spelling: ClassVar[str] = "budget:ALERTS/ROWS"
    example: ClassVar[str] = "budget:20/1000"
    example_in_words: ClassVar[str] = "alerts per rows"
    wish: ClassVar[str] = "We can look at 20 of the 1,000 rows of a day"
    promise: ClassVar[str] = "on 95 days of 100 no more than 20 are flagged"
    place: ClassVar[int] = 3
    numbers: ClassVar[tuple[str, ...]] = ("alerts", "per_rows")
    fewest_numbers: ClassVar[int] = 2

    model: Any
    alerts: int = 20
    per_rows: int = 1000
    confidence: float | None = 0.95
    anomaly_rate: float | None = None

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name, what in (("alerts", "you can look at"), ("per_rows", "come meanwhile")):
            remedy = f"It is how many rows {what}."
            self._require_number(name, "an integer of at least 1", lambda v: v >= 1 and v == int(v), remedy)
        if self.alerts >= self.per_rows:
            rule = f"below per_rows, {self.per_rows}"
            remedy = "With a budget for every row there is nothing to decide."
            raise InvalidInputError(must("alerts", "AlertBudget", rule, self.alerts, remedy))
        if self.confidence is not None:
            remedy = "0.95 keeps the budget on 95 days of 100; None keeps it on average."
            self._require_number("confidence", "in (0, 1)", lambda value: 0 < value < 1, remedy)

    def _offset(self) -> float:
        rows: Scores = np.sort(np.concatenate([self.calibration_, self.anomalies_]))
        level = self._level(len(rows))
        if level < 1:
            rule = f"large enough to be kept by {len(rows)} held-out rows"
            raise InvalidInputError(must("alerts", "AlertBudget", rule, self.alerts, self._remedy()))
        return float(rows[level - 1]) if level <= len(rows) else np.inf

    def _level(self, n_rows: int) -> int:
        """Return which of the held-out rows, from the lowest, is the cut-off; 0 if none keeps the budget."""
        if self.confidence is None:
            return math.floor(self.alerts / self.per_rows * (n_rows + 1) + ROUNDING)
        levels, confidence = range(1, n_rows + 1), float(self.confidence)
        # the probability falls as the level rises
        return bisect_left(levels, True, key=lambda level: self._kept(level, n_rows) < confidence)

    def _kept(self, level: int, n_rows: int) -> float:
        """Return the probability that at most `alerts` new rows score below the held-out row of that level."""
        total = n_rows + int(self.per_rows)
        return float(hypergeom.sf(level - 1, total, n_rows, min(int(self.alerts) + level, total)))

    def _remedy(self) -> str:
        if self.confidence is None:
            fewest = math.ceil(self.per_rows / self.alerts - ROUNDING) - 1
        else:  # P(the lowest alerts + 1 of all rows are new), about (M / (N + M)) ** (alerts + 1)
            fewest = math.ceil(self.per_rows * ((1 - self.confidence) ** (-1 / (self.alerts + 1)) - 1))
        return f"Hold out about {fewest:,} rows or more, or allow more alerts."

    def _guarantee(self) -> str:
        sure = self.confidence
        how = "On average" if sure is None else f"With a probability of at least {sure:.3g},"
        return (
            f"{how} at most {self.alerts:,} of {self.per_rows:,} new rows are flagged, if they are like the held-out "
            "ones, anomalies included (exchangeable: only chance decided which were held out)."
        )
