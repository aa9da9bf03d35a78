"""An alarm for scores that come one after another for ever: evidence of drift, with false alarms at a stated rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from askew.drift.held_out_scores import TAIL, HeldOutScores

_BETS = np.array([-1.9, -1.0, -0.5, -0.25, 0.25, 0.5, 1.0, 1.9])
"""Stakes on the mean p-value: the weaker ones win on a small drift, the stronger ones sooner on a large one."""

_AT_A_TIME = 256  # rows, whose ranks among each other take a matrix
_MOST = 1e12  # evidence that is kept: a later lack of drift is to be seen


class ScoreAlarm:
    r"""Evidence that scores are no longer those of the held-out rows, and an alarm where it is `rows_per_alarm`.

    A row's conformal p-value, its rank among the held-out rows and all rows before it, is independent of the others'
    and uniform as long as nothing drifts. On each p-value stakes are laid, :math:`1+\epsilon(p-\frac12)` for several ε
    and one on p-values below 0.05, which gain nothing on average then. Evidence is the sum of what bettors have
    gained that begin with one unit at each row (Shiryaev-Roberts): without drift its mean is the number of rows.
    So the chance of an alarm within N rows is at most N / `rows_per_alarm`, and the mean number of rows until one at
    least `rows_per_alarm`, however often one looks.

    References: Vovk, Petej, Nouretdinov, Ahlberg, Carlsson and Gammerman (2021), Retrain or not retrain: conformal
    test martingales for change-point detection; Roberts (1966), A comparison of some control chart procedures.

    Parameters
    ----------
    scores : HeldOutScores
        What new scores are compared with.
    rows_per_alarm : float
        Rows without drift per false alarm, on average at least.
    seed : int
        Of what breaks ties among scores.

    Examples
    --------
    >>> drawn = np.random.default_rng(0)
    >>> alarm = ScoreAlarm(HeldOutScores.of(drawn.normal(size=1000), "some rows"), rows_per_alarm=1e5)
    >>> alarm.add(drawn.normal(size=500))
    >>> alarm.raised
    False
    >>> alarm.add(drawn.normal(-0.5, size=500))
    >>> alarm.raised
    True
    """

    def __init__(self, scores: HeldOutScores, rows_per_alarm: float = 1e6, seed: int = 0) -> None:
        self.rows_per_alarm, self.n_rows, self.raised = rows_per_alarm, 0, False
        self._cells, self._counts = scores, np.array(scores.counts, dtype=np.float64)
        self._gains = np.zeros(len(_BETS) + 1)
        self._generator = np.random.default_rng(seed)

    @property
    def evidence(self) -> float:
        """About the number of rows without drift; `rows_per_alarm` or more raises the alarm."""
        return float(self._gains.sum())

    def add(self, scores: NDArray[np.float64]) -> None:
        """Take the scores of the next rows, (rows,)."""
        for start in range(0, len(scores), _AT_A_TIME):
            p = self._p_values(scores[start : start + _AT_A_TIME])
            bets = 1.0 + np.column_stack([np.outer(p - 0.5, _BETS), (p <= TAIL) - TAIL])  # (rows, bettors)
            gains = np.cumprod(bets[::-1], axis=0)  # of one unit from each row on, the last first
            self._gains = self._gains * gains[-1] + gains.sum(axis=0) / bets.shape[1]
            self._gains *= min(1.0, _MOST / self.evidence)
            self.raised |= self.evidence >= self.rows_per_alarm
            self.n_rows += len(p)

    def _p_values(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the p-values of rows, and let them be among those that later ones are ranked with."""
        cells = self._cells.cells(scores)
        n, before = len(cells), np.tri(len(cells), k=-1)
        below = (
            self._counts.cumsum()[cells]
            - self._counts[cells]
            + (before * (cells < cells[:, None])).sum(axis=1)
        )
        equal = self._counts[cells] + (before * (cells == cells[:, None])).sum(axis=1)
        total = self._counts.sum() + np.arange(n)
        self._counts += np.bincount(cells, minlength=len(self._counts))
        return np.asarray((below + self._generator.random(n) * (equal + 1)) / (total + 1))
