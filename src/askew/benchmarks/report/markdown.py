"""Markdown that any text can stand in."""

from __future__ import annotations

from collections.abc import Sequence


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""Return a Markdown table; a ``|`` in a cell is escaped.

    >>> print(table(("a", "b"), [("1", "x|y")]))
    | a | b |
    | --- | --- |
    | 1 | x\|y |
    """
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(map(one_line, line))} |" for line in lines)


def one_line(text: str) -> str:
    """Return text on one line that is neither a tag nor the end of a cell."""
    return " ".join(text.replace("|", r"\|").replace("<", "&lt;").split())
