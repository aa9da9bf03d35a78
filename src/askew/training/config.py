"""The settings of training, one nested object for all deep detectors."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from sklearn.base import BaseEstimator

from askew.errors import InvalidInputError, as_float, must, require_whole

PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(eq=False, repr=False)
class Training(BaseEstimator):  # type: ignore[misc]
    """Settings of training; ``None`` means the method's own default, which its documentation states.

    Set single ones through a detector as ``det.set_params(training__lr=1e-3)`` or ``training__lr`` in a grid.

    Parameters
    ----------
    epochs : int, optional
        Passes over the training rows.
    lr : float, optional
        Adam's learning rate.
    batch_size : int, optional
        Rows in one step; the last batch of an epoch may be smaller.
    weight_decay : float, optional
        Adam's L2 penalty.
    lr_milestones : tuple of int, optional
        Epochs after which the learning rate is multiplied by `lr_gamma`.
    lr_gamma : float, optional
        See `lr_milestones`.
    clip_grad_norm : float, optional
        Largest norm of one member's gradient in one step; 0 switches clipping off.
    pretrain_epochs : int, optional
        Epochs of autoencoder pre-training (Deep SVDD and Deep SAD).
    members_at_once : int, optional
        How many members train together; fewer take less memory. All, if not given; images on a CPU one by
        one, which is faster there.
    precision : {"auto", "float32", "bfloat16"}, optional
        What networks compute in while they train; weights, losses and scores are float32 or better. "auto" is
        bfloat16 for images where the processor multiplies faster in it; the default.
    checkpoint : path, optional
        File, for example ``run.ckpt``, that training keeps its state in while it runs. If a fit is stopped, the
        same fit, with the same data, parameters, ``random_state`` and versions, goes on from it and ends with
        the same weights; any other is refused. It is removed when the fit has ended.
    checkpoint_every : float, optional
        Seconds between two writings of it, which happen after whole epochs, at least; 60 by default, 0 for
        every epoch.

    Examples
    --------
    >>> Training(lr=1e-3).resolve({"epochs": 150, "lr": 1e-4, "batch_size": 128}).lr
    0.001
    """

    epochs: int | None = None
    lr: float | None = None
    batch_size: int | None = None
    weight_decay: float | None = None
    lr_milestones: tuple[int, ...] | None = None
    lr_gamma: float | None = None
    clip_grad_norm: float | None = None
    pretrain_epochs: int | None = None
    members_at_once: int | None = None
    precision: str | None = None
    checkpoint: str | os.PathLike[str] | None = None
    checkpoint_every: float | None = None

    def resolve(self, defaults: dict[str, Any]) -> Settings:
        """Return checked settings: own values, then the method's `defaults`, then the general ones."""
        own = {key: value for key, value in self.get_params(deep=False).items() if value is not None}
        settings = Settings(**(defaults | own))
        settings.check()
        return settings


@dataclass(frozen=True)
class Settings:
    """Complete settings: every field of :class:`Training` with a value."""

    epochs: int = 150
    lr: float = 1e-3
    batch_size: int = 128
    weight_decay: float = 0.0
    lr_milestones: tuple[int, ...] = ()
    lr_gamma: float = 0.1
    clip_grad_norm: float = 0.0
    pretrain_epochs: int = 150
    members_at_once: int = 1_000_000
    precision: str = "auto"
    checkpoint: str | os.PathLike[str] | None = None
    checkpoint_every: float = 60.0

    def check(self) -> None:
        """Raise InvalidInputError for the first value out of range."""
        for name, least in (("epochs", 1), ("batch_size", 2), ("pretrain_epochs", 0), ("members_at_once", 1)):
            value = getattr(self, name)
            require_whole(name, "Training", value, least, "Leave it out for the default.")
        for name in ("lr", "lr_gamma"):
            value = getattr(self, name)
            self._require(_finite(value) and value > 0, name, "a finite number above 0")
        for name in ("weight_decay", "clip_grad_norm", "checkpoint_every"):
            value = getattr(self, name)
            self._require(_finite(value) and value >= 0, name, "a finite number of at least 0")
        self._require(self.precision in PRECISIONS, "precision", f"one of {', '.join(PRECISIONS)}")
        path, epochs = self.checkpoint, self.lr_milestones
        named = isinstance(path, str | os.PathLike) and str(path) != ""
        self._require(path is None or named, "checkpoint", "a path of a file")
        listed = isinstance(epochs, tuple | list) and all(_whole(epoch) for epoch in epochs)
        self._require(listed, "lr_milestones", "a tuple of integers")

    def _require(self, fits: bool, name: str, rule: str) -> None:
        if not fits:
            remedy = "Leave it out for the default."
            raise InvalidInputError(must(name, "Training", rule, getattr(self, name), remedy))


def _whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _finite(value: Any) -> bool:
    return isinstance(value, Real) and math.isfinite(as_float(value))
