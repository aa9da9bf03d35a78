"""Which output belongs to which input, when every file of a folder gets one of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import Address, Data, check_writable, holds_tables, table_files
from askew.inputs.image_folder import SUFFIXES
from askew.inputs.table_opening import ending, finds, root_of, whole_pattern
from askew.scoring.row_files import KINDS

RECORDS = ".askew"
"""Folder in the output folder that says what its files are of; a name that readers of tables pass over."""


@dataclass(frozen=True)
class FilePair:
    """An input file, and the path of its output in the output folder."""

    source: Path
    name: str


def plan_outputs(data: Data, folder: Path, kind: str, model: Path) -> list[FilePair]:
    """Return the inputs and their outputs, sorted by the inputs' paths.

    Parameters
    ----------
    data
        A file, a folder or a pattern of files. An output has the path of its input below the folder, below that part of
        a pattern that has no sign of one, or below the file's own folder; if its ending is another, `kind` is added.
    folder
        Where the outputs will be. It need not exist, but the one that it is in must.
    kind
        The ending of the outputs, one of :data:`~askew.scoring.row_files.KINDS`.
    model
        File that no output may replace.

    Images, databases, addresses elsewhere, files that are no tables, two inputs with one output, and an output that
    would replace an input or be read as one the next time raise InvalidInputError or DataFileError.
    """
    if kind not in KINDS:
        raise InvalidInputError(
            f"kind of outputs must be {', '.join(KINDS)}; got {kind!r}. Parquet is the quickest."
        )
    place = _place(data)
    found = table_files(place)
    sources = [place] if found is None else found
    _refuse_no_tables(sources)
    root = _root(place)
    pairs = [FilePair(source, _name(source, root, kind)) for source in sources]
    _refuse_collisions(pairs)
    _refuse_folder(folder)
    _refuse_inputs(place, pairs, folder, model)
    return pairs


def _place(data: Data) -> Path:
    if isinstance(data, Address) and (data.is_remote or data.is_database):
        raise InvalidInputError(
            f"data of an output folder must be files on this machine; got {str(data)!r}. Name one output file, such as "
            "-o scores.parquet, or copy the files here."
        )
    place = data if isinstance(data, Path) else Path(data.location)
    if place.is_dir() and not holds_tables(place):
        raise InvalidInputError(
            f"data of an output folder must be tables; got the folder of images {str(place)!r}, whose scores are one "
            "table. Name one output file, such as -o scores.parquet."
        )
    return place


def _refuse_no_tables(sources: Iterable[Path]) -> None:
    odd = next((source for source in sources if ending(source) is None), None)
    if odd is not None and odd.suffix.lower() in SUFFIXES:
        raise InvalidInputError(
            f"data of an output folder must be tables; got the image {odd}. Name the folder of the images, and one "
            "output file, such as -o scores.parquet."
        )
    if odd is not None and odd.exists():
        raise DataFileError(
            f"data of an output folder must be tables; got {odd}, whose ending is that of no table. Choose the files "
            "by a pattern such as 'folder/*.parquet'."
        )


def _root(place: Path) -> Path:
    """Return the folder below which outputs have the paths of their inputs."""
    if place.is_dir():
        return place
    return place.parent if place.exists() else root_of(place)


def _name(source: Path, root: Path, kind: str) -> str:
    relative = source.relative_to(root)
    if ".." in relative.parts:
        raise InvalidInputError(
            f"pattern must not go up by '..' after its first sign; it finds {str(source)!r}, whose output would be "
            "outside of the output folder. Write '..' at its beginning alone."
        )
    if relative.parts[0] == RECORDS:
        raise InvalidInputError(
            f"input {source} must not be in a folder called {RECORDS}, which askew keeps to itself. Rename the folder."
        )
    name = relative.as_posix()
    return name if name.lower().endswith(kind) else name + kind


def _refuse_collisions(pairs: Sequence[FilePair]) -> None:
    of: dict[str, Path] = {}
    for pair in pairs:
        if pair.name in of:
            raise InvalidInputError(
                f"outputs must have different names; {of[pair.name]} and {pair.source} would both give {pair.name}. "
                "Rename one of them, or score one by itself."
            )
        of[pair.name] = pair.source
    for pair in pairs:
        above = next((each.as_posix() for each in PurePath(pair.name).parents if each.as_posix() in of), None)
        if above is not None:
            raise InvalidInputError(
                f"output {above} of {of[above]} must be a file, and {pair.name} of {pair.source} be in a folder of "
                "that name. Rename one of them, or score one by itself."
            )


def _refuse_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InvalidInputError(f"output folder {folder} must be a folder; got a file. Choose another name.")
    # a file of that name is none that anybody has
    check_writable((folder if folder.is_dir() else folder.parent) / f"{RECORDS}.partial")


def _refuse_inputs(place: Path, pairs: Sequence[FilePair], folder: Path, model: Path) -> None:
    """Refuse outputs that are inputs, or would be found with them the next time."""
    read = {_identity(path): path for path in [*(pair.source for pair in pairs), model] if path.exists()}
    real, pattern = folder.resolve(), None if place.exists() else whole_pattern(place)
    inside = place.is_dir() and real.is_relative_to(place.resolve())
    for pair in pairs:
        output = folder / pair.name
        if output.exists() and (source := read.get(_identity(output))) is not None:
            raise InvalidInputError(
                f"output {output} must be another file than the input {source}; got the same. Choose another folder."
            )
        if inside or (pattern is not None and finds(pattern, real / pair.name)):
            raise InvalidInputError(
                f"output folder {folder} must be elsewhere than in the table {str(place)!r}: the next reading would "
                f"take {output} for an input. Choose another folder."
            )


def _identity(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_dev, state.st_ino
