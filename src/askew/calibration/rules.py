"""Thresholds in words: ``quantile:0.05``, ``fdr:0.1``, ``budget:20/1000``, ``cost:50``."""

from __future__ import annotations

import difflib
from typing import Any

from askew.calibration.alert_budget import AlertBudget
from askew.calibration.conformal import Conformal
from askew.calibration.cost import Cost
from askew.calibration.quantile import Quantile
from askew.calibration.threshold import Threshold
from askew.errors import InvalidInputError

_KINDS: dict[str, tuple[type[Threshold], tuple[str, ...]]] = {
    "quantile": (Quantile, ("contamination",)),
    "fdr": (Conformal, ("fdr",)),
    "budget": (AlertBudget, ("alerts", "per_rows")),
    "cost": (Cost, ("miss", "false_alarm")),
}
"""The class of each word, and what the numbers after it are: one, or two with a slash between."""

_RULE = "quantile:SHARE, fdr:SHARE, budget:ALERTS/ROWS or cost:MISS (or cost:MISS/FALSE_ALARM)"


def from_rule(rule: str, model: Any = None) -> Threshold:
    """Return the unfitted threshold that a rule stands for.

    Parameters
    ----------
    rule : str
        ``quantile:0.05`` flags 5 % of ordinary rows; ``fdr:0.1`` lets a tenth of the flagged be false alarms;
        ``budget:20/1000`` flags at most 20 of 1,000 rows; ``cost:50`` says that a miss costs 50 false alarms. More
        parameters follow after commas: ``cost:50,anomaly_rate=0.01``, ``fdr:0.1,method=by``.
    model : fitted Detector or wrapper, optional
        What it is to wrap; it may be set later.

    Raises
    ------
    InvalidInputError
        If the rule cannot be read; the message shows the ones there are. Numbers out of range too.

    Examples
    --------
    >>> from_rule("budget:20/1000,confidence=0.9")
    AlertBudget(confidence=0.9, model=None)
    >>> from_rule("fdr")
    Traceback (most recent call last):
    askew.errors.InvalidInputError: threshold rule must be quantile:SHARE, fdr:SHARE, budget:ALERTS/ROWS or cost:MISS \
(or cost:MISS/FALSE_ALARM); got 'fdr'. For example fdr:0.1.
    """
    head, *rest = (part.strip() for part in rule.split(","))
    word, colon, numbers = (part.strip() for part in head.partition(":"))
    if word not in _KINDS:
        raise _refusal(rule, _closest(word))
    kind, names = _KINDS[word]
    given = numbers.split("/") if colon else []
    fewest = 2 if kind is AlertBudget else 1
    if not fewest <= len(given) <= len(names):
        raise _refusal(rule, word)
    values = {name: _number(text, rule, word) for name, text in zip(names, given, strict=False)}
    threshold: Threshold = kind(model).set_params(**values, **_more(rest, kind, rule, word))
    threshold._check_parameters()
    return threshold


def _more(parts: list[str], kind: type[Threshold], rule: str, word: str) -> dict[str, Any]:
    """Return the parameters after the commas."""
    known = [name for name in kind(None).get_params(deep=False) if name not in ("model", *_KINDS[word][1])]
    found: dict[str, Any] = {}
    for part in parts:
        name, equals, value = (text.strip() for text in part.partition("="))
        if not equals or name not in known or name in found:
            raise InvalidInputError(
                f"threshold rule must end in NAME=VALUE, each name once, with a name of {', '.join(known)}; "
                f"got {part!r} in {rule!r}. For example {word}:...,anomaly_rate=0.01."
            )
        if name == "method":
            found[name] = value
        else:
            found[name] = None if value.lower() == "none" else _number(value, rule, word)
    return found


def _number(text: str, rule: str, word: str) -> int | float:
    try:
        number = float(text)
    except ValueError:
        raise _refusal(rule, word) from None
    return int(number) if number.is_integer() and "." not in text else number


def _closest(word: str) -> str:
    return next(iter(difflib.get_close_matches(word, _KINDS, n=1)), "quantile")


def _refusal(rule: str, word: str) -> InvalidInputError:
    example = {"quantile": "quantile:0.05", "fdr": "fdr:0.1", "budget": "budget:20/1000", "cost": "cost:50"}[
        word
    ]
    return InvalidInputError(f"threshold rule must be {_RULE}; got {rule!r}. For example {example}.")
