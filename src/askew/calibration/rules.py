"""Thresholds in words: ``quantile:0.05``, ``fdr:0.1``, ``budget:20/1000``, ``cost:50``."""

from __future__ import annotations

import difflib
from typing import Any

from askew import index
from askew.calibration.threshold import Threshold
from askew.errors import InvalidInputError


def from_rule(rule: str, model: Any = None) -> Threshold:
    """Return the unfitted threshold that a rule stands for.

    Parameters
    ----------
    rule : str
        ``quantile:0.05`` flags 5 % of ordinary rows; ``fdr:0.1`` lets a tenth of the flagged be false alarms;
        ``budget:20/1000`` flags at most 20 of 1,000 rows; in ``cost:50`` a miss costs 50 false alarms. Further
        parameters follow after commas: ``cost:50,anomaly_rate=0.01``.
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
    rules = index.threshold_rules()
    if word not in rules:
        raise _refusal(rule, next(iter(difflib.get_close_matches(word, rules, n=1)), next(iter(rules))))
    kind: type[Threshold] = index.wrapper_class(rules[word].name)
    given = numbers.split("/") if colon else []
    if not kind.fewest_numbers <= len(given) <= len(kind.numbers):
        raise _refusal(rule, word)
    values = {name: _number(text, rule, word) for name, text in zip(kind.numbers, given, strict=False)}
    threshold: Threshold = kind(model).set_params(**values, **_more(rest, kind, rule, word))
    threshold._check_parameters()
    return threshold


def _more(parts: list[str], kind: type[Threshold], rule: str, word: str) -> dict[str, Any]:
    """Return the parameters after the commas."""
    usual = kind(None).get_params(deep=False)
    known = [name for name in usual if name not in ("model", *kind.numbers)]
    found: dict[str, Any] = {}
    for part in parts:
        name, equals, value = (text.strip() for text in part.partition("="))
        if not equals or name not in known or name in found:
            raise InvalidInputError(
                f"threshold rule must end in NAME=VALUE, each name once, with a name of {', '.join(known)}; "
                f"got {part!r} in {rule!r}. For example {word}:...,anomaly_rate=0.01."
            )
        if isinstance(usual[name], str):
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


def _refusal(rule: str, word: str) -> InvalidInputError:
    rules = {each: entry.constants for each, entry in index.threshold_rules().items()}
    *others, last = (constants["spelling"] for constants in rules.values())
    return InvalidInputError(
        f"threshold rule must be {', '.join(others)} or {last}; got {rule!r}. For example {rules[word]['example']}."
    )
