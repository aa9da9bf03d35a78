"""Networks for images: the papers' by name, and one for any image by its channels and size."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from torch import nn

from askew.errors import InvalidInputError, must
from askew.inputs.spec import ImageSpec
from askew.networks.lenet import Blocks, lenet
from askew.networks.strided import infogan_of_unit_gain, photographs

SMALLEST = 16
"""Sides below this leave nothing after three halvings."""
LARGE = 64
"""From this side on "auto" takes the network for photographs."""

_Builder = Callable[[ImageSpec, int, int, Blocks], tuple[nn.Sequential, nn.Sequential]]

_NETWORKS: dict[str, tuple[int, _Builder]] = {
    "lenet_mnist": (32, partial(lenet, channels=(8, 4), dense=None)),
    "lenet_fashion": (32, partial(lenet, channels=(16, 32), dense=64)),
    "lenet_cifar10": (128, partial(lenet, channels=(32, 64, 128), dense=None)),
    "infogan": (32, infogan_of_unit_gain),
    "catsvsdogs": (256, photographs),
}
"""Width of the paper's code, and what makes encoder and decoder."""

ARCHITECTURES = tuple(_NETWORKS)
"""Names of networks for images; ``"auto"`` chooses between them."""


def architecture_for(spec: ImageSpec, architecture: str = "auto") -> str:
    """Return the name of the network for images of `spec`.

    ``"auto"`` is ``"catsvsdogs"`` from 64 pixels on the longer side; below that ``"lenet_fashion"`` for one channel and
    ``"lenet_cifar10"`` for more. Unknown names and images with a side below 16 pixels raise InvalidInputError.

    >>> architecture_for(ImageSpec(channels=1, height=28, width=28))
    'lenet_fashion'
    """
    require_known(architecture, ("auto", *ARCHITECTURES), "convolutional")
    require_size(spec, "convolutional")
    if architecture != "auto":
        return architecture
    if max(spec.height, spec.width) >= LARGE:
        return "catsvsdogs"
    return "lenet_fashion" if spec.channels == 1 else "lenet_cifar10"


def require_known(architecture: str, names: Collection[str], owner: str) -> None:
    """Raise InvalidInputError unless `architecture` is one of the networks that `owner` has by name."""
    if architecture not in names:
        rule = " or ".join(f'"{name}"' for name in names)
        remedy = "Take one of these, or give modules of your own."
        raise InvalidInputError(must("network", owner, rule, architecture, remedy))


def require_size(spec: ImageSpec, owner: str) -> None:
    """Raise InvalidInputError if a side of the images is shorter than 16 pixels."""
    if min(spec.height, spec.width) < SMALLEST:
        remedy = "Enlarge them, or give X.reshape(len(X), -1) as a table."
        rule = f"images of at least {SMALLEST}x{SMALLEST} pixels"
        raise InvalidInputError(must("X", owner, rule, f"{spec.height}x{spec.width}", remedy))


def default_code(spec: ImageSpec, architecture: str = "auto") -> int:
    """Return the width of the code that the paper of the network uses; raises as :func:`architecture_for`.

    >>> default_code(ImageSpec(channels=3, height=32, width=32))
    128
    """
    return _NETWORKS[architecture_for(spec, architecture)][0]


def convolutional(
    spec: ImageSpec,
    *,
    outputs: int,
    code: int,
    bias: bool = True,
    batch_norm: bool = True,
    affine: bool = True,
    slope: float = 0.1,
    architecture: str = "auto",
) -> tuple[nn.Sequential, nn.Sequential]:
    """Return the encoder and the decoder for images, which take and give flat rows.

    The encoder maps ``(rows, C*H*W) -> (rows, outputs)``, the decoder ``(rows, code) -> (rows, C*H*W)``. Neither
    has a bounded activation; the decoder's last layer is linear, where the reference code of Deep SAD has a
    sigmoid. Raises as :func:`architecture_for`.

    Reference: Ruff et al. (2020), Deep semi-supervised anomaly detection, appendix B; Daniel, Kurutach and Tamar
    (2021), Deep variational semi-supervised novelty detection, appendix D.1; Golan and El-Yaniv (2018), Deep anomaly
    detection using geometric transformations (``"catsvsdogs"``).

    Parameters
    ----------
    spec : ImageSpec
        Channels and size; both sides at least 16 pixels.
    outputs : int
        Width of the encoder's result: the code's, or twice that for means and log-variances.
    code : int
        Width of the decoder's input. A LeNet decoder folds the code itself to 4x4 (28 and 32 pixels), so a
        linear layer comes first where the code is no multiple of that.
    bias : bool
        Whether layers have a bias. Deep SVDD and Deep SAD must have none.
    batch_norm, affine : bool
        Whether BatchNorm (eps 1e-4) follows each hidden layer, and whether it learns a scale and a shift;
        ``"infogan"`` has none in any case.
    slope : float
        Negative slope of the LeNets' leaky ReLU, at least 0; the other two have ReLU.
    architecture : str
        ``"auto"``, see :func:`architecture_for`, or

        - ``"lenet_mnist"``: 5x5 convolutions of 8 and 4 filters, each with BatchNorm, leaky ReLU and 2x2 max-pool;
        - ``"lenet_fashion"``: the same of 16 and 32 filters, dense 64;
        - ``"lenet_cifar10"``: the same of 32, 64 and 128 filters;
        - ``"infogan"``: 4x4 convolutions of 64 and 128 filters with stride 2, dense 1024; initial weights that
          keep a layer's variance;
        - ``"catsvsdogs"``: 3x3 convolutions of 128, 256 and 512 filters with stride 2 and BatchNorm; images
          above 64 pixels get more of 512.

    Examples
    --------
    >>> import torch
    >>> encoder, decoder = convolutional(ImageSpec(1, 28, 28), outputs=64, code=32)
    >>> encoder(torch.rand(5, 784)).shape, decoder(torch.rand(5, 32)).shape
    (torch.Size([5, 64]), torch.Size([5, 784]))
    """
    build = _NETWORKS[architecture_for(spec, architecture)][1]
    return build(spec, outputs, code, Blocks(bias, batch_norm, affine, slope))
