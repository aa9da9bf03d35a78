"""What the rows of a detector are, and how they are prepared for networks: the two interfaces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from askew.base.preparation.column_scaling import check_scaling
from askew.inputs.spec import InputSpec

Rows = NDArray[Any]
Y = NDArray[np.int8]
Arrays = dict[str, NDArray[Any]]


class Preparation(ABC):
    """How rows are prepared for networks. It learns from the training rows, and is saved with the model."""

    dtype: ClassVar[torch.dtype] = torch.float64
    """What scores are computed in."""

    chunk: ClassVar[int] = 4096
    """Rows scored at a time: their activations stay in the processor's cache."""

    gradient_rows: ClassVar[int | None] = None
    """Rows whose gradients are asked for at a time, at most; None: as many as memory allows."""

    convolutional: ClassVar[bool] = False
    """Whether the networks are convolutions, which on a processor have all of torch's threads to themselves."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    """A prepared number is the raw one less `mean`, divided by `scale`, a far one by its logarithm; of numbers."""

    @abstractmethod
    def learn(self, x: Rows, y: Y) -> Tensor:
        """Learn from training rows and their labels; known anomalies do not count. Return the rows, prepared."""

    @abstractmethod
    def training_tensor(self, x: Rows) -> Tensor:
        """Return checked rows as training takes them, by what was learned."""

    @abstractmethod
    def tensor(self, x: Rows, device: str) -> Tensor:
        """Return checked rows as scoring takes them, on the device."""

    @abstractmethod
    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Return what was learned, as JSON-able values and arrays."""

    @abstractmethod
    def set_state(self, values: dict[str, Any], arrays: Arrays) -> None:
        """Take back what :meth:`state` returned, among others."""

    def batch(self, rows: Tensor) -> Tensor:
        """Return rows that :meth:`learn` gave as networks see them in training."""
        return rows

    def together(self) -> Hashable:
        """Return a key: detectors with equal ones may train together, because their networks are alike."""
        return None


class NumberPreparation(Preparation):
    """A preparation of numbers: less `mean` and divided by `scale`, both (n_features,) or (1,)."""

    def __init__(self, scaling: str | None) -> None:
        self._scaling = scaling

    def restored(self, prepared: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the raw numbers that become `prepared` ones."""
        return np.asarray(prepared * self.scale + self.mean)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Return mean and scale."""
        return {}, {"column_mean": self.mean, "column_scale": self.scale}

    def set_state(self, values: dict[str, Any], arrays: Arrays) -> None:
        """Take back mean and scale."""
        self.mean, self.scale = arrays["column_mean"], arrays["column_scale"]
        check_scaling(self.mean, self.scale)


class RowInput(ABC):
    """What one detector was fitted on, and with it what it scores. One is chosen where X of a fit is checked.

    `detector` is the one that asks: its name is in messages, and its class says what it takes.
    """

    unit: ClassVar[str] = "rows"
    """What is scored, in the plural."""

    image_shape: tuple[int, int, int] | None = None
    """(channels, height, width) of images."""

    image_bytes: bool = False
    """Whether pixels are uint8."""

    reduction: ClassVar[Literal["mean", "sum"]] = "mean"
    """How a reconstruction error is put together over a row unless the user says: ``"mean"`` weighs other terms
    alike for narrow and wide tables, ``"sum"`` is the papers' for images."""

    channels: int = 1
    """Numbers in one place of a row: of images their channels."""

    one_scale: ClassVar[bool] = False
    """Whether all numbers of a row are in one unit, as pixels are, so that columns are not scaled by themselves."""

    spec: InputSpec
    """What one row looks like to a network."""

    @abstractmethod
    def learn(self, detector: Any, X: Any, y: Any) -> Rows:
        """Learn what X of a fit is and return its checked rows; raise InvalidInputError if `detector` takes no such.

        The labels y are as they were given, unchecked; they tell which rows are known anomalies.
        """

    @abstractmethod
    def rows(self, detector: Any, X: Any) -> Rows:
        """Return the checked rows of X; raise InvalidInputError if it is not like what was learned."""

    def preparation(self, scaling: str | None) -> Preparation:
        """Return what prepares rows of numbers for networks; it has learned nothing yet."""
        raise NotImplementedError

    def folded(self, rows: Rows) -> Rows:
        """Return checked rows with the axes of X."""
        return rows

    def centred(self, x: Tensor) -> Tensor:
        """Return prepared rows as networks with a tanh make them: pixels from -1 to 1, columns as they are."""
        return x

    def uncentred(self, made: Tensor) -> Tensor:
        """Return prepared rows from such as :meth:`centred` gives."""
        return made
