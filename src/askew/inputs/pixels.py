"""One image file -> pixels at the size and the channels that a model takes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from askew.errors import DataFileError
from askew.inputs.unpacking import SPARE, TIMES

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF", "PPM")
"""Whatever a file is called: Pillow would hand an EPS over to another program, which works it out."""
_ROTATED = frozenset({5, 6, 7, 8})  # EXIF orientations that lie on their side
_ORIENTATION = 0x0112  # the EXIF tag
_WHITE = 65535  # of 16 bits a pixel
_GAP = 2.0  # decode and shrink coarsely down to this multiple of the size first; Pillow's advice for quality


def image_size(source: Path | BinaryIO) -> tuple[int, int]:
    """Return the height and width of an image file as it is to be seen, from its head; errors: see `image_pixels`."""
    try:
        with _opened(source) as image:
            width, height = image.size
            return (width, height) if image.getexif().get(_ORIENTATION) in _ROTATED else (height, width)
    except Exception as error:
        raise DataFileError(_reason(error, source)) from error


def image_pixels(source: Path | BinaryIO, channels: int, height: int, width: int) -> NDArray[np.uint8]:
    """Return a PNG, JPEG, BMP, TIFF, WebP, GIF or PPM image as uint8 pixels of shape (channels, height, width).

    The first frame or page, turned as its EXIF orientation says, transparent parts white, 16 bits a pixel divided down
    to 8, floating-point pixels from 0 (black) to 1 (white), then stretched to the size with a Lanczos filter (the
    aspect ratio is not kept). One channel is grey (colour becomes its luma, ITU-R 601-2), three are red, green and
    blue. DataFileError has the reason alone, for a list.
    """
    try:
        with _opened(source) as image:
            return _pixels(image, channels, height, width)
    except Exception as error:  # decoders raise errors of many kinds for damaged files
        raise DataFileError(_reason(error, source)) from error


def _opened(source: Path | BinaryIO) -> Image:
    from PIL import Image

    if isinstance(source, Path) and not source.is_file():
        raise OSError("not a file")  # reading from a pipe or a device may never end
    image = Image.open(source, formats=_FORMATS)
    packed = source.stat().st_size if isinstance(source, Path) else _size(source)
    unpacked = image.width * image.height * len(image.getbands())
    if image.mode != "1" and unpacked > SPARE and unpacked > TIMES * packed:
        image.close()
        raise ValueError(f"{packed:,} bytes that unpack to {image.width:,} by {image.height:,} pixels")
    return image


def _size(source: BinaryIO) -> int:
    before = source.tell()
    size = source.seek(0, os.SEEK_END)
    source.seek(before)
    return size


def _pixels(image: Image, channels: int, height: int, width: int) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps

    side = int(_GAP * max(height, width))  # square, as the image may still be lying on its side
    image.draft(None, (side, side))  # a JPEG is decoded at a fraction of its size, which is faster
    upright = _opaque(_eight_bits(ImageOps.exif_transpose(image)))
    if upright.mode == "LAB":  # Pillow has no way from there to grey
        upright = upright.convert("RGB")
    flat = upright.convert("L" if channels == 1 else "RGB")
    if flat.size != (width, height):
        flat = flat.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=_GAP)
    pixels = np.asarray(flat, dtype=np.uint8)
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def sixteen_bits(source: Path | BinaryIO) -> bool:
    """Return whether an image file that can be read has 16 bits a pixel."""
    with _opened(source) as image:
        return bool(image.mode.startswith("I"))


def _eight_bits(image: Image) -> Image:
    """Return the image, with 8 bits a channel; Pillow's own conversion would clip whatever is above 255."""
    from PIL import Image

    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image)
    lowest, highest = values.min(), values.max()
    if image.mode == "F":
        if not (lowest >= 0 and highest <= 1):  # so written, NaN is refused too
            raise ValueError(f"floating-point pixels must be from 0 to 1; got {lowest:g} to {highest:g}")
        return Image.fromarray(np.rint(values * 255).astype(np.uint8))
    if lowest < 0 or highest > _WHITE:
        raise ValueError(f"whole-number pixels must be from 0 to {_WHITE}; got {lowest} to {highest}")
    if (hidden := image.info.get("transparency")) is not None:
        values = np.where(values == hidden, _WHITE, values)
    return Image.fromarray((values >> 8).astype(np.uint8))


def _opaque(image: Image) -> Image:
    """Return the image on white if parts of it may be transparent, or what they hide would be learned."""
    from PIL import Image

    if "A" not in image.getbands() and "transparency" not in image.info:
        return image
    over = image.convert("RGBA")
    grey = image.mode in ("L", "LA", "1")
    return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("L" if grey else "RGB")


def _reason(error: Exception, source: Path | BinaryIO) -> str:
    text = " ".join(str(error).split())
    if "cannot identify image file" in text:
        empty = isinstance(source, Path) and not source.stat().st_size
        return "an empty file" if empty else "not an image"
    return text[:120] or type(error).__name__
