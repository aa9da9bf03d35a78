"""A threshold around a model, from the command line: ``--threshold RULE`` and how its expectations are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from askew.cli.console import note
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.calibration import Threshold
    from askew.fitting import ThresholdChoice

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


def threshold_choice(rule: str | None, share: float | None, seed: int) -> ThresholdChoice | None:
    """Return the threshold that `rule` stands for, or None without one; refuse wrong options before the long work."""
    if rule is None:
        if share is not None:
            raise InvalidInputError(
                "--hold-out must be given with --threshold. For example --threshold fdr:0.1."
            )
        return None
    if share is not None and not 0 < share < 1:
        raise InvalidInputError(f"--hold-out must be in (0, 1); got {share}. 0.2 holds out one row in five.")
    from askew.calibration import from_rule
    from askew.fitting import ThresholdChoice

    return ThresholdChoice(from_rule(rule), share, seed)


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
