"""The encoder and decoder that a detector takes by default, chosen from the typed input spec."""

from __future__ import annotations

from typing import Any

from torch import nn

from askew.inputs.spec import ImageSpec, RowSpec
from askew.networks.convolutional import convolutional, default_code
from askew.networks.mlp import default_layers, mlp


def encoder_decoder(
    spec: RowSpec,
    architecture: str = "auto",
    *,
    code_size: int | None = None,
    variational: bool = False,
    **layers: Any,
) -> tuple[nn.Module, nn.Module]:
    """Return an encoder of flat rows and its mirrored decoder: perceptrons for tables, convolutions for images.

    `architecture` is ``"auto"`` or, for images, a name that :func:`askew.networks.convolutional` knows; `code_size`
    the width of the code where it is not the papers'. A `variational` encoder gives means and log-variances, twice
    the code. `layers` are ``bias``, ``batch_norm``, ``affine`` or ``slope`` of :func:`mlp` and
    :func:`convolutional`.

    >>> from askew.inputs import TableSpec
    >>> encoder, _ = encoder_decoder(TableSpec(n_features=21), variational=True)
    >>> encoder[-1]
    Linear(in_features=16, out_features=16, bias=True)
    """
    if isinstance(spec, ImageSpec):
        code = default_code(spec, architecture) if code_size is None else code_size
        return convolutional(
            spec, outputs=2 * code if variational else code, code=code, architecture=architecture, **layers
        )
    *hidden, usual = default_layers(spec)
    code = usual if code_size is None else code_size
    outputs = 2 * code if variational else code
    encoder = mlp((spec.n_features, *hidden, outputs), **layers)
    return encoder, mlp((code, *reversed(hidden), spec.n_features), **layers)
