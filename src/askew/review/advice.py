"""Whether to go on: what the next answers are likely to add, from the answers so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import betabinom

from askew.errors import require_whole

HALF_LIFE = 5.0
"""Answers after which an answer counts half: the list gets poorer. With five the interval holds nine times in ten."""

_PRIOR = 0.5
"""Of each kind of answer, before the first (Jeffreys)."""

FEWEST = 20
"""Answers below which nobody is advised to stop."""


@dataclass(frozen=True)
class Advice:
    """What the next `n` answers are likely to add.

    Attributes
    ----------
    n : int
        The next answers.
    expected : float
        Anomalies among them, on average.
    low, high : int
        Nine times in ten the number is between these, if the answers go on as they do.
    stop : bool
        Whether it is time to stop: less than one anomaly is expected, after 20 answers or more; or nothing is left.
    found, answers : int
        Anomalies so far, and answers so far.
    """

    n: int
    expected: float
    low: int
    high: int
    stop: bool
    found: int
    answers: int

    def sentence(self) -> str:
        """Return the advice in plain words.

        >>> print(Advice(10, 3.4, 1, 6, False, found=12, answers=30).sentence())
        12 anomalies in 30 answers. The next 10 answers are likely to add about 3 (1 to 6): go on.
        """
        so_far = f"{_counted(self.found, 'anomaly', 'anomalies')} in {_counted(self.answers, 'answer', 'answers')}."
        if not self.n:
            return f"{so_far} No row is left to ask about: stop."
        number = (
            f"{self.expected:.0f}"
            if self.expected >= 1
            else "none"
            if self.expected < 0.05
            else "less than 1"
        )
        about = f"about {number}" if self.expected >= 1 else number
        interval = f"{self.low} to {self.high}" if self.low < self.high else f"{self.high}"
        then = "this is a good time to stop" if self.stop else "go on"
        following = "The next answer is" if self.n == 1 else f"The next {self.n} answers are"
        return f"{so_far} {following} likely to add {about} ({interval}): {then}."


def advise(answers: NDArray[np.int8], n: int = 10, n_left: int | None = None) -> Advice:
    """Return what the next `n` answers are likely to add.

    The share of anomalies among the next answers is taken to be that among the answers so far, where an answer counts
    half as much as one five answers later, with half an answer of each kind before the first. The number of
    anomalies is then beta-binomial. A refit that finds a new kind of anomaly is not foreseen.

    Parameters
    ----------
    answers : (n_answers,) of +1, 0 and -1
        In the order in which they were given, of the questions in the session's order: without the random ones, and
        without bulk answers. "Don't know", 0, took a question too, and added nothing.
    n : int of at least 1
    n_left : int, optional
        Rows that have no answer.

    Examples
    --------
    >>> advice = advise(np.r_[-np.ones(10), np.ones(20)])
    >>> round(advice.expected, 1), advice.low, advice.high, advice.stop
    (1.0, 0, 4, False)
    >>> advise(np.ones(40)).stop
    True
    """
    require_whole("n", "advise", n, 1, "10 is the default.")
    n = n if n_left is None else min(n, max(n_left, 0))
    hits = np.asarray(answers) < 0
    weights = 0.5 ** (np.arange(len(hits))[::-1] / HALF_LIFE)
    a, b = _PRIOR + weights[hits].sum(), _PRIOR + weights[~hits].sum()
    expected = n * a / (a + b)
    low, high = (int(betabinom.ppf(end, n, a, b)) if n else 0 for end in (0.05, 0.95))
    stop = not n or (len(hits) >= FEWEST and expected < n / 10)
    return Advice(n, float(expected), low, high, bool(stop), int(hits.sum()), len(hits))


def _counted(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"
