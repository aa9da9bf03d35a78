"""Model files of both kinds: askew's own, and ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def load_model(path: Path) -> Any:
    """Return the model of a file that ``askew fit`` or ``askew export`` wrote, told apart by its ending.

    Raises
    ------
    ModelFileError
        If it is missing, damaged or neither.
    InvalidInputError
        If it takes texts: the commands read tables and folders of images.
    """
    if path.suffix.lower() == ".onnx":
        from askew.export import load_onnx

        return load_onnx(path)
    import askew
    from askew.base.persistence import require_table

    loaded = askew.load(path)
    require_table(loaded, f"model {str(path)!r}", or_images=True)
    return loaded


def refuse_onnx(path: Path, what: str) -> None:
    """Refuse an ONNX file where the whole model is needed.

    Raises
    ------
    InvalidInputError
        Saying what needs it.
    """
    from askew.errors import InvalidInputError

    if path.suffix.lower() == ".onnx":
        raise InvalidInputError(
            f"model file of askew {what} must be one that `askew fit` wrote; got {str(path)!r}, which holds "
            "scores alone. Give the .askew file that it was exported from."
        )
