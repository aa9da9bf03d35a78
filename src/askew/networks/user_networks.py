"""Networks that a user gives: a pair of modules or a function that makes one, copied and checked."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from askew.errors import InvalidInputError, must
from askew.inputs.spec import ImageSpec, RowSpec, TableSpec
from askew.networks.row_to_image import Fold


def reset_parameters(network: nn.Module) -> None:
    """Give every layer of `network` that can draw new initial weights new ones."""
    for layer in network.modules():
        reset = getattr(layer, "reset_parameters", None)
        if callable(reset):
            reset()


def networks_from(
    network: Any,
    owner: str,
    spec: RowSpec,
    default: Callable[[str], tuple[nn.Module, nn.Module]],
) -> tuple[nn.Module, nn.Module]:
    """Return one member's (encoder, decoder) from the ``network`` parameter.

    ``"auto"``, or for images the name of an architecture, is what `default` is called with. A callable is called
    with the input spec, and a copy of what it gives keeps its initial weights; a pair of modules is copied, and
    every layer that can reset its parameters does, so that members differ. Modules for images take and give (rows,
    channels, height, width); they are wrapped to take and give flat rows of pixels. Anything else, and BatchNorm
    without population statistics, raises InvalidInputError.
    """
    if isinstance(network, str) and (network == "auto" or isinstance(spec, ImageSpec)):
        return default(network)
    if isinstance(network, tuple | list) and len(network) == 2:
        pair: Any = copy.deepcopy(network)
        for part in pair:
            if isinstance(part, nn.Module):
                reset_parameters(part)
    elif callable(network) and not isinstance(network, nn.Module):
        pair = copy.deepcopy(network(spec))  # members that shared modules would be one member
    else:
        pair = ()
    if not isinstance(pair, tuple | list):
        pair = ()
    if len(pair) != 2 or not all(isinstance(part, nn.Module) for part in pair):
        rule = '"auto", a pair (encoder, decoder) of modules, or a function of the input spec that returns such a pair'
        example = "network=lambda spec: (nn.Linear(spec.n_features, 8), nn.Linear(4, spec.n_features))"
        raise InvalidInputError(must("network", owner, rule, network, f"For example {example}."))
    if any(getattr(layer, "track_running_stats", True) is False for part in pair for layer in part.modules()):
        rule = "without BatchNorm that has track_running_stats=False"
        remedy = "With it a row's score would depend on the rows scored beside it. Leave the argument out."
        raise InvalidInputError(must("network", owner, rule, network, remedy))
    return _on_flat_rows(pair[0], pair[1], spec)


def _on_flat_rows(encoder: nn.Module, decoder: nn.Module, spec: RowSpec) -> tuple[nn.Module, nn.Module]:
    """Return a user's networks so that they take and give rows (rows, features)."""
    if isinstance(spec, TableSpec) or any(isinstance(layer, Fold) for layer in encoder.modules()):
        return encoder, decoder
    return nn.Sequential(Fold(spec), encoder), nn.Sequential(decoder, nn.Flatten())


@torch.no_grad()
def trial_run(part: nn.Module, width: int, owner: str, what: str) -> tuple[int, ...]:
    """Return the shape that `part` of a network gives for two rows of zeros (2, width), in evaluation mode.

    If it cannot take them, InvalidInputError says `what` it is.
    """
    part.eval()
    try:
        return tuple(part(torch.zeros(2, width)).shape)
    except (RuntimeError, TypeError, ValueError, IndexError, AttributeError) as error:
        rule = f"{what} that takes float32 rows of {width} columns and returns a tensor"
        remedy = "Make its first layer as wide as that."
        raise InvalidInputError(must("network", owner, rule, str(error), remedy)) from error


def code_width(encoder: nn.Module, width: int, owner: str) -> int:
    """Return how wide the codes are that `encoder` makes of rows of `width` columns, or raise InvalidInputError."""
    encoded = trial_run(encoder, width, owner, "an encoder")
    if len(encoded) != 2 or encoded[0] != 2 or encoded[1] == 0:
        remedy = "Flatten its output."
        raise InvalidInputError(must("network", owner, "an encoder to (rows, code)", encoded, remedy))
    return encoded[1]


def require_decoder(
    decoder: nn.Module, code: int, width: int, owner: str, remedy: str = "code_size is what it takes."
) -> None:
    """Raise InvalidInputError unless `decoder` makes rows of `width` columns of codes (rows, code)."""
    decoded = trial_run(decoder, code, owner, "a decoder")
    if decoded != (2, width):
        rule = f"a decoder from ({code},) to ({width},)"
        raise InvalidInputError(must("network", owner, rule, decoded, remedy))


def encoder_from(network: Any, owner: str, spec: RowSpec, default: Callable[[str], nn.Module]) -> nn.Module:
    """Return one member's encoder from the ``network`` parameter of a detector that has no decoder.

    As :func:`networks_from`, but a lone module, or a function that returns one, is enough; of a pair the
    encoder is used.
    """

    def paired(modules: Any) -> Any:
        return (modules, nn.Identity()) if isinstance(modules, nn.Module) else modules

    chosen = paired(network)
    if callable(network) and not isinstance(network, nn.Module):
        chosen = lambda spec: paired(network(spec))  # noqa: E731
    return networks_from(chosen, owner, spec, lambda name: (default(name), nn.Identity()))[0]
