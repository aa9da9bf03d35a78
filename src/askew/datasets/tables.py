"""The bundled ODDS tables: six classic outlier detection tables with ground truth, checked on every load."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.errors import DataFileError, InvalidInputError, must

_FOLDER = Path(__file__).parent / "odds"
_REINSTALL = "Install askew again: pip install --force-reinstall --no-deps askew."


@dataclass(frozen=True, eq=False)
class Table:
    """A table with ground truth."""

    name: str
    """The name that :func:`load` takes."""
    X: NDArray[np.float64]
    """(n, d), the values as published, not scaled."""
    anomaly: NDArray[np.bool_]
    """Which rows are anomalies, (n,): ground truth, not labels to learn from (see :mod:`askew.datasets.splits`)."""
    feature_names: tuple[str, ...]
    """``x0`` to ``x{d-1}``; the published files name no columns."""
    source: str
    """Repository, commit and path of the original file."""
    sha256: str
    """Checksum of the file that was loaded."""


@dataclass(frozen=True)
class TableInfo:
    """What is known of a bundled table without loading it."""

    name: str
    """The name that :func:`load` takes."""
    rows: int
    columns: int
    anomalies: int
    source: str
    licence: str
    """Where the original came from, and its licence as stated there."""
    sha256: str
    original_sha256: str
    """Checksums of the bundled file and of the original one."""


def names() -> tuple[str, ...]:
    """Return the names of the bundled tables.

    >>> names()
    ('arrhythmia', 'cardio', 'satellite', 'satimage-2', 'shuttle', 'thyroid')
    """
    return tuple(_provenance())


def info() -> tuple[TableInfo, ...]:
    """Return what is known of every bundled table, in the order of :func:`names`, without loading them.

    >>> [(each.name, each.rows, each.columns, each.anomalies) for each in info()][1]
    ('cardio', 1831, 21, 176)
    """
    fields = ("rows", "columns", "anomalies", "licence", "sha256", "original_sha256")
    return tuple(
        TableInfo(name=name, source=_source(entry), **{field: entry[field] for field in fields})
        for name, entry in _provenance().items()
    )


def load(name: str) -> Table:
    """Load a bundled table, one of :func:`names`; freshly read, so that changing its arrays changes nothing else.

    Another name raises InvalidInputError; a file that is missing, or whose SHA-256 is not the one it was shipped with,
    DataFileError.

    >>> load("thyroid").X.shape
    (3772, 6)
    """
    provenance = _provenance()
    if name not in provenance:
        remedy = f"Choose one of: {', '.join(provenance)}."
        raise InvalidInputError(must("name", "load", "the name of a bundled table", name, remedy))
    entry = provenance[name]
    content = _read(_FOLDER / entry["file"])
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry["sha256"]:
        rule = f"the file that was shipped, of SHA-256 {entry['sha256']!r}"
        raise DataFileError(must(entry["file"], "askew.datasets", rule, digest, _REINSTALL))
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        values, anomaly = arrays["X"], arrays["anomaly"]
    return Table(
        name=name,
        X=np.ascontiguousarray(values, dtype=np.float64),
        anomaly=anomaly,
        feature_names=tuple(f"x{column}" for column in range(values.shape[1])),
        source=_source(entry),
        sha256=digest,
    )


def _provenance() -> dict[str, Any]:
    path = _FOLDER / "provenance.json"
    try:
        return dict(json.loads(_read(path))["tables"])
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, DataFileError):
            raise
        rule = "the list of bundled tables that was shipped"
        raise DataFileError(must(path.name, "askew.datasets", rule, str(error), _REINSTALL)) from error


def _source(entry: dict[str, Any]) -> str:
    return f"GitHub repository {entry['repository']} @ {entry['commit']}, {entry['path']}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        rule = "a file of the installed package"
        raise DataFileError(must(path.name, "askew.datasets", rule, error.strerror, _REINSTALL)) from error
