"""How a session asks: order, random share, when it refits, budget."""

from __future__ import annotations

from dataclasses import dataclass

ORDERS = ("anomalous", "informative", "random")
"""What comes next: see :class:`ReviewSettings`."""


@dataclass(frozen=True)
class ReviewSettings:
    """How a session asks; kept in its log, so that it is the same after a restart.

    Parameters
    ----------
    order : "anomalous", "informative" or "random"
        What comes next: the rows with the lowest scores; those from whose answers the model learns most (its members
        disagree, near the threshold, unlike what is labelled); or any.
    random_share : float
        Share of the questions, 0 to 1, that are drawn at random from all rows: from these the true rate of anomalies
        is estimated. 0 asks none.
    refit_every : int
        Answers after which the model is refitted in the background; 0 refits only when asked to.
    budget : int, optional
        Answers that a person wants to give a day.
    seed : int
        Decides what is drawn.
    """

    order: str = "anomalous"
    random_share: float = 0.1
    refit_every: int = 10
    budget: int | None = None
    seed: int = 0
