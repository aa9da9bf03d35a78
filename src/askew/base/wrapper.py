"""Wrapper: a model around a fitted model."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, cast

from askew.base.detector import Detector
from askew.base.persistence import Model
from askew.errors import InvalidInputError


class Wrapper(Model):
    """A model around a fitted model, such as a threshold; it is saved and loaded with what is inside."""

    @property
    @abstractmethod
    def inner(self) -> Any:
        """The model inside, a detector or another wrapper."""

    def _try_out(self) -> None:
        self.inner._try_out()


def unwrap(model: Any) -> Detector:
    """Return the detector inside any number of wrappers, or `model` itself."""
    while isinstance(model, Wrapper):
        model = model.inner
    return cast("Detector", model)


def require_table(model: Any, what: str, *, or_images: bool = False) -> None:
    """Raise InvalidInputError unless the detector inside `model`, called `what`, takes tables (`or_images`)."""
    detector = unwrap(model)
    kind = getattr(detector, "input_kind", "table")
    if kind == "table" and (or_images or getattr(detector, "takes_tables", True)):
        return
    takes = "images alone" if kind == "table" else f"a list of {kind}s"
    raise InvalidInputError(
        f"{what} must be a detector of tables; got {type(detector).__name__}, which takes {takes}. "
        f"Use its own fit, score_samples and predict."
    )
