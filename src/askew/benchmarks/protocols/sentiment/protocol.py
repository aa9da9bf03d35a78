"""The sentiment protocol: sentences of one sentiment are normal, and a few of the other one are labelled.

Daniel, Kurutach and Tamar: Deep Variational Semi-Supervised Novelty Detection (2021), Appendix H and Table 14.
First sentences of IMDB reviews, 70:30; a sentence VAE is trained on one sentiment with 0 % and 1 % labelled
sentences of the other, both ways, five seeds. Beside it, on the same splits, a logistic regression on the mean
of a sentence's word vectors, which the paper does not have: it says what the labels are worth.

Settings were chosen on the reviews of the original training half alone. The preset ``quick`` is run on those of
the other half.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from askew import index
from askew.benchmarks.protocols.sentiment.result import SentimentResult, tabulate
from askew.benchmarks.runs.choices import choose, choose_seeds, open_store
from askew.benchmarks.runs.group import failed_record
from askew.benchmarks.runs.metrics import metrics
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.progress import Clock, Progress, Reporter
from askew.benchmarks.runs.store import Record, Store
from askew.datasets.sentences import NORMAL, Sentences, glove, sentiment, sentiment_split
from askew.inputs.text import tokenise

if TYPE_CHECKING:
    from askew.base import Detector
    from askew.datasets import Split

VAE, BASELINE = "sentence_vae", "logistic_regression"
METHODS = (VAE, BASELINE)
RATIOS = (0.0, 0.01)


class Preset(NamedTuple):
    """A size of the experiment."""

    dataset: str
    """``"imdb"``, or ``"imdb-test"`` for the reviews of the original test half."""
    seeds: tuple[int, ...]
    params: Mapping[str, Any]
    """Of the sentence VAE, flat and JSON-able."""


PRESETS = {
    "quick": Preset(
        "imdb-test",
        (0, 1, 2, 3, 4),
        {
            "training__epochs": 5,
            "training__batch_size": 128,
            "outlier_epochs": 2,
            "kl_epochs": 2,
            "hidden_size": 32,
            "min_count": 5,
        },
    ),
    "paper": Preset(
        "imdb",
        (0, 1, 2, 3, 4),
        {"training__epochs": 485, "outlier_epochs": 5, "kl_epochs": 20, "min_count": 2},
    ),
}
"""``paper`` has the paper's 480 + 5 epochs on all sentences, days on a processor; ``quick`` is smaller throughout."""

SCORES = ("elbo", "kl")
"""Both scores are read off the same trained VAE."""


def plan(
    preset: str = "quick", seeds: Iterable[int] | None = None, methods: Iterable[str] | None = None
) -> Plan:
    """Return the runs of the sentiment protocol.

    Parameters
    ----------
    preset : {"quick", "paper"}
        Size of the data and of the training.
    seeds : iterable of int, optional
        By default the five of the preset.
    methods : iterable of str, optional
        Any of :data:`METHODS`; both by default. Each VAE is trained once and scored twice, by its ELBO and by
        the KL term alone. The regression has no runs without labels.

    Raises
    ------
    InvalidInputError
        For a name that is not among the choices.
    """
    owner = "run_sentiment"
    choose("preset", [preset], PRESETS, owner)
    chosen = PRESETS[preset]
    used_seeds = choose_seeds(chosen.seeds if seeds is None else seeds, owner)
    used = choose("methods", METHODS if methods is None else methods, METHODS, owner)
    settings: dict[str, list[dict[str, Any]]] = {
        VAE: [{**chosen.params, "score_by": score} for score in SCORES],
        BASELINE: [{}],
    }
    runs = tuple(
        Run(
            "sentiment",
            chosen.dataset,
            method,
            params,
            seed,
            labelled_ratio=ratio,
            normal_class=normal,
        )
        for method in used
        for seed in used_seeds  # a seed is complete before the next one begins
        for normal in NORMAL
        for ratio in RATIOS
        for params in settings[method]
        if method == VAE or ratio > 0
    )
    cells = len(NORMAL) * (len(RATIOS) * len(SCORES) + 1)
    return Plan("sentiment", preset, runs, grid=len(chosen.seeds) * cells)


def run_sentiment(
    preset: str = "quick",
    seeds: Iterable[int] | None = None,
    methods: Iterable[str] | None = None,
    out: Path | str = Path("results"),
    resume: bool = True,
    progress: Reporter | None = None,
) -> SentimentResult:
    """Run the sentiment protocol and write ``runs/``, ``runs.parquet``, ``table.csv`` and ``table.md``.

    Parameters
    ----------
    preset, seeds, methods
        What to run; see :func:`plan`.
    out : path, default="results"
        The results folder.
    resume : bool, default=True
        Keep the runs that the folder holds and do the missing ones. False refuses a folder that is not empty.
    progress : callable, optional
        Called with :class:`askew.benchmarks.Progress` events.

    Raises
    ------
    InvalidInputError
        For an unknown name or a folder that cannot be used. `DataFileError` if the sentences are not to be had.
    KeyboardInterrupt
        On Ctrl-C, after the tables of what is finished are written.
    """
    chosen = plan(preset, seeds, methods)
    store = open_store(out, resume, "run_sentiment")
    try:
        _execute(chosen, store, progress)
    finally:  # also on Ctrl-C
        result = tabulate(chosen, store)
    return result


def _execute(chosen: Plan, store: Store, progress: Reporter | None) -> None:
    stored, messages = store.read()
    records = {run.key: stored[run.key] for run in chosen.runs if run.key in stored}
    groups = _one_training(chosen.missing(records))
    clock = Clock({key: float(runs[0].params.get("training__epochs", 0.1)) for key, runs in groups.items()})

    def tell(kind: str, text: str = "") -> None:
        if progress is not None:
            failed = sum(record.status == "failed" for record in records.values())
            counts = (len(records), len(chosen.runs), failed)
            progress(Progress(kind, *counts, clock.fraction, clock.seconds, clock.seconds_left, text))

    for message in messages:
        tell("message", message)
    tell("begin")
    for key, runs in groups.items():
        run = runs[0]
        name = f"{run.method}, {run.normal_class} is normal, {run.labelled_ratio:.0%}, seed {run.seed}"

        def moved(fraction: float, key: str = key, name: str = name) -> None:
            clock.moved(key, fraction)
            tell("part", name)

        for record in _records(runs, chosen.preset, moved):
            store.write(record)
            records[record.run.key] = record
            if record.status == "failed":
                tell("message", f"failed: {name}: {record.error}")
        clock.moved(key, 1.0)
        tell("done", name)
    tell("end")


def _one_training(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Return the runs that differ in how they score alone together: they share a training."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        params = {name: value for name, value in run.params.items() if name != "score_by"}
        groups.setdefault(replace(run, params=params).key, []).append(run)
    return groups


def _records(runs: list[Run], preset: str, report: Callable[[float], None]) -> list[Record]:
    """Train once and score for each run; what goes wrong is their record."""
    from askew.training import one_thread
    from askew.training.epoch_events import reporting

    run = runs[0]
    part = sentiment_split(_data(run.dataset), str(run.normal_class), run.seed, run.labelled_ratio)
    try:
        with warnings.catch_warnings(record=True) as caught, one_thread():
            warnings.simplefilter("always")
            start = time.perf_counter()
            with reporting(lambda event: report(event.done / event.total)):
                detector, prepared = _fitted(run, part)
            fit_seconds = (time.perf_counter() - start) / len(runs)
            x = prepared(part.X_test)
            scored = [_scored(detector, each, x, part) for each in runs]
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return [failed_record(each, preset, reason) for each in runs]
    fields: dict[str, Any] = {
        "status": "ok",
        "error": None,
        "fit_seconds": fit_seconds,
        "group_size": len(runs),
        "n_train": part.n_train,
        "n_labelled": part.n_labelled,
        "n_test": part.n_test,
        "warnings": " | ".join(dict.fromkeys(" ".join(str(w.message).split()) for w in caught)) or None,
    }
    return [
        replace(failed_record(each, preset, ""), **fields, **found)
        for each, found in zip(runs, scored, strict=True)
    ]


def _scored(detector: Detector, run: Run, x: Any, part: Split) -> dict[str, Any]:
    if "score_by" in run.params:
        detector.set_params(score_by=run.params["score_by"])
    start = time.perf_counter()
    found = metrics(detector.score_samples(x), part.anomaly_test)
    return {**found._asdict(), "score_seconds": time.perf_counter() - start}


def _fitted(run: Run, part: Split) -> tuple[Detector, Callable[[NDArray[Any]], Any]]:
    """Return the fitted detector, and what turns sentences into its input."""
    made = index.detector_class(run.method)
    if run.method == BASELINE:
        detector = made().set_params(random_state=run.seed)
        return detector.fit(mean_vectors(part.X_train), part.y_train), mean_vectors
    words = {token for text in part.X_train for token in tokenise(text)}
    detector = made().set_params(**run.params, vectors=glove(words), random_state=run.seed)
    return detector.fit(part.X_train, part.y_train), lambda texts: texts


def mean_vectors(texts: Iterable[str]) -> NDArray[np.float64]:
    """Return the mean of the word vectors of each text, (n, 50); 0 where no word has one."""
    sentences = [tokenise(text) for text in texts]
    vectors = glove({token for sentence in sentences for token in sentence})
    width = len(next(iter(vectors.values())))
    means = np.zeros((len(sentences), width))
    for row, sentence in enumerate(sentences):
        known = [vectors[token] for token in sentence if token in vectors]
        if known:
            means[row] = np.mean(known, axis=0)
    return means


@cache
def _data(dataset: str) -> Sentences:
    return sentiment().of_part("test") if dataset == "imdb-test" else sentiment()
