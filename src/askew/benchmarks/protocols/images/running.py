"""Runs an image protocol and writes its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from askew.benchmarks.protocols.images import tsne
from askew.benchmarks.protocols.images.grid_runs import plan
from askew.benchmarks.protocols.images.pictures import make_pictures, picture_runs
from askew.benchmarks.protocols.images.result import ImageResult, tabulate
from askew.benchmarks.runs.choices import open_store
from askew.benchmarks.runs.runner import carry_out


def run_images(
    protocol: str,
    preset: str = "quick",
    methods: Iterable[str] | None = None,
    datasets: Iterable[str] | None = None,
    normal_classes: Iterable[int] | None = None,
    known_classes: Iterable[int] | None = None,
    at: Iterable[float] | None = None,
    seeds: Iterable[int] | None = None,
    members: int | None = None,
    out: Path | str = Path("results"),
    workers: int = 1,
    resume: bool = True,
    progress: Callable[[Any], None] | None = None,
    picture_codes: bool = False,
    pictures: Iterable[str] = (),
    device: str = "cpu",
) -> ImageResult:
    """Run an image protocol and write ``runs/``, ``runs.parquet``, ``table.csv`` and ``table.md``.

    Parameters
    ----------
    protocol, preset, methods, datasets, normal_classes, known_classes, at, seeds, members
        What to run; see :func:`askew.benchmarks.protocols.images.grid_runs.plan`.
    out : path, default="results"
        The results folder. ``runs.parquet`` has every run of the folder, the tables those of this call.
    workers : int, default=1
        Processes, each with one torch thread. With more than one, a script must guard its start with
        ``if __name__ == "__main__":``.
    resume : bool, default=True
        Keep the runs that the folder holds and do the missing ones. False refuses a folder that is not empty.
    progress : callable, optional
        Called with :class:`askew.benchmarks.Progress` events, for example
        :func:`askew.benchmarks.rich_reporter`'s.
    picture_codes : bool, default=False
        Whether to fit two models more at the end, in this process, and write ``codes.json``, which ``askew report``
        draws: :func:`askew.benchmarks.protocols.images.tsne.picture_codes`.
    pictures : iterable of str, optional
        Methods whose first run is fitted once more at the end, in this process, for ``askew report`` to show its
        contact sheet, reconstructions, interpolations and scores:
        :func:`askew.benchmarks.protocols.images.pictures.make_pictures`.
    device : str, default="cpu"
        Where networks are trained and score, for example ``"cuda"``; use one worker then. It is stored with each
        run, and is no part of its name: runs that the folder holds are kept, wherever they were done.

    Returns
    -------
    ImageResult
        To print, or ``to_json()``.

    Raises
    ------
    InvalidInputError
        For an unknown name, a folder that cannot be used, an image set that cannot be loaded,
        ``resume=False`` with a folder in use, ``picture_codes`` without a VAE with labels, or ``pictures`` of a
        method without a run on images.
    KeyboardInterrupt
        On Ctrl-C, after the tables of what is finished are written.
    """
    chosen = plan(protocol, preset, methods, datasets, normal_classes, known_classes, at, seeds, members)
    if picture_codes:
        tsne.pair_of_runs(chosen)  # refused before the runs, not after
    pictured = tuple(pictures)
    if pictured:
        picture_runs(chosen, pictured)
    store = open_store(out, resume, "run_images")
    result = carry_out(chosen, store, tabulate, workers, progress, device)
    if picture_codes:
        tsne.picture_codes(chosen, store)
    if pictured:
        make_pictures(chosen, store, pictured)
    return result
