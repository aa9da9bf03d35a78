"""Opening what is to be scored: the one place that tells a table from a folder of images."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeGuard

from askew.errors import InvalidInputError
from askew.inputs import Data, TableFile, holds_tables, open_table
from askew.inputs.column_names import require_column
from askew.scoring.image_source import ImageSource
from askew.scoring.row_source import ReadOptions, RowSource
from askew.scoring.table_source import table_source


def holds_images(data: Data) -> TypeGuard[Path]:
    """Return whether data are a folder or an array of images, and no table."""
    return is_image_folder(data) or (isinstance(data, Path) and data.suffix.lower() == ".npy")


def is_image_folder(data: Data) -> TypeGuard[Path]:
    """Return whether data are a folder, other than one of tables."""
    return isinstance(data, Path) and data.is_dir() and not holds_tables(data)


def open_source(model: Any, data: Data | TableFile, options: ReadOptions | None = None) -> RowSource:
    """Return the rows of a table or of a folder of images, ready to be read for a fitted model or that of a file.

    Errors are those of :func:`~askew.scoring.score_file`; an option for data of the other kind is refused, too.
    """
    options = options or ReadOptions()
    if isinstance(data, TableFile):
        table = data
    else:
        options.check(data, images=is_image_folder(data))
        if is_image_folder(data):
            return ImageSource(fitted(model), str(model), data, options.skip_corrupt)
        table = open_table(
            data, options.text_format
        )  # before the model: it takes seconds to load, this does not
    if options.id_column is not None:
        require_column(options.id_column, table.names, str(table.path), "id column")
    return table_source(fitted(model), table, options.id_column, options.ignore_extra)


def fitted(model: Any) -> Any:
    """Return a model, loaded if it is the path of one."""
    return load_model(model) if isinstance(model, Path) else model


def load_model(path: Path) -> Any:
    """Return the model of a file that ``askew fit`` or ``askew export`` wrote, told apart by its ending.

    A file that is missing, damaged or neither raises ModelFileError, a model of texts InvalidInputError.
    """
    if path.suffix.lower() == ".onnx":
        from askew.export import load_onnx

        return load_onnx(path)
    import askew
    from askew.base.wrapper import require_table

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
