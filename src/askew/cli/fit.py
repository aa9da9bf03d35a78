"""``askew fit``: a table with a few labels -> a model file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli.console import JsonOption, note, print_json
from askew.cli.label_options import (
    AnomalyOption,
    LabelColumnOption,
    NormalOption,
    UnlabelledOption,
    meaning_of,
)
from askew.cli.thresholds import HoldOutOption, RuleOption, described, fit_with, report, unfitted

if TYPE_CHECKING:
    from askew.inputs import Meaning, TableFile
    from askew.labels import Labels

_LABEL_LIKE = {"label", "labels", "y", "target", "class", "anomaly", "outlier", "is_anomaly", "is_outlier"}


def fit(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Table with one row per sample: .csv or .parquet.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Model file to write, for example model.askew.")
    ],
    label_column: LabelColumnOption = None,
    anomaly: AnomalyOption = None,
    normal: NormalOption = None,
    unlabelled: UnlabelledOption = None,
    detector: Annotated[
        str,
        typer.Option(help="Method; `askew methods` lists them. The default chooses and combines several."),
    ] = "auto",
    members: Annotated[
        int | None, typer.Option(help="Members of the ensemble, of a method with networks.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="Passes over the training rows, of a method with networks.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random choice.")] = 0,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Any parameter, such as training__lr=1e-3; `askew methods NAME` lists them. Repeatable.",
        ),
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="Column that names the rows; no feature.")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="Column to leave out. Repeatable.")] = None,
    column_kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=KIND",
            help="What a column is if its cells look like another kind: number, boolean, category or date. "
            "Repeatable.",
        ),
    ] = None,
    threshold: RuleOption = None,
    hold_out: HoldOutOption = None,
    json: JsonOption = False,
) -> None:
    """Learn what is normal from a table, with the few labels there are, and write a model file."""
    from askew.cli.mixed import describe, parse_kinds
    from askew.cli.parameters import build, parse_settings
    from askew.inputs import check_writable, open_table

    check_writable(output, sources=[data])
    wanted = unfitted(threshold, hold_out)
    table = open_table(data)
    meaning = meaning_of(anomaly, normal, unlabelled)
    features = _features(table, label_column, meaning, [*([id_column] if id_column else []), *(drop or [])])
    kinds = parse_kinds(column_kind or [], features, str(data))
    shortcuts = {
        "--members": ("n_members", members),
        "--epochs": ("training__epochs", epochs),
        "--seed": ("random_state", seed),
    }
    model = build(detector, parse_settings(setting or []), shortcuts)
    from askew.base.persistence import require_table

    require_table(model, "--detector")
    X, y = _read(table, features, label_column, meaning, kinds)
    counts = _counts(y)
    columns = f"{len(features)} column{'s' if len(features) > 1 else ''}"
    note(f"{data}: {len(X):,} rows, {columns}; " + _in_words(counts, label_column))
    start = time.perf_counter()
    others = [name for name in table.names if name not in features]

    def trained(X: Any, y: Labels | None) -> Any:
        return _train(model, X, y, detector, kinds, others)

    whole = trained(X, y) if wanted is None else fit_with(wanted, X, y, hold_out, seed, trained)
    describe(whole)
    if wanted is not None:
        report(whole)
    whole.save(output)
    seconds = time.perf_counter() - start
    from askew.base.persistence import unwrap

    fitted: Any = unwrap(whole)
    reasons = list(getattr(fitted, "reasons_", ()))  # of a detector that chose among others
    for reason in reasons:
        note(f"  {reason}")
    note(f"Wrote {output} ({type(fitted).__name__}, fitted in {seconds:.1f} s).")
    if json:
        about = {"model": str(output), "detector": detector, "data": str(data), "n_rows": len(X)}
        about |= {"features": list(features), "labels": counts, "seconds": round(seconds, 3)}
        about |= {"chosen": fitted.chosen_, "reasons": reasons} if reasons else {}
        print_json(about if wanted is None else about | {"threshold": described(wanted)})


def _features(table: TableFile, label: str | None, meaning: Meaning, left_out: list[str]) -> list[str]:
    """Return the columns to learn from; refuse names that the table does not have."""
    from askew.errors import InvalidInputError
    from askew.inputs.columns import require_column

    where = str(table.path)
    if label is not None:
        left_out = [require_column(label, table.names, where, "label column"), *left_out]
    elif meaning != type(meaning)():
        raise InvalidInputError("--label-column must be given with --anomaly, --normal or --unlabelled.")
    for name in left_out:
        require_column(name, table.names, where, "column to leave out")
    features = [name for name in table.names if name not in {*left_out, *table.index_names}]
    if not features:
        raise InvalidInputError(f"columns of {where} must include one to learn from; all are left out.")
    suspects = [name for name in features if name.strip().casefold() in _LABEL_LIKE]
    if label is None and suspects:
        note(
            f"note: {suspects[0]!r} is learned from like any column; if it holds labels, use --label-column."
        )
    return features


def _read(
    table: TableFile, features: list[str], label: str | None, meaning: Meaning, kinds: dict[str, str]
) -> tuple[Any, Labels | None]:
    """Return the rows as a frame, whose names the model keeps, and the labels."""
    from askew.cli.mixed import plain_frame
    from askew.errors import DataFileError
    from askew.inputs import read_labels

    rows = table.read_mixed(features, keep=[] if label is None else [label], kinds=kinds)
    if rows.table.num_rows < 2:
        raise DataFileError(f"table {table.path} must have at least 2 rows to learn from; got 1. Add rows.")
    X = rows.table if kinds else plain_frame(rows.table)
    if label is None:
        return X, None
    where = f"label column {label!r} of {table.path}"
    return X, read_labels(rows.kept[label].to_pylist(), meaning, where, table.row_name)


def _train(model: Any, X: Any, y: Labels | None, name: str, kinds: dict[str, str], others: list[str]) -> Any:
    """Fit the model, behind a preparation if X holds more than numbers, and return it."""
    from askew.cli.mixed import for_table
    from askew.training.progress import terminal_bar

    model = for_table(model, X, kinds, others)
    with terminal_bar(f"fitting {name}"):
        model.fit(X, y)
    return model


def _counts(y: Labels | None) -> dict[str, int] | None:
    if y is None:
        return None
    return {
        name: int((y == value).sum()) for name, value in (("normal", 1), ("unlabelled", 0), ("anomaly", -1))
    }


def _in_words(counts: dict[str, int] | None, label: str | None) -> str:
    if counts is None:
        return "no labels (--label-column gives them)."
    if not counts["normal"] and not counts["anomaly"]:
        return f"every row is unlabelled in {label!r}."
    anomalies = "known anomaly" if counts["anomaly"] == 1 else "known anomalies"
    names = (("anomaly", anomalies), ("normal", "known normal"), ("unlabelled", "unlabelled"))
    return ", ".join(f"{counts[key]:,} {words}" for key, words in names) + "."
