"""Text from data as it may be shown: nothing in it is obeyed by a terminal, hidden from the eye, or read as markup.

Names of columns, files and rows are whatever somebody wrote. Printing, pages and Markdown pass them through here.
"""

from __future__ import annotations

import json
import re
from typing import Any

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, escape among them
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # the order of writing
    "\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # no width, new lines
    "\ud800-\udfff\U000e0000-\U000e007f]"  # bytes of a name that are no text; tags
)
FORMULA = r"^\s*[=+@＝＋＠－-]|^[\t\r\n]"
"""How a text begins that a spreadsheet program works out, or sends somewhere, when it opens a CSV file."""
NUMBER = r"^[+-]?[\d.,]+([eE][+-]?\d+)?%?$"
"""What begins with a sign and is no formula."""
_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"\]\(")


def visible(text: str) -> str:
    r"""Return text on one line, with characters written out that a terminal obeys or nobody sees.

    >>> print(visible("a\x1b[31mb\n\u202ec"))
    a\x1b[31mb\n\u202ec
    """
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def visible_json(text: str) -> str:
    r"""Return JSON text that means the same, with such characters inside of its strings written out.

    >>> print(visible_json('{"a": "\u202e\x9b"}'))
    {"a": "\u202e\u009b"}
    """
    return _UNSEEN.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text)


def quoted_cell(cell: Any) -> Any:
    """Return a cell of a CSV file as it is, or with an apostrophe before a text that is a formula.

    >>> quoted_cell("=1+1"), quoted_cell("-1.5"), quoted_cell("a=b"), quoted_cell(-2)
    ("'=1+1", '-1.5', 'a=b', -2)
    """
    formula = isinstance(cell, str) and _FORMULA.search(cell) and not _NUMBER.search(cell)
    return f"'{cell}" if formula else cell


def said_of(unit: str, sentence: str) -> str:
    """Return a sentence about rows as one about another unit, in the plural.

    >>> said_of("images", "every row; of 1,000 rows, none is narrow")
    'every image; of 1,000 images, none is narrow'
    """
    return re.sub(r"\brow(s?)\b", lambda found: f"{unit.removesuffix('s')}{found[1]}", sentence)


class Markdown(str):
    """Text that is Markdown already."""


def as_markdown(text: str) -> Markdown:
    r"""Return text as Markdown on one line: no tag, no link, and no end of a table's cell.

    >>> print(as_markdown("a|b\n<script>[x](y)"))
    a\|b &lt;script>[x]\(y)
    """
    if isinstance(text, Markdown):
        return text
    line = re.sub(r"\s*\n\s*", " ", text)
    return Markdown(visible(_LINK.sub(r"]\\(", _TAG.sub("&lt;", line.replace("|", r"\|")))))
