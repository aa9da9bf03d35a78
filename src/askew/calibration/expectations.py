"""What to expect of a threshold, with intervals, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from scipy.special import betaincinv

from askew.errors import InvalidInputError, must

FEWEST = 10
"""Held-out known anomalies below which recall and precision are said to be unknown: with ten, all of them found,
recall may still be 0.69."""


class Estimate(NamedTuple):
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def share(found: int, of: int, confidence: float = 0.95) -> Estimate:
    """Return a share with the interval of Clopper and Pearson, which covers at least as often as it says.

    Parameters
    ----------
    found, of : int
        Counts, ``0 <= found <= of`` and ``of`` at least 1.
    confidence : float in (0, 1)

    Raises
    ------
    InvalidInputError
        If the counts are impossible.

    References
    ----------
    Clopper and Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the binomial.

    Examples
    --------
    >>> print(share(9, 10))
    0.90 (0.55 to 1.00)
    """
    if not 0 <= found <= of or of < 1:
        remedy = "Count the rows again."
        raise InvalidInputError(must("found", "share", f"between 0 and of, {of}", found, remedy))
    tail = (1 - confidence) / 2
    low = betaincinv(found, of - found + 1, tail) if found else 0.0
    high = betaincinv(found + 1, of - found, 1 - tail) if found < of else 1.0
    return Estimate(found / of, float(low), float(high))


@dataclass(frozen=True)
class Expected:
    """What a threshold leads to on rows like the held-out ones.

    Attributes
    ----------
    n_rows : int
        Held-out rows that are not known anomalies: what p-values are computed from.
    n_anomalies : int
        Held-out known anomalies: what recall and precision are computed from.
    anomaly_rate : float or None
        Share of anomalies among future rows, as given; None: the known anomalies' share of the held-out rows.
    alerts : Estimate
        Flagged rows per 1,000.
    recall : Estimate or None
        Share of anomalies like the known ones that is flagged; None without a known anomaly.
    precision : Estimate or None
        Share of anomalies among the flagged rows. Held-out rows that nobody labelled count as normal, so if
        anomalies hide among them it is an under-estimate. None if there is no known anomaly, or nothing is flagged.
    cost : float or None
        Cost per 1,000 rows, in the unit of the costs given; only a threshold of costs has one.
    guarantee : str
        What holds whatever the model and the data, and under which assumption.
    """

    n_rows: int
    n_anomalies: int
    anomaly_rate: float | None
    alerts: Estimate
    recall: Estimate | None
    precision: Estimate | None
    guarantee: str
    cost: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return everything as JSON-able values; estimates as ``{"value", "low", "high"}``."""
        return {
            name: value._asdict() if isinstance(value, Estimate) else value
            for name, value in vars(self).items()
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Expected:
        """Return what :meth:`as_dict` wrote."""
        rich: dict[str, Any] = {k: Estimate(**v) if isinstance(v, dict) else v for k, v in values.items()}
        return cls(**rich)

    def sentences(self) -> list[str]:
        """Return what to expect in plain words, a sentence each."""
        alerts = [_number(value) for value in self.alerts]
        found = [f"Of 1,000 such rows about {alerts[0]} are flagged ({alerts[1]} to {alerts[2]})."]
        if self.recall is not None:
            found.append(f"Share of the anomalies found, if they are like the known ones: {self.recall}.")
        else:
            found.append(
                "No known anomaly is among them, so what share of the anomalies is found is not known."
            )
        if self.precision is not None:
            found.append(
                f"Share of anomalies among the flagged: {self.precision}, or more if some held-out rows are anomalies "
                f"that nobody labelled. Anomalies are taken to be {self._rate()}."
            )
        if self.cost is not None:
            found.append(f"Cost per 1,000 rows: about {_number(self.cost)}.")
        return [*found, self.guarantee]

    def _rate(self) -> str:
        if self.anomaly_rate is not None:
            return f"{self.anomaly_rate:.2%} of the rows, as given"
        known = self.n_anomalies / (self.n_rows + self.n_anomalies)
        return f"{known:.2%} of the rows, the known ones' share of the held-out rows"

    def __str__(self) -> str:
        return "\n".join(self.sentences())


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
