"""What an output of a folder is of: a record beside it, by which a finished one is known again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from askew.errors import DataFileError
from askew.inputs import atomic_path
from askew.inputs.atomic import make_folder
from askew.scoring.folder_plan import RECORDS


class FileState(NamedTuple):
    """Size of a file in bytes, and when it was last changed, in nanoseconds since 1970."""

    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the state of a file now; one that cannot be read raises DataFileError."""
        try:
            found = path.stat()
        except OSError as error:
            raise DataFileError(
                f"file {path} must be one that can be read; got {error.strerror!r}. "
                "Check that it is there, under this path on every machine."
            ) from error
        return cls(found.st_size, found.st_mtime_ns)


@dataclass(frozen=True)
class OutputRecord:
    """What an output was made of, `origin` (a JSON object), its own state, and what is in it."""

    origin: Mapping[str, Any]
    output: FileState
    n_rows: int
    n_anomalies: int
    notes: list[str] = field(default_factory=list)

    def write(self, folder: Path, name: str) -> None:
        """Write the record of the output that is called `name` in the folder."""
        path = record_path(folder, name)
        make_folder(path.parent)
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def record_path(folder: Path, name: str) -> Path:
    """Return where the record of an output is."""
    return folder / RECORDS / f"{name}.json"


def finished(folder: Path, name: str, origin: Mapping[str, Any]) -> OutputRecord | None:
    """Return the record of an output that is there, unchanged, and of that origin; None for any other.

    A record that is damaged says nothing.
    """
    try:
        found = json.loads(record_path(folder, name).read_text(encoding="utf-8"))
        record = OutputRecord(
            dict(found["origin"]),
            FileState(*map(int, found["output"])),
            int(found["n_rows"]),
            int(found["n_anomalies"]),
            [str(line) for line in found["notes"]],
        )
        now = FileState.of(folder / name)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):  # DataFileError is a ValueError
        return None
    return record if record.output == now and record.origin == origin else None
