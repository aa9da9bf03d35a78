"""Residual blocks of SN-GAN, for generators, encoders beside them, and critics of images."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from askew.inputs.spec import ImageSpec
from askew.networks.halving import SLOPE, Size, normalised, sizes_down
from askew.networks.row_to_image import Fold

ENCODER_CHANNELS = (64, 128, 256)
"""Filters of the encoder's convolutions; deeper ones have as many as the last (Somepalli et al. 2021, Table 3)."""
GENERATOR_CHANNELS = 256
CRITIC_CHANNELS = 128


class BlockUp(nn.Module):
    """A generator's residual block: images (rows, inputs, h, w) -> (rows, outputs, *size).

    BatchNorm, ReLU, nearest upsampling, 3x3 convolution, BatchNorm, ReLU, 3x3 convolution; beside them
    upsampling and a 1x1 convolution.

    >>> import torch
    >>> BlockUp(8, 4, (7, 7))(torch.zeros(2, 8, 3, 3)).shape
    torch.Size([2, 4, 7, 7])
    """

    def __init__(self, inputs: int, outputs: int, size: Size) -> None:
        super().__init__()
        self.before = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU())
        self.after = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1),
        )
        self.aside = nn.Conv2d(inputs, outputs, 1)
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        """Return the larger images."""
        main = self.after(nn.functional.interpolate(self.before(x), size=self.size, mode="nearest"))
        aside: Tensor = nn.functional.interpolate(self.aside(x), size=self.size, mode="nearest")
        return aside + main  # type: ignore[no-any-return]

    def extra_repr(self) -> str:
        """Return what the module's text shows of it."""
        return f"size={self.size}"


class BlockDown(nn.Module):
    """A critic's residual block, without BatchNorm: images (rows, inputs, h, w) -> (rows, outputs, h', w').

    ReLU, 3x3 convolution, ReLU, 3x3 convolution, and mean-pooling by 2, rounded up, if it is to `halve` the images;
    beside them the rows themselves, or pooling and a 1x1 convolution. The `first` block of a critic begins without
    ReLU: it sees pixels. With `spectral` the convolutions have spectral normalisation.

    >>> import torch
    >>> BlockDown(2, 8, halve=True)(torch.zeros(1, 2, 7, 7)).shape
    torch.Size([1, 8, 4, 4])
    """

    def __init__(
        self, inputs: int, outputs: int, *, halve: bool, first: bool = False, spectral: bool = False
    ) -> None:
        super().__init__()
        pool = [nn.AvgPool2d(2, ceil_mode=True)] if halve else []
        self.main = nn.Sequential(
            *([] if first else [nn.ReLU()]),
            normalised(nn.Conv2d(inputs, outputs, 3, padding=1), spectral),
            nn.ReLU(),
            normalised(nn.Conv2d(outputs, outputs, 3, padding=1), spectral),
            *pool,
        )
        alike = inputs == outputs and not halve
        shortcut = [] if alike else [*pool, normalised(nn.Conv2d(inputs, outputs, 1), spectral)]
        self.aside = nn.Sequential(*shortcut)

    def forward(self, x: Tensor) -> Tensor:
        """Return the images of the next layer."""
        aside: Tensor = self.aside(x)
        return aside + self.main(x)  # type: ignore[no-any-return]


class SumPool(nn.Module):
    """Sum over pixels: (rows, C, h, w) -> (rows, C)."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the sums."""
        return x.sum((-2, -1))


def residual_autoencoder(spec: ImageSpec, *, code: int) -> tuple[nn.Sequential, nn.Sequential]:
    """Return the encoder and the generator for colour images, which take and give flat rows from -1 to 1.

    The encoder has a 4x4 convolution of stride 2 with BatchNorm and leaky ReLU for each halving, then one as
    large as what is left; the generator a dense layer, a residual block for each doubling, BatchNorm, ReLU, a
    3x3 convolution and tanh. 32x32 pixels give the networks of Somepalli et al. (2021), Table 3. Images are at least
    16x16.

    >>> import torch
    >>> encoder, generator = residual_autoencoder(ImageSpec(3, 32, 32), code=128)
    >>> generator(encoder(torch.zeros(2, 3072))).shape
    torch.Size([2, 3072])
    """
    sizes = sizes_down(spec)
    channels = [spec.channels]
    channels += [ENCODER_CHANNELS[min(i, len(ENCODER_CHANNELS) - 1)] for i in range(len(sizes) - 1)]
    encoder: list[nn.Module] = [Fold(spec)]
    for before, after in pairwise(channels):
        encoder += [nn.Conv2d(before, after, 4, 2, 1), nn.BatchNorm2d(after), nn.LeakyReLU(SLOPE)]
    encoder += [nn.Conv2d(channels[-1], code, sizes[-1]), nn.Flatten()]

    width = GENERATOR_CHANNELS
    small = ImageSpec(width, *sizes[-1])
    decoder: list[nn.Module] = [nn.Linear(code, small.n_features), Fold(small)]
    decoder += [BlockUp(width, width, size) for size in reversed(sizes[:-1])]
    decoder += [nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, spec.channels, 3, padding=1)]
    return nn.Sequential(*encoder), nn.Sequential(*decoder, nn.Tanh(), nn.Flatten())


def residual_critic(spec: ImageSpec, *, spectral: bool) -> tuple[nn.Sequential, nn.Module]:
    """Return a critic of pairs of images: its body, to the feature (rows, 128), and its linear head.

    Two residual blocks that halve, two that do not, ReLU, sum over pixels; the head has no bias, as in AMA's
    public code. A row holds two images of `spec`, (rows, 2 * C*H*W). With `spectral` all layers have spectral
    normalisation.

    >>> import torch
    >>> body, head = residual_critic(ImageSpec(3, 32, 32), spectral=True)
    >>> body(torch.zeros(2, 6144)).shape
    torch.Size([2, 128])
    """
    width = CRITIC_CHANNELS
    body = nn.Sequential(
        Fold(ImageSpec(2 * spec.channels, spec.height, spec.width)),
        BlockDown(2 * spec.channels, width, halve=True, first=True, spectral=spectral),
        BlockDown(width, width, halve=True, spectral=spectral),
        BlockDown(width, width, halve=False, spectral=spectral),
        BlockDown(width, width, halve=False, spectral=spectral),
        nn.ReLU(),
        SumPool(),
    )
    return body, normalised(nn.Linear(width, 1, bias=False), spectral)
