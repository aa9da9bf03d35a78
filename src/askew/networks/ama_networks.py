"""AMA's networks, chosen from the typed input spec: encoder, generator, and a critic of pairs."""

from __future__ import annotations

from torch import nn

from askew.inputs.spec import ImageSpec, RowSpec, TableSpec
from askew.networks.convolutional import LARGE, require_known, require_size
from askew.networks.gan_networks import critic, strided_body
from askew.networks.halving import normalised
from askew.networks.lenet import Blocks
from askew.networks.mlp import default_layers, mlp
from askew.networks.residual import residual_autoencoder, residual_critic
from askew.networks.strided import INFOGAN_CHANNELS, INFOGAN_DENSE, infogan

AMA_CODES = {"ama_mnist": 64, "ama_cifar10": 128}
"""Names of AMA's networks for images, and the width of their codes (Somepalli et al. 2021, Tables 3 and 4)."""


def ama_architecture(spec: RowSpec, architecture: str = "auto") -> str:
    """Return the name of AMA's networks for rows of `spec`: ``"mlp"`` for tables.

    ``"auto"`` is ``"ama_mnist"`` (Table 4) for images of one channel below 64 pixels, else ``"ama_cifar10"``
    (Table 3). Unknown names and images with a side below 16 pixels raise InvalidInputError.

    >>> ama_architecture(ImageSpec(channels=1, height=28, width=28))
    'ama_mnist'
    """
    require_known(architecture, ("auto", *AMA_CODES) if isinstance(spec, ImageSpec) else ("auto",), "AMA")
    if isinstance(spec, TableSpec):
        return "mlp"
    require_size(spec, "AMA")
    if architecture != "auto":
        return architecture
    small = max(spec.height, spec.width) < LARGE
    return "ama_mnist" if small and spec.channels == 1 else "ama_cifar10"


def ama_autoencoder(spec: RowSpec, architecture: str = "auto") -> tuple[nn.Module, nn.Module]:
    """Return AMA's encoder and generator, which take and give flat rows.

    Pixels are from -1 to 1, and a generator of images ends in tanh. ``"ama_mnist"`` is the pair of 4x4 convolutions
    that ``convolutional(architecture="infogan")`` gives as well, with the padding that the paper's sizes need: 1,
    where it prints 2. For names see :func:`ama_architecture`.

    >>> import torch
    >>> encoder, generator = ama_autoencoder(ImageSpec(1, 28, 28))
    >>> encoder(torch.zeros(2, 784)).shape, generator(torch.zeros(2, 64)).shape
    (torch.Size([2, 64]), torch.Size([2, 784]))
    """
    name = ama_architecture(spec, architecture)
    if not isinstance(spec, ImageSpec):
        widths = (spec.n_features, *default_layers(spec))
        return mlp(widths), mlp(widths[::-1])
    code = AMA_CODES[name]
    if name == "ama_cifar10":
        return residual_autoencoder(spec, code=code)
    encoder, decoder = infogan(spec, code, code, Blocks())
    return encoder, nn.Sequential(*decoder, nn.Tanh())


def pair_critic(
    spec: RowSpec, architecture: str = "auto", *, spectral: bool = False
) -> tuple[nn.Sequential, nn.Module]:
    """Return AMA's critic of pairs of rows: its body, to the feature, and its head, from that to one number.

    The body takes two rows side by side, (rows, 2 * features), which for images stacks their channels. With
    `spectral` all layers have spectral normalisation. For names see :func:`ama_architecture`.

    >>> import torch
    >>> body, head = pair_critic(TableSpec(n_features=6))
    >>> head(body(torch.zeros(5, 12))).shape
    torch.Size([5, 1])
    """
    name = ama_architecture(spec, architecture)
    if not isinstance(spec, ImageSpec):
        return critic(spec, rows=2, spectral=spectral)
    if name == "ama_cifar10":
        return residual_critic(spec, spectral=spectral)
    body, width = strided_body(spec, INFOGAN_CHANNELS, INFOGAN_DENSE, rows=2, spectral=spectral)
    return body, normalised(nn.Linear(width, 1), spectral)
