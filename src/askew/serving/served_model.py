"""The model that is served: loaded from its file, and replaced by the next one while requests go on."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from askew.errors import AskewError
from askew.inputs import Data
from askew.scoring import load_model, usual_rows
from askew.serving.drift_watch import DriftWatch

_DIGITS = 12  # of a digest, enough to tell files apart


@dataclass(frozen=True)
class ServedModel:
    """A fitted model with the name of its file, the first digits of the file's SHA-256, and when it was loaded.

    `usual` has rows that stand for what is usual, as the model takes them, or is None; `drift` counts what is served.
    """

    model: Any
    name: str
    digest: str
    drift: DriftWatch
    usual: Any = None
    loaded: float = field(default_factory=time.time)

    @classmethod
    def read(cls, path: Path, background: Data | None = None) -> ServedModel:
        """Return the model of a file; errors are those of :func:`~askew.scoring.load_model` and of reading rows."""
        model = load_model(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS]
        usual = None if background is None else usual_rows(model, background)
        return cls(model, path.name, digest, DriftWatch(model), usual)

    @property
    def image_shape(self) -> tuple[int, int, int] | None:
        """(channels, height, width) of the images that the model takes; None for tables."""
        from askew.base.wrapper import unwrap

        return getattr(unwrap(self.model), "image_shape_", None)


class ModelKeeper:
    """Has the `current` model of a file; a new file that cannot be used leaves it as it is.

    `problem` says why the newest file is not used, "" if it is. `tell` is given a line about each change.
    """

    def __init__(self, path: Path, background: Data | None, tell: Callable[[str], object]) -> None:
        self._path, self._background, self._tell = path, background, tell
        self._lock = threading.Lock()
        self._seen = self._stamp()
        self.problem = ""
        self.current = ServedModel.read(path, background)

    def has_changed(self) -> bool:
        """Return whether the file is another than when it was last read, or tried."""
        return self._stamp() != self._seen

    def reload(self) -> bool:
        """Read the file anew and return whether its model is served now; requests under way keep the old one."""
        with self._lock:
            self._seen = self._stamp()
            try:
                new = ServedModel.read(self._path, self._background)
            except (AskewError, OSError) as error:
                self.problem = " ".join(str(error).splitlines())
                self._tell(f"{self._path.name} is not used, {self.current.digest} goes on: {self.problem}")
                return False
            before, self.current, self.problem = self.current, new, ""
            if new.digest != before.digest:
                self._tell(f"{new.name}: {before.digest} is replaced by {new.digest}")
            return True

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
