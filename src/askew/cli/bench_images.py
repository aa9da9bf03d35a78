"""``askew bench labelled-ratio`` and its siblings: the image protocols of the papers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from askew.cli.bench import (
    OutputOption,
    PresetOption,
    ResumeOption,
    SeedsOption,
    WorkersOption,
    default_workers,
    names,
    parse_seeds,
    resumable,
    show,
)
from askew.cli.options import JsonOption
from askew.errors import InvalidInputError

COMMANDS = {
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
"""The protocols, as commands; what each prints stands beside the published numbers."""


def register(app: typer.Typer) -> None:
    """Add one command per protocol; they differ in nothing but the protocol."""
    for name, text in COMMANDS.items():
        help_text = (
            f"{text}\n\nStop it at any moment; the same command continues. It exits with 1 if a run failed."
        )
        app.command(name, help=help_text)(_command(name.replace("-", "_")))


def _command(protocol: str) -> Callable[..., None]:
    def command(
        preset: PresetOption = "quick",
        methods: Annotated[
            list[str] | None,
            typer.Option(help="Methods, for example dp_vae,deep_sad; by default the preset's."),
        ] = None,
        datasets: Annotated[
            list[str] | None,
            typer.Option(help="Of the protocol, for example mnist,cifar10; by default the preset's."),
        ] = None,
        normal_classes: Annotated[
            str | None,
            typer.Option(help="Numbers of the normal classes (0-4 or 0,3); by default the preset's."),
        ] = None,
        known_classes: Annotated[
            str | None, typer.Option(help="Only cells that know one of these anomaly classes (1-3 or 5).")
        ] = None,
        at: Annotated[
            list[str] | None,
            typer.Option(help="Columns of the table, for example 0,0.01; by default the preset's."),
        ] = None,
        seeds: SeedsOption = None,
        members: Annotated[
            int | None,
            typer.Option(
                min=1,
                help="Models of a VAE's ensemble; by default the papers' five, and one in quick. One takes a fifth of "
                "the time.",
            ),
        ] = None,
        output: OutputOption = Path("results"),
        workers: WorkersOption = None,
        resume: ResumeOption = True,
        picture_codes: Annotated[
            bool,
            typer.Option(
                "--picture-codes", help="Then fit two models and let askew report draw their codes."
            ),
        ] = False,
        pictures: Annotated[
            list[str] | None,
            typer.Option(
                help="Then fit the first run of these methods again and let askew report show what they make of images."
            ),
        ] = None,
        device: Annotated[
            str, typer.Option(help="Where networks are trained: cpu, or cuda with --workers 1.")
        ] = "cpu",
        json: JsonOption = False,
    ) -> None:
        from askew.benchmarks import run_images

        grid: dict[str, Any] = {"normal_classes": _numbers("--normal-classes", normal_classes)}
        grid["known_classes"] = _numbers("--known-classes", known_classes)
        grid |= {"at": _values(names(at)), "seeds": parse_seeds(seeds), "members": members}
        with resumable(output) as report:
            result = run_images(
                protocol,
                preset,
                methods=names(methods),
                datasets=names(datasets),
                **grid,
                out=output,
                workers=workers or default_workers(),
                resume=resume,
                progress=report,
                picture_codes=picture_codes,
                pictures=names(pictures) or (),
                device=device,
            )
        show(result, output, json)

    return command


def _numbers(option: str, text: str | None) -> list[int] | None:
    """Return the classes that ``"3"``, ``"0-4"`` or ``"0,3"`` stand for: one number is that class."""
    if text is None:
        return None
    try:
        parts = [part.split("-") for part in text.replace(" ", "").split(",")]
        found = [number for ends in parts for number in range(int(ends[0]), int(ends[-1]) + 1)]
    except ValueError:
        found = []
    if not found or any(len(ends) > 2 for ends in parts):
        raise InvalidInputError(f"{option} must be numbers of classes (0-4 or 0,3); got {text!r}.")
    return found


def _values(texts: list[str] | None) -> list[float] | None:
    try:
        return None if texts is None else [float(text) for text in texts]
    except ValueError as error:
        raise InvalidInputError(
            f"--at must be numbers, for example 0,0.01; got {', '.join(texts or [])}."
        ) from error
