"""Image sets of the papers: found in the folder ``ASKEW_DATA``, or downloaded once, always checked.

>>> image_names()
('mnist', 'fashion_mnist', 'cifar10', 'catsvsdogs', 'svhn', 'cifar100')
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.datasets.fetch import FOLDER, Remote, cached, download, in_folder, place_in_folder
from askew.datasets.image_files import EXTRACTS, PUBLISHED, Parts
from askew.errors import DataFileError, InvalidInputError, must
from askew.inputs.image_folder import SUFFIXES
from askew.inputs.pixels import image_pixels

FOLDERS = ("lsun", "isun", "imagenet")
"""Image sets of colour that are fetched from nowhere: test images, in a folder of that name in ``ASKEW_DATA``."""

_FOLDER_SIDE = 32
_LIST = Path(__file__).parent / "images.json"
_AS_THEY_ARE = ("source", "licence", "form", "extract", "extract_form", "extract_train", "extract_test")


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images with classes, in a training and a test set."""

    name: str
    """The name that :func:`load_images` takes."""
    x_train: NDArray[np.uint8]
    """Training images (n_train, C, H, W), 0 to 255; C is 1 (grey) or 3 (red, green, blue)."""
    y_train: NDArray[np.int64]
    """Their classes: indices into ``class_names``."""
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]
    class_names: tuple[str, ...]
    """What the classes show."""
    source: str = ""
    """Where the images came from: the data folder or the published files."""


@dataclass(frozen=True)
class ImageInfo:
    """What is known of an image set without loading it."""

    name: str
    """The name that :func:`load_images` takes."""
    shape: tuple[int, int, int]
    """(C, H, W) of an image."""
    n_train: int
    n_test: int
    """Images of the published set; a data folder may hold fewer."""
    class_names: tuple[str, ...]
    """What the classes show."""
    source: str
    licence: str
    """The reference, and the licence as stated there."""
    published: tuple[Remote, ...]
    """The files at their public addresses."""
    form: str
    """Their form, a key of :data:`askew.datasets.image_files.PUBLISHED`."""
    extract: dict[str, str]
    """Files of a data folder in another form than the published one, and their SHA-256; empty if there is none."""
    extract_form: str
    """Their form, a key of :data:`askew.datasets.image_files.EXTRACTS`."""
    extract_train: int
    extract_test: int
    """Images in them."""

    @property
    def found(self) -> str:
        """Where :func:`load_images` would take it from, in words; empty if it would have to be downloaded."""
        if all(place_in_folder(_place(remote)) for remote in self.published):
            return "data folder"
        if any(place_in_folder(name) for name in self.extract):
            whole = (self.extract_train, self.extract_test) == (self.n_train, self.n_test)
            part = "" if whole else f" ({self.extract_train:,} + {self.extract_test:,} of them)"
            return f"data folder{part}"
        return "cache" if all(cached(remote) for remote in self.published) else ""


def image_names() -> tuple[str, ...]:
    """Return the names of the image sets."""
    return tuple(_infos())


def image_info() -> tuple[ImageInfo, ...]:
    """Return what is known of every image set, in the order of :func:`image_names`, without loading them.

    >>> [(each.name, each.shape, each.n_train, each.n_test) for each in image_info()][2]
    ('cifar10', (3, 32, 32), 50000, 10000)
    """
    return tuple(_infos().values())


def load_images(name: str) -> ImageSet:
    """Load an image set, one of :func:`image_names`.

    Looked for in this order: the published files in the folder ``ASKEW_DATA`` (``cifar10/cifar-10-binary.tar.gz``,
    for example); sheets of tiles there; the published files in the cache, where they are downloaded to
    otherwise. Every file's SHA-256 is checked. Those of MNIST and Fashion-MNIST are of files whose published MD5 is
    right; those of the other sets are listed alike by independent projects (Cats vs Dogs by one only).

    - ``mnist``, ``fashion_mnist``: 28x28, grey, 60,000 + 10,000.
    - ``cifar10``: 32x32, colour, 50,000 + 10,000. The sheets have the images of a class side by side.
    - ``svhn``: 32x32, colour, 73,257 + 26,032; class 0 is the digit 0.
    - ``cifar100``: 32x32, colour, 50,000 + 10,000, the hundred fine classes. From the sheet in ``ASKEW_DATA``
      there are **no training images** and half of the test images, 50 of each class.
    - ``catsvsdogs``: 64x64, colour, about 10,000 + 2,500 of each class (4,000 + 1,000 from the sheets). Images whose
      number leaves 4 when divided by 5 are the test set; the papers do not say which are theirs. The
      aspect ratio is not kept. Reading the published archive takes about a minute.

    The names of :data:`FOLDERS` are taken as well: every image of that folder, resized to 32x32, unchecked.

    Raises
    ------
    InvalidInputError
        If there is no image set of that name.
    DataFileError
        If it is neither in the folder ``ASKEW_DATA`` nor to be downloaded, or a file is not the one expected.
    """
    if name in FOLDERS:
        return _from_folder(name)
    if name not in _infos():
        remedy = f"Choose one of: {', '.join(_infos())}."
        raise InvalidInputError(must("name", "load_images", "the name of an image set", name, remedy))
    info = _infos()[name]
    parts, source = _read(info)
    _check(parts, info)
    return ImageSet(name, *parts, class_names=info.class_names, source=source)


def _from_folder(name: str) -> ImageSet:
    """Return a folder's images as a test set of one class."""
    folder = Path(os.environ.get(FOLDER) or "", name)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not os.environ.get(FOLDER) or not paths:
        remedy = (
            f"Put the images into the folder {name} of the folder that {FOLDER} names; they are not fetched."
        )
        raise DataFileError(
            must(name, "askew.datasets", f"a folder of images in {FOLDER}", str(folder), remedy)
        )
    images = [image_pixels(path, 3, _FOLDER_SIDE, _FOLDER_SIDE) for path in paths]
    none = np.empty((0, 3, _FOLDER_SIDE, _FOLDER_SIDE), np.uint8), np.empty(0, np.int64)
    classes = np.zeros(len(images), np.int64)
    return ImageSet(name, *none, np.stack(images), classes, class_names=(name,), source=f"images in {FOLDER}")


def _read(info: ImageInfo) -> tuple[Parts, str]:
    """Return the images, and where they came from."""
    folder = [in_folder(_place(remote), remote.sha256) for remote in info.published]
    if all(folder):
        return PUBLISHED[info.form]([path for path in folder if path]), f"published files in {FOLDER}"
    extract = {name: in_folder(name, sha256) for name, sha256 in info.extract.items()}
    if any(extract.values()):
        missing = [name for name, path in extract.items() if path is None]
        if missing:
            rule = f"complete in {FOLDER}"
            remedy = f"Add the missing files, or unset {FOLDER} to download the published ones."
            raise DataFileError(must(info.name, "askew.datasets", rule, f"all but {missing}", remedy))
        sheets = {name: path for name, path in extract.items() if path is not None}
        return EXTRACTS[info.extract_form](sheets), f"sheets of images in {FOLDER}"
    files = [path or download(remote) for path, remote in zip(folder, info.published, strict=True)]
    return PUBLISHED[info.form](files), "published files"


def _check(parts: Parts, info: ImageInfo) -> None:
    """Refuse files that are intact but hold something else than they should."""
    for part, x, y in (("train", parts.x_train, parts.y_train), ("test", parts.x_test, parts.y_test)):
        n_classes, what = len(info.class_names), f"{part} set of {info.name}"
        if x.shape != (len(y), *info.shape) or (len(y) and not 0 <= y.min() <= y.max() < n_classes):
            rule = f"images of shape {info.shape} with a class from 0 to {n_classes - 1} each"
            got = (x.shape, y.shape, np.unique(y)[[0, -1]].tolist() if len(y) else [])
            raise DataFileError(must(what, "askew.datasets", rule, got, "Replace its files."))


def _place(remote: Remote) -> str:
    """Return where a published file would be in the folder ``ASKEW_DATA``."""
    return f"{remote.folder}/{remote.name}"


@cache
def _infos() -> dict[str, ImageInfo]:
    entries: dict[str, Any] = json.loads(_LIST.read_text(encoding="utf-8"))
    return {name: _info(name, entry) for name, entry in entries.items()}


def _info(name: str, entry: dict[str, Any]) -> ImageInfo:
    channels, height, width = entry["shape"]
    return ImageInfo(
        name=name,
        shape=(channels, height, width),
        n_train=entry["train"],
        n_test=entry["test"],
        class_names=tuple(entry["classes"].split(", ")),
        published=tuple(Remote(**each, folder=entry["folder"]) for each in entry["published"]),
        **{key: entry[key] for key in _AS_THEY_ARE},
    )
