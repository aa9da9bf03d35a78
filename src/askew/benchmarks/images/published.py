"""The papers' number for a cell of an image protocol's table."""

from __future__ import annotations

from functools import cache

from askew.benchmarks.images.protocols import LABEL_FREE, PROTOCOLS
from askew.benchmarks.images.settings import VAES
from askew.benchmarks.plan import Run, untuned
from askew.benchmarks.published import Cell, cells
from askew.errors import InvalidInputError

_PRINTED_AS = {"vae": ("vae", "dp_vae"), "deep_svdd": ("deep_svdd", "deep_sad")}
"""Under what names a method without labels is printed, the first that there is."""


def published_cell(run: Run) -> Cell | None:
    """Return the cell that the papers print for the mean over all runs like ``run``, or None.

    The VAE family's are ensembles of five where the size is not what is varied, the others' single models. In the
    pollution tables methods without labels are printed in rows with γ_l = 0.05, which they do not use. Deep SAD
    after 150 epochs of pre-training, to which :mod:`ill_trained_autoencoder` compares, is scenario (i)'s.

    Examples
    --------
    >>> from askew.benchmarks.images.planning import plan
    >>> run = plan("labelled_ratio", "paper", ["dp_vae"], ["cifar10"], at=[0.01]).runs[0]
    >>> published_cell(run).mean, published_cell(run).n_runs
    (0.745, 90)
    """
    experiment = run.protocol
    if experiment == "ill_trained_autoencoder" and run.params["training__pretrain_epochs"] != 10:
        experiment = "labelled_ratio"
    method = untuned(run.method)
    for name in _PRINTED_AS.get(method, (method,)):
        found = [cell for cell in _cells(experiment) if cell.method == name and _fits(cell, run)]
        if found:
            return found[0]
    return None


@cache
def _cells(experiment: str) -> tuple[Cell, ...]:
    """Return the printed AUROCs of an experiment; none for one that is printed as a picture alone."""
    try:
        return tuple(cell for cell in cells(experiment) if cell.metric == "auroc")
    except InvalidInputError:
        return ()


def _fits(cell: Cell, run: Run) -> bool:
    if cell.dataset != run.dataset or cell.ratio_pollution != run.pollution_ratio:
        return False
    if untuned(run.method) in LABEL_FREE and run.protocol == "pollution":
        return True
    if cell.ratio_labelled != run.labelled_ratio:
        return False
    if PROTOCOLS[run.protocol].drawn and cell.n_known_classes != str(len(run.known_classes or ())):
        return False
    return cell.ensemble_size in (None, _members(run)) and _same_parts(cell, run)


def _members(run: Run) -> int:
    if run.protocol in ("ensemble_size", "ablation"):
        return int(run.params["n_members"])
    return 5 if run.method in VAES else 1


def _same_parts(cell: Cell, run: Run) -> bool:
    """Whether encoder and decoder of the ablation are those of ``run``; True elsewhere."""
    if cell.encoder is None:
        return True
    encoder = "separate" if run.params["separate_encoder"] else "same"
    decoder = "freeze" if run.params["freeze_decoder"] else "unfreeze"
    return (cell.encoder, cell.decoder) == (encoder, decoder)
