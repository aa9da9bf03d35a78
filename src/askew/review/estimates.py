"""What answers say of all rows: the share of anomalies, and the precision of the threshold, with intervals.

Only rows drawn at random say anything of the rows that nobody has looked at: those that a model put first are more
anomalous than the rest. "Don't know" is no answer, but not chance either: intervals hold whatever those rows are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from askew.calibration.expectations import Estimate, share

Answers = NDArray[np.int8]
"""+1 normal, 0 not known, -1 anomaly."""


def anomaly_rate(drawn: Answers, n_rows: int, n_anomalies: int = 0, n_normals: int = 0) -> Estimate | None:
    """Return the share of anomalies among all rows with its 95 % interval; None if no draw has an answer.

    Reference: Clopper and Pearson (1934). Rows drawn without an answer count as normal for the lower end, and as
    anomalies for the upper one. What is known of all rows bounds both: the anomalies found are a least number, and
    the normal rows found are none.

    Parameters
    ----------
    drawn : (n_drawn,) of +1, 0 and -1
        The answers to the rows of :func:`askew.review.asking.random_sample`; 0 for a "don't know".
    n_rows : int
        All rows that were drawn from.
    n_anomalies, n_normals : int
        Answers of each kind that anybody gave, whatever the question was.

    Examples
    --------
    >>> print(anomaly_rate(np.array([1, 1, -1, 1, 1, 1, 1, 1, 1, 1]), 1000, n_anomalies=20, n_normals=40))
    0.10 (0.02 to 0.45)
    >>> print(anomaly_rate(np.array([1, 1, 1, 0]), 1000, n_anomalies=20))
    0.02 (0.02 to 0.81)
    """
    estimate = _of_sample(np.asarray(drawn))
    if estimate is None:
        return None
    return Estimate(
        *(float(np.clip(each, n_anomalies / n_rows, 1 - n_normals / n_rows)) for each in estimate)
    )


class FlaggedDraw(NamedTuple):
    """The answer to a random question about a flagged row, and what was known of the flagged rows just before it."""

    answer: int
    """+1, 0 or -1; 0 for a "don't know"."""
    n_flagged: int
    n_anomalies: int
    """Flagged rows that had been answered to be anomalies."""
    n_unanswered: int
    """Flagged rows without an answer, of which this was drawn."""

    @classmethod
    def of(cls, answer: int, flagged: Answers) -> Self:
        """Return the draw from the answers to all flagged rows before it, 0 without one.

        >>> FlaggedDraw.of(-1, np.array([-1, 0, 0, 1, 0]))
        FlaggedDraw(answer=-1, n_flagged=5, n_anomalies=1, n_unanswered=3)
        """
        return cls(answer, len(flagged), int((flagged < 0).sum()), int((flagged == 0).sum()))


def precision_at_threshold(flagged: Answers, draws: Sequence[FlaggedDraw]) -> Estimate | None:
    r"""Return the share of anomalies among the flagged rows with its 95 % interval.

    None if nothing is flagged, or some flagged row has no answer and no draw does.

    Flagged rows with an answer are counted as they are, so it does not matter that the most anomalous of them were
    answered first. At draw t, of f rows flagged a were known anomalies and u had no answer; with p the share of
    anomalies among the draws, the estimate is the mean over draws of :math:`(a_t+p\,u_t)/f_t`, and the interval has
    that of p (Clopper and Pearson 1934). Across refits it is the average of the models that were asked with: draws
    count with what was flagged when they were asked, as a model that has learned an answer flags the row because of
    it. What is certain of the rows that are flagged now bounds all three numbers.

    Parameters
    ----------
    flagged : (n_flagged,) of +1, 0 and -1
        The answers to all rows that the model flags now; 0 without an answer.
    draws : sequence of FlaggedDraw
        Random questions about rows that were flagged when they were asked.

    Examples
    --------
    >>> draws = [FlaggedDraw(-1, 6, 1, 5), FlaggedDraw(1, 6, 2, 3)]
    >>> print(precision_at_threshold(np.array([-1, -1, -1, 1, 0, 0]), draws))
    0.58 (0.50 to 0.83)
    >>> print(precision_at_threshold(np.array([-1, 1]), []))
    0.50 (0.50 to 0.50)
    """
    flagged = np.asarray(flagged)
    if not len(flagged):
        return None
    least, most = float((flagged < 0).mean()), float((flagged <= 0).mean())
    if least == most:
        return Estimate(least, least, least)
    rest = _of_sample(np.array([draw.answer for draw in draws]))
    if rest is None:
        return None
    n, known, unknown = np.array([draw[1:] for draw in draws], dtype=float).T
    averages = (float(np.mean((known + each * unknown) / n)) for each in rest)
    return Estimate(*(min(max(each, least), most) for each in averages))


def in_words(rate: Estimate | None, precision: Estimate | None, n_drawn: int) -> list[str]:
    r"""Return what is estimated in plain words, a sentence each; `n_drawn` are the draws from all rows.

    >>> print(*in_words(share(1, 20), Estimate(0.5, 0.5, 0.875), n_drawn=20), sep="\n")
    Of 100 rows about 5 are anomalies (0.13 to 25), by 20 rows drawn at random.
    Of 100 flagged rows at least 50 are anomalies, at most 88.
    """
    drawn = f"{n_drawn} row{'' if n_drawn == 1 else 's'} drawn at random"
    return [
        "What share of all rows are anomalies is not known yet: none drawn at random has an answer."
        if rate is None
        else f"Of 100 rows {_anomalies(rate)}, by {drawn}.",
        "What share of the flagged rows are anomalies is not known yet: none was drawn at random."
        if precision is None
        else f"Of 100 flagged rows {_anomalies(precision)}.",
    ]


def _anomalies(estimate: Estimate) -> str:
    """Return how many of a hundred are anomalies; a number at the end of its interval is no guess, but a bound."""
    value, low, high = (f"{100 * each:.2g}" if each < 0.995 else "100" for each in estimate)
    if estimate.low == estimate.high:
        return f"{value} are anomalies: all have an answer"
    if estimate.value <= estimate.low or estimate.value >= estimate.high:
        return f"at least {low} are anomalies, at most {high}"
    return f"about {value} are anomalies ({low} to {high})"


def _of_sample(drawn: Answers) -> Estimate | None:
    """Return the share of anomalies in a random sample, whatever the rows are whose answer is 0."""
    n, found, unknown = len(drawn), int((drawn < 0).sum()), int((drawn == 0).sum())
    if n == unknown:
        return None
    return Estimate(found / (n - unknown), share(found, n).low, share(found + unknown, n).high)
