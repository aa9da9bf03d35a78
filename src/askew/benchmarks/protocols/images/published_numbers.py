"""The papers' numbers for a cell of an image protocol's table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from askew.benchmarks.protocols.images.design import PAIRS
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.result_tables.cells import mean_of_all
from askew.benchmarks.result_tables.published import Cell, cells
from askew.benchmarks.runs.label_use import RUN_WITHOUT_LABELS, VAES, WITHOUT_LABELS
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.plan import Run
from askew.errors import InvalidInputError

_PRINTED_AS = {"vae": ("vae", "dp_vae"), "deep_svdd": ("deep_svdd", "deep_sad")}
"""Under what names a method without labels is printed, the first that there is."""

CIFAR_CLASSES = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())
"""What the AMA paper calls the classes of CIFAR-10."""

DOUBTS: dict[tuple[str, str, str], tuple[tuple[str, ...], str]] = {
    ("ood", "cifar10_vs_svhn", "deep_svdd"): (
        ("auroc", "auprc_normal", "fpr80"),
        "an AUROC of 17.1 cannot be with an FPR80 of 21.9, which makes it at least 62",
    ),
    ("ood", "cifar10_vs_svhn", "ama"): (
        ("auroc",),
        "93.5 is Table 5's run without interpolations; with them Table 5 has 89.5",
    ),
    ("one_vs_rest", "cifar10", "fence_gan"): (
        ("auroc",),
        "the mean of the ten printed classes is 53.4, the printed average 56.7",
    ),
}
"""By experiment, data set and method: the measures that are in doubt, and why."""


class PublishedNumbers(NamedTuple):
    """What a paper prints for a cell; None where it prints nothing, ``doubtful`` the measures that are in doubt."""

    mean: float
    std: float | None = None
    n_runs: int | None = None
    auprc: float | None = None
    fpr80: float | None = None
    doubtful: tuple[str, ...] = ()


def published_numbers(runs: Sequence[Run]) -> PublishedNumbers | None:
    """Return what the papers print for the cell of ``runs``, or None.

    Where a paper prints every normal class, it is the mean over the classes that ``runs`` have; otherwise the mean
    over all runs of the paper's grid, whatever part of it ``runs`` are.

    >>> from askew.benchmarks.protocols.images.protocol import plan
    >>> ours = plan("one_vs_rest", "paper", methods=["ama"], datasets=["mnist"], normal_classes=[0, 1], at=[0])
    >>> published_numbers(ours.runs).mean
    0.992
    """
    found = {run.normal_class: published_cell(run) for run in runs}
    given = [cell for cell in found.values() if cell is not None]
    if not given:
        return None
    run, first = runs[0], given[0]
    doubtful, _ = DOUBTS.get((run.protocol, run.dataset, run.method), ((), ""))
    if len(set(given)) > 1:
        mean = mean_of_all([cell.mean for cell in given])
        return PublishedNumbers(round(mean, 4), doubtful=doubtful) if mean is not None else None
    others = {
        cell.metric: cell.mean
        for cell in _cells(first.experiment, ("auprc", "fpr80"))
        if (cell.dataset, cell.method) == (first.dataset, first.method)
    }
    if run.protocol != first.experiment:
        others, doubtful = {}, ()
    return PublishedNumbers(
        first.mean, first.std, first.n_runs, others.get("auprc"), others.get("fpr80"), doubtful
    )


def published_cell(run: Run) -> Cell | None:
    """Return the printed AUROC for the normal class of ``run``, or for the mean over all runs like it, or None.

    The VAE family's are ensembles of five where the size is not what is varied, the others' single models. In the
    pollution tables methods without labels are printed in rows with γ_l = 0.05, which they do not use. Deep SAD
    after 150 epochs of pre-training, to which :mod:`ill_trained_autoencoder` compares, is scenario (i)'s. The AMA
    paper prints every class; what it varies in figures alone has the numbers of the tables with the same settings.

    >>> from askew.benchmarks.protocols.images.protocol import plan
    >>> run = plan("labelled_ratio", "paper", methods=["dp_vae"], datasets=["cifar10"], at=[0.01]).runs[0]
    >>> published_cell(run).mean, published_cell(run).n_runs
    (0.745, 90)
    """
    experiment = run.protocol
    if experiment in _AMA_TABLES:
        return _ama_cell(run)
    if experiment == "ill_trained_autoencoder" and run.params["training__pretrain_epochs"] != 10:
        experiment = "labelled_ratio"
    method = Method.of(run.method).printed_as
    for name in _PRINTED_AS.get(method, (method,)):
        found = [cell for cell in _cells(experiment) if cell.method == name and _fits(cell, run)]
        if found:
            return found[0]
    return None


_AMA_TABLES = {
    **{name: name for name in ("one_vs_rest", "ood", "negative_sampling", "semi_supervised_ama")},
    "components": "negative_sampling",
    "corruption": "one_vs_rest",
    "mixup": "one_vs_rest",
}
"""The table that has numbers for each of the AMA paper's protocols; the last two are figures."""


def _ama_cell(run: Run) -> Cell | None:
    experiment = _AMA_TABLES[run.protocol]
    negatives, interpolation = run.params.get("negatives", "auto"), run.params.get("interpolation", "simplex")
    method = run.method
    if negatives != "auto" or interpolation == "mixup" or run.pollution_ratio:
        if experiment != "negative_sampling" or negatives is None:
            return None
        method = "sipple2020"
    if run.dataset not in PAIRS:
        experiment = "one_vs_rest" if experiment == "negative_sampling" else experiment
        if interpolation is None:
            return None
    word = f"simplex_interpolation={'yes' if interpolation else 'no'}"
    place = (run.dataset, _class_name(run), method, run.labelled_ratio)
    for cell in _cells(experiment):
        same = (cell.dataset, cell.normal_class, cell.method, cell.ratio_labelled) == place
        if same and (experiment != "negative_sampling" or cell.note.startswith(word)):
            return cell
    return None


def _class_name(run: Run) -> str | None:
    of_cifar = run.dataset == "cifar10" and run.normal_class is not None
    return CIFAR_CLASSES[int(run.normal_class or 0)] if of_cifar else run.normal_class


@cache
def _cells(experiment: str, metrics: tuple[str, ...] = ("auroc",)) -> tuple[Cell, ...]:
    """Return the printed numbers of an experiment; none for one that is printed as a picture alone."""
    try:
        return tuple(cell for cell in cells(experiment) if cell.metric in metrics)
    except InvalidInputError:
        return ()


def _fits(cell: Cell, run: Run) -> bool:
    if cell.dataset != run.dataset or cell.ratio_pollution != run.pollution_ratio:
        return False
    if Method.of(run.method).printed_as in RUN_WITHOUT_LABELS and run.protocol == "pollution":
        return cell.method not in WITHOUT_LABELS  # a row with labels is another method's here
    if cell.ratio_labelled != run.labelled_ratio:
        return False
    if DESIGNS[run.protocol].drawn and cell.n_known_classes != str(len(run.known_classes or ())):
        return False
    size = 5 if run.method in VAES else 1
    if DESIGNS[run.protocol].compares_sizes:
        size = int(run.params["n_members"])
    return cell.ensemble_size in (None, size) and _same_parts(cell, run)


def _same_parts(cell: Cell, run: Run) -> bool:
    """Whether encoder and decoder of the ablation are those of ``run``; True elsewhere."""
    if cell.encoder is None:
        return True
    encoder = "separate" if run.params["separate_encoder"] else "same"
    decoder = "freeze" if run.params["freeze_decoder"] else "unfreeze"
    return (cell.encoder, cell.decoder) == (encoder, decoder)
