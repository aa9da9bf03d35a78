"""What an ONNX file may not have: loops, which never need to end, and numbers that stand in other files."""

from __future__ import annotations

from collections.abc import Iterator

from askew.errors import ModelFileError

_LOOPS = (b"Loop", b"Scan", b"SequenceMap")
_ELSEWHERE = b"location"

_MESSAGES: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""By kind of message the numbers of the fields that hold others, as onnx.proto has them."""
_OPERATION, _EXTERNAL = ("node", 4), ("tensor", 13)


def check_onnx(data: bytes) -> None:
    """Raise ModelFileError for the content of an ONNX file with a loop, or with numbers in other files.

    Nothing that :func:`askew.export.to_onnx` writes has one. Files without these words are not looked at further.
    """
    if not any(word in data for word in (*_LOOPS, _ELSEWHERE)):
        return
    rest = [("model", memoryview(data))]
    try:
        while rest:  # a loop: the depth is the file's
            kind, message = rest.pop()
            for number, value in _fields(message):
                if (kind, number) == _OPERATION and bytes(value) in _LOOPS:
                    raise ModelFileError(
                        "the ONNX file has a loop, which askew never writes. Don't use this file."
                    )
                if (kind, number) == _EXTERNAL:
                    raise ModelFileError(
                        "the ONNX file names numbers in other files, which askew never writes. Don't use this file."
                    )
                if number in _MESSAGES[kind]:
                    rest.append((_MESSAGES[kind][number], value))
    except IndexError as error:
        raise ModelFileError("the ONNX file is damaged. Export it anew.") from error


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield the numbers and contents of the fields of a message that have a length; others are passed over."""
    place = 0
    while place < len(message):
        key, place = _whole(message, place)
        kind = key & 7
        if kind == 0:
            _, place = _whole(message, place)
        elif kind in (1, 5):
            place += 8 if kind == 1 else 4
        elif kind == 2:
            length, place = _whole(message, place)
            if place + length > len(message):
                raise IndexError
            yield key >> 3, message[place : place + length]
            place += length
        else:
            raise IndexError


def _whole(message: memoryview, place: int) -> tuple[int, int]:
    """Return a number written seven bits a byte, and the place after it."""
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
        if shift > 63:
            raise IndexError
