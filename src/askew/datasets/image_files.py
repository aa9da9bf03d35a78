"""The forms that image sets are published in, and those of a data folder -> uint8 arrays and classes.

Nothing is unpickled: CIFAR is read from its binary version.
"""

from __future__ import annotations

import gzip
import io
import re
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from askew.errors import DataFileError, must
from askew.inputs.image_folder import in_threads
from askew.inputs.pixels import image_pixels

Pixels = NDArray[np.uint8]
Classes = NDArray[np.int64]


class Parts(NamedTuple):
    """What :class:`~askew.datasets.image_sets.ImageSet` is made of."""

    x_train: Pixels
    y_train: Classes
    x_test: Pixels
    y_test: Classes


CATS_SIDE = 64
"""Pixels a side that the papers rescale Cats vs Dogs to."""

_CIFAR_PIXELS = (3, 32, 32)
_CIFAR10_TRAIN = tuple(f"cifar-10-batches-bin/data_batch_{batch}.bin" for batch in range(1, 6))
_CIFAR10_TEST = ("cifar-10-batches-bin/test_batch.bin",)
_CIFAR100_TRAIN, _CIFAR100_TEST = ("cifar-100-binary/train.bin",), ("cifar-100-binary/test.bin",)
_PET = re.compile(r"PetImages/(Cat|Dog)/(\d+)\.jpg")
_PET_SHARE = 0.99  # of the photographs that must be readable; the archive has two that are not
_TEST_EVERY = 5  # one image in five is a test image, as 2,500 of 12,500
_IDX = {2051: 4, 2049: 2}  # magic number -> 32-bit words of the head


def idx(paths: Sequence[Path]) -> Parts:
    """Return the four gzipped idx files of MNIST and its kin: training images and classes, test images and classes."""
    x_train, y_train, x_test, y_test = (_idx_array(path) for path in paths)
    return Parts(x_train[:, None], y_train.astype(np.int64), x_test[:, None], y_test.astype(np.int64))


def cifar10(paths: Sequence[Path]) -> Parts:
    """Return CIFAR-10 from its binary archive: a byte of class, then 3072 of pixels, plane by plane."""
    return _cifar(paths[0], _CIFAR10_TRAIN, _CIFAR10_TEST, label_bytes=1)


def cifar100(paths: Sequence[Path]) -> Parts:
    """Return CIFAR-100 from its binary archive: bytes of super-class and class, then 3072 of pixels."""
    return _cifar(paths[0], _CIFAR100_TRAIN, _CIFAR100_TEST, label_bytes=2)


def svhn(paths: Sequence[Path]) -> Parts:
    """Return SVHN from its two MATLAB files; the digit 0, which they call 10, is class 0."""
    import scipy.io

    halves = []
    for path in paths:
        content = scipy.io.loadmat(path, variable_names=["X", "y"])
        pixels = np.ascontiguousarray(content["X"].transpose(3, 2, 0, 1))  # from (height, width, channel, n)
        halves += [pixels, content["y"].ravel().astype(np.int64) % 10]
    return Parts(*halves)


def pets(paths: Sequence[Path]) -> Parts:
    """Return Cats vs Dogs from the archive, stretched to 64x64 pixels, without photographs that cannot be read."""
    with zipfile.ZipFile(paths[0]) as archive:
        members = sorted(
            (match[1] == "Dog", int(match[2]), name)
            for name in archive.namelist()
            if (match := _PET.fullmatch(name)) is not None
        )
        images = np.empty((len(members), 3, CATS_SIDE, CATS_SIDE), dtype=np.uint8)

        def read(row: int) -> bool:
            try:
                file = io.BytesIO(archive.read(members[row][2]))
                images[row] = image_pixels(file, 3, CATS_SIDE, CATS_SIDE)
            except DataFileError:
                return False
            return True

        good = np.array(in_threads(read, range(len(members))), dtype=bool)
    if good.sum() < max(1, _PET_SHARE * len(members)):
        rule = f"an archive of photographs, {_PET_SHARE:.0%} of them readable"
        got = f"{good.sum()} readable of {len(members)}"
        raise DataFileError(must(paths[0].name, "askew.datasets", rule, got, "Remove it from the cache."))
    test = pet_test(np.array([number for _, number, _ in members]))
    classes = np.array([dog for dog, _, _ in members], dtype=np.int64)
    train, test = good & ~test, good & test
    return Parts(images[train], classes[train], images[test], classes[test])


def pet_test(numbers: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which images of Cats vs Dogs are for testing, from the numbers in their file names.

    The papers test on 2,500 of the 12,500 images of each class and do not say which: here those whose number
    leaves 4 when divided by 5, so that an image is on the same side wherever it was found.
    """
    return np.asarray(numbers % _TEST_EVERY == _TEST_EVERY - 1)


def sheets_by_class(paths: Mapping[str, Path]) -> Parts:
    """Return sheets of 32x32 tiles, one per part and class, named ``train_3_cat`` or the like."""
    parts: list[Any] = []
    for part in ("train", "test"):
        names = [name for name in paths if Path(name).name.startswith(part)]
        tiles, counts = tiles_of([paths[name] for name in names], 32)
        classes = np.array([int(Path(name).name.split("_")[1]) for name in names], dtype=np.int64)
        parts += [tiles, np.repeat(classes, counts)]
    return Parts(*parts)


def sheets_of_pets(paths: Mapping[str, Path]) -> Parts:
    """Return sheets of 64x64 tiles named ``cat_0`` or the like, with the images' numbers in ``ids.npz``."""
    names = [name for name in paths if name.endswith(".jpg")]
    with np.load(next(path for name, path in paths.items() if name.endswith(".npz"))) as numbers:
        test = pet_test(np.concatenate([numbers["cat"], numbers["dog"]]))
    tiles, counts = tiles_of([paths[name] for name in names], CATS_SIDE)
    classes = np.array([Path(name).name.startswith("dog") for name in names], dtype=np.int64)
    y = np.repeat(classes, counts)
    return Parts(tiles[~test], y[~test], tiles[test], y[test])


def half_of_test(paths: Mapping[str, Path]) -> Parts:
    """Return a sheet with half of CIFAR-100's test images, 50 of each class in order; the training set is empty."""
    tiles, _ = tiles_of(list(paths.values()), 32)
    classes = np.arange(len(tiles), dtype=np.int64) * 100 // len(tiles)
    return Parts(np.empty((0, *_CIFAR_PIXELS), np.uint8), np.empty(0, np.int64), tiles, classes)


PUBLISHED: dict[str, Callable[[Sequence[Path]], Parts]] = {
    "idx": idx,
    "cifar10": cifar10,
    "cifar100": cifar100,
    "svhn": svhn,
    "pets": pets,
}
"""Readers of the published files, in the order of ``published`` in images.json."""

EXTRACTS: dict[str, Callable[[Mapping[str, Path]], Parts]] = {
    "sheets_by_class": sheets_by_class,
    "sheets_of_pets": sheets_of_pets,
    "half_of_test": half_of_test,
}
"""Readers of the sheets of a data folder."""


def tiles_of(paths: Sequence[Path], side: int) -> tuple[Pixels, list[int]]:
    """Return the square tiles of colour sheets, row by row, (n, 3, side, side), and how many are on each sheet."""
    from PIL import Image

    grids = []
    for path in paths:
        with Image.open(path) as image:  # reads the head alone
            grids.append((image.height // side, image.width // side))
    counts = [rows * columns for rows, columns in grids]
    tiles = np.empty((sum(counts), 3, side, side), dtype=np.uint8)
    parts = np.split(tiles, np.cumsum(counts)[:-1])  # views, so that no pixel is there twice

    def read(sheet: int) -> None:
        with Image.open(paths[sheet]) as image:
            pixels = np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
        rows, columns = grids[sheet]
        in_rows = pixels.reshape(rows, side, columns, side, 3).transpose(0, 2, 4, 1, 3)
        parts[sheet].reshape(rows, columns, 3, side, side)[...] = in_rows

    in_threads(read, range(len(paths)))
    return tiles, counts


def _idx_array(path: Path) -> Pixels:
    with gzip.open(path) as file:
        content = file.read()
    magic = struct.unpack_from(">I", content)[0] if len(content) >= 4 else None
    if magic not in _IDX:
        rule = f"an idx file of bytes, whose first number is one of {sorted(_IDX)}"
        raise DataFileError(must(path.name, "askew.datasets", rule, magic, "Replace it."))
    words = _IDX[magic]
    shape = struct.unpack_from(f">{words}I", content)[1:]
    return np.frombuffer(content, np.uint8, offset=4 * words).reshape(shape).copy()  # writeable


def _cifar(path: Path, train: Iterable[str], test: Iterable[str], label_bytes: int) -> Parts:
    with tarfile.open(path, "r:gz") as tar:
        records = {
            member.name: np.frombuffer(file.read(), np.uint8)
            for member in tar
            if member.name in {*train, *test} and (file := tar.extractfile(member)) is not None
        }
    width = label_bytes + int(np.prod(_CIFAR_PIXELS))
    parts: list[Any] = []
    for part in (train, test):
        rows = [records[name].reshape(-1, width) for name in part]
        pixels = np.concatenate([each[:, label_bytes:] for each in rows])
        classes = np.concatenate([each[:, label_bytes - 1] for each in rows])
        parts += [pixels.reshape(-1, *_CIFAR_PIXELS), classes.astype(np.int64)]
    return Parts(*parts)
