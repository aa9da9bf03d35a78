"""Compressed files that unpack to so much that it must be a mistake, or was made to fill the memory."""

from __future__ import annotations

from typing import Any

from askew.errors import DataFileError

TIMES, SPARE = 100, 1 << 26
"""How many times its size a file may unpack to, where that is more than 64 MB; tables shrink to a tenth or so."""


def refuse_bomb(
    path: Any, unpacked: int, packed: int, remedy: str = "Unpack it first if that is meant."
) -> None:
    """Raise DataFileError if the file `path` of `packed` bytes has `unpacked` ones.

    >>> refuse_bomb("rows.csv.gz", 300 << 20, 1 << 20)
    Traceback (most recent call last):
    askew.errors.DataFileError: table rows.csv.gz must not unpack to more than 100 times its size; got 314,572,800 \
bytes or more of 1,048,576. Unpack it first if that is meant.
    """
    if unpacked > SPARE and unpacked > TIMES * packed:
        raise DataFileError(
            f"table {path} must not unpack to more than {TIMES} times its size; got {unpacked:,} bytes or more of "
            f"{packed:,}. {remedy}"
        )
