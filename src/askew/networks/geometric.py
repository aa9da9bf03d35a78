"""The geometric transformations of GEOM as one layer: every pixel of the result is a pixel of the image."""

from __future__ import annotations

from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from askew.errors import InvalidInputError, must
from askew.inputs.spec import ImageSpec

SETS = {"all": 72, "flips_and_rotations": 8, "rotations": 4}
"""Names of sets of transformations and how many each has."""

SHIFT = 4
"""Translations are by this part of the side: 8 of 32 pixels, 16 of 64, as in the authors' code."""


class GeometricTransformations(nn.Module):
    """Flat rows and numbers of transformations -> the transformed rows.

    A transformation mirrors the image or not, shifts it by a quarter of its side or not in each direction, and
    turns it by 0, 90, 180 or 270 degrees, in this order; number 0 is the identity. What a shift uncovers is filled
    by reflection. ``"all"`` are 72, ``"flips_and_rotations"`` 8 and ``"rotations"`` 4. Images that are not square
    and other sets raise InvalidInputError.

    Reference: Golan and El-Yaniv (2018), Deep Anomaly Detection Using Geometric Transformations, section 4.1.

    >>> turn = GeometricTransformations(ImageSpec(channels=1, height=2, width=2), "rotations")
    >>> turn(torch.tensor([[1.0, 2.0, 3.0, 4.0]] * 2), torch.tensor([0, 1]))
    tensor([[1., 2., 3., 4.],
            [2., 4., 1., 3.]])
    """

    places: Tensor

    def __init__(self, spec: ImageSpec, which: str = "all") -> None:
        super().__init__()
        if which not in SETS:
            rule = " or ".join(f'"{name}"' for name in SETS)
            remedy = '"all" is the paper\'s; fewer are cheaper.'
            raise InvalidInputError(must("which", "GeometricTransformations", rule, which, remedy))
        if spec.height != spec.width:
            remedy = "A quarter turn must give an image of the same size: cut or pad them."
            got = f"{spec.height}x{spec.width}"
            raise InvalidInputError(must("X", "GeometricTransformations", "square images", got, remedy))
        places = torch.from_numpy(_places(spec.height, which))  # (transformations, pixels)
        channels = torch.arange(spec.channels)[:, None] * spec.height * spec.width
        self.which = which
        every = (places[:, None] + channels).flatten(1)  # (transformations, channels * pixels)
        self.register_buffer("places", every, persistent=False)

    def __len__(self) -> int:
        """Return the number of transformations."""
        return len(self.places)

    def forward(self, x: Tensor, number: Tensor) -> Tensor:
        """Return rows x (rows, features), each transformed by its number (rows,)."""
        return x.gather(-1, self.places[number])

    def extra_repr(self) -> str:
        """Return what the module's text shows of it."""
        return self.which


def _places(side: int, which: str) -> NDArray[np.int64]:
    """Return from which pixel each transformation takes each of its pixels, (transformations, pixels)."""
    pixels = np.arange(side * side, dtype=np.int64).reshape(side, side)
    shift = side // SHIFT
    shifts = (0, -shift, shift) if which == "all" else (0,)
    flips = (False,) if which == "rotations" else (False, True)
    transformed = []
    for flip, down, right, turns in product(flips, shifts, shifts, range(4)):
        image = np.fliplr(pixels) if flip else pixels
        wide = np.pad(image, shift, mode="symmetric")
        image = wide[shift + down : shift + down + side, shift + right : shift + right + side]
        transformed.append(np.rot90(image, turns).ravel())
    return np.stack(transformed)
