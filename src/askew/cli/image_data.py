"""Images for a model that is there: those of a folder, or an array in a .npy file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from askew.cli import console
from askew.errors import InvalidInputError
from askew.scoring.image_source import NamedImages, name_in, read_named_images

if TYPE_CHECKING:
    from askew.inputs import Meaning
    from askew.labels import Labels


def read_labelled(
    model: Any, name: str, data: Path, meaning: Meaning, skip_corrupt: bool
) -> tuple[NamedImages, Labels | None]:
    """Return images as the model, called `name`, takes them, and labels by the folders that `meaning` names.

    Without any, all that a folder or an array finds is unlabelled.
    """
    if not (meaning.normal or meaning.anomaly or meaning.unlabelled):
        return read_named_images(model, name, data, skip_corrupt, console), None
    if not data.is_dir():
        raise InvalidInputError(
            f"--normal, --anomaly and --unlabelled must name folders in a folder of images; got {str(data)!r}. "
            "Leave them out, or give the images as files."
        )
    from askew.cli.fit_images import ImagesToFit
    from askew.scoring.image_source import shape_of

    shape = shape_of(model, name, data)
    found = ImagesToFit(data, meaning.normal, meaning.anomaly, meaning.unlabelled, None, skip_corrupt)
    pixels, y = found.read(shape)
    found.describe(pixels, y)
    return NamedImages(pixels, [name_in(path, data) for path in found.paths]), y
