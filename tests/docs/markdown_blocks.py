"""Fenced blocks of Markdown pages."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


class Block(NamedTuple):
    language: str
    text: str
    line: int  # of the page, of the block's first line

    def commands(self):
        """Return the lines of a shell block without comments, continued ones joined."""
        joined = self.text.replace("\\\n", " ")
        return [line for line in (each.partition(" #")[0].strip() for each in joined.splitlines()) if line]


def blocks(page, *languages):
    """Return the page's fenced blocks in one of the languages."""
    found, start, language = [], None, ""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start, language = number + 1, line[3:].strip()
        else:
            found.append(Block(language, "\n".join(lines[start:number]) + "\n", start + 1))
            start = None
    assert start is None, f"{page}: the block that begins in line {start} has no end"
    return [block for block in found if block.language in languages]
