"""A detector from words: its name, and parameters as ``name=value``; wrong ones are answered by close ones."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from askew import index
from askew.errors import InvalidInputError
from askew.inputs.column_names import listed, suggestion

if TYPE_CHECKING:
    from askew.base import Detector

_PLAIN_WORDS = {"true": True, "false": False, "none": None, "null": None}


def detector_class(name: str) -> type[Detector]:
    """Return the detector class called `name`; the refusal of another name suggests close ones."""
    names = list(index.entries())
    if name not in names:
        hint = suggestion(name, names) or f"Choose one of: {', '.join(names)}."
        raise InvalidInputError(f"detector must be one that `askew methods` lists; got {name!r}. {hint}")
    return index.detector_class(name)


def detector_defaults(kind: type[Detector]) -> dict[str, Any]:
    """Return every parameter that ``--set`` takes, nested ones as ``training__lr``, with its default."""
    from askew.training import Training

    parameters: dict[str, Any] = kind().get_params(deep=True)
    if "training" in parameters:
        nested = Training().get_params(deep=False) | getattr(kind, "default_training", {})
        parameters |= {f"training__{name}": value for name, value in nested.items()}
        del parameters["training"]
    return parameters


def parse_settings(texts: Iterable[str]) -> dict[str, Any]:
    """Return ``["alpha=5", "init=random"]`` as ``{"alpha": 5, "init": "random"}``.

    Values are Python literals; others are words. A text without ``=`` and a name given twice are refused.
    """
    settings: dict[str, Any] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise InvalidInputError(
                f"--set must be name=value; got {text!r}. For example --set training__lr=1e-3."
            )
        if name in settings:
            raise InvalidInputError(f"--set must give each name once; got {name!r} twice. Leave one out.")
        settings[name] = _value(value)
    return settings


def build_detector(
    name: str, settings: Mapping[str, Any], shortcuts: Mapping[str, tuple[str, Any]]
) -> Detector:
    """Return the detector called `name` with parameters from ``--set`` and from shortcuts.

    A shortcut is option -> (parameter, value), where a value None was not given. A parameter that the detector lacks
    (close ones are suggested) and one that is given twice raise InvalidInputError.
    """
    kind = detector_class(name)
    known = list(detector_defaults(kind))
    chosen = dict(settings)
    for option, (parameter, value) in shortcuts.items():
        if value is None:
            continue
        if parameter not in known:
            raise InvalidInputError(
                f"{option} must be left out for {name}, which has no {parameter}. "
                "Name a method that has it with --detector."
            )
        if parameter in chosen:
            raise InvalidInputError(f"--set must not repeat {option}; got {parameter!r} too. Leave one out.")
        chosen[parameter] = value
    for parameter in settings:
        if parameter not in known:
            hint = suggestion(parameter, known) or f"It has {listed(known)}."
            raise InvalidInputError(
                f"--set must name a parameter of {name}; got {parameter!r}. {hint} See: askew methods {name}"
            )
    # the constructor stores only; its values are checked when fitting
    return kind().set_params(**chosen)  # type: ignore[no-any-return]


def _value(text: str) -> Any:
    if text.lower() in _PLAIN_WORDS:
        return _PLAIN_WORDS[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
