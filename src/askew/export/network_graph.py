"""Networks as ONNX, by torch's own exporter."""

from __future__ import annotations

import copy
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from askew.base import DeepDetector, add_scaled
from askew.base.preparation.table_rows import ColumnPreparation
from askew.errors import ExportError
from askew.export.graph import Graph

if TYPE_CHECKING:
    import onnx

_EXAMPLE_ROWS = 7
"""Rows of the example that the exporter runs; any number but 0 and 1, which it takes for fixed sizes."""

_EXPORTING = threading.RLock()


class _Rows(nn.Module):
    """A function of rows as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, rows: Tensor) -> Tensor:
        """Return the function of the rows."""
        return self.function(rows)


def network_scores(graph: Graph, detector: DeepDetector, value: str) -> str:
    """Add the mean score over members, (rows,) float64; `value` are rows (rows, features), float64 or pixels."""
    single = _in_single(detector)
    score = single._mean_scores
    return _included(graph, detector, score, value)


def network_codes(graph: Graph, detector: DeepDetector, value: str) -> str:
    """Add the code of each row by the first member, (rows, code) float64."""
    single = _in_single(detector)
    return _included(graph, detector, lambda rows: single._codes(single.members_[0], rows), value)


def _included(graph: Graph, detector: DeepDetector, function: Any, value: str) -> str:
    preparation: Any = detector._preparation
    if isinstance(preparation, ColumnPreparation):
        scaled = add_scaled(graph, value, preparation.columns)
    else:  # pixels are scaled in float32 by the model itself
        black, size = (graph.constant(np.float32(each)) for each in (preparation.mean, preparation.scale))
        scaled = graph.add("Div", graph.add("Sub", graph.cast(value, "float"), black), size)
    model = _exported(function, detector)
    return graph.cast(graph.include(model, graph.cast(scaled, "float")), "double")


def _in_single(detector: DeepDetector) -> DeepDetector:
    """Return a copy whose networks compute in float32: runtimes lack many operations in float64."""
    single = copy.copy(detector)
    single.members_ = copy.deepcopy(detector.members_)
    for member in single.members_:
        member.networks = {name: network.float().cpu() for name, network in member.networks.items()}
        member.constants = {key: tensor.float().cpu() for key, tensor in member.constants.items()}
    return single


def _exported(function: Callable[[Tensor], Tensor], detector: DeepDetector) -> onnx.ModelProto:
    example = torch.zeros(_EXAMPLE_ROWS, detector.n_numbers_)
    shapes = ({0: torch.export.Dim("rows", min=1)},)
    try:
        with _quiet():
            program: Any = torch.onnx.export(
                _Rows(function).eval(),
                (example,),
                dynamo=True,
                dynamic_shapes=shapes,
                opset_version=20,
                verbose=False,
            )
        model: onnx.ModelProto = program.model_proto
    except Exception as error:  # torch raises many kinds, and prints the trace
        cause = _cause(error)
        raise ExportError(
            f"{type(detector).__name__} cannot be written as ONNX: torch's exporter stopped at {cause}. "
            "Deploy the file that save() writes, or another method."
        ) from error
    return model


def _cause(error: BaseException) -> str:
    """Return the first line of the deepest error."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's progress notes and its warnings about torchvision to itself; one thread at a time."""
    log = logging.getLogger("torch.onnx")
    with _EXPORTING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = log.level
        log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            log.setLevel(before)
