"""``askew fit``: a table or a folder of images, with a few labels -> a model file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli import console, options
from askew.cli.console import note, print_json
from askew.cli.threshold import described, report
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.fitting import ThresholdChoice


def fit(
    data: Annotated[str, typer.Argument(metavar="DATA", help=options.DATA_HELP)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Model file to write, for example model.askew.")
    ],
    label_column: options.LabelColumnOption = None,
    anomaly: options.AnomalyOption = None,
    normal: options.NormalOption = None,
    unlabelled: Annotated[
        list[str] | None,
        typer.Option(help="Value that marks an unlabelled row; of images, a folder of them. Repeatable."),
    ] = None,
    any_spelling: options.AnySpellingOption = False,
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
    seed: Annotated[int, typer.Option(min=0, max=options.LAST_SEED, help="Seed of every random choice.")] = 0,
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
    sample: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Most unlabelled rows of a table to learn from, drawn evenly (200,000 without it); as many known "
            "normal ones, and all known anomalies.",
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(help="Side in pixels that images are brought to; without it, chosen from 16 to 64."),
    ] = None,
    skip_corrupt: options.SkipCorruptOption = False,
    checkpoint: options.CheckpointOption = None,
    threshold: options.RuleOption = None,
    hold_out: options.HoldOutOption = None,
    sheet: options.SheetOption = None,
    query: options.QueryOption = None,
    decimal: options.DecimalOption = None,
    thousands: options.ThousandsOption = None,
    na: options.NaOption = None,
    encoding: options.EncodingOption = None,
    separator: options.SeparatorOption = None,
    json: options.JsonOption = False,
) -> None:
    """Learn what is normal from a table or a folder of images, with the few labels there are; write a model file.

    Of a folder, the images directly in it are unlabelled; --normal, --anomaly and --unlabelled name folders in it, or
    elsewhere, whose images are known to be normal or defects, or are unlabelled too.
    """
    from askew.fitting import DetectorChoice, FileFit, TrainingOptions, preparation_lines
    from askew.inputs import check_writable, source_files
    from askew.scoring import Labelling, label_counts

    rows = options.data_of(data, sheet, query)
    check_writable(output, sources=source_files(rows))
    wanted = _threshold_choice(threshold, hold_out, seed)
    labelling = Labelling(label_column, options.meaning_of(anomaly, normal, unlabelled, any_spelling))
    columns = (id_column, tuple(drop or ()), tuple(column_kind or ()))
    shortcuts = {
        "--members": ("n_members", members),
        "--epochs": ("training__epochs", epochs),
        "--seed": ("random_state", seed),
        "--checkpoint": ("training__checkpoint", None if checkpoint is None else str(checkpoint)),
    }
    choice = DetectorChoice(detector, tuple(setting or ()), shortcuts)
    written = options.text_format_of(decimal, thousands, na, encoding, separator)
    learned = TrainingOptions(labelling, *columns, size, skip_corrupt, sample, seed, written)
    job = FileFit(rows, learned, choice, wanted, console)
    with _stoppable(job.detector, checkpoint):
        fitted = job.run()
        for line in preparation_lines(fitted.model):
            note(f"  {line}")
        if wanted is not None:
            report(fitted.model)
        fitted.model.save(output)
    for reason in fitted.reasons:
        note(f"  {reason}")
    if any("AUROC" in reason for reason in fitted.reasons):
        note(
            "  (AUROC: how often a known anomaly scores lower than another row; 1 is always, 0.5 is chance.)"
        )
    note(f"Wrote {output} ({type(fitted.detector).__name__}, fitted in {fitted.n_seconds:.1f} s).")
    if json:
        about: dict[str, Any] = {"model": str(output), "detector": job.name, "data": str(rows)}
        about |= fitted.about | {"labels": label_counts(fitted.y), "seconds": round(fitted.n_seconds, 3)}
        if fitted.extremes:
            about["extreme_cells"] = [each._asdict() | {"row": each.row + 1} for each in fitted.extremes]
        if fitted.reasons:
            about |= {"chosen": fitted.detector.chosen_, "reasons": fitted.reasons}
        print_json(about if wanted is None else about | {"threshold": described(fitted.model)})


@contextmanager
def _stoppable(model: Any, checkpoint: Path | None) -> Iterator[None]:
    """Say in a line where the fit of `model` inside goes on and, if it is stopped or cannot be saved, what is kept."""
    keeping: AbstractContextManager[None] = nullcontext()
    if checkpoint is not None:
        from askew.base.checkpoints import kept_until_done, progress_of
        from askew.errors import ModelFileError

        keeping = kept_until_done()
        with suppress(ModelFileError):  # fit refuses what is no checkpoint
            if checkpoint.exists():
                note(f"Going on from {checkpoint} ({progress_of(checkpoint)}).")
    try:
        with keeping:
            yield
    except (KeyboardInterrupt, SystemExit, OSError):
        note(_what_is_kept(model, checkpoint))
        raise


def _what_is_kept(model: Any, checkpoint: Path | None) -> str:
    if checkpoint is None:
        could = hasattr(model, "training")
        more = " With --checkpoint FILE a fit can be stopped and go on later." if could else ""
        return f"Stopped; nothing is kept.{more}"
    if not checkpoint.exists():
        return f"Stopped; there is no {checkpoint} yet, so nothing is kept."
    from askew.base.checkpoints import progress_of

    return f"Stopped; {checkpoint} is kept ({progress_of(checkpoint)}). The same command goes on from there."


def _threshold_choice(rule: str | None, share: float | None, seed: int) -> ThresholdChoice | None:
    """Return the threshold that `rule` stands for, or None without one; refuse wrong options before the long work."""
    if rule is None:
        if share is not None:
            raise InvalidInputError(
                "--hold-out must be given with --threshold. For example --threshold fdr:0.1."
            )
        return None
    if share is not None and not 0 < share < 1:
        raise InvalidInputError(f"--hold-out must be in (0, 1); got {share}. 0.2 holds out one row in five.")
    from askew.calibration import from_rule
    from askew.fitting import ThresholdChoice

    return ThresholdChoice(from_rule(rule), share, seed)
