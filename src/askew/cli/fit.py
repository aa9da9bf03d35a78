"""``askew fit``: a table or a folder of images, with a few labels -> a model file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli.console import JsonOption, note, print_json
from askew.cli.label_words import counts_of
from askew.cli.options import LabelColumnOption, meaning_of
from askew.cli.stopping import CheckpointOption, stoppable
from askew.cli.thresholds import HoldOutOption, RuleOption, described, fit_with, report, unfitted

if TYPE_CHECKING:
    from askew.cli.fit_images import ImagesToFit
    from askew.cli.fit_table import TableToFit
    from askew.labels import Labels


def fit(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="Table with one row per sample, .csv or .parquet; or a folder of images."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Model file to write, for example model.askew.")
    ],
    label_column: LabelColumnOption = None,
    anomaly: Annotated[
        list[str] | None,
        typer.Option(
            help="Value that marks a known anomaly, if not -1; of images, a folder of them. Repeatable."
        ),
    ] = None,
    normal: Annotated[
        list[str] | None,
        typer.Option(
            help="Value that marks a known normal row, if not +1; of images, a folder of them. Repeatable."
        ),
    ] = None,
    unlabelled: Annotated[
        list[str] | None,
        typer.Option(help="Value that marks an unlabelled row; of images, a folder of them. Repeatable."),
    ] = None,
    detector: Annotated[
        str | None,
        typer.Option(
            help="Method; `askew methods` lists them. The default chooses and combines several for a table (auto), "
            "and is dp_vae for images."
        ),
    ] = None,
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
    size: Annotated[
        int | None,
        typer.Option(help="Side in pixels that images are brought to; without it, chosen from 16 to 64."),
    ] = None,
    skip_corrupt: Annotated[
        bool, typer.Option("--skip-corrupt", help="Leave out images that cannot be read.")
    ] = False,
    checkpoint: CheckpointOption = None,
    threshold: RuleOption = None,
    hold_out: HoldOutOption = None,
    json: JsonOption = False,
) -> None:
    """Learn what is normal from a table or a folder of images, with the few labels there are; write a model file.

    Of a folder, the images directly in it are unlabelled; --normal, --anomaly and --unlabelled name folders in it, or
    elsewhere, whose images are known to be normal or defects, or are unlabelled too.
    """
    from askew.cli.parameters import build, parse_settings
    from askew.inputs import check_writable
    from askew.scoring.row_source import refuse_image_options, refuse_table_options

    check_writable(output, sources=[data])
    wanted = unfitted(threshold, hold_out)
    source: TableToFit | ImagesToFit
    if data.is_dir():
        from askew.cli.fit_images import ImagesToFit

        refuse_table_options(
            **{
                "--label-column": label_column,
                "--id-column": id_column,
                "--drop": drop,
                "--column-kind": column_kind,
            }
        )
        source = ImagesToFit(data, normal or [], anomaly or [], unlabelled or [], size, skip_corrupt)
    else:
        from askew.cli.fit_table import TableToFit

        refuse_image_options(data, **{"--size": size, "--skip-corrupt": skip_corrupt})
        left_out = [*([id_column] if id_column else []), *(drop or [])]
        meaning = meaning_of(anomaly, normal, unlabelled)
        source = TableToFit(data, label_column, meaning, left_out, column_kind or [])
    shortcuts = {
        "--members": ("n_members", members),
        "--epochs": ("training__epochs", epochs),
        "--seed": ("random_state", seed),
        "--checkpoint": ("training__checkpoint", None if checkpoint is None else str(checkpoint)),
    }
    name = detector or source.default_detector
    model = build(name, parse_settings(setting or []), shortcuts)
    source.refuse(model, name)
    with stoppable(model, checkpoint):
        X, y = source.read()
        source.describe(X, y)
        if detector is None and name != "auto":
            note(f"Method: {name}, the default for images; --detector names another.")
        start = time.perf_counter()

        def trained(X: Any, y: Labels | None) -> Any:
            return _train(source.fitting(model, X), X, y, name)

        whole = trained(X, y) if wanted is None else fit_with(wanted, X, y, hold_out, seed, trained)
    from askew.cli.mixed import describe

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
        about: dict[str, Any] = {"model": str(output), "detector": name, "data": str(data)}
        about |= source.about(X) | {"labels": counts_of(y), "seconds": round(seconds, 3)}
        about |= {"chosen": fitted.chosen_, "reasons": reasons} if reasons else {}
        print_json(about if wanted is None else about | {"threshold": described(wanted)})


def _train(model: Any, X: Any, y: Labels | None, name: str) -> Any:
    from askew.training.epoch_events import terminal_bar

    with terminal_bar(f"fitting {name}"):
        model.fit(X, y)
    return model
