"""A folder of images with folders of known ones, for ``askew fit``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from askew.cli.console import bar, note
from askew.cli.label_words import counted
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.inputs.image_folder import Skipped
    from askew.labels import Labels

_NAMED = 5  # files or folders that a line names
_OPTIONS = "--normal, --anomaly or --unlabelled"


class Named(NamedTuple):
    """A folder of images of one label, and the option that named it."""

    folder: Path
    option: str
    label: int


class ImagesToFit:
    """The images of a folder, to learn from; made before the long work, so that what is wrong is said at once.

    Parameters
    ----------
    data
        The folder; the images directly in it are unlabelled.
    normal, anomaly, unlabelled
        Folders, in `data` or elsewhere, whose images, also in folders therein, have that label.
    size
        Side of the images in pixels; None: chosen, see :func:`askew.inputs.image_folder.read_images`.
    skip_corrupt
        Whether files that cannot be read are left out.

    Attributes
    ----------
    paths
        Of the images that were read, in the order of the rows.

    Raises
    ------
    DataFileError
        If there are no images.
    InvalidInputError
        If a folder is not there, or an image is named twice.
    """

    default_detector = "dp_vae"

    def __init__(
        self,
        data: Path,
        normal: Sequence[str],
        anomaly: Sequence[str],
        unlabelled: Sequence[str],
        size: int | None,
        skip_corrupt: bool,
    ) -> None:
        self._data, self._size, self._skip_corrupt = data, size, skip_corrupt
        self._known = bool(normal or anomaly)
        self._skipped: tuple[Skipped, ...] = ()
        self.paths: tuple[Path, ...] = ()
        options = (("--unlabelled", 0, unlabelled), ("--normal", 1, normal), ("--anomaly", -1, anomaly))
        named = [
            Named(folder, option, label)
            for option, label, names in options
            for folder in _folders(data, option, names)
        ]
        self._labels = _labelled(data, named)
        _tell_of_others(data, [each.folder for each in named])

    def read(self, shape: tuple[int, int, int] | None = None) -> tuple[Any, Labels | None]:
        """Return the images, of (channels, height, width) `shape` if a model has one already, and their labels."""
        import numpy as np

        from askew import labels
        from askew.inputs import read_images

        with bar("reading images") as show:
            found = read_images(
                list(self._labels),
                self._size if shape is None else shape[1:],
                "auto" if shape is None else shape[0],
                skip_corrupt=self._skip_corrupt,
                where=str(self._data),
                progress=show,
            )
        self._skipped, self.paths = found.skipped, found.paths
        y = np.array([self._labels[path] for path in found.paths], dtype=np.int8)
        return found.images, labels.ours(y) if self._known else None

    def describe(self, X: Any, y: Labels | None) -> None:
        """Say in a line each what is learned from, and what was left out."""
        _, channels, height, width = X.shape
        kind = "grey" if channels == 1 else "colour"
        labels = counted(y, "no labels (--normal and --anomaly give them)", "every image is unlabelled")
        note(f"{self._data}: {len(X):,} images, {height}x{width} {kind}; {labels}.")
        from askew.scoring.image_source import skipped_lines

        for line in skipped_lines(self._skipped):
            note(line)

    def refuse(self, model: Any, name: str) -> None:
        """Refuse a detector, called `name`, that takes no images."""
        if not model.takes_images:
            raise InvalidInputError(
                f"--detector must be a method that takes images; got {name!r}. The default, dp_vae, does."
            )

    def fitting(self, model: Any, X: Any) -> Any:
        """Return the model as it is to be fitted: as it is."""
        return model

    def about(self, X: Any) -> dict[str, Any]:
        """Return what a JSON summary says of the data."""
        skipped = [{"path": str(each.path), "reason": each.reason} for each in self._skipped]
        return {"n_images": len(X), "image_shape": list(X.shape[1:]), "skipped": skipped}


def _folders(data: Path, option: str, names: Sequence[str]) -> list[Path]:
    """Return the folders that an option names, in `data` if it has one of that name, or elsewhere."""
    found = []
    for name in names:
        inside, outside = data / name, Path(name)
        if not inside.is_dir() and not outside.is_dir():
            there = ", ".join(repr(path.name) for path in _sub_folders(data)) or "none"
            raise InvalidInputError(
                f"{option} must name a folder in {data} or elsewhere; got {name!r}. Folders in {data}: {there}."
            )
        found.append(inside if inside.is_dir() else outside)
    return found


def _labelled(data: Path, named: Sequence[Named]) -> dict[Path, int]:
    """Return the label of every image, those directly in `data` first."""
    from askew.errors import DataFileError
    from askew.inputs import image_files

    try:
        labels = dict.fromkeys(image_files(data, nested=False), 0)
    except DataFileError as error:
        if not named and (there := _sub_folders(data)):
            raise DataFileError(
                f"{data} must have images directly in it, or {_OPTIONS} must name folders of them; got folders "
                f"alone: {', '.join(repr(path.name) for path in there[:_NAMED])}. Name some of them."
            ) from error
        if not named:
            raise
        labels = {}
    seen = {path.resolve() for path in labels}
    for folder, option, label in named:
        for path in image_files(folder):
            if path.resolve() in seen:
                raise InvalidInputError(
                    f"{option} must name a folder whose images no other option names; got {str(path)!r} twice. "
                    "Name each image once."
                )
            seen.add(path.resolve())
            labels[path] = label
    return labels


def _tell_of_others(data: Path, named: Sequence[Path]) -> None:
    """Say which folders in `data` play no part."""
    taken = {folder.resolve() for folder in named}
    others = [repr(path.name) for path in _sub_folders(data) if path.resolve() not in taken]
    if others:
        shown = ", ".join(others[:_NAMED]) + (" and more" if len(others) > _NAMED else "")
        note(f"note: nothing is learned from {shown} in {data}; {_OPTIONS} would name folders to learn from.")


def _sub_folders(data: Path) -> list[Path]:
    return sorted(path for path in data.iterdir() if path.is_dir() and not path.name.startswith("."))
