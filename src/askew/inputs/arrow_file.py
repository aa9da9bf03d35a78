"""Arrow's own format (IPC, Feather), in a file or in memory: read by Arrow in batches of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

import pyarrow as pa

from askew.errors import DataFileError
from askew.inputs.arrow_table import ROWS, ArrowTable
from askew.inputs.text_format import NOTHING_SAID, TextFormat

_FILE = b"ARROW1"  # how a file begins whose batches can be sought; else it is a stream of them


@final
class ArrowFile(ArrowTable):
    """A file in Arrow's IPC format, or its bytes, with a footer (Feather) or as a stream; messages call it `name`."""

    _file: Path | bytes

    def __init__(self, file: Path | bytes, name: Any = None, text_format: TextFormat = NOTHING_SAID) -> None:
        self._file = file
        self.path: Any = name or file
        self.take_format(text_format)
        with self._source() as source:
            self._is_stream = source.read(len(_FILE)) != _FILE
        with self._reading(), self._source() as source:
            opened = pa.ipc.open_stream(source) if self._is_stream else pa.ipc.open_file(source)
            self.describe(opened.schema)
        if next(self.raw_batches(self.names[:1]), None) is None:
            self.refuse_no_rows()

    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows of the columns in order, in batches of a fair size whatever the file's own are."""
        for stored, fraction in self._stored(columns):
            for start in range(0, stored.num_rows, ROWS):
                yield stored.slice(start, ROWS).select(columns), fraction

    def _stored(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the file's own batches; of a file that is no stream, with no other columns."""
        places = [self.types.get_field_index(name) for name in columns]
        with self._reading(), self._source() as source:
            if self._is_stream:
                for batch in pa.ipc.open_stream(source):
                    _check(batch.select(columns))
                    yield batch, source.tell() / source.size()
                return
            options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=places)
            file = pa.ipc.open_file(source, options=options)
            for place in range(file.num_record_batches):
                batch = file.get_batch(place)
                _check(batch)
                yield batch, (place + 1) / file.num_record_batches

    def _source(self) -> Any:
        """Return the bytes, opened."""
        return (
            pa.BufferReader(self._file) if isinstance(self._file, bytes) else pa.memory_map(str(self._file))
        )

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            text = " ".join(str(error).split())[:120].rstrip(".")
            raise DataFileError(
                f"table {self.path} must be an Arrow or Feather file; it is damaged or of another kind ({text}). "
                "Write it again."
            ) from error


def _check(batch: pa.RecordBatch) -> None:
    """Raise ArrowInvalid unless what the bytes point at lies within them: Arrow itself follows them unchecked."""
    batch.validate(full=True)
