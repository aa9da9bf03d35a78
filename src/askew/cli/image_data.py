"""Images for a model that is there: those of a folder, or an array in a .npy file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from askew.cli.console import fraction_bar, note
from askew.errors import DataFileError, InvalidInputError

if TYPE_CHECKING:
    from askew.inputs import Meaning
    from askew.labels import Labels


class Images(NamedTuple):
    """Images (n, channels, height, width), and what they are called."""

    pixels: Any
    names: Sequence[str]


def holds_images(data: Path) -> bool:
    """Return whether DATA is a folder or an array, and no table."""
    return data.is_dir() or data.suffix.lower() == ".npy"


def read_for(model: Any, name: str, data: Path, skip_corrupt: bool) -> Images:
    """Return the images of a folder as the model, called `name`, takes them, or those of a .npy file as they are.

    Images of a folder are called by their paths in it, those of an array by their numbers from 0.

    Raises
    ------
    DataFileError
        If there are no images, or they cannot be read.
    InvalidInputError
        If the model takes none from files.
    """
    if not data.is_dir():
        pixels = _array(data)
        return Images(pixels, [str(number) for number in range(len(pixels))])
    from askew.cli.fit_images import skipped_lines
    from askew.cli.image_scoring import shape_of
    from askew.inputs import image_files, read_images

    channels, height, width = shape_of(model, name, data)
    with fraction_bar("reading images") as show:
        found = read_images(
            image_files(data),
            (height, width),
            channels,
            skip_corrupt=skip_corrupt,
            where=str(data),
            progress=show,
        )
    for line in skipped_lines(found.skipped):
        note(line)
    return Images(found.images, [_name(path, data) for path in found.paths])


def read_labelled(
    model: Any, name: str, data: Path, meaning: Meaning, skip_corrupt: bool
) -> tuple[Images, Labels | None]:
    """Return images as the model, called `name`, takes them, and labels by the folders that `meaning` names.

    Without any, all that :func:`read_for` finds is unlabelled.
    """
    if not (meaning.normal or meaning.anomaly or meaning.unlabelled):
        return read_for(model, name, data, skip_corrupt), None
    if not data.is_dir():
        raise InvalidInputError(
            f"--normal, --anomaly and --unlabelled must name folders in a folder of images; got {str(data)!r}. "
            "Leave them out, or give the images as files."
        )
    from askew.cli.fit_images import ImagesToFit
    from askew.cli.image_scoring import shape_of

    shape = shape_of(model, name, data)
    found = ImagesToFit(data, meaning.normal, meaning.anomaly, meaning.unlabelled, None, skip_corrupt)
    pixels, y = found.read(shape)
    found.describe(pixels, y)
    return Images(pixels, [_name(path, data) for path in found.paths]), y


def _name(path: Path, data: Path) -> str:
    return path.relative_to(data).as_posix() if path.is_relative_to(data) else str(path)


def _array(path: Path) -> Any:
    """Return the array of a file, with an axis for channels if it has none."""
    import numpy as np

    try:
        array = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise DataFileError(f"data file {str(path)!r} does not exist. Check the path.") from None
    except (OSError, ValueError, EOFError) as error:
        raise DataFileError(
            f"data file {str(path)!r} must be an array that numpy.save wrote; it cannot be read ({error})."
        ) from error
    if array.ndim == 3:
        array = array[:, None]
    if array.ndim != 4:
        raise DataFileError(
            f"array of {str(path)!r} must be images (n, channels, height, width) or (n, height, width); "
            f"got shape {array.shape}."
        )
    return array
