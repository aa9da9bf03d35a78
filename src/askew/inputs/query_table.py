"""Answers to queries: SQL on a DuckDB database, which is opened for reading only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

import pyarrow as pa

from askew.errors import DataFileError, MissingDependencyError
from askew.inputs.arrow_table import ROWS, ArrowTable
from askew.inputs.column_names import listed
from askew.inputs.text_format import NOTHING_SAID, TextFormat


@final
class QueryTable(ArrowTable):
    """The rows that a query finds in a DuckDB file (None: in none, only in files that the query names).

    Without a query, those of the only table of the database. One thread keeps their order the same every time.
    """

    def __init__(
        self, database: Path | None, query: str | None, name: Any, text_format: TextFormat = NOTHING_SAID
    ) -> None:
        self._database, self.path = database, name
        self.take_format(text_format)
        with self._connected() as connection:
            self._query = self._only_table(connection) if query is None else query
            self._refuse_writing(connection)
            found = connection.sql(self._query)
            self.describe(found.limit(0).to_arrow_table().schema)
            ((self._n_rows,),) = found.count("*").fetchall()
        if not self._n_rows:
            self.refuse_no_rows()

    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows of the columns in the order in which the query finds them."""
        done = 0
        with self._connected() as connection:
            wanted = ", ".join(_quoted(name) for name in columns)
            for batch in connection.sql(self._query).project(wanted).to_arrow_reader(ROWS):
                done += batch.num_rows
                yield batch, done / self._n_rows

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        try:
            import duckdb
        except ImportError as error:
            raise MissingDependencyError("SQL needs DuckDB. Install it: pip install 'askew[sql]'.") from error
        place = ":memory:" if self._database is None else str(self._database)
        options: dict[str, Any] = {"threads": 1, "autoinstall_known_extensions": False}
        try:
            with duckdb.connect(place, read_only=self._database is not None, config=options) as connection:
                yield connection
        except duckdb.Error as error:
            raise DataFileError(
                f"table {self.path} must be what a query finds in a DuckDB database; got: "
                f"{str(error).splitlines()[0].rstrip('!.')}. Correct the query or the name of the file."
            ) from error

    def _only_table(self, connection: Any) -> str:
        """Return a query for all rows of the only table or view there is."""
        tables = connection.sql(
            "select schema_name, table_name from duckdb_tables() where not internal union all "
            "select schema_name, view_name from duckdb_views() where not internal order by all"
        ).fetchall()
        names = [f"{_quoted(schema)}.{_quoted(table)}" for schema, table in tables]
        if len(names) != 1:
            raise DataFileError(
                f"table {self.path} must be named by a query unless its database has one table alone; it has "
                f"{listed([table for _, table in tables])}. Add for example --query 'select * from NAME'."
            )
        return f"from {names[0]}"

    def _refuse_writing(self, connection: Any) -> None:
        """Raise DataFileError for a text that is not one question: it might change files."""
        kinds = [statement.type.name for statement in connection.extract_statements(self._query)]
        if kinds != ["SELECT"]:
            got = "no query" if not kinds else f"{len(kinds)} of them" if len(kinds) > 1 else kinds[0]
            raise DataFileError(f"query of {self.path} must be one SELECT; got {got}. Nothing was run.")


def _quoted(name: str) -> str:
    """Return a name as SQL has it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
