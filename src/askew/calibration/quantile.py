"""Quantile: a stated share of ordinary rows is flagged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, final

from askew.calibration.threshold import Threshold
from askew.errors import InvalidInputError, must
from askew.index import wrapper

ROUNDING = 1e-9
"""Keeps 0.29 * 100 from being 28: shares are given in decimals, which floats only come near."""


@final
@wrapper
@dataclass(eq=False, repr=False)
class Quantile(Threshold):
    r"""Flag the share `contamination` of ordinary rows that score lowest.

    Flags rows whose conformal p-value is at most `contamination`, c: those that score below the
    :math:`\lfloor c\,(n+1) \rfloor`-th lowest of the n calibration rows. An ordinary row is then flagged with
    probability at most c, whatever n (the plain quantile of n scores promises that only for many).

    Parameters
    ----------
    model : fitted Detector or wrapper
    contamination : float in (0, 0.5]
        Share of ordinary rows to flag.
    anomaly_rate : float in (0, 1), optional
        Share of anomalies among future rows, for ``expected_``; None: that of the held-out rows.

    Examples
    --------
    >>> import numpy as np
    >>> from askew import IsolationForest
    >>> rng = np.random.default_rng(0)
    >>> model = IsolationForest(random_state=0).fit(rng.normal(size=(300, 2)))
    >>> X, y = np.r_[rng.normal(size=(200, 2)), rng.normal(6, 1, size=(12, 2))], np.r_[[0] * 200, [-1] * 12]
    >>> threshold = Quantile(model, contamination=0.05).fit(X, y)
    >>> int((threshold.predict(X[:200]) == -1).sum()), threshold.expected_.recall.value
    (9, 1.0)
    """

    name: ClassVar[str] = "quantile"
    spelling: ClassVar[str] = "quantile:SHARE"
    example: ClassVar[str] = "quantile:0.05"
    wish: ClassVar[str] = "Flag one ordinary row in twenty"
    promise: ClassVar[str] = "on average at most 5 % of ordinary rows are flagged"
    place: ClassVar[int] = 1
    numbers: ClassVar[tuple[str, ...]] = ("contamination",)

    model: Any
    contamination: float = 0.05
    anomaly_rate: float | None = None

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = "It is the share of ordinary rows to flag; 0.05 flags one in twenty."
        self._require_number("contamination", "in (0, 0.5]", lambda value: 0 < value <= 0.5, remedy)

    def _offset(self) -> float:
        n = len(self.calibration_)
        level = math.floor(self.contamination * (n + 1) + ROUNDING)
        if level < 1:
            rule = f"at least 1 / (rows + 1) of the held-out rows, {1 / (n + 1):.2g} here"
            fewest = math.ceil(1 / self.contamination - ROUNDING) - 1
            remedy = f"Hold out at least {fewest} rows, or flag a larger share."
            raise InvalidInputError(must("contamination", "Quantile", rule, self.contamination, remedy))
        return self._cut_at(level)

    def _guarantee(self) -> str:
        return (
            f"At most {self.contamination:.3g} of ordinary rows are flagged on average, if they are like the held-out "
            "ones (exchangeable: only chance decided which were held out)."
        )
