"""A contact sheet as one PNG picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.explain import tiles
from askew.explain.tiles import ABOVE, GAP, INK, LINE, MARGIN, MUTED, RULE, TILE
from askew.plain_text import visible

_ROOM = 30  # pixels between cases


@dataclass(frozen=True, eq=False)
class Case:
    """One image of a sheet."""

    name: str
    """What it is called: its path, or its number."""
    place: int
    """Its row among all images."""
    score: float
    flagged: bool
    tiles: tuple[NDArray[np.uint8], ...]
    """As the sheet's headings say: images (height, width) or (height, width, 3), maps (height, width, 4)."""


@dataclass(frozen=True, eq=False)
class SheetContents:
    """What is drawn of a sheet; :class:`askew.explain.ContactSheet` tells what each is."""

    anomalous: tuple[Case, ...]
    normal: tuple[Case, ...]
    headings: tuple[str, ...]
    notes: tuple[str, ...]
    n_images: int
    n_flagged: int


def save_sheet(sheet: SheetContents, path: Path, title: str = "") -> None:
    """Write a sheet to a .png file; :meth:`askew.explain.ContactSheet.save` says what it raises."""
    tiles.save_png(path, "a contact sheet", lambda: _Drawing(sheet, title).picture)


class _Drawing:
    """A picture under construction, from the top down."""

    def __init__(self, sheet: SheetContents, title: str) -> None:
        from PIL import Image, ImageDraw

        self._sheet = sheet
        self._case = len(sheet.headings) * (TILE + GAP) - GAP  # width of a case
        across = min(tiles.PER_LINE // len(sheet.headings), max(len(sheet.anomalous), 1))
        self._across = max(across, 2)  # room for the words
        width = 2 * MARGIN + self._across * (self._case + _ROOM) - _ROOM
        self._fonts = {size: tiles.font(size) for size in (12, 13, 14, 22)}
        self._bold = tiles.font(16, bold=True)
        self.picture: Any = Image.new("RGB", (width, 8), "white")
        self._draw = ImageDraw.Draw(self.picture)
        height = self._paint(title)  # once to measure, once to draw
        self.picture = Image.new("RGB", (width, height), "white")
        self._draw = ImageDraw.Draw(self.picture)
        self._paint(title)

    def _paint(self, title: str) -> int:
        """Draw all of it and return the height that it takes."""
        sheet, y = self._sheet, MARGIN
        if title:
            self._draw.text((MARGIN, y), self._cut(title, 22, self._room), INK, self._fonts[22])
            y += 34
        flagged = f"{sheet.n_images:,} images, {sheet.n_flagged:,} of them flagged."
        for line in self._wrapped([f"{flagged} Higher scores are more normal.", *sheet.notes]):
            self._draw.text((MARGIN, y), line, MUTED, self._fonts[14])
            y += LINE
        for name, cases in (("Most anomalous", sheet.anomalous), ("Most normal", sheet.normal)):
            if cases:
                y = self._section(name, cases, y + 22)
        return y + MARGIN - _ROOM

    @property
    def _room(self) -> int:
        return int(self.picture.width) - 2 * MARGIN

    def _section(self, name: str, cases: Sequence[Case], y: int) -> int:
        self._draw.text((MARGIN, y), name, INK, self._bold)
        y += 26
        self._draw.line((MARGIN, y, MARGIN + self._room, y), RULE)
        y += 10
        for column in range(min(self._across, len(cases))):
            for place, heading in enumerate(self._sheet.headings):
                at = self._left(column) + place * (TILE + GAP)
                self._draw.text((at, y), heading, MUTED, self._fonts[12])
        y += LINE + 6
        for first in range(0, len(cases), self._across):
            line = cases[first : first + self._across]
            tall = max(self._one(case, self._left(column), y) for column, case in enumerate(line))
            y += tall + _ROOM - 6
        return y + 6

    def _left(self, column: int) -> int:
        return MARGIN + column * (self._case + _ROOM)

    def _one(self, case: Case, x: int, y: int) -> int:
        """Draw a case and return its height."""
        small = self._fonts[13]
        self._draw.text((x, y), self._cut(case.name, 13, self._case), INK, small)
        score = f"score {case.score:.4g}"
        self._draw.text((x, y + LINE - 2), score, MUTED, small)
        if case.flagged:
            self._draw.text((x + small.getlength(score) + 10, y + LINE - 2), "flagged", ABOVE, small)
        top = y + 2 * LINE
        tall = 0
        for place, tile in enumerate(case.tiles):
            large, at = tiles.grown(tile), (x + place * (TILE + GAP), top)
            tiles.put(large, at, self.picture, self._draw, ABOVE if case.flagged and not place else RULE)
            tall = max(tall, large.height)
        return 2 * LINE + tall

    def _cut(self, text: str, size: int, room: int) -> str:
        """Return a text that fits, cut at its front: the end of a path tells more."""
        font, text = self._fonts[size], visible(text)
        if font.getlength(text) <= room:
            return text
        while len(text) > 1 and font.getlength("…" + text) > room:
            text = text[1:]
        return "…" + text

    def _wrapped(self, sentences: Sequence[str]) -> list[str]:
        font, lines = self._fonts[14], []
        for sentence in sentences:
            line = ""
            for word in sentence.split():
                longer = f"{line} {word}".strip()
                if line and font.getlength(longer) > self._room:
                    lines.append(line)
                    longer = word
                line = longer
            lines.append(line)
        return lines
