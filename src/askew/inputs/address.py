"""Where rows are: the path of a file or a folder, or an address that no path can say."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from askew.errors import InvalidInputError

_DATABASES = (".duckdb", ".ddb")
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_SHOWN = 60  # characters of a query in a message


@dataclass(frozen=True)
class Address:
    """Rows on another machine, in a database or in one sheet of a workbook.

    `location` is the path or the URL as it was typed, `sheet` the name of a sheet; of a database, `query` is SQL and
    None stands for its only table. As text, it is what messages call the rows.
    """

    location: str
    sheet: str | None = None
    query: str | None = None
    is_database: bool = False

    @property
    def is_remote(self) -> bool:
        """Whether the location is an URL."""
        return _REMOTE.match(self.location) is not None

    @property
    def name(self) -> str:
        """The last part of the location."""
        return PurePosixPath(self.location).name or str(self)

    @property
    def suffix(self) -> str:
        """The ending of the location."""
        return PurePosixPath(self.location).suffix

    def is_dir(self) -> bool:
        """Return False: a folder here is a path."""
        return False

    def __str__(self) -> str:
        if self.query is not None:
            query = " ".join(self.query.split())
            short = query if len(query) <= _SHOWN else query[: _SHOWN - 3] + "..."
            return f"{self.location or 'duckdb:'}?{short}"
        return (self.location or "duckdb:") + ("" if self.sheet is None else f", sheet {self.sheet!r}")


Data: TypeAlias = "Path | Address"
"""What every command reads rows from."""


def data_at(text: str, sheet: str | None = None, query: str | None = None) -> Data:
    """Return the path or the address that a text means; `sheet` and `query` choose what of it is read.

    ``duckdb:FILE?QUERY`` and the endings .duckdb and .ddb are databases, ``scheme://...`` is on another machine, and
    whatever else is a path. A query of no database, a sheet of one, and a query that is given twice raise
    InvalidInputError.

    >>> data_at("a.csv"), str(data_at("s3://b/a.csv")), data_at("book.xlsx", sheet="May")
    (PosixPath('a.csv'), 's3://b/a.csv', Address(location='book.xlsx', sheet='May', query=None, is_database=False))
    >>> data_at("duckdb:shop.db?from orders") == data_at("duckdb:shop.db", query="from orders")
    True
    """
    found: Data = Path(text)
    if text.startswith("duckdb:"):
        location, _, asked = text.removeprefix("duckdb:").partition("?")
        found = Address(location, query=asked or None, is_database=True)
    elif _REMOTE.match(text):
        found = Address(text)
    elif Path(text).suffix.lower() in _DATABASES:
        found = Address(text, is_database=True)
    if sheet is not None and isinstance(found, Address) and found.is_database:
        raise InvalidInputError(f"--sheet must be given with a workbook; got {text!r}. Leave it out.")
    if sheet is not None:
        found = replace(found, sheet=sheet) if isinstance(found, Address) else Address(text, sheet)
    return found if query is None else _asked(found, query)


def _asked(data: Data, query: str) -> Address:
    if not isinstance(data, Address) or not data.is_database:
        raise InvalidInputError(
            f"--query must be given with a DuckDB database; got {str(data)!r}. Name a .duckdb file, or "
            "duckdb:FILE, or leave the option out."
        )
    if data.query is not None:
        raise InvalidInputError(f"--query must be given once; {data} has one too. Leave one out.")
    return replace(data, query=query)
