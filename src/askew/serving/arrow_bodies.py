"""Arrow bodies whose batches are as long as they look: a compressed one of a few bytes could fill the memory."""

from __future__ import annotations

import struct

import pyarrow as pa

from askew.errors import InvalidInputError

_FILE = b"ARROW1\0\0"  # begins a stream that has a footer behind it
_DICTIONARY, _BATCH = 2, 3  # kinds of messages: Message.fbs of the Arrow format
_KIND, _HEADER = 1, 2  # fields of a message
_ROWS_OF_DICTIONARY = 1  # field of a dictionary batch
_COMPRESSION = 3  # field of a record batch


def refuse_compression(body: bytes) -> bytes:
    """Return an Arrow body as a stream; raise InvalidInputError if one of its batches is compressed.

    >>> table = pa.table({"x": [0.0] * 1000})
    >>> sink = pa.BufferOutputStream()
    >>> with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
    ...     writer.write_table(table)
    >>> refuse_compression(sink.getvalue().to_pybytes())
    Traceback (most recent call last):
    askew.errors.InvalidInputError: Arrow rows of a request must not be compressed. Write them with compression=None.
    """
    stream = body.removeprefix(_FILE)
    try:
        for message in pa.ipc.MessageReader.open_stream(stream):
            if _is_compressed(message.metadata.to_pybytes()):
                raise InvalidInputError(
                    "Arrow rows of a request must not be compressed. Write them with compression=None."
                )
    except (pa.ArrowException, OSError, struct.error):
        pass  # who reads the rows says what is wrong
    return stream


def _is_compressed(metadata: bytes) -> bool:
    """Return whether a message's metadata, a flatbuffer, says that its buffers are compressed."""
    message = _number("<I", metadata, 0)
    kind, header = _field(metadata, message, _KIND), _field(metadata, message, _HEADER)
    if not kind or not header or metadata[kind] not in (_DICTIONARY, _BATCH):
        return False
    batch = header + _number("<I", metadata, header)
    if metadata[kind] == _DICTIONARY:
        rows = _field(metadata, batch, _ROWS_OF_DICTIONARY)
        batch = rows + _number("<I", metadata, rows)
    return bool(_field(metadata, batch, _COMPRESSION))


def _field(buffer: bytes, table: int, number: int) -> int:
    """Return the place of a table's field, 0 where it is left out."""
    fields = table - _number("<i", buffer, table)
    place = 4 + 2 * number
    offset = _number("<H", buffer, fields + place) if place < _number("<H", buffer, fields) else 0
    return table + offset if offset else 0


def _number(kind: str, buffer: bytes, place: int) -> int:
    return int(struct.unpack_from(kind, buffer, place)[0])
