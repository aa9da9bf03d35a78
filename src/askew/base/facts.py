"""What a fitted model remembers of its training, for the page about it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from importlib.metadata import version
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from askew.base.preparation.column_scaling import ExtremeCells
from askew.inputs.stored_fields import check_fields

_QUANTILES = np.linspace(0.0, 1.0, 101)
_MOST_ANOMALIES = 500
"""Scores of known anomalies that are kept; of more, as many are drawn evenly from the sorted ones."""

_PACKAGES = ("askew", "torch", "numpy", "scikit-learn")


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of Python and of packages: reading them takes as long as some epochs."""
    return ("python", platform.python_version()), *((name, version(name)) for name in _PACKAGES)


@dataclass(frozen=True)
class Facts:
    """What was learned from, and how it went.

    Training rows by label; scores of those that are not known anomalies at 0 %, 1 %, ..., 100 %; sorted scores of
    at most 500 known anomalies; what the health checks found, in plain words; versions of Python and of packages; the
    cells that the columns' scale was learned without.
    """

    n_normal: int
    n_unlabelled: int
    n_anomalies: int
    score_quantiles: tuple[float, ...]
    anomaly_scores: tuple[float, ...]
    health: tuple[str, ...]
    versions: dict[str, str] = field(default_factory=dict)
    extremes: tuple[ExtremeCells, ...] = ()

    @classmethod
    def of(
        cls,
        scores: NDArray[np.float64],
        y: NDArray[np.int8],
        health: list[str],
        extremes: tuple[ExtremeCells, ...] = (),
    ) -> Self:
        """Return the facts of a training: scores (rows,) of the training rows and their labels (rows,)."""
        known = np.sort(scores[y < 0])
        if len(known) > _MOST_ANOMALIES:
            known = known[np.linspace(0, len(known) - 1, _MOST_ANOMALIES).round().astype(int)]
        # no interpolation: a score may be -inf
        quantiles = np.quantile(scores[y >= 0], _QUANTILES, method="inverted_cdf")
        return cls(
            n_normal=int((y > 0).sum()),
            n_unlabelled=int((y == 0).sum()),
            n_anomalies=int((y < 0).sum()),
            score_quantiles=tuple(quantiles.tolist()),
            anomaly_scores=tuple(known.tolist()),
            health=tuple(health),
            versions=dict(_versions()),
            extremes=extremes,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the facts as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Return the facts that :meth:`as_dict` wrote."""
        known = {each.name: values[each.name] for each in fields(cls) if each.name != "extremes"}
        known["extremes"] = tuple(ExtremeCells(*each) for each in values.get("extremes", ()))
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in known.items()}
        check_fields(cls, plain)
        return cls(**plain)


def named(facts: Facts | None, names: Sequence[str] | None) -> tuple[ExtremeCells, ...]:
    """Return the extreme cells with the names of their columns; they stay numbers where `names` is None."""
    cells = () if facts is None else facts.extremes
    return cells if names is None else tuple(each._replace(column=str(names[each.column])) for each in cells)
