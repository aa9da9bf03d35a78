"""Tables: open a file, several files or the answer to a query by its name, with the columns checked."""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from askew.errors import DataFileError, InvalidInputError
from askew.inputs.address import Address, Data, data_at
from askew.inputs.image_folder import SUFFIXES
from askew.inputs.table_file import TableFile
from askew.inputs.text_format import NOTHING_SAID, TextFormat


def _csv(file: Path, name: Data, text_format: TextFormat) -> TableFile:
    from askew.inputs.csv_table import CsvTable

    return CsvTable(file, name, text_format)


def _parquet(file: Path, name: Data, text_format: TextFormat) -> TableFile:
    from askew.inputs.parquet_table import ParquetTable

    return ParquetTable(file, name, text_format)


def _arrow(file: Path, name: Data, text_format: TextFormat) -> TableFile:
    from askew.inputs.arrow_file import ArrowFile

    return ArrowFile(file, name, text_format)


def _json(file: Path, name: Data, text_format: TextFormat) -> TableFile:
    from askew.inputs.json_lines import JsonLines

    return JsonLines(file, name, text_format)


def _workbook(file: Path, name: Data, text_format: TextFormat) -> TableFile:
    from askew.inputs.workbook import Workbook

    return Workbook(file, name, name.sheet if isinstance(name, Address) else None, text_format)


_SIGNS = "*?["
_WORKBOOKS = (".xlsx", ".xlsm")
_READERS: dict[str, Callable[[Path, Data, TextFormat], TableFile]] = {
    **dict.fromkeys((".csv", ".tsv", ".csv.gz", ".tsv.gz"), _csv),
    **dict.fromkeys((".parquet", ".pq"), _parquet),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), _arrow),
    **dict.fromkeys((".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz"), _json),
    **dict.fromkeys(_WORKBOOKS, _workbook),
}
"""What reads a file, by its ending; a reader is imported when such a file is opened."""


def open_table(data: str | os.PathLike[str] | Address, text_format: TextFormat = NOTHING_SAID) -> TableFile:
    r"""Open a table by its name and check its columns; rows are read later.

    What can be read is told by its ending (CSV, parquet, Arrow, JSON, workbooks); :func:`~askew.inputs.address.data_at`
    says what an address is, :func:`table_files` which files a folder and a pattern mean. A file that is missing (the
    message suggests near names), of another kind, empty, only a header, or damaged raises DataFileError; two columns of
    one name, and files with other columns, raise InvalidInputError. `text_format` is what a person says of how text is
    written; what is not said is found out.

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

        return QueryTable(Path(where.location) if where.location else None, where.query, where, text_format)
    location, sheet = (where.location, where.sheet) if isinstance(where, Address) else (str(where), None)
    if isinstance(where, Address) and where.is_remote:
        from askew.inputs.remote import copies

        found = copies(location)
        if isinstance(found, Path):
            return _open_file(found, where, text_format)
        pairs = [pair for pair in zip(*found, strict=True) if ending(pair[1])]
        names, files = [name for name, _ in pairs], [file for _, file in pairs]
        if not files:
            raise _no_files(where)
    else:
        paths = table_files(Path(location))
        if paths is None:
            return _open_file(Path(location), where, text_format)
        names, files = [path.as_posix() for path in paths], paths
    from askew.inputs.table_parts import TableParts

    root = os.path.commonpath([os.path.dirname(name) for name in names])
    parts = [
        _open_file(file, Address(name, sheet), text_format) for name, file in zip(names, files, strict=True)
    ]
    return TableParts(where, [os.path.relpath(name, root) for name in names], parts)


def _no_files(data: Data) -> DataFileError:
    return DataFileError(
        f"table {data} must have files that end in {', '.join(_READERS)}; there are none. Check the path."
    )


def table_files(data: Data) -> list[Path] | None:
    """Return the files of a folder or a pattern on this machine, sorted; None for what is one file, or elsewhere.

    Of a folder, those count that can be read as tables, in it and in the folders therein, unless their names begin with
    a dot or an underscore. A folder or a pattern without any raises DataFileError, and so does a folder with folders
    such as ``year=2024``, whose names say values that the files lack.

    >>> table_files(Path("a.csv")) is None
    True
    """
    if isinstance(data, Address):
        return None
    if data.is_dir():
        found = [
            path for path in data.rglob("*") if path.is_file() and ending(path) and not _hidden(path, data)
        ]
        values = [part for path in found for part in path.relative_to(data).parts[:-1] if "=" in part]
        if values:
            raise DataFileError(
                f"table {data} must have its columns in its files; got a folder called {values[0]!r}, whose value "
                f"would be lost. Name the files by a pattern to do without it: '{data}/**/*{found[0].suffix}'."
            )
        if not found:
            raise _no_files(data)
    elif not data.exists() and any(sign in str(data) for sign in _SIGNS):
        found = [Path(path) for path in glob.glob(str(data), recursive=True) if not Path(path).is_dir()]
        if not found:
            raise DataFileError(
                f"table {data} must have files that the pattern finds; there are none. Check it."
            )
    else:
        return None
    return sorted(found)


def finds(pattern: Path, path: Path) -> bool:
    """Return whether a pattern, as :func:`whole_pattern` gives it, would find a path, which need not be there.

    ``**`` stands for any number of folders.

    >>> finds(Path("/d/**/*.csv"), Path("/d/a/b/c.csv")), finds(Path("/d/*.csv"), Path("/d/a/c.csv"))
    (True, False)
    """
    return _finds(pattern.parts, path.parts)


def whole_pattern(pattern: Path) -> Path:
    """Return a pattern with the real path of the folder that it looks in."""
    root = root_of(pattern)
    return root.resolve().joinpath(*pattern.parts[len(root.parts) :])


def root_of(pattern: Path) -> Path:
    """Return the folder that a pattern looks in: the part of it without a sign.

    >>> root_of(Path("data/20*/*.csv"))
    PosixPath('data')
    """
    folders = pattern.parts[:-1]
    plain = (at for at, part in enumerate(folders) if any(sign in part for sign in _SIGNS))
    return Path(*folders[: next(plain, len(folders))])


def _finds(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    if not pattern or not parts:
        return not parts and all(part == "**" for part in pattern)
    if pattern[0] == "**":
        return _finds(pattern[1:], parts) or _finds(pattern, parts[1:])
    return fnmatchcase(parts[0], pattern[0]) and _finds(pattern[1:], parts[1:])


def holds_tables(folder: Path) -> bool:
    """Return whether a folder has tables, in it or in the folders therein, and no image."""
    found = False
    for path in folder.rglob("*"):
        if path.suffix.lower() in SUFFIXES:
            return False
        found = found or (ending(path) is not None and not _hidden(path, folder))
    return found


def source_files(data: Data) -> list[Path]:
    """Return the files on this machine that rows are read from, so that no result is written over them."""
    if isinstance(data, Address):
        return [] if data.is_remote or not data.location else [Path(data.location)]
    if data.is_dir() and not holds_tables(data):
        return [data]
    return table_files(data) or [data]


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)


def ending(path: Path) -> str | None:
    """Return the ending of a file that can be read as a table, None of any other.

    >>> ending(Path("A.CSV.gz")), ending(Path("a.xls"))
    ('.csv.gz', None)
    """
    return next((end for end in _READERS if path.name.lower().endswith(end)), None)


def _open_file(file: Path, name: Data, text_format: TextFormat) -> TableFile:
    """Return the table of one file on this machine, which messages call `name`."""
    _refuse_unreadable(file, name)
    if isinstance(name, Address) and name.sheet is not None and ending(file) not in _WORKBOOKS:
        raise InvalidInputError(
            f"--sheet must be given with a workbook, {' or '.join(_WORKBOOKS)}; got {name.location!r}. Leave it out."
        )
    return _READERS[ending(file) or ""](file, name, text_format)


def _refuse_unreadable(path: Path, name: Data) -> None:
    if not path.exists():
        raise DataFileError(f"table {name} must be a file that exists; there is none. {_near(path)}")
    if not path.is_file():  # reading from a pipe or a device may never end
        got = "a folder" if path.is_dir() else "a pipe or a device"
        raise DataFileError(f"table {name} must be a file; got {got}. Write its rows to a file first.")
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
