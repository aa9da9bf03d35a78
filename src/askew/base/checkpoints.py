"""A training's state in a file, in the safe format of models; only the fit that wrote it goes on from it."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from askew import files
from askew.base.detector import Detector
from askew.base.detector_state import parameters_of
from askew.base.persistence import CHECKPOINT
from askew.errors import InvalidInputError, ModelFileError, must
from askew.inputs.atomic import check_writable
from askew.training import Data, Settings
from askew.training.resuming import Keeper
from askew.training.state import State

_ENDED: ContextVar[list[Path] | None] = ContextVar("ended", default=None)
"""Checkpoints of fits that have ended inside :func:`kept_until_done`."""


@contextmanager
def kept_until_done() -> Iterator[None]:
    """Leave the checkpoints of fits where they are until the block has succeeded, in which the model is saved, say.

    A fit that ends deletes its own, and what it found would be lost to a kill or a full disk before it is saved.
    """
    ended: list[Path] = []
    token = _ENDED.set(ended)
    try:
        yield
    finally:
        _ENDED.reset(token)
    for path in ended:
        path.unlink(missing_ok=True)


class CheckpointFile(Keeper):
    """The file that ``Training(checkpoint=...)`` names; it is written at most once in `every` seconds."""

    def __init__(self, path: Path, every: float) -> None:
        self.path, self.every = path, every
        self.fit: dict[str, Any] = {}
        check_writable(path)
        self._found = _read(path) if path.exists() else None
        self._last = time.monotonic()

    def seeds(self, detectors: int) -> list[list[int]] | None:
        """Return the seeds of each detector's members in the fit of as many that the file is of, if there is one."""
        seeds: list[list[int]] = [] if self._found is None else self._found[0]["fit"]["seeds"]
        return seeds if len(seeds) == detectors else None

    def claim(self, fit: dict[str, Any]) -> None:
        """Say what fit this is, as :func:`fit_of` does; raise InvalidInputError if the file is of another one."""
        self.fit = fit
        if self._found is None:
            return
        difference = _difference(self._found[0]["fit"], fit)
        if difference is not None:
            rule = "a new file or one that this same fit wrote"
            remedy = f"Its fit {difference}. Fit as then, or delete it or name another file to begin anew."
            raise InvalidInputError(must("checkpoint", "Training", rule, str(self.path), remedy))

    def load(self) -> tuple[dict[str, Any], State] | None:
        """Return what the file holds."""
        if self._found is None:
            return None
        (header, arrays), self._found = self._found, None
        return header["state"], {name: torch.from_numpy(array) for name, array in arrays.items()}

    def due(self) -> bool:
        """Return whether the last writing, or the beginning, is long enough ago."""
        return time.monotonic() - self._last >= self.every

    def save(self, values: dict[str, Any], tensors: State) -> None:
        """Write the state; the file before it stays until this one is whole."""
        header = {"class": CHECKPOINT, "fit": self.fit, "state": values}
        files.write(self.path, header, {name: t.detach().cpu().numpy() for name, t in tensors.items()})
        self._last = time.monotonic()

    def remove(self) -> None:
        """Delete the file, the fit has ended; inside :func:`kept_until_done` later."""
        ended = _ENDED.get()
        if ended is None:
            self.path.unlink(missing_ok=True)
        else:
            ended.append(self.path)


def checkpoint_file(settings: Settings, part: int) -> CheckpointFile | None:
    """Return the file of the `part`-th training of one fit, from 0: that given, ``-2`` added and so on; or None."""
    if settings.checkpoint is None:
        return None
    path = Path(os.path.abspath(settings.checkpoint))
    name = path.name if part == 0 else f"{path.stem}-{part + 1}{path.suffix}"
    return CheckpointFile(path.with_name(name), settings.checkpoint_every)


def fit_of(
    detectors: Sequence[Detector],
    data: Data,
    seeds: list[list[int]],
    start: Iterable[Tensor] | None = None,
) -> dict[str, Any]:
    """Return what makes a fit this one: method, parameters, data, seeds and versions, JSON-able.

    `start` are the weights that it goes on from, if it does. The layers of networks that only code can make are
    compared when the state is read.
    """
    first, parameters = detectors[0], parameters_of(detectors[0])
    del parameters["random_state"]
    if parameters.get("training") is None:
        parameters["training"] = {"training": {}}
    fit = {
        "askew": version("askew"),
        "torch": torch.__version__,
        "method": first.name,
        "parameters": parameters,
        "seeds": seeds,
        "data": _digest((data.x, data.y, data.held_out)),
    }
    return fit if start is None else fit | {"start": _digest(start)}


def progress_of(path: str | Path) -> str:
    """Return in words how far the fit is that wrote the checkpoint `path`; raise ModelFileError if it is none."""
    header, _ = files.read(path)
    if header.get("class") != CHECKPOINT:
        raise ModelFileError(f"{str(path)!r} is not a checkpoint of a fit.")
    place = header["state"]["place"]
    return "trained" if place is None else "epoch {} of {}".format(*place["ticks"])


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    refused = "checkpoint", "Training", "a new file or a checkpoint", str(path)
    try:
        header, arrays = files.read(path)
    except ModelFileError as error:
        remedy = f"{error} Delete it, or name another file, to begin anew."
        raise InvalidInputError(must(*refused, remedy)) from error
    if header.get("class") != CHECKPOINT:
        raise InvalidInputError(must(*refused, "It is a model. Name another file."))
    return header, arrays


def _digest(tensors: Iterable[Tensor | None]) -> str:
    digest = hashlib.sha256()
    for tensor in tensors:
        if tensor is None:
            continue
        array = np.ascontiguousarray(tensor.cpu().numpy())
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.data.cast("B") if array.size else b"")
    return digest.hexdigest()


def _difference(before: dict[str, Any], now: dict[str, Any]) -> str | None:
    """Return in words how the fit before differs from the fit now, or None if it does not."""
    for name in ("askew", "torch"):
        if before[name] != now[name]:
            return f"was by {name} {before[name]}, and this is {now[name]}"
    if before["method"] != now["method"]:
        return f"was of {before['method']}, not of {now['method']}"
    old, new = _flat(before["parameters"]), _flat(now["parameters"])
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            return f"had {name}={old.get(name)!r}, not {new.get(name)!r}"
    if before["seeds"] != now["seeds"]:
        return "had another random_state"
    if before.get("start") != now.get("start"):
        return "began with other weights (init_model)"
    return None if before["data"] == now["data"] else "was on other data (X or y)"


def _flat(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters with those of training, which has a default for each, as ``training__lr``."""
    flat = {name: value for name, value in parameters.items() if name != "training"}
    given = parameters["training"]["training"]
    return flat | {f"training__{name}": value for name, value in given.items()}
