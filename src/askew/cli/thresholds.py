"""A threshold around a model, from the command line: ``--threshold RULE`` and how its expectations are printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from askew.cli.console import note
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.calibration import Threshold
    from askew.labels import Labels

RuleOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--threshold",
        metavar="RULE",
        help="Which rows to flag: quantile:0.05, fdr:0.1, budget:20/1000 (alerts per rows) or cost:50 (a miss in "
        "false alarms). Some training rows are held out for it.",
    ),
]

HoldOutOption: TypeAlias = Annotated[
    float | None, typer.Option(help="Share of the rows to hold out for --threshold; 0.2 without it.")
]

_SHARE = 0.2


def unfitted(rule: str | None, share: float | None) -> Threshold | None:
    """Return the threshold that `rule` stands for, or None without one; refuse wrong options before the long work.

    Raises
    ------
    InvalidInputError
        If the rule cannot be read, or `share` is out of range or given without a rule.
    """
    if rule is None:
        if share is not None:
            raise InvalidInputError(
                "--hold-out must be given with --threshold. For example --threshold fdr:0.1."
            )
        return None
    if share is not None and not 0 < share < 1:
        raise InvalidInputError(f"--hold-out must be in (0, 1); got {share}. 0.2 holds out one row in five.")
    from askew.calibration import from_rule

    return from_rule(rule)


def fit_with(
    threshold: Threshold,
    X: Any,
    y: Labels | None,
    share: float | None,
    seed: int,
    fit: Callable[[Any, Any], Any],
) -> Threshold:
    """Fit a model on a part of the rows and the threshold around it on the others.

    Parameters
    ----------
    threshold
        Unfitted, without a model.
    X, y
        All training rows, a frame, an Arrow table or an array of images, and their labels.
    share
        Of the rows to hold out; None: a fifth.
    seed
        Of the choice of these rows.
    fit
        Fits a model on rows and labels and returns it.
    """
    from askew.calibration import hold_out

    kept, held_out = hold_out(y, len(X), _SHARE if share is None else share, seed)
    labels = (None, None) if y is None else (y[kept], y[held_out])
    note(f"{len(held_out):,} of {len(X):,} rows are held out for the threshold.")
    threshold.set_params(model=fit(_rows(X, kept), labels[0]))
    return threshold.fit(_rows(X, held_out), labels[1])


def _rows(X: Any, numbers: Any) -> Any:
    import numpy as np

    return X[numbers] if isinstance(X, np.ndarray) else X.take(numbers)


def report(threshold: Threshold) -> None:
    """Print what to expect of a fitted threshold, a line per fact."""
    expected = threshold.expected_
    word = "anomaly" if expected.n_anomalies == 1 else "anomalies"
    note(
        f"Threshold {type(threshold).__name__}, from {expected.n_rows:,} held-out rows and "
        f"{expected.n_anomalies:,} known {word}:"
    )
    for sentence in expected.sentences():
        note(f"  {sentence}")


def described(threshold: Threshold) -> dict[str, Any]:
    """Return a fitted threshold for a JSON summary."""
    parameters = threshold.get_params(deep=False)
    del parameters["model"]
    return {"name": threshold.name, **parameters, "expected": threshold.expected_.as_dict()}
