"""Lines of tiles side by side: as one PNG picture, and as narrow pictures that a page puts under each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from askew.explain.sheet_picture import GAP, INK, LINE, MARGIN, MUTED, RULE, TILE, font, grown, save_png

PER_LINE = 12
"""Tiles in a line of a picture."""

_BETWEEN = 22  # pixels from one block to the next
_SEAM = 1  # transparent pixels between the tiles of a narrow picture


class Line(NamedTuple):
    """Tiles side by side, uint8: (height, width), (height, width, 3) or, as a map, (height, width, 4)."""

    name: str
    tiles: tuple[NDArray[np.uint8], ...]


Block: TypeAlias = tuple[Line, ...]
"""Lines that belong together: a tile and the one below it are of the same image."""


def wrapped(block: Block, most: int = PER_LINE) -> list[Block]:
    """Return the block cut into blocks of at most `most` tiles a line."""
    longest = max(len(line.tiles) for line in block)
    return [
        tuple(Line(line.name, line.tiles[first : first + most]) for line in block)
        for first in range(0, longest, most)
    ]


def strip(line: Line) -> NDArray[np.uint8]:
    """Return the tiles of a line as one picture with transparency, (height, width, 4), a gap between any two.

    Examples
    --------
    >>> strip(Line("", (np.zeros((2, 2), np.uint8), np.zeros((2, 2, 3), np.uint8))))[0, :, 3]
    array([255, 255,   0, 255, 255], dtype=uint8)
    """
    tiles = [_with_transparency(tile) for tile in line.tiles]
    seam = np.zeros((tiles[0].shape[0], _SEAM, 4), dtype=np.uint8)
    parts = [part for tile in tiles for part in (seam, tile)]
    return np.concatenate(parts[1:], axis=1)


def _with_transparency(tile: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colours = np.repeat(tile[..., None], 3, axis=-1) if tile.ndim == 2 else tile
    if colours.shape[-1] == 4:
        return colours
    opaque = np.full((*colours.shape[:2], 1), 255, dtype=np.uint8)
    return np.concatenate([colours, opaque], axis=-1)


def save_strips(blocks: Sequence[Block], path: Path, what: str, title: str = "") -> None:
    """Write blocks, one below the other with the lines' names on the left, as one PNG picture; whole or not at all.

    Raises
    ------
    InvalidInputError
        If the path of `what` does not end in .png, or cannot be written.
    """
    save_png(path, what, lambda: _drawn(blocks, title))


def _drawn(blocks: Sequence[Block], title: str) -> Any:
    from PIL import Image, ImageDraw

    words, large = font(13), font(22)
    left = MARGIN + int(max(words.getlength(line.name) for block in blocks for line in block)) + 14
    across = max(len(line.tiles) for block in blocks for line in block)
    pictures = [[[grown(tile) for tile in line.tiles] for line in block] for block in blocks]
    tall = [[max(tile.height for tile in line) for line in block] for block in pictures]
    top = MARGIN + (34 if title else 0)
    height = (
        top + sum(sum(block) + GAP * len(block) for block in tall) + _BETWEEN * (len(blocks) - 1) + MARGIN
    )
    width = max(left + across * (TILE + GAP) - GAP, MARGIN + int(large.getlength(title))) + MARGIN
    whole = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(whole)
    draw.text((MARGIN, MARGIN), title, INK, large)
    y = top
    for block, images, heights in zip(blocks, pictures, tall, strict=True):
        for line, tiles, high in zip(block, images, heights, strict=True):
            draw.text((MARGIN, y + (high - LINE) // 2), line.name, MUTED, words)
            for place, tile in enumerate(tiles):
                at = left + place * (TILE + GAP), y
                whole.paste(tile, at, tile if tile.mode == "RGBA" else None)
                draw.rectangle((at[0] - 1, y - 1, at[0] + tile.width, y + tile.height), outline=RULE)
            y += high + GAP
        y += _BETWEEN
    return whole
