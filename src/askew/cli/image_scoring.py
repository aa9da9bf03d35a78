"""Scores of the images of a folder, some at a time in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from askew.cli.fit_images import skipped_lines
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    import pyarrow as pa

    from askew.inputs.image_folder import Skipped

_BATCH = 512  # images decoded and scored at a time: 6 MB of pixels at 64x64 in colour


class SkippedFiles:
    """The files that could not be read so far; a summary prints them like what was new in a table."""

    def __init__(self) -> None:
        self.files: list[Skipped] = []

    def lines(self) -> list[str]:
        """Return what to tell of them."""
        return skipped_lines(self.files)


class ImageScoring:
    """A detector about to score a folder of images; it has the attributes and methods of Scoring.

    The images are those in the folder and in all folders therein, sorted by their paths. They are brought to the
    size and the channels of those that the model was fitted on.

    Parameters
    ----------
    detector
        The fitted model, or a wrapper around it.
    name
        Of its file, for errors.
    folder
        The folder.
    skip_corrupt
        Whether files that cannot be read are left out; else they are refused.

    Attributes
    ----------
    features, extra
        Empty: an image has no columns.
    novelties
        The files that were skipped.
    schema
        Of the result: ``path``, then ``score``, ``anomaly_score`` and ``prediction``.

    Raises
    ------
    InvalidInputError
        If the model takes no images of bytes.
    DataFileError
        If there are no images.
    """

    features: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def __init__(self, detector: Any, name: str, folder: Path, skip_corrupt: bool) -> None:
        import pyarrow as pa

        from askew.inputs import image_files

        self._detector, self._folder, self._skip_corrupt = detector, folder, skip_corrupt
        self._shape = shape_of(detector, name, folder)
        self._paths = image_files(folder)
        self.novelties = SkippedFiles()
        scores = [("score", pa.float64()), ("anomaly_score", pa.float64()), ("prediction", pa.int8())]
        self.schema = pa.schema([("path", pa.string()), *scores])

    def batches(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield scored images of :attr:`schema`, and how much of the folder is done (0 to 1)."""
        import numpy as np
        import pyarrow as pa

        from askew.inputs.image_folder import image_batches

        done = 0
        options: dict[str, Any] = {"skip_corrupt": self._skip_corrupt, "where": str(self._folder)}
        for found in image_batches(self._paths, self._shape, batch=_BATCH, **options):
            self.novelties.files += found.skipped
            # a detector refuses to score nothing
            scores = self._detector.score_samples(found.images) if found.paths else np.empty(0)
            flagged = np.where(scores - self._detector.offset_ >= 0, 1, -1)
            columns = [[str(path) for path in found.paths], scores, -scores, flagged]
            arrays = [pa.array(column).cast(f.type) for column, f in zip(columns, self.schema, strict=True)]
            done += len(found.paths) + len(found.skipped)
            yield pa.RecordBatch.from_arrays(arrays, schema=self.schema), done / len(self._paths)


def shape_of(detector: Any, name: str, folder: Path) -> tuple[int, int, int]:
    """Return (channels, height, width) of the images that a model takes, or refuse it."""
    from askew.base.persistence import unwrap

    inner: Any = unwrap(detector)
    shape: tuple[int, int, int] | None = getattr(inner, "image_shape_", None)
    if shape is None:
        raise InvalidInputError(
            f"DATA must be a table, like what the model {name!r} was fitted on; got the folder {str(folder)!r}. "
            "Name a file, or fit a model on a folder of images."
        )
    if not inner.image_bytes_ or shape[0] not in (1, 3):
        kind = "uint8" if inner.image_bytes_ else "floating-point"
        raise InvalidInputError(
            f"model {name!r} must be one of uint8 images with 1 or 3 channels to score files; it was fitted on "
            f"{kind} images {shape}. Score arrays like those with its score_samples."
        )
    return shape
