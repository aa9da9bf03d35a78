"""The images of a folder as rows to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError
from askew.fitting.answers import AnswerJoin
from askew.fitting.training_options import TrainingOptions
from askew.labels import Labels, ours
from askew.scoring import Listener
from askew.scoring.image_source import name_in
from askew.scoring.labelled_folder import LabelledFolder


class TrainingImages:
    """The images of a folder, of which other folders may say what they are."""

    default_detector = "dp_vae"
    numbers: NDArray[np.int64] | None = None
    ids: Sequence[str] = ()
    answered: NDArray[np.int8] = np.empty(0, dtype=np.int8)
    given: Labels | None = None

    def __init__(self, data: Path, options: TrainingOptions, listener: Listener) -> None:
        self._folder = LabelledFolder(data, options.labelling.meaning, options.skip_corrupt)
        self._data, self._size, self._shape = data, options.size, options.image_shape
        self._answers = options.answers
        for line in self._folder.unused():
            listener.note(line)

    def refuse(self, model: Any) -> None:
        """Refuse a detector of tables alone."""
        if not model.takes_images:
            raise InvalidInputError(
                f"--detector must be a method that takes images; got {model.name!r}. The default, dp_vae, does."
            )

    def read(self, listener: Listener) -> tuple[Any, Labels | None]:
        """Return the images and their labels."""
        size: int | tuple[int, int] | None = self._size
        channels: Any = "auto"
        if self._shape is not None:
            channels, size = self._shape[0], self._shape[1:]
        X, y = self._folder.read(size, channels, listener)
        self.given = y
        if self._answers is None:
            return X, y
        inside, outside = (  # answers may have the paths in the folder, or those that `askew score` writes
            [name_in(path, folder) for path in self._folder.paths] for folder in (self._data, Path())
        )
        known = self._answers.labels
        self.ids = [there if there in known else here for here, there in zip(inside, outside, strict=True)]
        join = AnswerJoin(self._answers, str(self._data))
        self.answered = join.labels(self.ids, 1)
        join.refuse_unknown()
        return X, ours(np.where(self.answered != 0, self.answered, 0 if y is None else y))

    def sentences(self, X: Any, y: Labels | None) -> list[str]:
        """Return in a line each what was read, and what was left out."""
        return self._folder.sentences(X, y)

    def prepared(self, model: Any, X: Any) -> Any:
        """Return the model."""
        return model

    def about(self, X: Any) -> dict[str, Any]:
        """Return what a JSON summary says of the images."""
        skipped = [{"path": str(each.path), "reason": each.reason} for each in self._folder.skipped]
        return {"n_images": len(X), "image_shape": list(X.shape[1:]), "skipped": skipped}
