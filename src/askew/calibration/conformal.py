"""Conformal: flag so that few of the flagged rows are false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, final

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from askew.calibration.expectations import Expected
from askew.calibration.quantile import ROUNDING
from askew.calibration.threshold import Scores, Threshold
from askew.errors import InvalidInputError, must
from askew.index import wrapper


@final
@wrapper
@dataclass(eq=False, repr=False)
class Conformal(Threshold):
    r"""Flag rows so that on average at most the share `fdr` of the flagged ones is ordinary.

    Conformal p-values of all rows that are judged together, then the step-up procedure of Benjamini and Hochberg:
    with m rows, the largest k such that k of them have :math:`p \le \mathrm{fdr}\,k/m` are flagged. Conformal
    p-values that share their calibration rows are positively dependent in the way the procedure needs (Bates et
    al., theorem 2). So the false-discovery rate, the expected share of ordinary rows among the flagged (0 if none
    is), is at most `fdr` for any model, number of rows and share of anomalies, if the ordinary rows among the judged
    are exchangeable with the calibration rows. It is an average over both: one file can have more. `method="by"`
    (Benjamini and Yekutieli) allows any dependence between p-values, and is about log(m) times stricter.

    Power: no p-value is below 1/(n+1). To flag k of m rows takes about :math:`n \ge m / (k\,\mathrm{fdr})`
    calibration rows; for anomalies that are 1 % of the rows and fdr 0.1 that is 1,000.

    A row's prediction depends on the rows judged with it: judge a whole file or day at once. ``offset_`` is the
    cut-off for a row judged alone.

    References: Benjamini and Hochberg (1995), Controlling the false discovery rate; Benjamini and Yekutieli (2001);
    Bates, Candès, Lei, Romano and Sesia (2023), Testing for outliers with conformal p-values.

    Parameters
    ----------
    model : fitted Detector or wrapper
    fdr : float in (0, 1)
        Largest expected share of false alarms among the flagged rows.
    method : {"bh", "by"}
        Benjamini and Hochberg, or Benjamini and Yekutieli.
    anomaly_rate : float in (0, 1), optional
        Share of anomalies among future rows, for ``expected_``; None: that of the held-out rows.

    Examples
    --------
    >>> from askew import IsolationForest
    >>> rng = np.random.default_rng(0)
    >>> model = IsolationForest(random_state=0).fit(rng.normal(size=(300, 2)))
    >>> X, y = np.r_[rng.normal(size=(400, 2)), rng.normal(6, 1, size=(12, 2))], np.r_[[0] * 400, [-1] * 12]
    >>> threshold = Conformal(model, fdr=0.1).fit(X, y)
    >>> new = np.r_[rng.normal(size=(180, 2)), rng.normal(6, 1, size=(20, 2))]
    >>> flagged = threshold.predict(new) == -1
    >>> int(flagged[:180].sum()), int(flagged[180:].sum())
    (3, 20)
    """

    name: ClassVar[str] = "conformal"
    spelling: ClassVar[str] = "fdr:SHARE"
    example: ClassVar[str] = "fdr:0.1"
    wish: ClassVar[str] = "Of what we look at, at most a tenth may be nothing"
    promise: ClassVar[str] = "on average at most a tenth of the flagged rows are ordinary"
    place: ClassVar[int] = 2
    numbers: ClassVar[tuple[str, ...]] = ("fdr",)
    needs_all_rows: ClassVar[bool] = True

    model: Any
    fdr: float = 0.1
    method: Literal["bh", "by"] = "bh"
    anomaly_rate: float | None = None

    def tally(self, scores: Scores) -> NDArray[np.int64]:
        """Return how many of the rows have each possible p-value, 1/(n+1) first: (n + 1,).

        Tallies of the parts of a file add up to that of the file, so that files larger than memory can be judged
        as a whole.
        """
        return np.bincount(self._ranks(scores), minlength=len(self.calibration_) + 1).astype(np.int64)

    def cut_of_tally(self, tally: NDArray[np.int64]) -> float:
        """Return the score below which rows are flagged, when the rows counted in `tally` are judged together."""
        n_rows = int(tally.sum())
        level = np.arange(1, len(tally) + 1) / len(tally)
        # k(p <= level) for every level that a p-value can have; the same as scipy.stats.false_discovery_control
        fits = level * n_rows * self._strictness(n_rows) <= self.fdr * np.cumsum(tally) * (1 + ROUNDING)
        return self._cut_at(int(np.flatnonzero(fits)[-1]) + 1 if fits.any() else 0)

    def cut_off(self, scores: Scores) -> float:
        """Return the score below which rows are flagged when the rows with these scores are judged together."""
        return self.cut_of_tally(self.tally(scores))

    def _strictness(self, n_rows: int) -> float:
        """Return what p-values are multiplied by: 1, or 1 + 1/2 + ... + 1/m for Benjamini and Yekutieli."""
        return 1.0 if self.method == "bh" else float(digamma(n_rows + 1) + np.euler_gamma)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = "It is the share of false alarms that you can live with; 0.1 is one in ten."
        self._require_number("fdr", "in (0, 1)", lambda value: 0 < value < 1, remedy)
        if self.method not in ("bh", "by"):
            remedy = 'Use "bh", unless p-values depend on each other in ways that nobody knows.'
            raise InvalidInputError(must("method", "Conformal", '"bh" or "by"', self.method, remedy))

    def _offset(self) -> float:
        return self._cut_at(int(self.fdr * (len(self.calibration_) + 1) + ROUNDING))

    def _expected(self) -> Expected:
        return self._expected_at(self._usual_cut())

    def _usual_cut(self) -> float:
        """Return the cut-off for many rows with anomalies like the known ones: the procedure on expected shares."""
        n, m = len(self.calibration_), max(len(self.anomalies_), 1)
        level = np.arange(1, n + 2) / (n + 1)
        found = np.cumsum(self.tally(self.anomalies_)) / m
        flagged = self._rate() * found + (1 - self._rate()) * level
        fits = level * self._strictness(1000) <= self.fdr * flagged * (1 + ROUNDING)
        return self._cut_at(int(np.flatnonzero(fits)[-1]) + 1 if fits.any() else 0)

    def _warnings(self) -> list[str]:
        expected, n = self.expected_, len(self.calibration_)
        if expected.recall is None or expected.alerts.value:
            return super()._warnings()
        needed = 1 / (self.fdr * self._rate())
        if n < needed:
            why = f"with {n:,} held-out rows no p-value is below {1 / (n + 1):.2g}. Hold out {needed:,.0f} rows or more"
        else:
            why = "too many ordinary rows score as low as the known anomalies do. Use a better model"
        nothing = f"nothing is likely to be flagged where anomalies are {self._rate():.2%} of the rows: {why}"
        return [f"{nothing}, allow a higher fdr, or use a quantile or an alert budget.", *super()._warnings()]

    def _guarantee(self) -> str:
        n = len(self.calibration_)
        dependence = "" if self.method == "bh" else ", however p-values depend on each other"
        return (
            f"On average at most {self.fdr:.3g} of the rows flagged together are ordinary, if ordinary rows are like "
            f"the held-out ones (exchangeable: only chance decided which were held out){dependence}. With {n:,} such "
            f"rows held out, either none or at least {1 / ((n + 1) * self.fdr):.2%} of a file's rows are flagged."
        )
