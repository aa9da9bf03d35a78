"""What detectors share that cannot do without known anomalies: classifiers and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
from torch import nn

from askew.base import DeepDetector
from askew.base.detector import Scores, Y
from askew.errors import LabelError, must


def require_anomalies(owner: str, y: Y) -> None:
    """Raise LabelError if no row of `y` is a known anomaly."""
    if not (y < 0).any():
        remedy = (
            "It learns the difference between the two kinds. Mark some anomalies with -1, or use a detector "
            "that needs none, such as VAE or DeepSVDD."
        )
        found = {int(label): int((y == label).sum()) for label in np.unique(y)}
        raise LabelError(must("y", owner, "labels with at least one -1 (known anomaly)", found, remedy))


class NeedsAnomalies(DeepDetector):
    """Base of deep detectors that refuse to be fitted without a known anomaly."""

    uses_labels: ClassVar[bool] = True
    needs_known_anomalies: ClassVar[bool] = True
    """Whether `fit` refuses labels without a -1."""

    @classmethod
    def _fit_group(cls, detectors: Sequence[Self], data: Sequence[tuple[Scores, Y]]) -> None:
        for _, y in data:
            require_anomalies(cls.__name__, y)
        super()._fit_group(detectors, data)


def glorot(network: nn.Module) -> nn.Module:
    """Give every linear layer uniform Glorot weights and a bias of 0, and return `network`."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network
