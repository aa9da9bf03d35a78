"""How a session asks: order, random share, when it refits, budget."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from askew.errors import InvalidInputError, must, require_whole
from askew.inputs.column_names import suggestion
from askew.review.asking import ORDERS, RANDOM_SHARE


@dataclass(frozen=True)
class ReviewSettings:
    """How a session asks; kept in its log, so that it is the same after a restart.

    Parameters
    ----------
    order : "anomalous", "informative" or "random"
        What comes next: the rows with the lowest scores; those of which the model is least sure (near the threshold,
        its members disagree, unlike what is answered); or any.
    random_share : float
        Share of the questions, 0 to 1, that are drawn at random, by turns from all rows and from the flagged ones:
        from these the true rate of anomalies and the precision at the threshold are estimated. 0 asks none.
    refit_every : int
        Answers after which the model is refitted in the background; 0 refits only when asked to.
    budget : int, optional
        Answers that a person wants to give a day.
    seed : int
        Decides what is drawn.

    Raises
    ------
    InvalidInputError
        If one is out of range.
    """

    order: str = "anomalous"
    random_share: float = RANDOM_SHARE
    refit_every: int = 10
    budget: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        owner = type(self).__name__
        if self.order not in ORDERS:
            remedy = suggestion(str(self.order), list(ORDERS)) or "The first is the default."
            raise InvalidInputError(
                must("order", owner, f"one of {', '.join(map(repr, ORDERS))}", self.order, remedy)
            )
        share: Any = self.random_share
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise InvalidInputError(
                must("random_share", owner, "between 0 and 1", share, "0.1 asks every tenth row at random.")
            )
        require_whole(
            "refit_every", owner, self.refit_every, 0, "10 is the default; 0 refits only when asked to."
        )
        require_whole("seed", owner, self.seed, 0, "0 is the default.")
        if self.budget is not None:
            require_whole("budget", owner, self.budget, 1, "Leave it out for no budget.")

    def changed(self, settings: dict[str, Any]) -> Self:
        """Return these with some changed; names that are none raise InvalidInputError."""
        names = [each.name for each in fields(self)]
        for name in settings:
            if name not in names:
                remedy = suggestion(name, names) or f"There are {', '.join(names)}."
                raise InvalidInputError(
                    must("settings", type(self).__name__, "names of settings", name, remedy)
                )
        return type(self)(**asdict(self) | settings)

    def differences(self, other: ReviewSettings) -> dict[str, Any]:
        """Return the settings of `other` that differ from these."""
        mine, theirs = asdict(self), asdict(other)
        return {name: value for name, value in theirs.items() if mine[name] != value}
