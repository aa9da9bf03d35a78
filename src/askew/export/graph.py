"""An ONNX graph under construction: operations are added one by one, whole models can be put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from askew.errors import MissingDependencyError

if TYPE_CHECKING:
    import onnx

OPSET = 20
"""Version of ONNX's own operations: the newest that torch's exporter writes."""

ML_OPSET = 3
"""Version of the operations on trees and words."""

IR_VERSION = 10
"""Version of the file format, which goes with the opset; newer ones ask for newer runtimes."""

_KINDS = {"float": 1, "uint8": 2, "int64": 7, "string": 8, "double": 11}  # numbers of onnx.TensorProto


class Graph:
    """Operations, constants, inputs and outputs; names are made up and unique.

    Values are referred to by their names, which :meth:`input`, :meth:`constant` and :meth:`add` return.
    """

    def __init__(self) -> None:
        self._onnx = require_onnx()
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._count = 0

    def input(self, name: str, kind: str, *axes: int) -> str:
        """Add an input of shape (rows, *axes)."""
        self._inputs.append(self._onnx.helper.make_tensor_value_info(name, _KINDS[kind], ["rows", *axes]))
        return name

    def output(self, name: str, value: str, kind: str) -> None:
        """Give a value of shape (rows,) a name for the outside."""
        self._nodes.append(self._onnx.helper.make_node("Identity", [value], [name]))
        self._outputs.append(self._onnx.helper.make_tensor_value_info(name, _KINDS[kind], ["rows"]))

    def constant(self, value: Any) -> str:
        """Add an array or a number: Python's floats become float64, its integers int64, its words text."""
        array = np.asarray(value)
        if array.dtype.kind in "US":
            array = array.astype(object)
        name = self._name("constant")
        self._constants.append(self._onnx.numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def add(self, operation: str, *inputs: str, ml: bool = False, **attributes: Any) -> str:
        """Add an operation, of the machine-learning set if `ml`, and return its value."""
        name = self._name(operation)
        domain = "ai.onnx.ml" if ml else ""
        node = self._onnx.helper.make_node(operation, list(inputs), [name], domain=domain, **attributes)
        self._nodes.append(node)
        return name

    def smallest(self, value: str, count: int) -> str:
        """Return the smallest entries of every row, (rows, count)."""
        found, where = self._name("TopK"), self._name("TopK")
        inputs = [value, self.constant(np.array([count]))]
        self._nodes.append(self._onnx.helper.make_node("TopK", inputs, [found, where], largest=0))
        return found

    def doubles(self, values: Sequence[float]) -> onnx.TensorProto:
        """Return float64 numbers as an attribute of an operation takes them."""
        tensor: onnx.TensorProto = self._onnx.numpy_helper.from_array(np.asarray(values, dtype=np.float64))
        return tensor

    def cast(self, value: str, kind: str) -> str:
        """Return the value as another kind of number."""
        return self.add("Cast", value, to=_KINDS[kind])

    def vector(self, value: str) -> str:
        """Return a column (rows, 1) as (rows,)."""
        return self.add("Reshape", value, self.constant(np.array([-1])))

    def column(self, value: str) -> str:
        """Return (rows,) as a column (rows, 1)."""
        return self.add("Reshape", value, self.constant(np.array([-1, 1])))

    def include(self, model: onnx.ModelProto, value: str) -> str:
        """Put in a model that has one input and one output, fed with `value`; return its output."""
        prefix = self._name("part")
        inner = self._onnx.compose.add_prefix(model, f"{prefix}_")
        graph = inner.graph
        rename = {graph.input[0].name: value}
        for node in graph.node:
            node.input[:] = [rename.get(name, name) for name in node.input]
            self._nodes.append(node)
        self._constants.extend(graph.initializer)
        return str(graph.output[0].name)

    def model(self, metadata: Mapping[str, str]) -> onnx.ModelProto:
        """Return the whole, checked."""
        helper = self._onnx.helper
        graph = helper.make_graph(
            self._nodes, "askew", self._inputs, self._outputs, initializer=self._constants
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
        model: onnx.ModelProto = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="askew"
        )
        helper.set_model_props(model, dict(metadata))
        self._onnx.checker.check_model(model)
        return model

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind.lower()}_{self._count}"


def require_onnx() -> Any:
    """Return the package onnx, or raise MissingDependencyError."""
    try:
        import onnx
        import onnx.compose
        import onnx.numpy_helper
        import onnxruntime  # noqa: F401  (the parity check needs it)
        import onnxscript  # noqa: F401  (torch's exporter needs it)
    except ModuleNotFoundError as error:
        raise missing(error) from error
    return onnx


def missing(error: ImportError) -> MissingDependencyError:
    """Return the error that names the install command."""
    return MissingDependencyError(
        f"onnx, onnxscript and onnxruntime must be installed to write and to run ONNX files; {error.name} is "
        "not. Run: python -m pip install 'askew[onnx]'"
    )
