"""What to expect of a threshold, with intervals, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from scipy.special import betaincinv

from askew.errors import InvalidInputError, must
from askew.plain_text import said_of

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
    """Return the share ``found / of`` with an interval that covers at least as often as `confidence` says.

    Reference: Clopper and Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the
    binomial.

    >>> print(share(9, 10))
    0.90 (0.55 to 1.00)
    """
    if not 0 <= found <= of or of < 1:
        raise InvalidInputError(
            must("found", "share", f"between 0 and of, {of}", found, "Count the rows again.")
        )
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
        return {k: v._asdict() if isinstance(v, Estimate) else v for k, v in vars(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Expected:
        """Return what :meth:`as_dict` wrote."""
        rich: dict[str, Any] = {k: Estimate(**v) if isinstance(v, dict) else v for k, v in values.items()}
        return cls(**rich)

    def sentences(self, unit: str = "rows") -> list[str]:
        """Return what to expect in plain words, a sentence each; `unit` is what is flagged, in the plural."""
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
        return [said_of(unit, sentence) for sentence in (*found, self.guarantee)]

    def _rate(self) -> str:
        if self.anomaly_rate is not None:
            return f"{self.anomaly_rate:.2%} of the rows, as given"
        known = self.n_anomalies / (self.n_rows + self.n_anomalies)
        return f"{known:.2%} of the rows, the known ones' share of the held-out rows"

    def __str__(self) -> str:
        return "\n".join(self.sentences())


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


class Counts(NamedTuple):
    """Held-out rows: ordinary ones, those of them flagged, known anomalies, and those of them flagged."""

    n: int
    false: int
    m: int
    found: int


def expect(counts: Counts, anomaly_rate: float | None, *, nothing: bool, guarantee: str) -> Expected:
    """Return what a cut-off with these counts leads to; `nothing` says that it flags nothing whatever comes."""
    n, false, m, found = counts
    recall = share(found, m) if m else None
    # the cut is itself a calibration row's score: on average one row in n + 1 more falls below it
    false_rate = 0.0 if nothing else (1 + false) / (n + 1)
    rate, hits = m / (n + m) if anomaly_rate is None else anomaly_rate, recall.value if recall else 0.0
    alerts = (1 - rate) * false_rate + rate * hits
    low, high, precise = _intervals(counts, anomaly_rate)
    return Expected(
        n_rows=n,
        n_anomalies=m,
        anomaly_rate=anomaly_rate,
        alerts=Estimate(1000 * alerts, 1000 * low, 1000 * high),
        recall=recall,
        precision=Estimate(rate * hits / alerts, *precise) if m and alerts else None,
        guarantee=guarantee,
    )


def _intervals(counts: Counts, anomaly_rate: float | None) -> tuple[float, float, tuple[float, float]]:
    """Return the interval of the share of flagged rows, and that of precision."""
    n, false, m, found = counts
    if anomaly_rate is None or not m:  # held-out rows are future rows: counts among them are binomial
        flagged = share(false + found, n + m)
        least = share(found, found + false + 1)
        most = share(found, found + false) if found + false else least
        return flagged.low, flagged.high, (least.low, most.high)
    # each of the two at 97.5 %, so that both hold at 95 %
    rate, f, r = anomaly_rate, share(false, n, 0.975), share(found, m, 0.975)
    low, high = ((1 - rate) * a + rate * b for a, b in ((f.low, r.low), (f.high, r.high)))
    ends = (rate * b / max((1 - rate) * a + rate * b, 1e-300) for a, b in ((f.high, r.low), (f.low, r.high)))
    return low, high, (next(ends), next(ends))


def doubts(expected: Expected) -> list[str]:
    """Return what to warn of where too few known anomalies are held out to say what is found."""
    m, recall, remedy = expected.n_anomalies, expected.recall, "Label more, or hold out more."
    if recall is None:
        missing = (
            "no known anomaly is among the held-out rows: nobody can say what is found and what is missed."
        )
        return [f"{missing} {remedy}"]
    if m >= FEWEST:
        return []
    return [
        f"{m} known {'anomaly' if m == 1 else 'anomalies'} among the held-out rows are too few to say what is found: "
        f"the share is somewhere between {recall.low:.0%} and {recall.high:.0%}. {remedy}"
    ]
