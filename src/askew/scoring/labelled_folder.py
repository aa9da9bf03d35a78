"""A folder of images that has, or names, folders of known ones: the images and their labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import Meaning, image_files, read_images
from askew.inputs.image_folder import Skipped
from askew.inputs.table_opening import ending
from askew.labels import Labels, ours
from askew.scoring.image_source import skipped_lines
from askew.scoring.listener import Listener

_NAMED = 5  # folders that a line names
_OPTIONS = "--normal, --anomaly or --unlabelled"


class _KnownFolder(NamedTuple):
    """A folder of images of one label, and the option that named it."""

    folder: Path
    option: str
    label: int


class LabelledFolder:
    """The images directly in a folder, unlabelled, and those of the folders that `meaning` names, in it or elsewhere.

    It is made before the long work: a folder that is not there, no image at all, and an image that two options name
    are refused at once. After reading, `paths` are those of the rows, and `skipped` the files that could not be read.
    """

    def __init__(self, data: Path, meaning: Meaning, skip_corrupt: bool) -> None:
        self._data, self._skip_corrupt = data, skip_corrupt
        self._known = bool(meaning.normal or meaning.anomaly)
        self.skipped: tuple[Skipped, ...] = ()
        self.paths: tuple[Path, ...] = ()
        groups = (("unlabelled", 0), ("normal", 1), ("anomaly", -1))
        self._folders = [
            _KnownFolder(folder, f"--{group}", label)
            for group, label in groups
            for folder in _folders(data, f"--{group}", getattr(meaning, group))
        ]
        self._labels = _labels_of_files(data, self._folders)

    def unused(self) -> list[str]:
        """Return a line about the folders in the folder that play no part, if there are any."""
        taken = {each.folder.resolve() for each in self._folders}
        others = [repr(path.name) for path in _sub_folders(self._data) if path.resolve() not in taken]
        tables = [repr(path.name) for path in sorted(self._data.iterdir()) if ending(path)]
        lines = []
        if others:
            lines.append(
                f"note: nothing is learned from {_some(others)} in {self._data}; {_OPTIONS} would name folders to "
                "learn from."
            )
        if tables:
            lines.append(
                f"note: {self._data} is taken as a folder of images; its tables are not read: {_some(tables)}."
            )
        return lines

    def read(
        self, size: int | tuple[int, int] | None, channels: Any, listener: Listener
    ) -> tuple[Any, Labels | None]:
        """Return the images and their labels; see :func:`askew.inputs.read_images` for the size and the channels."""
        options: dict[str, Any] = {"skip_corrupt": self._skip_corrupt, "where": str(self._data)}
        with listener.bar("reading images") as progress:
            files = read_images(list(self._labels), size, channels, progress=progress, **options)
        self.skipped, self.paths = files.skipped, files.paths
        y = np.array([self._labels[path] for path in files.paths], dtype=np.int8)
        return files.images, ours(y) if self._known else None

    def sentences(self, X: Any, y: Labels | None) -> list[str]:
        """Return in a line each what was read, and what was left out."""
        _, channels, height, width = X.shape
        kind = "grey" if channels == 1 else "colour"
        counts = counts_in_words(
            label_counts(y), "no labels (--normal and --anomaly give them)", "every image is unlabelled"
        )
        first = f"{self._data}: {len(X):,} images, {height}x{width} {kind}; {counts}."
        return [first, *skipped_lines(self.skipped)]


def _folders(data: Path, option: str, names: Sequence[str]) -> list[Path]:
    """Return the folders that an option names, in `data` if it has one of that name, or elsewhere."""
    folders = []
    for name in names:
        inside, outside = data / name, Path(name)
        if not inside.is_dir() and not outside.is_dir():
            there = ", ".join(repr(path.name) for path in _sub_folders(data)) or "none"
            raise InvalidInputError(
                f"{option} must name a folder in {data} or elsewhere; got {name!r}. Folders in {data}: {there}."
            )
        folders.append(inside if inside.is_dir() else outside)
    return folders


def _labels_of_files(data: Path, folders: Sequence[_KnownFolder]) -> dict[Path, int]:
    """Return the label of every image, those directly in `data` first."""
    try:
        labels_of = dict.fromkeys(image_files(data, nested=False), 0)
    except DataFileError as error:
        if not folders and (there := _sub_folders(data)):
            raise DataFileError(
                f"{data} must have images directly in it, or {_OPTIONS} must name folders of them; got folders "
                f"alone: {', '.join(repr(path.name) for path in there[:_NAMED])}. Name some of them."
            ) from error
        if not folders:
            raise
        labels_of = {}
    real_paths = {path.resolve() for path in labels_of}
    for folder, option, label in folders:
        for path in image_files(folder):
            if path.resolve() in real_paths:
                raise InvalidInputError(
                    f"{option} must name a folder whose images no other option names; got {str(path)!r} twice. "
                    "Name each image once."
                )
            real_paths.add(path.resolve())
            labels_of[path] = label
    return labels_of


def _sub_folders(data: Path) -> list[Path]:
    return sorted(path for path in data.iterdir() if path.is_dir() and not path.name.startswith("."))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" and more" if len(names) > _NAMED else "")


def label_counts(y: Labels | None) -> dict[str, int] | None:
    """Return how many rows have each label; None without labels."""
    if y is None:
        return None
    return {
        name: int((y == label).sum()) for name, label in (("normal", 1), ("unlabelled", 0), ("anomaly", -1))
    }


def counts_in_words(counts: dict[str, int] | None, without: str, unlabelled: str) -> str:
    """Return counts of labels in words, `without` any, or as `unlabelled` says if no row has one."""
    if counts is None:
        return without
    if not counts["normal"] and not counts["anomaly"]:
        return unlabelled
    anomalies = "known anomaly" if counts["anomaly"] == 1 else "known anomalies"
    names = (("anomaly", anomalies), ("normal", "known normal"), ("unlabelled", "unlabelled"))
    return ", ".join(f"{counts[key]:,} {words}" for key, words in names)
