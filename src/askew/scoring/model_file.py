"""Model files of both kinds: askew's own, and ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from askew.errors import InvalidInputError


def load_model(path: Path) -> Any:
    """Return the model of a file that ``askew fit`` or ``askew export`` wrote, told apart by its ending.

    Raises
    ------
    ModelFileError
        If it is missing, damaged or neither.
    InvalidInputError
        If it takes texts: files are tables and folders of images.
    """
    if path.suffix.lower() == ".onnx":
        from askew.export import load_onnx

        return load_onnx(path)
    import askew
    from askew.base.persistence import require_table

    loaded = askew.load(path)
    require_table(loaded, f"model {str(path)!r}", or_images=True)
    return loaded


def refuse_onnx(path: Path, command: str) -> None:
    """Raise InvalidInputError for an ONNX file where `command` needs the whole model."""
    if path.suffix.lower() == ".onnx":
        raise InvalidInputError(
            f"model file of askew {command} must be one that `askew fit` wrote; got {str(path)!r}, which holds "
            "scores alone. Give the .askew file that it was exported from."
        )
