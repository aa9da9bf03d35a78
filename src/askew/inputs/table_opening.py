"""Tables in files: open a CSV or parquet file by its name, with its header checked."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from askew.errors import DataFileError
from askew.inputs.table_file import TableFile

_CSV = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
_PARQUET = (".parquet", ".pq")


def open_table(path: str | os.PathLike[str]) -> TableFile:
    r"""Open a ``.csv``, ``.tsv`` (also ``.gz``) or ``.parquet`` file and check its header; rows are read later.

    A file that is missing (the message suggests near names), a folder, of another kind, empty, only a header, or
    damaged raises DataFileError; two columns of one name raise InvalidInputError.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "speeds.csv"
    >>> _ = file.write_text("id,speed\nA,1.5\nB,2.5\n")
    >>> table = open_table(file)
    >>> table.names, table.read(["speed"]).values.tolist()
    (('id', 'speed'), [[1.5], [2.5]])
    """
    file = Path(path)
    _refuse_unreadable(file)
    name = file.name.lower()
    if name.endswith(_CSV):
        from askew.inputs.csv_table import CsvTable

        return CsvTable(file)
    from askew.inputs.parquet_table import ParquetTable

    return ParquetTable(file)


def _refuse_unreadable(path: Path) -> None:
    if path.is_dir():
        raise DataFileError(f"table {path} must be a file; got a folder. Name one of the files in it.")
    if not path.exists():
        raise DataFileError(f"table {path} must be a file that exists; there is none. {_near(path)}")
    if not path.name.lower().endswith(_CSV + _PARQUET):
        raise DataFileError(
            f"table {path} must be a .csv, .tsv (also .gz), .parquet or .pq file; "
            f"got {path.suffix or 'no extension'!r}. "
            "Save it as CSV or parquet, or give the file its right extension."
        )
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except OSError as error:
        raise DataFileError(
            f"table {path} must be a file that can be read; got {error.strerror!r}. Check its permissions."
        ) from error
    if not first:
        raise DataFileError(f"table {path} must hold a header and rows; got an empty file. Write it again.")


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    names = sorted(other.name for other in path.parent.iterdir() if other.is_file())
    close = [name for name in names if Path(name).stem.casefold() == path.stem.casefold()]
    close = close or difflib.get_close_matches(path.name, names, n=2, cutoff=0.75)
    if close:
        return f"Did you mean {' or '.join(str(path.with_name(name)) for name in close[:2])}?"
    return "Check the path and the folder you are in."
