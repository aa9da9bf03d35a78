"""The models of the sentiment protocol: a sentence VAE, and a logistic regression on means of word vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from askew import index
from askew.datasets.sentences import Sentences, glove, sentiment
from askew.inputs.text import tokenise

if TYPE_CHECKING:
    from askew.base import Detector
    from askew.benchmarks.runs.plan import Run
    from askew.datasets import Split

VAE, BASELINE = "sentence_vae", "logistic_regression"


@cache
def sentences(dataset: str) -> Sentences:
    """Return the sentences of a data set, read once per process."""
    return sentiment().of_part("test") if dataset == "imdb-test" else sentiment()


def fitted(run: Run, part: Split) -> tuple[Detector, Callable[[NDArray[Any]], Any]]:
    """Return the run's fitted detector, and what turns sentences into its input."""
    detector = index.detector_class(run.method)()
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
