"""A folder of images to learn from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from askew.errors import InvalidInputError
from askew.fitting.training_rows import TrainingOptions
from askew.scoring import Listener
from askew.scoring.labelled_folder import LabelledFolder

if TYPE_CHECKING:
    from askew.labels import Labels


class TrainingImages:
    """The images of a folder, of which other folders may say what they are."""

    default_detector = "dp_vae"

    def __init__(self, data: Path, options: TrainingOptions, listener: Listener) -> None:
        self._folder = LabelledFolder(data, options.labelling.meaning, options.skip_corrupt)
        self._size = options.size
        for line in self._folder.unused():
            listener.note(line)

    def refuse(self, model: Any) -> None:
        """Refuse a detector that takes no images."""
        if not model.takes_images:
            raise InvalidInputError(
                f"--detector must be a method that takes images; got {model.name!r}. The default, dp_vae, does."
            )

    def read(self, listener: Listener) -> tuple[Any, Labels | None]:
        """Return the images and their labels."""
        return self._folder.read(self._size, "auto", listener)

    def sentences(self, X: Any, y: Labels | None) -> list[str]:
        """Return in a line each what is learned from, and what was left out."""
        return self._folder.sentences(X, y)

    def prepared(self, model: Any, X: Any) -> Any:
        """Return the model itself: images need no preparation."""
        return model

    def about(self, X: Any) -> dict[str, Any]:
        """Return what a JSON summary says of the images."""
        skipped = [{"path": str(each.path), "reason": each.reason} for each in self._folder.skipped]
        return {"n_images": len(X), "image_shape": list(X.shape[1:]), "skipped": skipped}
