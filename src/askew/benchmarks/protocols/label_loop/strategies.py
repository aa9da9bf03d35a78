"""Ways of going through a table with a person who knows the answers: which rows are asked, in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from askew import index, labels

if TYPE_CHECKING:
    from askew.review.asking import Rows
    from askew.review.feedback import Feedback
    from askew.review.scored_rows import ScoredRows

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

LOOPS: dict[str, dict[str, Any]] = {
    "anomalous": {"order": "anomalous", "random_share": 0.0},
    "informative": {"order": "informative", "random_share": 0.0},
    "anomalous_random": {"order": "anomalous", "random_share": 0.1},
}
"""Our loop, by name, with how it asks; the last is what ``askew review`` does by default."""

METHODS = (*LOOPS, "aad_forest", "static", "isolation_forest", "random")

MEANING = {
    "anomalous": "our loop, lowest score first",
    "informative": "our loop, what the model is least sure of",
    "anomalous_random": "our loop as askew review begins: lowest score first, one question in ten drawn at random",
    "aad_forest": "coniferest's AADForest, refitted after every answer",
    "static": "one list by the same detector, without labels",
    "isolation_forest": "one list by an isolation forest",
    "random": "rows in random order",
}


class Simulation(NamedTuple):
    """Which of the answers, in order, were anomalies, and how often a model was fitted."""

    hits: Mask
    n_fits: int


@dataclass
class Person:
    """Somebody who knows which rows are anomalies, and answers at most `budget` questions."""

    anomaly: Mask
    budget: int
    asked: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.budget = min(self.budget, len(self.anomaly))
        self.labels = np.zeros(len(self.anomaly), dtype=np.int8)

    @property
    def left(self) -> int:
        """Questions that can still be asked."""
        return self.budget - len(self.asked)

    @property
    def answered(self) -> Mask:
        """Rows with an answer."""
        return np.asarray(self.labels != 0)

    def ask(self, row: int) -> None:
        """Answer a question."""
        self.asked.append(row)
        self.labels[row] = -1 if self.anomaly[row] else 1

    def simulation(self, n_fits: int) -> Simulation:
        """Return what was found."""
        return Simulation(self.anomaly[self.asked], n_fits)


def simulate(method: str, X: Floats, anomaly: Mask, seed: int, params: dict[str, Any]) -> Simulation:
    """Ask a person who knows the answers as a method of :data:`METHODS` does.

    `params` has "budget", the number of answers; of our loop also "refit_every" and "detector", the name of a detector.
    """
    person = Person(anomaly, int(params["budget"]))
    if method == "aad_forest":
        return aad_forest(X, person, seed)
    if method == "random":
        order = np.random.default_rng(seed).permutation(len(X))
        return _listed(person, order, n_fits=0)
    detector = params.get("detector", method)
    if method in LOOPS:
        return loop(X, person, seed, detector, int(params["refit_every"]), **LOOPS[method])
    return _listed(
        person, np.argsort(_fitted(detector, X, None, seed).score_samples(X), kind="stable"), n_fits=1
    )


def why_not(method: str) -> str | None:
    """Return why a method cannot be run on this machine, with the remedy; None if it can."""
    if method == "aad_forest" and find_spec("coniferest") is None:
        return 'coniferest is not installed: pip install "askew[peers]"'
    return None


def loop(
    X: Floats, person: Person, seed: int, detector: str, refit_every: int, order: str, random_share: float
) -> Simulation:
    """Ask as a review session does: questions one by one, the model refitted after every `refit_every` answers."""
    from askew.review.asking import next_questions
    from askew.review.feedback import Feedback
    from askew.review.likeness import scaled
    from askew.review.scored_rows import ScoredRows

    positions = scaled(X)
    feedback, n_fits = Feedback.of(positions, seed), 0
    while person.left:
        n_fits += 1
        scored = ScoredRows.of(n_fits, _fitted(detector, X, person.labels, seed), X)
        rows = _rows_by(scored, X, positions, feedback, order)
        for _ in range(min(refit_every, person.left)):
            n_asked = len(person.asked)
            (question,) = next_questions(
                rows(person), 1, order=order, random_share=random_share, n_asked=n_asked, seed=seed
            )
            person.ask(question.row)
    return person.simulation(n_fits)


def aad_forest(X: Floats, person: Person, seed: int) -> Simulation:
    """Ask as coniferest's ``Session`` does: the most anomalous row without an answer, then ``fit_known`` with all.

    Its classes, its defaults, one thread. Reference: Das, Wong, Fern, Dietterich and Siddiqui (2017), Incorporating
    feedback into tree-based anomaly detection; Kornilov, Korolev, Malanchev et al. (2025), Coniferest.
    """
    forests, sessions = import_module("coniferest.aadforest"), import_module("coniferest.session")

    def decide(row: int, _: Any, session: Any) -> int:
        person.ask(int(row))
        if not person.left:
            session.terminate()
        return int(person.labels[row])

    forest = forests.AADForest(n_subsamples=min(256, len(X)), random_seed=seed, n_jobs=1)
    sessions.Session(X, np.arange(len(X)), decide, model=forest).run()
    return person.simulation(n_fits=len(person.asked))


def _listed(person: Person, order: NDArray[np.intp], n_fits: int) -> Simulation:
    for row in order[: person.left]:
        person.ask(int(row))
    return person.simulation(n_fits)


def _fitted(name: str, X: Floats, known: NDArray[np.int8] | None, seed: int) -> Any:
    """Return the detector of that name, fitted with what is known."""
    detector: Any = index.detector_class(name)(random_state=seed)
    return detector.fit(X, None if known is None or not known.any() else labels.ours(known))


def _rows_by(
    scored: ScoredRows, X: Floats, positions: Floats, feedback: Feedback, order: str
) -> Callable[[Person], Rows]:
    """Return what is known of the rows when a person is asked, by a fitted model."""
    from askew.review.asking import Rows, disagreement
    from askew.review.likeness import unlikeness

    if order != "informative":
        return lambda person: Rows(
            scored.scores,
            person.answered,
            scored.threshold,
            corrected=feedback.corrected(scored.scores, person.labels),
        )
    members = scored.member_scores(X)
    apart = None if members is None else disagreement(members)
    return lambda person: Rows(
        scored.scores, person.answered, scored.threshold, apart, unlikeness(positions, person.answered)
    )
