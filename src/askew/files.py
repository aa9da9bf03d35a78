"""The safe file format: one safetensors file whose metadata holds JSON. Nothing is unpickled.

Layout: tensors as safetensors stores them, and in its metadata ``askew`` (a JSON object: format version,
what wrote it, class, parameters, ...) and ``sha256`` (of that text and of every tensor). Reading checks the
digest before anything is built, so a truncated or edited file is refused, and no code from it ever runs.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from askew.errors import ModelFileError
from askew.inputs.atomic import atomic_path

FORMAT = 1
"""Raised when older readers could misread a file."""

WRITERS = ("askew", "numpy", "scikit-learn", "skops", "torch")
"""Packages whose versions a file names: what it holds is theirs."""

_T = TypeVar("_T")
Tensors = Mapping[str, NDArray[Any]]

_SKLEARN_TYPES = frozenset(
    {
        "sklearn.tree._tree.Tree",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    }
)
"""What our detectors save and skops does not trust by itself. Trusting whatever is called ``sklearn.*`` would
trust everything that scikit-learn's modules import, ``subprocess.check_output`` among it."""


def _digest(header: str, tensors: Tensors) -> str:
    digest = hashlib.sha256(header.encode())
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def sklearn_array(estimator: Any) -> NDArray[np.uint8]:
    """Return a fitted scikit-learn object as bytes in an array, written by skops (no pickle)."""
    from skops.io import dumps

    return np.frombuffer(dumps(estimator), dtype=np.uint8)


def sklearn_object(array: NDArray[np.uint8], kind: type[_T]) -> _T:
    """Return the object of class `kind` that :func:`sklearn_array` wrote.

    If it is damaged, of another class, or names a type that neither skops trusts nor our detectors save, ModelFileError
    is raised: nothing else is ever built.
    """
    from sklearn.exceptions import InconsistentVersionWarning
    from skops.io import get_untrusted_types, loads

    data = array.tobytes()
    try:
        _refuse_bomb(data)
        unknown = get_untrusted_types(data=data)
        foreign = sorted(set(unknown) - _SKLEARN_TYPES)
        with (
            warnings.catch_warnings()
        ):  # files of other versions that score otherwise are refused: tests keep some
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            found = None if foreign else loads(data, trusted=unknown)
    except Exception as error:  # skops and zipfile raise whatever they stumble over
        raise ModelFileError(
            f"the model's {kind.__name__} cannot be read ({error}). Save it anew."
        ) from error
    if foreign:
        raise ModelFileError(f"the model holds types that are not its own: {foreign}. Don't use this file.")
    if not isinstance(found, kind):
        raise ModelFileError(
            f"the model holds no {kind.__name__} but {type(found).__name__}. Don't use this file."
        )
    return found


@cache
def versions() -> dict[str, str]:
    """Return the installed versions of askew and of the packages whose objects its files hold."""
    return {name: metadata.version(name) for name in WRITERS}


def other_versions(header: Mapping[str, Any]) -> str:
    """Return a sentence on what a file was written by, where it is not what is installed, else nothing.

    >>> other_versions({"written_by": {**versions(), "numpy": "1.20.0"}}).startswith("It was written by numpy 1.20.0;")
    True
    """
    found = header.get("written_by")
    other = (
        {name: v for name, v in found.items() if versions().get(name) != v} if isinstance(found, dict) else {}
    )
    if not other:
        return ""
    written, here = (
        ", ".join(f"{name} {str(known.get(name, 'none'))[:20]}" for name in other)
        for known in (other, versions())
    )
    return f"It was written by {written}; installed here: {here}."


def _refuse_bomb(data: bytes) -> None:
    """Raise ValueError for an archive whose parts unpack to more than itself: skops stores them as they are."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(part.file_size for part in archive.infolist()) > len(data):
            raise ValueError("its parts are larger than the archive")


def write(path: str | Path, header: Mapping[str, Any], tensors: Tensors) -> None:
    """Write `header` (JSON-able) and `tensors` to `path`; the old file stays until the new one is whole.

    What the disk does not take, because it is full for example, raises OSError.
    """
    text = json.dumps({"format": FORMAT, "written_by": versions(), **header}, sort_keys=True)
    arrays = {name: np.asarray(array, order="C") for name, array in tensors.items()}  # a number stays one
    with atomic_path(Path(path)) as temporary:
        try:
            save_file(arrays, temporary, metadata={"askew": text, "sha256": _digest(text, arrays)})
        except SafetensorError as error:
            raise OSError(f"{str(path)!r} cannot be written ({error})") from error


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the header and the tensors of a file that :func:`write` wrote.

    If it is missing, not askew's, truncated, edited, or written by a newer askew, ModelFileError is raised.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelFileError(f"model file {str(path)!r} does not exist. Check the path.")
    try:
        _refuse_double(path)
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if "askew" not in metadata:
                raise ModelFileError(
                    f"{str(path)!r} is not an askew model. Give a file that Detector.save wrote."
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except ModelFileError:
        raise
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        raise ModelFileError(
            f"{str(path)!r} is damaged or not an askew model ({error}). Copy it again or save the model anew."
        ) from error
    return _checked_header(path, metadata, tensors), tensors


def _refuse_double(path: Path) -> None:
    """Raise ValueError if two arrays of a file have one name: readers would differ in which of them they take."""
    with path.open("rb") as file:
        head = file.read(8)
        (length,) = struct.unpack("<Q", head) if len(head) == 8 else (0,)
        if length <= path.stat().st_size:  # else safetensors says what is wrong
            json.loads(file.read(length), object_pairs_hook=different_names)


def different_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of a JSON object; raise ValueError if two have one name."""
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("two members of an object have one name")
    return result


def _checked_header(path: Path, metadata: Mapping[str, str], tensors: Tensors) -> dict[str, Any]:
    text = metadata["askew"]
    try:
        header = json.loads(text, object_pairs_hook=different_names)
        version = header["format"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelFileError(f"{str(path)!r} has an unreadable header. Save the model anew.") from error
    if not isinstance(version, int) or version > FORMAT:
        raise ModelFileError(
            f"{str(path)!r} was written by a newer askew (file format {version}; this one reads up to {FORMAT}). "
            "Upgrade askew."
        )
    if metadata.get("sha256") != _digest(text, tensors):
        raise ModelFileError(
            f"{str(path)!r} was changed after it was saved (checksum differs). Use the original file."
        )
    return dict(header)
