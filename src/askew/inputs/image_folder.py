"""A folder of images of any size, grey or colour -> one uint8 array."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from askew.errors import DataFileError, InvalidInputError, must
from askew.inputs.pixels import image_pixels, image_size, sixteen_bits

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".ppm", ".pgm")
"""Endings of image files, in any case; a GIF counts with its first frame, a TIFF with its first page."""

SMALLEST, LARGEST = 16, 64
"""Range of the side in pixels that is chosen when none is given: networks need 16, and 64 keeps training quick."""

Size: TypeAlias = "int | tuple[int, int] | None"
Channels: TypeAlias = "Literal['auto'] | int"

_NAMED = 5  # files that a refusal names
_DARK = 16  # of 255: a 12-bit camera's white, read as 16 bits, is below
_TOP = 4096  # pixels a side: more is a slip of the keyboard

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Skipped:
    """An image file that could not be read, and the reason."""

    path: Path
    reason: str


@dataclass(frozen=True, eq=False)
class ImageFiles:
    """Images read from files: uint8 pixels (n, C, H, W), paths of the n rows, and files that could not be read."""

    images: NDArray[np.uint8]
    paths: tuple[Path, ...]
    skipped: tuple[Skipped, ...]


def image_files(folder: str | Path, *, nested: bool = True) -> list[Path]:
    """Return the image files of a folder, told by their endings (:data:`SUFFIXES`), in sorted order.

    Files and folders whose names begin with a dot are left out; `nested` looks in sub-folders, too. No such folder, or
    none with an image in it, raises DataFileError.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataFileError(
            f"image folder must be a folder that exists; got {str(folder)!r}. Check the path."
        )
    images = [path for path in _walk(folder, nested) if path.suffix.lower() in SUFFIXES]
    if not images:
        where = "in it or its sub-folders" if nested else "directly in it"
        raise DataFileError(
            f"image folder must have images {where}; got {str(folder)!r} with none. "
            f"Files count that end in {', '.join(SUFFIXES)}."
        )
    return images


def read_image_folder(
    folder: str | Path,
    size: Size = None,
    channels: Channels = "auto",
    *,
    nested: bool = True,
    skip_corrupt: bool = False,
) -> ImageFiles:
    """Return all images of a folder; see :func:`image_files` for which and :func:`read_images` for how.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> folder = Path(tempfile.mkdtemp())
    >>> Image.new("L", (40, 30), 128).save(folder / "b.png")
    >>> Image.new("L", (50, 36), 255).save(folder / "a.jpg")
    >>> found = read_image_folder(folder)
    >>> found.images.shape, [path.name for path in found.paths]
    ((2, 1, 32, 32), ['a.jpg', 'b.png'])
    """
    paths = image_files(folder, nested=nested)
    return read_images(paths, size, channels, skip_corrupt=skip_corrupt, where=str(folder))


def read_images(
    paths: Sequence[Path],
    size: Size = None,
    channels: Channels = "auto",
    *,
    skip_corrupt: bool = False,
    where: str = "the list",
    progress: Callable[[float], object] = lambda fraction: None,
) -> ImageFiles:
    """Return images of any size and mode as one array; :func:`~askew.inputs.pixels.image_pixels` says how.

    Parameters
    ----------
    size
        Side of the images in pixels, or (height, width). None: their own, if it is the same for all and from 16 to 64
        a side; else a square, whose side is the largest power of two that is no more than the median of their shorter
        sides, and from 16 to 64.
    channels
        1 for grey, 3 for colour; ``"auto"`` is 1 if no pixel of any image has a colour.
    skip_corrupt
        Whether files that cannot be read are left out; else they are refused.
    where, progress
        What the error message calls the collection, and what is called with how much is done, 0 to 1.

    Files that cannot be read (the first of them are named, and all are counted), and 16-bit images that are all nearly
    black, as those of a 12-bit camera are, raise DataFileError; a size or channels
    that are not possible InvalidInputError.
    """
    _check_channels(channels)
    height, width = _own_size(paths) if size is None else _given_size(size)
    files = _read(paths, (3 if channels == "auto" else int(channels), height, width), progress)
    if files.skipped and (not skip_corrupt or not files.paths):
        raise _corrupt(files.skipped, len(paths), where)
    images = files.images
    if fault := darkness(int(files.images.max()), files.paths, where):
        raise DataFileError(fault)
    if channels == "auto" and _all_grey(images):
        images = images[:, :1].copy()  # or the view would keep all three
    return ImageFiles(images, files.paths, files.skipped)


def image_batches(
    paths: Sequence[Path],
    shape: tuple[int, int, int],
    *,
    skip_corrupt: bool = False,
    where: str = "the list",
    batch: int = 512,
) -> Iterator[ImageFiles]:
    """Yield images of one shape in the order of `paths`, `batch` files at a time, in memory that does not grow.

    `shape` is (channels, height, width); the other arguments are those of :func:`read_images`. A batch may be empty.
    From the first unreadable file on nothing is yielded, but all are tried: DataFileError counts them all.
    """
    skipped: list[Skipped] = []
    for start in range(0, len(paths), batch):
        files = _read(paths[start : start + batch], shape)
        skipped += files.skipped
        if skip_corrupt or not skipped:
            yield files
    if skipped and (not skip_corrupt or len(skipped) == len(paths)):
        raise _corrupt(skipped, len(paths), where)


def _read(
    paths: Sequence[Path],
    shape: tuple[int, int, int],
    progress: Callable[[float], object] = lambda fraction: None,
) -> ImageFiles:
    """Return the images that can be read, and the files that cannot."""
    images = np.empty((len(paths), *shape), dtype=np.uint8)

    def read(row: int) -> Skipped | None:
        try:
            images[row] = image_pixels(paths[row], *shape)
        except DataFileError as error:
            return Skipped(paths[row], str(error))
        return None

    outcomes = in_threads(read, range(len(paths)), progress)
    skipped = tuple(outcome for outcome in outcomes if outcome is not None)
    if skipped:
        good = [row for row, outcome in enumerate(outcomes) if outcome is None]
        images, paths = images[good], [paths[row] for row in good]
    return ImageFiles(images, tuple(paths), skipped)


def _walk(folder: Path, nested: bool, above: frozenset[str] = frozenset()) -> Iterable[Path]:
    """Yield the files of a folder, sorted by their paths; a link back to a folder `above` leads nowhere."""
    if (here := os.path.realpath(folder)) in above:
        return
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if nested:
                yield from _walk(path, nested, above | {here})
        else:
            yield path


def _own_size(paths: Sequence[Path]) -> tuple[int, int]:
    """Return the size that the images have, or a power of two for images of several sizes or a large one."""
    sizes = [size for size in in_threads(_size_or_none, paths) if size is not None]
    if not sizes:  # whatever is wrong with the files, reading them will say it
        return SMALLEST, SMALLEST
    height, width = sizes[0]
    if set(sizes) == {(height, width)} and SMALLEST <= min(height, width) <= max(height, width) <= LARGEST:
        return height, width
    median = int(np.median([min(size) for size in sizes]))
    side = min(max(1 << max(median.bit_length() - 1, 0), SMALLEST), LARGEST)
    return side, side


def _size_or_none(path: Path) -> tuple[int, int] | None:
    try:
        return image_size(path)
    except DataFileError:
        return None


def _given_size(size: int | tuple[int, int]) -> tuple[int, int]:
    pair = size if isinstance(size, tuple) else (size, size)
    if len(pair) != 2 or not all(type(side) is int and 1 <= side <= _TOP for side in pair):
        rule = f"an integer from 1 to {_TOP}, or a pair (height, width) of them"
        remedy = f"None chooses from {SMALLEST} to {LARGEST}."
        raise InvalidInputError(must("size", "read_images", rule, size, remedy))
    return pair


def _check_channels(channels: Channels) -> None:
    if channels != "auto" and (isinstance(channels, bool) or channels not in (1, 3)):
        rule, remedy = "1, 3 or 'auto'", "1 is grey, 3 is colour."
        raise InvalidInputError(must("channels", "read_images", rule, channels, remedy))


def _all_grey(images: NDArray[np.uint8]) -> bool:
    """Return whether no pixel has a colour; the first image that has one settles it."""
    return all(bool((image[0] == image[1]).all() and (image[1] == image[2]).all()) for image in images)


def in_threads(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    progress: Callable[[float], object] = lambda fraction: None,
) -> list[Result]:
    """Return the results in order; Pillow releases Python's lock while it decodes."""
    results = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(function, items):
            results.append(result)
            progress(len(results) / len(items))
    return results


def darkness(brightest: int, paths: Sequence[Path], where: str) -> str | None:
    """Return what is wrong with 16-bit images of which little is left at 8 bits, as those of a 12-bit camera, or None.

    `brightest` is the largest of their pixels at 8 bits, `paths` are their files, the first of which are looked at.
    """
    if brightest >= _DARK or not paths or not all(sixteen_bits(path) for path in paths[:_NAMED]):
        return None
    return (
        f"16-bit images of {where} must have white at 65535; got none brighter than {brightest * 256 + 255}, of which "
        f"8 bits would keep {brightest + 1} of 256 shades. Multiply their pixels so that white is 65535."
    )


def _corrupt(skipped: Sequence[Skipped], n: int, where: str) -> DataFileError:
    named = ", ".join(f"{each.path} ({each.reason})" for each in skipped[:_NAMED])
    more = f" and {len(skipped) - _NAMED} more" if len(skipped) > _NAMED else ""
    remedy = "Repair or remove them, or skip them (skip_corrupt, --skip-corrupt)."
    if len(skipped) == n:
        remedy = "Check the files."
    return DataFileError(
        f"images of {where} must be readable; got {len(skipped)} of {n} that are not: {named}{more}. {remedy}"
    )
