"""Images as flat rows of pixels, and pixels brought to 0..1."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NoReturn, Self, final

import numpy as np
import torch
from torch import Tensor

from askew.base.preparation.interface import NumberPreparation, RowInput, Rows, Y
from askew.errors import InvalidInputError, must
from askew.inputs.in_memory import image_rows, is_images
from askew.inputs.spec import ImageSpec


@final
class PixelPreparation(NumberPreparation):
    """Pixels from 0 to 1, float32; all have one `mean`, black, and one `scale`, white less black.

    Bytes stay bytes until the batch. Of other pixels black and white are the extremes of training, or 0 and 1 if
    `scaling` is None.
    """

    dtype: ClassVar[torch.dtype] = torch.float32
    chunk: ClassVar[int] = 256  # the activations of convolutions stay under some hundred megabytes
    gradient_rows: ClassVar[int | None] = 128  # activations must be kept
    convolutional: ClassVar[bool] = True

    def __init__(self, scaling: str | None, image_bytes: bool) -> None:
        super().__init__(scaling)
        self._bytes = image_bytes

    def learn(self, x: Rows, y: Y) -> Tensor:
        """Return bytes as they are, other pixels from 0 to 1."""
        low, high = (0.0, 255.0) if self._bytes else (0.0, 1.0)
        if not self._bytes and self._scaling is not None:
            low, high = float(x[y >= 0].min()), float(x[y >= 0].max())
        self.mean = np.array([low])
        self.scale = np.array([high - low if high > low else 1.0])
        return self.training_tensor(x)

    def training_tensor(self, x: Rows) -> Tensor:
        """Return bytes as they are, other pixels from 0 to 1."""
        pixels = _writable(x)
        return pixels if self._bytes else self._scaled(pixels)

    def batch(self, rows: Tensor) -> Tensor:
        """Return pixels from 0 to 1."""
        return self._scaled(rows) if rows.dtype == torch.uint8 else rows

    def tensor(self, x: Rows, device: str) -> Tensor:
        """Return pixels from 0 to 1; bytes travel to the device as they are."""
        return self._scaled(_writable(x).to(device))

    def _scaled(self, rows: Tensor) -> Tensor:
        moved = rows.float() - float(self.mean[0])  # a copy: floats would be the caller's own array
        return moved.div_(float(self.scale[0]))


def _writable(x: Rows) -> Tensor:
    """Return rows as a tensor: torch takes no read-only memory."""
    return torch.from_numpy(np.require(x, requirements=("C", "W")))


@final
class ImageInput(RowInput):
    """Images as flat rows of pixels: uint8 where the detector keeps bytes, else float64 from 0 to 1, or as given."""

    spec: ImageSpec
    unit: ClassVar[str] = "images"
    reduction: ClassVar[Literal["mean", "sum"]] = "sum"
    one_scale: ClassVar[bool] = True

    image_shape: tuple[int, int, int]

    def know(self, image_shape: tuple[int, int, int], image_bytes: bool) -> Self:
        """Take shape and type of images that were learned."""
        self.image_shape, self.image_bytes, self.channels = image_shape, image_bytes, image_shape[0]
        self.spec = ImageSpec(*image_shape)
        return self

    def learn(self, detector: Any, X: Any, y: Any) -> Rows:
        """Return images as rows, two or more."""
        rows, spec = checked_images(detector, X)
        if len(rows) < 2:
            owner = type(detector).__name__
            raise InvalidInputError(must("X", owner, "at least two images", len(rows), "Give more."))
        self.know((spec.channels, spec.height, spec.width), rows.dtype == np.uint8)
        detector.n_features_in_ = spec.n_features
        detector.__dict__.pop("feature_names_in_", None)
        return self._as_taken(detector, rows)

    def rows(self, detector: Any, X: Any) -> Rows:
        """Return images of the size and type of training as rows."""
        if not is_images(X):
            shape = ", ".join(map(str, self.image_shape))
            rule = f"images (n, {shape}), like what it was fitted on"
            remedy = f"Flat rows of pixels become images by X.reshape(-1, *{self.image_shape})."
            raise InvalidInputError(must("X", type(detector).__name__, rule, np.shape(X), remedy))
        rows, spec = checked_images(detector, X)
        if (spec, rows.dtype == np.uint8) != (self.spec, self.image_bytes):
            pixels = "uint8" if self.image_bytes else "floating-point"
            refuse_images(detector, rows, spec, f"{pixels} images {self.image_shape}")
        return self._as_taken(detector, rows)

    def _as_taken(self, detector: Any, rows: Rows) -> Rows:
        if detector.keeps_bytes:
            return rows
        return np.asarray(rows / 255.0) if self.image_bytes else rows.astype(np.float64, copy=False)

    def preparation(self, scaling: str | None) -> PixelPreparation:
        """Return what brings pixels to 0..1."""
        return PixelPreparation(scaling, self.image_bytes)

    def folded(self, rows: Rows) -> Rows:
        """Return images (n, channels, height, width)."""
        return rows.reshape(-1, *self.image_shape)

    def centred(self, x: Tensor) -> Tensor:
        """Return pixels from -1 to 1."""
        return 2.0 * x - 1.0

    def uncentred(self, made: Tensor) -> Tensor:
        """Return pixels from 0 to 1."""
        return 0.5 * (made + 1.0)


def checked_images(detector: Any, X: Any) -> tuple[Rows, ImageSpec]:
    """Return images as rows and their spec, or raise InvalidInputError, also if the detector takes none."""
    owner = type(detector).__name__
    if not detector.takes_images:
        remedy = "Use DPVAE, or another detector of images."
        raise InvalidInputError(must("X", owner, "a table (n, d)", np.shape(X), remedy))
    return image_rows(X, owner)


def refuse_images(detector: Any, rows: Rows, spec: ImageSpec, learned: str) -> NoReturn:
    """Raise InvalidInputError for images that are not like what was learned."""
    got = f"{rows.dtype} images {(spec.channels, spec.height, spec.width)}"
    remedy = "Bring the images to that size and type, or fit a model on images like these."
    rule = f"like what it was fitted on, {learned}"
    raise InvalidInputError(must("X", type(detector).__name__, rule, got, remedy))
