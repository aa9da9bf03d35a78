"""The images of a folder as a model takes them: some at a time, or all; and arrays of images in .npy files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import image_files, read_images
from askew.inputs.image_folder import Skipped, darkness, image_batches
from askew.inputs.pixels import image_pixels
from askew.scoring.listener import Listener
from askew.scoring.row_source import RowBatch

_BATCH = 512  # images decoded and scored at a time: 6 MB of pixels at 64x64 in colour
_NAMED = 5  # files that a line names


class ImageSource:
    """The images in a folder and all folders therein, sorted by their paths, as the model called `name` takes them."""

    unit, id_name = "images", "path"
    extra: tuple[str, ...] = ()
    in_parts = False

    def __init__(self, model: Any, name: str, folder: Path, skip_corrupt: bool) -> None:
        self.model, self._folder, self._skip_corrupt = model, folder, skip_corrupt
        self._shape = shape_of(model, name, folder)
        self._paths = image_files(folder)
        self._skipped: list[Skipped] = []
        self._brightest = 0

    def id_field(self) -> pa.Field:
        """Return ``path``, a text."""
        return pa.field(self.id_name, pa.string())

    def batches(self) -> Iterator[RowBatch]:
        """Yield the images, some at a time (or none, where all are skipped)."""
        done = 0
        where = str(self._folder)
        for part in image_batches(
            self._paths, self._shape, batch=_BATCH, skip_corrupt=self._skip_corrupt, where=where
        ):
            self._skipped += part.skipped
            self._brightest = max(self._brightest, int(part.images.max(initial=0)))
            done += len(part.paths) + len(part.skipped)
            yield RowBatch(part.images, [_text(path) for path in part.paths], done / len(self._paths))

    def notes(self) -> list[str]:
        """Return a line about the files that were skipped, and one about images that are all nearly black."""
        skipped = {each.path for each in self._skipped}
        dark = darkness(
            self._brightest, [path for path in self._paths if path not in skipped], str(self._folder)
        )
        return [*skipped_lines(self._skipped), *([f"warning: {dark}"] if dark else [])]


class OneImage:
    """The image in the bytes of a file, as the model called `name` takes it."""

    unit, id_name = "images", "image"
    extra: tuple[str, ...] = ()
    in_parts = False

    def __init__(self, model: Any, name: str, content: bytes) -> None:
        self.model, self._content = model, content
        self._shape = shape_of(model, name, Path())

    def id_field(self) -> pa.Field:
        """Return ``image``, a number."""
        return pa.field(self.id_name, pa.int64())

    def batches(self) -> Iterator[RowBatch]:
        """Yield the image."""
        try:
            pixels = image_pixels(BytesIO(self._content), *self._shape)
        except DataFileError as error:
            raise DataFileError(
                f"image must be a file that can be read; got: {error}. Send PNG or JPEG."
            ) from error
        yield RowBatch(pixels[None], np.array([1]), 1.0)

    def notes(self) -> list[str]:
        """Return nothing."""
        return []


def read_named_images(
    model: Any, name: str, data: Path, skip_corrupt: bool, listener: Listener
) -> tuple[Any, list[str]]:
    """Return images of a folder as the model, called `name`, takes them, or of a .npy file as they are, and names."""
    if not data.is_dir():
        pixels = _array(data)
        return pixels, [str(number) for number in range(len(pixels))]
    channels, height, width = shape_of(model, name, data)
    with listener.bar("reading images") as progress:
        options: dict[str, Any] = {"skip_corrupt": skip_corrupt, "where": str(data), "progress": progress}
        files = read_images(image_files(data), (height, width), channels, **options)
    for line in skipped_lines(files.skipped):
        listener.note(line)
    return files.images, [name_in(path, data) for path in files.paths]


def name_in(path: Path, folder: Path) -> str:
    """Return the path of an image in a folder, or its whole path if it is elsewhere."""
    return _text(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _text(path: Path) -> str:
    r"""Return a path as text; bytes that are not UTF-8 are written out, such as ``\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def shape_of(model: Any, name: str, folder: Path) -> tuple[int, int, int]:
    """Return (channels, height, width) of the images that a model takes, or refuse it."""
    from askew.base.wrapper import unwrap

    detector: Any = unwrap(model)
    shape: tuple[int, int, int] | None = getattr(detector, "image_shape_", None)
    if shape is None:
        raise InvalidInputError(
            f"DATA must be a table, like what the model {name!r} was fitted on; got the folder {str(folder)!r}. "
            "Name a file, or fit a model on a folder of images."
        )
    if not detector.image_bytes_ or shape[0] not in (1, 3):
        kind = "uint8" if detector.image_bytes_ else "floating-point"
        raise InvalidInputError(
            f"model {name!r} must be one of uint8 images with 1 or 3 channels to score files; it was fitted on "
            f"{kind} images {shape}. Score arrays like those with its score_samples."
        )
    return shape


def skipped_lines(skipped: Sequence[Skipped]) -> list[str]:
    """Return what to tell of files that were skipped: nothing, or one line."""
    if not skipped:
        return []
    named = ", ".join(f"{each.path} ({each.reason})" for each in skipped[:_NAMED])
    more = f" and {len(skipped) - _NAMED} more" if len(skipped) > _NAMED else ""
    files = "1 file that is" if len(skipped) == 1 else f"{len(skipped):,} files that are"
    return [f"Skipped {files} not readable: {named}{more}."]


def _array(path: Path) -> Any:
    """Return the array of a file, with an axis for channels if it has none."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)  # a shape beyond the file is refused
    except FileNotFoundError:
        raise DataFileError(f"data file {str(path)!r} does not exist. Check the path.") from None
    except (OSError, ValueError, EOFError, OverflowError) as error:
        reason = " ".join(str(error).split())[:120]
        raise DataFileError(
            f"data file {str(path)!r} must be an array that numpy.save wrote; it cannot be read ({reason})."
        ) from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "uif":
        raise DataFileError(f"data file {str(path)!r} must be an array of numbers that numpy.save wrote.")
    array = np.array(array)
    if array.ndim == 3:
        array = array[:, None]
    if array.ndim != 4:
        raise DataFileError(
            f"array of {str(path)!r} must be images (n, channels, height, width) or (n, height, width); "
            f"got shape {array.shape}."
        )
    return array
