"""Tables: open a file, several files or the answer to a query by its name, with the columns checked."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from pathlib import Path

from askew.errors import DataFileError
from askew.inputs.address import Address, Data, data_at
from askew.inputs.table_file import TableFile


def _csv(file: Path, name: Data) -> TableFile:
    from askew.inputs.csv_table import CsvTable

    return CsvTable(file, name)


def _parquet(file: Path, name: Data) -> TableFile:
    from askew.inputs.parquet_table import ParquetTable

    return ParquetTable(file, name)


def _arrow(file: Path, name: Data) -> TableFile:
    from askew.inputs.arrow_file import ArrowFile

    return ArrowFile(file, name)


_READERS: dict[str, Callable[[Path, Data], TableFile]] = {
    **dict.fromkeys((".csv", ".tsv", ".csv.gz", ".tsv.gz"), _csv),
    **dict.fromkeys((".parquet", ".pq"), _parquet),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), _arrow),
}
"""What reads a file, by its ending; a reader is imported when such a file is opened."""


def open_table(data: str | os.PathLike[str] | Address) -> TableFile:
    r"""Open a table by its name and check its columns; rows are read later.

    A file ends in .csv, .tsv (also .gz), .parquet, .pq, .arrow, .feather or .ipc; :func:`~askew.inputs.data_at` says
    what an address is. A file that is missing (the message suggests near names), of another kind, empty, only a header,
    or damaged raises DataFileError; two columns of one name raise InvalidInputError.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "speeds.csv"
    >>> _ = file.write_text("id,speed\nA,1.5\nB,2.5\n")
    >>> table = open_table(file)
    >>> table.names, table.read(["speed"]).values.tolist()
    (('id', 'speed'), [[1.5], [2.5]])
    """
    where: Data = data if isinstance(data, Address) else data_at(os.fspath(data))
    if isinstance(where, Address) and where.is_database:
        from askew.inputs.query_table import QueryTable

        database = Path(where.location) if where.location else None
        return QueryTable(database, where.query, where)
    return _open_file(Path(str(where)), where)


def ending(path: Path) -> str | None:
    """Return the ending of a file that can be read as a table, None of any other.

    >>> ending(Path("A.CSV.gz")), ending(Path("a.xls"))
    ('.csv.gz', None)
    """
    return next((end for end in _READERS if path.name.lower().endswith(end)), None)


def _open_file(file: Path, name: Data) -> TableFile:
    """Return the table of one file on this machine, which messages call `name`."""
    _refuse_unreadable(file, name)
    return _READERS[ending(file) or ""](file, name)


def _refuse_unreadable(path: Path, name: Data) -> None:
    if path.is_dir():
        raise DataFileError(f"table {name} must be a file; got a folder. Name one of the files in it.")
    if not path.exists():
        raise DataFileError(f"table {name} must be a file that exists; there is none. {_near(path)}")
    if ending(path) is None:
        raise DataFileError(
            f"table {name} must be a file that ends in {', '.join(_READERS)}; "
            f"got {path.suffix or 'no extension'!r}. "
            "Save it as CSV or parquet, or give the file its right extension."
        )
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except OSError as error:
        raise DataFileError(
            f"table {name} must be a file that can be read; got {error.strerror!r}. Check its permissions."
        ) from error
    if not first:
        raise DataFileError(f"table {name} must hold a header and rows; got an empty file. Write it again.")


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    names = sorted(other.name for other in path.parent.iterdir() if other.is_file())
    close = [name for name in names if Path(name).stem.casefold() == path.stem.casefold()]
    close = close or difflib.get_close_matches(path.name, names, n=2, cutoff=0.75)
    if close:
        return f"Did you mean {' or '.join(str(path.with_name(name)) for name in close[:2])}?"
    return "Check the path and the folder you are in."
