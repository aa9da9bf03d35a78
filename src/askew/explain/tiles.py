"""Pixels and maps of pixels as tiles, uint8 arrays: alone, and in lines; as PNG pictures."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError
from askew.inputs.atomic import atomic_path, check_writable

TILE = 96
"""Longest side of a tile in a picture, in its pixels; smaller images grow by whole factors."""
GAP, MARGIN = 6, 28  # between tiles, around all
LINE = 19  # height of a line of text
INK, MUTED, RULE = (27, 36, 48), (92, 104, 120), (225, 229, 234)

PER_LINE = 12
"""Tiles in a line of a picture."""

_BETWEEN = 22  # pixels from one block to the next
_SEAM = 1  # transparent pixels between the tiles of a narrow picture

# Okabe and Ito's colours, which people with any colour vision can tell apart.
ABOVE: tuple[int, int, int] = (213, 94, 0)
BELOW: tuple[int, int, int] = (0, 114, 178)


def pixels(image: NDArray[Any], value_range: tuple[float, float]) -> NDArray[np.uint8]:
    """Return an image (channels, height, width) as (height, width) or (height, width, 3), from 0 to 255.

    `value_range` are the values of black and white; what lies outside is cut off, what is no number is black. Of two
    channels or more than three, the mean is shown.

    >>> pixels(np.array([[[0.0, 0.5, 2.0]]]), (0.0, 1.0))
    array([[  0, 128, 255]], dtype=uint8)
    """
    black, white = value_range
    shares = np.nan_to_num((image.astype(np.float64) - black) / (white - black))
    clipped = 255.0 * np.clip(shares, 0.0, 1.0)
    shown = clipped.transpose(1, 2, 0) if len(clipped) == 3 else clipped.mean(axis=0)
    return np.ascontiguousarray(np.round(shown).astype(np.uint8))


def diverging(values: NDArray[np.float64], full: float) -> NDArray[np.uint8]:
    """Return a map (height, width) as colours with transparency, (height, width, 4).

    Orange above 0, blue below, transparent at 0 and opaque from `full` on.

    >>> diverging(np.array([[0.0, 1.0, -0.5]]), 1.0).tolist()
    [[[0, 114, 178, 0], [213, 94, 0, 255], [0, 114, 178, 128]]]
    """
    coloured = np.empty((*values.shape, 4), dtype=np.uint8)
    coloured[..., :3] = np.where(values[..., None] > 0, ABOVE, BELOW)
    strength = np.abs(values) / full if full > 0 else np.zeros_like(values)
    coloured[..., 3] = np.round(255.0 * np.clip(strength, 0.0, 1.0))
    return coloured


def png(tile: NDArray[np.uint8], longest: int) -> bytes:
    """Return a tile as a PNG file, made smaller where its longer side has more pixels than `longest`."""
    from PIL import Image

    held, picture = io.BytesIO(), Image.fromarray(tile)
    picture.thumbnail((longest, longest), Image.Resampling.BOX)
    picture.save(held, format="png", optimize=True)
    return held.getvalue()


def grown(tile: NDArray[np.uint8]) -> Any:
    """Return a tile as a picture: larger by a whole factor with its pixels to be seen, or smaller."""
    from PIL import Image

    picture = Image.fromarray(tile)
    longest = max(picture.size)
    if longest > TILE:
        picture.thumbnail((TILE, TILE), Image.Resampling.BOX)
        return picture
    factor = TILE // longest
    return picture.resize((factor * picture.width, factor * picture.height), Image.Resampling.NEAREST)


def put(tile: Any, at: tuple[int, int], picture: Any, draw: Any, frame: tuple[int, int, int]) -> None:
    """Put a tile that has :func:`grown` into a picture, in a frame."""
    picture.paste(tile, at, tile if tile.mode == "RGBA" else None)
    draw.rectangle((at[0] - 1, at[1] - 1, at[0] + tile.width, at[1] + tile.height), outline=frame)


def font(size: int, bold: bool = False) -> Any:
    """Return matplotlib's own font, which has the letters of most languages and is the same everywhere."""
    import matplotlib
    from PIL import ImageFont

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


def save_png(path: Path, what: str, draw: Callable[[], Any]) -> None:
    """Write the picture that `draw` makes to a .png file, whole or not at all; other paths are refused first."""
    if path.suffix.lower() != ".png":
        raise InvalidInputError(f"path of {what} must end in .png; got {str(path)!r}.")
    check_writable(path, sources=[])
    with atomic_path(path) as temporary:
        draw().save(temporary, format="png")


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
    """Write blocks, one below the other with the lines' names on the left, as :func:`save_png` does."""
    save_png(path, what, lambda: _drawn(blocks, title))


def _drawn(blocks: Sequence[Block], title: str) -> Any:
    from PIL import Image, ImageDraw

    words, large = font(13), font(22)
    left = MARGIN + int(max(words.getlength(line.name) for block in blocks for line in block)) + 14
    across = max(len(line.tiles) for block in blocks for line in block)
    pictures = [[[grown(tile) for tile in line.tiles] for line in block] for block in blocks]
    tall = [[max(tile.height for tile in line) for line in block] for block in pictures]
    top = MARGIN + (34 if title else 0)
    blocks_height = sum(sum(block) + GAP * len(block) for block in tall) + _BETWEEN * (len(blocks) - 1)
    height = top + blocks_height + MARGIN
    width = max(left + across * (TILE + GAP) - GAP, MARGIN + int(large.getlength(title))) + MARGIN
    whole = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(whole)
    draw.text((MARGIN, MARGIN), title, INK, large)
    y = top
    for block, images, heights in zip(blocks, pictures, tall, strict=True):
        for line, tiles, high in zip(block, images, heights, strict=True):
            draw.text((MARGIN, y + (high - LINE) // 2), line.name, MUTED, words)
            for place, tile in enumerate(tiles):
                put(tile, (left + place * (TILE + GAP), y), whole, draw, RULE)
            y += high + GAP
        y += _BETWEEN
    return whole
