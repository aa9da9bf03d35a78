"""The models of a session: each is kept, so that one can go back to it."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.errors import ModelFileError


class ModelShelf:
    """Models by the names that the log has for them: files of a folder, or in memory without one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._models: dict[str, Any] = {}

    def put(self, model: Any, number: int) -> str:
        """Keep a model and return its name; two sessions that put at once do not take each other's place."""
        name = f"model-{number:03}-{secrets.token_hex(2)}.askew"
        if self._folder is None:
            self._models[name] = model
        else:
            model.save(self._folder / name)
        return name

    def get(self, name: str) -> Any:
        """Return a model that was put here, by this session or another one; one that is gone raises ModelFileError."""
        if self._folder is None:
            return self._models[name]
        import askew

        path = self._folder / name
        if Path(name).name != name or not path.is_file():
            raise ModelFileError(
                f"model {name!r} of the session must be in its folder {self._folder}; it is not there. Put the file "
                "back, or begin a new session in another folder."
            )
        return askew.load(path)


def scores_digest(scores: NDArray[np.float64]) -> str:
    """Return a text by which two models that score the rows of a session alike are told to be the same."""
    return _digest(scores)


def labels_digest(labels: NDArray[np.int8]) -> str:
    """Return a text by which it is told whether labels (n_rows,) are those that a model has learned."""
    return _digest(np.asarray(labels))


def _digest(values: NDArray[Any]) -> str:
    return hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=8).hexdigest()
