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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from askew import index
from askew.benchmarks.protocols.sentiment.result import SentimentResult
from askew.benchmarks.runs import choices
from askew.benchmarks.runs.choices import Choice, Options, Settings
from askew.benchmarks.runs.metrics import metrics
from askew.benchmarks.runs.plan import Group, Plan, Run
from askew.benchmarks.runs.protocol import Job, Protocol
from askew.benchmarks.runs.runner import run
from askew.benchmarks.runs.store import Record, Store
from askew.benchmarks.runs.watch import joined, one_line, watched
from askew.datasets.sentences import NORMAL, Sentences, glove, sentiment, sentiment_split
from askew.inputs.text import tokenise

if TYPE_CHECKING:
    from askew.base import Detector
    from askew.datasets import Split
    from askew.distributed.tasks import Report

VAE, BASELINE = "sentence_vae", "logistic_regression"
LAST = "sentence_vae_last"
"""The sentence VAE whose code is made of the encoder's last state, as in its paper; in no preset."""


@cache
def sentences(dataset: str) -> Sentences:
    """Return the sentences of a data set, read once per process."""
    return sentiment().of_part("test") if dataset == "imdb-test" else sentiment()


def fitted(run: Run, part: Split) -> tuple[Detector, Callable[[NDArray[Any]], Any]]:
    """Return the run's fitted detector, and what turns sentences into its input."""
    detector = index.detector_class(VAE if run.method == LAST else run.method)()
    if run.method == BASELINE:
        detector.set_params(random_state=run.seed)
        return detector.fit(mean_vectors(part.X_train), part.y_train), mean_vectors
    words = {token for text in part.X_train for token in tokenise(text)}
    detector.set_params(**run.params, vectors=glove(words), random_state=run.seed)
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


class Sentiment(Protocol[Record, SentimentResult]):
    """Sentences of one sentiment are normal; each VAE is trained once and scored twice, by its ELBO and its KL term.

    The regression has no runs without labels. A seed is complete before the next one begins.
    """

    owner = "run_sentiment"
    options = ("methods", "seeds")
    results = Store
    table = SentimentResult
    largest_first = False

    def plan(self, choice: Choice) -> Plan:
        """Return the runs by method, seed, normal sentiment, share of labels and score."""
        usual = {name: choices.Preset(METHODS, (one.dataset,), one.seeds) for name, one in PRESETS.items()}
        chosen = choice.checked(self.owner, usual, (*METHODS, LAST))
        preset = PRESETS[choice.preset]
        params: dict[str, list[dict[str, Any]]] = {
            VAE: [{**preset.params, "score_by": score} for score in SCORES],
            BASELINE: [{}],
        }
        params[LAST] = [{**given, "pooling": "last"} for given in params[VAE]]
        runs = tuple(
            Run("sentiment", preset.dataset, method, given, seed, labelled_ratio=ratio, normal_class=normal)
            for method in chosen.methods
            for seed in chosen.seeds
            for normal in NORMAL
            for ratio in RATIOS
            for given in params[method]
            if method != BASELINE or ratio > 0
        )
        cells = len(NORMAL) * (len(RATIOS) * len(SCORES) + 1)
        return Plan("sentiment", choice.preset, runs, grid=len(preset.seeds) * cells)

    def words(self, run: Run) -> str:
        """Return method, normal sentiment and share of labels."""
        return f"{run.method}, {run.normal_class} is normal, {run.labelled_ratio:.0%}"

    def group_key(self, run: Run) -> str:
        """Return a name that runs share which differ in how they score alone: they share a training."""
        return replace(run, params={name: run.params[name] for name in run.params if name != "score_by"}).key

    def costs(self, groups: Sequence[Group]) -> dict[str, float]:
        """Return the epochs, by group."""
        return {group.key: float(group.runs[0].params.get("training__epochs", 0.1)) for group in groups}

    def why_not(self, method: str) -> str | None:
        """Return None: neither method needs anything that may be missing."""
        return None

    def work(self, group: Group, report: Report, job: Job) -> list[Record]:
        """Train once and score for each run; what goes wrong is their record."""
        run, n_runs = group.runs[0], len(group.runs)
        part = sentiment_split(sentences(run.dataset), str(run.normal_class), run.seed, run.labelled_ratio)
        try:
            with watched(report, loads_torch=True) as caught:
                start = time.perf_counter()
                detector, prepared = fitted(run, part)
                fit_seconds = (time.perf_counter() - start) / n_runs
                x = prepared(part.X_test)
                scores = [_scored(detector, each, x, part) for each in group.runs]
        except Exception as error:
            return [Record.failed(each, job.preset, one_line(error)) for each in group.runs]
        shared: dict[str, Any] = {
            "status": "ok",
            "error": None,
            "fit_seconds": fit_seconds,
            "group_size": n_runs,
            "n_train": part.n_train,
            "n_labelled": part.n_labelled,
            "n_test": part.n_test,
            "warnings": joined(caught),
        }
        return [
            replace(Record.failed(each, job.preset, ""), **shared, **outcome)
            for each, outcome in zip(group.runs, scores, strict=True)
        ]


SENTIMENT = Sentiment()


def _scored(detector: Detector, run: Run, x: Any, part: Split) -> dict[str, Any]:
    from askew.base.fitted_parameters import remember_parameters

    if (
        "score_by" in run.params
    ):  # the ranking alone is judged, so it does not matter which score set the offset
        remember_parameters(detector.set_params(score_by=run.params["score_by"]))
    start = time.perf_counter()
    numbers = metrics(detector.score_samples(x), part.anomaly_test)
    return {**numbers._asdict(), "score_seconds": time.perf_counter() - start}


def plan(preset: str = "quick", **choice: Unpack[Options]) -> Plan:
    """Return the runs of the sentiment protocol; see :class:`~askew.benchmarks.runs.choices.Choice`."""
    return SENTIMENT.plan(SENTIMENT.choice(preset, choice))


def run_sentiment(preset: str = "quick", **settings: Unpack[Settings]) -> SentimentResult:
    """Run the sentiment protocol and write ``runs/``, ``runs.parquet``, ``table.csv`` and ``table.md``.

    It takes ``seeds`` and ``methods``, and the settings of :func:`askew.benchmarks.runs.runner.run`, which says what
    they are and what is raised; ``DataFileError`` if the sentences are not to be had.
    """
    return run(SENTIMENT, preset, **settings)
