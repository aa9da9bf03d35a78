"""Options that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from askew import index
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.inputs import Data, Meaning, TextFormat

LAST_SEED = 2**32 - 1
"""The largest that numpy's generators take."""

ModelArgument: TypeAlias = Annotated[
    Path, typer.Argument(metavar="MODEL", help="Model file that `askew fit` wrote.")
]
ModelOutputOption: TypeAlias = Annotated[Path, typer.Option("--output", "-o", help="Model file to write.")]
DATA_HELP = (
    "Table: a .csv, .parquet, .arrow, .xlsx or .jsonl file, a folder of them or a 'pattern', a .duckdb database, or an "
    "address such as s3://bucket/file.csv; or a folder of images."
)
SheetOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Sheet of a workbook; needed if it has several with cells.")
]
QueryOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="SQL", help="What to read from a DuckDB database; one SELECT.")
]
CLUSTER_HELP = (
    "Dask workers that do it: the address of a scheduler (tcp://host:8786), the path of its file, or local:N for "
    "N processes here."
)
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print data as JSON on stdout; messages stay on stderr.")
]
IdColumnOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Column that names the rows; else they are numbered.")
]
IgnoreExtraOption: TypeAlias = Annotated[
    bool, typer.Option("--ignore-extra", help="Accept columns that the training table did not have.")
]
SkipCorruptOption: TypeAlias = Annotated[
    bool, typer.Option("--skip-corrupt", help="Leave out images that cannot be read.")
]
LabelColumnOption: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Column of labels: +1 known normal, 0 or empty unlabelled, -1 known anomaly."),
]
AnomalyOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        help="Value that marks a known anomaly, if not -1; of images, a folder of them. Repeatable."
    ),
]
NormalOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        help="Value that marks a known normal row, if not +1; of images, a folder of them. Repeatable."
    ),
]
UnlabelledOption: TypeAlias = Annotated[
    list[str] | None, typer.Option(help="Value that marks an unlabelled row. Repeatable.")
]
AnySpellingOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--any-spelling",
        help="Take labels that differ in case, spaces and punctuation alone as one: Fraud, FRAUD and fraud.",
    ),
]
CheckpointOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        help="File that the training of a method with networks is kept in, about once a minute. A fit that was "
        "stopped goes on from it by the same command; it is removed at the end.",
    ),
]

RuleOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--threshold",
        metavar="RULE",
        help=f"Which rows to flag: {index.threshold_examples()}. Some training rows are held out for it.",
    ),
]

HoldOutOption: TypeAlias = Annotated[
    float | None, typer.Option(help="Share of the rows to hold out for --threshold; 0.2 without it.")
]

ClusterOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS|local:N",
        help="Dask cluster to share the work out to: a scheduler's address, or N processes here (extra askew[dask]).",
    ),
]


DecimalOption: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Decimal mark of numbers in text, . or a comma; found out where not given."),
]
ThousandsOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Mark between thousands: . or a comma, a blank or an apostrophe.")
]
NaOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--na", metavar="VALUE", help="Value that stands for a missing one, such as -999. Repeatable."
    ),
]
EncodingOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Encoding of a CSV file if not UTF-8, such as cp1252.")
]
SeparatorOption: TypeAlias = Annotated[
    str | None,
    typer.Option(help="What separates a CSV file's cells, such as ; or tab; found out where not given."),
]

QuoteFormulasOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--quote-formulas",
        help="Put an apostrophe before words of a CSV output that a spreadsheet would take for a formula.",
    ),
]


def refuse_quoting(quote_formulas: bool, kind: str) -> None:
    """Raise InvalidInputError if formulas are to be quoted in an output of a `kind` that no spreadsheet works out."""
    if quote_formulas and kind.lower() != ".csv":
        raise InvalidInputError(
            f"--quote-formulas must be given with a CSV output; got {kind or 'none'!r}. Leave it out, or write .csv."
        )


def text_format_of(
    decimal: str | None,
    thousands: str | None,
    na: list[str] | None,
    encoding: str | None,
    separator: str | None,
) -> TextFormat:
    """Return how the text of a table is written by these options."""
    from askew.inputs import TextFormat

    return TextFormat(decimal or "", thousands or "", tuple(na or ()), encoding or "", separator or "")


def data_of(data: str, sheet: str | None, query: str | None) -> Data:
    """Return the path or the address of rows by these options."""
    from askew.inputs import data_at

    return data_at(data, sheet, query)


def meaning_of(
    anomaly: list[str] | None, normal: list[str] | None, unlabelled: list[str] | None, any_spelling: bool
) -> Meaning:
    """Return what the values of a label column mean by these options."""
    from askew.inputs import Meaning

    return Meaning(tuple(anomaly or ()), tuple(normal or ()), tuple(unlabelled or ()), any_spelling)
