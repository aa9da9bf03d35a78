"""ONNX files: preparation, ensemble and threshold in one, checked against the model they were made of.

Needs the extra ``askew[onnx]``.
"""

from askew.export.onnx_model import OnnxModel, load_onnx
from askew.export.onnx_writer import Parity, to_onnx

__all__ = ["OnnxModel", "Parity", "load_onnx", "to_onnx"]
