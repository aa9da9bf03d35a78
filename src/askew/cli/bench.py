"""``askew bench``: the protocols of the papers, resumable, with the published numbers beside ours."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from askew.cli.console import note, print_json, print_table
from askew.cli.options import CLUSTER_HELP, JsonOption
from askew.errors import InvalidInputError

app = typer.Typer(help="Run a protocol of the papers and print its table.")

_MOST_WORKERS = 8  # each takes a few hundred megabytes


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), nl=False)


def parse_seeds(text: str | None) -> list[int] | None:
    """Return the seeds that ``"10"`` (how many), ``"0-4"`` or ``"0,3,7"`` (which) stand for.

    Raises
    ------
    InvalidInputError
        If the text is none of these.

    Examples
    --------
    >>> parse_seeds("3"), parse_seeds("2-4"), parse_seeds("0,7")
    ([0, 1, 2], [2, 3, 4], [0, 7])
    """
    if text is None:
        return None
    compact = text.replace(" ", "")
    if re.fullmatch(r"[1-9]\d{0,5}", compact):
        return list(range(int(compact)))
    if re.fullmatch(r"\d{1,9}-\d{1,9}", compact):
        first, last = (int(part) for part in compact.split("-"))
        if first <= last:
            return list(range(first, last + 1))
    elif re.fullmatch(r"\d{1,9}(,\d{1,9})+", compact):
        return [int(part) for part in compact.split(",")]
    raise InvalidInputError(f"--seeds must be a number of seeds (10) or seeds (0-4 or 0,3,7); got {text!r}.")


def _class_numbers(option: str) -> Callable[[str | None], list[int] | None]:
    """Return what reads ``"3"``, ``"0-4"`` or ``"0,3"`` as classes: one number is that class."""

    def read(text: str | None) -> list[int] | None:
        if text is None:
            return None
        try:
            parts = [part.split("-") for part in text.replace(" ", "").split(",")]
            numbers = [number for ends in parts for number in range(int(ends[0]), int(ends[-1]) + 1)]
        except ValueError:
            numbers = []
        if not numbers or any(len(ends) > 2 for ends in parts):
            raise InvalidInputError(f"{option} must be numbers of classes (0-4 or 0,3); got {text!r}.")
        return numbers

    return read


def _names(texts: list[str] | None) -> list[str] | None:
    """Return the names of an option that takes several, comma-separated or given again; None for none."""
    found = [name.strip() for text in texts or [] for name in text.split(",")]
    return [name for name in found if name] or None


def _values(texts: list[str] | None) -> list[float] | None:
    names = _names(texts)
    try:
        return None if names is None else [float(name) for name in names]
    except ValueError as error:
        raise InvalidInputError(
            f"--at must be numbers, for example 0,0.01; got {', '.join(names or [])}."
        ) from error


def _workers(count: int | None) -> int:
    """Return the number of processes, by default one per core, at most eight."""
    several = hasattr(os, "sched_getaffinity")
    return count or min(len(os.sched_getaffinity(0)) if several else os.cpu_count() or 1, _MOST_WORKERS)


class _Option(NamedTuple):
    """An option of the commands: its type, default and help, and what reads its value."""

    kind: Any
    default: Any
    help: str
    read: Callable[[Any], Any] = lambda value: value
    names: tuple[str, ...] = ()
    least: int | None = None


_SEVERAL: Any = list[str] | None
_TEXT: Any = str | None
_COUNT: Any = int | None

_OPTIONS = {
    "preset": _Option(str, "quick", "quick: minutes on two cores; paper: the full grid."),
    "methods": _Option(
        _SEVERAL, None, "Methods, for example dp_vae,vae; by default all of the protocol.", _names
    ),
    "datasets": _Option(
        _SEVERAL, None, "Tables, for example cardio,thyroid; by default the preset's.", _names
    ),
    "normal_classes": _Option(
        _TEXT,
        None,
        "Numbers of the normal classes (0-4 or 0,3); by default the preset's.",
        _class_numbers("--normal-classes"),
    ),
    "known_classes": _Option(
        _TEXT,
        None,
        "Only cells that know one of these anomaly classes (1-3 or 5).",
        _class_numbers("--known-classes"),
    ),
    "at": _Option(
        _SEVERAL, None, "Columns of the table, for example 0,0.01; by default the preset's.", _values
    ),
    "seeds": _Option(
        _TEXT, None, "How many seeds (10), or which (0-4 or 0,3,7); by default the preset's.", parse_seeds
    ),
    "members": _Option(
        _COUNT,
        None,
        "Models of a VAE's ensemble; by default the papers' five, and one in quick. One takes a fifth of the time.",
        least=1,
    ),
    "output": _Option(Path, Path("results"), "Results folder.", names=("--output", "-o")),
    "workers": _Option(_COUNT, None, "Processes; by default one per core, at most 8.", _workers, least=1),
    "cluster": _Option(_TEXT, None, CLUSTER_HELP),
    "resume": _Option(bool, True, "Keep the runs that the results folder has."),
    "split": _Option(str, "clean", "clean, or leaky as the reference code did."),
    "picture_codes": _Option(
        bool, False, "Then fit two models and let askew report draw their codes.", names=("--picture-codes",)
    ),
    "pictures": _Option(
        _SEVERAL,
        None,
        "Then fit the first run of these methods again and let askew report show what they make of images.",
        lambda texts: _names(texts) or (),
    ),
    "device": _Option(str, "cpu", "Where networks are trained: cpu, or cuda with --workers 1."),
}


class _Command(NamedTuple):
    """A command: what it says of itself, the function it calls, its options, and help that is its own."""

    help: str
    function: str
    options: str
    own_help: dict[str, str]
    protocol: tuple[str, ...] = ()
    files: str = "runs.parquet, table.csv, table.md"
    reasons: str = "runs.parquet says why"


_IMAGE_OPTIONS = (
    "preset methods datasets normal_classes known_classes at seeds members output workers cluster resume "
    "picture_codes pictures device"
)
_IMAGE_HELP = {
    "methods": "Methods, for example dp_vae,deep_sad; by default the preset's.",
    "datasets": "Of the protocol, for example mnist,cifar10; by default the preset's.",
}
IMAGE_COMMANDS = {
    "labelled-ratio": "More labelled anomalies of one known class, on MNIST, Fashion-MNIST and CIFAR-10: AUROC.",
    "pollution": "Unknown anomalies among the unlabelled images: AUROC by their share.",
    "known-classes": "Labelled anomalies of one to five classes, among polluted images: AUROC.",
    "eta": "Deep SAD with other weights of the labelled images: AUROC.",
    "ablation": "DP-VAE with one or two encoders, a frozen or trained decoder, one or five members: AUROC.",
    "ensemble-size": "One model or an ensemble of five, on CIFAR-10: AUROC.",
    "ill-trained-autoencoder": "Deep SAD after 10 instead of 150 epochs of pre-training, on CIFAR-10: AUROC.",
    "cats-vs-dogs": "More labelled cats among dogs, and dogs among cats: AUROC.",
    "one-vs-rest": "AMA and its peers, one class normal, nothing labelled, on MNIST and CIFAR-10: AUROC.",
    "ood": "One image set against another, such as Fashion-MNIST against MNIST: AUROC, AUPRC, FPR80.",
    "negative-sampling": "AMA with atypical, uniform or no negatives: AUROC.",
    "semi-supervised-ama": "AMA with known anomalies of all nine classes, on CIFAR-10: AUROC.",
    "corruption": "AMA with anomalies among its normal images, on CIFAR-10: AUROC.",
    "components": "AMA with interpolations, negatives, both or neither: AUROC.",
    "mixup": "AMA with simplex interpolations or MixUp, on CIFAR-10: AUROC.",
}
"""The image protocols, as commands; what each prints stands beside the published numbers."""

_COMMANDS = {
    "classic": _Command(
        "Six tables, 1 % labelled anomalies, ten seeds: AUROC beside the published numbers.",
        "run_classic",
        "preset methods datasets seeds output workers cluster resume split",
        {},
    ),
    "few-labels": _Command(
        "Six tables with 1 to 50 labelled anomalies, which the test anomalies are like or unlike: AUROC by method.",
        "run_few_labels",
        "preset methods datasets seeds output workers cluster resume",
        {"methods": "Methods, for example dp_vae,catboost; by default the preset's."},
    ),
    "label-loop": _Command(
        "Anomalies that a person finds with 10 to 100 answers, by what is asked next; coniferest beside it.",
        "run_label_loop",
        "preset methods datasets seeds output workers cluster resume",
        {
            "preset": "quick: two tables, minutes on two cores; paper: 19 tables, ten seeds, hours.",
            "methods": "Of anomalous, informative, anomalous_random, aad_forest, static, isolation_forest, random.",
            "datasets": "Tables, for example cardio,thyroid; those of ADBench need ASKEW_DATA.",
        },
        files="runs.parquet, table.csv, table.md, curves.png",
    ),
    "planning": _Command(
        "Give a motion planner the samples of a conditional VAE: collisions, coverage, success, cost.",
        "run_planning",
        "preset methods seeds output workers cluster resume",
        {
            "preset": "quick: two seeds, minutes on two cores; paper: ten seeds.",
            "methods": "Of uniform, cvae, dp_cvae, mml_cvae; by default all.",
            "workers": "Processes; by default one per core.",
        },
        files="table.csv, table.md, worlds.png",
        reasons="their files in {runs} say why",
    ),
    "sentiment": _Command(
        "IMDB sentences of one sentiment, 0 % and 1 % labelled ones of the other: AUROC beside the published.",
        "run_sentiment",
        "preset seeds output cluster resume",
        {
            "preset": "quick: about half an hour on one core; paper: days.",
            "seeds": "How many seeds (5), or which (0-4 or 0,3); by default the five.",
        },
    ),
} | {
    name: _Command(text, "run_images", _IMAGE_OPTIONS, _IMAGE_HELP, protocol=(name.replace("-", "_"),))
    for name, text in IMAGE_COMMANDS.items()
}


def _register(name: str, command: _Command) -> None:
    """Add a command whose parameters are its options."""

    def bench(*, preset: str, output: Path, json: bool, **options: Any) -> None:
        if options.get("workers") and options["cluster"]:
            text = (
                "--workers and --cluster must not be given together: workers are processes of this machine."
            )
            raise InvalidInputError(f"{text} Use --cluster local:4 for four here.")
        settings = {option: _OPTIONS[option].read(value) for option, value in options.items()}
        _run(command, preset, output, json, settings)

    annotations: dict[str, Any] = {"json": JsonOption}
    defaults: dict[str, Any] = {"json": False}
    for option in command.options.split():
        own = _OPTIONS[option]
        text = command.own_help.get(option, own.help)
        annotations[option] = Annotated[own.kind, typer.Option(*own.names, min=own.least, help=text)]
        defaults[option] = own.default
    bench.__annotations__ = annotations
    keyword = inspect.Parameter.KEYWORD_ONLY
    bench.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(option, keyword, default=defaults[option], annotation=annotations[option])
            for option in (*command.options.split(), "json")
        ]
    )
    tail = "Stop it at any moment; the same command continues. It exits with 1 if a run failed."
    app.command(name, help=f"{command.help}\n\n{tail}")(bench)


for _name, _each in _COMMANDS.items():
    _register(_name, _each)


def _run(command: _Command, preset: str, output: Path, json: bool, settings: dict[str, Any]) -> None:
    """Run a protocol and print its result; exit with 1 if a run failed."""
    from askew import benchmarks

    try:
        with benchmarks.rich_reporter() as report:
            function = getattr(benchmarks, command.function)
            result = function(*command.protocol, preset, **settings, out=output, progress=report)
    except KeyboardInterrupt:
        note(f"Stopped; what is done is in {output}, and the same command continues.")
        raise
    if json:
        print_json(result.to_json())
    else:
        print_table(result.table())
    note(f"Results are in {output}: {command.files}.")
    failed = sum(row.n_failed for row in result.rows)
    if failed:
        reasons = command.reasons.format(runs=output / "runs")
        note(f"warning: {failed} of {result.done} runs failed; {reasons}.")
        raise typer.Exit(1)
