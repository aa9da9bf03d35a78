"""AutoDetector: picks and weighs detectors by the labels there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from askew.base import ScoreGraph, Scores, SeedParameters, ShallowDetector, Y
from askew.base.persistence import nested, part_of
from askew.base.preparation.table_rows import check_two_rows
from askew.detectors.auto import candidates as choice
from askew.detectors.auto.bag import Bag, Rows, fit_bag, make_folds
from askew.detectors.auto.candidates import MAX_ROWS, NAMES, WITH_NETWORKS, Planned
from askew.errors import InvalidInputError, TrainingError, must


@final
@dataclass(eq=False, repr=False)
class AutoDetector(SeedParameters, ShallowDetector):
    r"""A weighted mean of several detectors' surprise, weighted by how they find known anomalies left out of training.

    Score :math:`-\sum_k w_k\,u_k(x)`, with the surprise :math:`u_k=-\log P_k` at detector k's score: P is the share
    of training rows that get as anomalous a score from a model that has not seen them, in the highest tenth a
    generalised Pareto tail. With equal weights the sum is Fisher's.

    Reference: Fisher (1932), Statistical Methods for Research Workers, section 21.1 (combined probabilities);
    Breiman (1996), Stacked Regressions, for weights from left-out rows; Pickands (1975) for the tail.

    How it is fitted, in docs/choosing.md with what was measured:

    - Each candidate is fitted once per fold, without that fold's rows. Its score is the mean of the models',
      its surprise is that of left-out rows.
    - Two or more known anomalies are left out in blocks of neighbours, unlike those trained on. A candidate's AUROC
      on them decides its weight, drawn towards what is expected beforehand as if by ten more anomalies. With one
      known anomaly the expectation alone does.
    - Without any, the detectors that need none have equal weights.

    No test rows are involved. Size of the table and budget decide what is fitted, not the clock.

    Parameters
    ----------
    time_budget : float above 0
        Seconds of one core that fitting may take, estimated from rows and columns. Where it is short, networks
        get fewer epochs or are left out; the cheapest candidate is always fitted. Of more than 20,000 rows
        without -1 a random part is used, whatever the budget.
    n_folds : int of at least 2
        Models per candidate; fewer in tables of fewer than ten rows per fold.
    candidates : tuple of str, optional
        Some of "isolation_forest", "kernel_ssad", "logistic_regression", "deep_sad", "dp_vae" and
        "gradient_boosting"; all if not given. Without known anomalies "deep_sad" is Deep SVDD, "dp_vae" a VAE and
        "kernel_ssad" a one-class support vector machine.

    Attributes
    ----------
    chosen_ : dict of str to float
        Weight of each detector that is part of the score, the heaviest first.
    cv_auroc_ : dict of str to float or None
        Of each the AUROC of known anomalies by models that have not seen them; None with fewer than two.
    reasons_ : tuple of str
        What was chosen, what was not, and why; a sentence each.

    Raises
    ------
    TrainingError
        By `fit`, if no candidate could be fitted.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> X[:4] += 4.0
    >>> y = np.r_[-np.ones(4), np.zeros(76)]
    >>> detector = AutoDetector(candidates=("isolation_forest", "kernel_ssad"), random_state=0).fit(X, y)
    >>> sorted(detector.chosen_)
    ['isolation_forest', 'kernel_ssad']
    >>> bool(detector.score_samples(X)[:4].max() < np.median(detector.score_samples(X)))
    True
    """

    name: ClassVar[str] = "auto"
    known_anomalies: ClassVar[str] = "weighs several of the others by them"
    paper: ClassVar[str] = "ours"
    uses_labels: ClassVar[bool] = True
    takes_images: ClassVar[bool] = False

    time_budget: float = 60.0
    n_folds: int = 5
    candidates: tuple[str, ...] | None = None

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = "It is in seconds; 60 is the default."
        self._require_number("time_budget", "above 0 and finite", lambda value: 0 < value < np.inf, remedy)
        self._require_whole("n_folds", 2, "The default is 5.")
        chosen: Any = self.candidates
        if chosen is not None and not _known_names(chosen):
            rule = "None or a tuple with some of " + ", ".join(repr(name) for name in NAMES)
            remedy = "None chooses from all of them."
            if isinstance(chosen, str) and chosen in NAMES:
                remedy = f"One alone is written ({chosen!r},)."
            raise InvalidInputError(must("candidates", type(self).__name__, rule, chosen, remedy))
        self._check_random_state()

    def _fit_rows(self, x: Scores, y: Y) -> None:
        check_two_rows(y, type(self).__name__)
        generator = self._generator()
        known, all_rows = int((y < 0).sum()), len(y)
        rows = _rows_to_fit_on(y, generator)
        x, y = x[rows], y[rows]
        folds = make_folds(x, y, int(self.n_folds), generator)
        names = NAMES if self.candidates is None else self.candidates
        size = len(folds[0].train), x.shape[1]
        planned = choice.plan(names, *size, known, len(folds), float(self.time_budget))
        bags, left_out = _fit_bags(planned, x, y, folds, generator)
        if not bags:
            raise TrainingError(f"no candidate of AutoDetector could be fitted: {'; '.join(left_out)}.")
        self._adopt(bags, known)
        seconds = sum(each.seconds for each in planned)
        self.reasons_ = (
            _judgement_in_words(known, len(folds)),
            *(_choice_in_words(name, self.chosen_[name], self.cv_auroc_[name]) for name in self.chosen_),
            *(f"{name} left out: its weight would be small." for name in bags if name not in self.chosen_),
            *(f"{each}." for each in left_out),
            *(f"Note: {note}" for name in self.chosen_ if name in WITH_NETWORKS for note in bags[name].notes),
            f"About {seconds:.0f} s planned of a time budget of {self.time_budget:g} s."
            + (f" Fitted on a sub-sample of {len(y):,} of {all_rows:,} rows." if len(y) < all_rows else ""),
        )

    def _adopt(self, bags: dict[str, Bag], known: int) -> None:
        """Weigh the bags and keep those that count, the heaviest first."""
        priors = {each.name: each.prior for each in choice.CANDIDATES}
        # without labels nothing speaks for one or another
        qualities = [
            choice.posterior(priors[n], bag.auroc, known) if known else 0.9 for n, bag in bags.items()
        ]
        weights = dict(zip(bags, choice.weigh(qualities), strict=True))
        order = sorted((name for name in bags if weights[name] > 0), key=lambda name: -weights[name])
        self.chosen_ = {name: weights[name] for name in order}
        self.cv_auroc_ = {name: bags[name].auroc for name in order}
        self.bags_ = {name: bags[name] for name in order}

    def _score_rows(self, x: Scores) -> Scores:
        total = np.zeros(len(x))
        for name, weight in self.chosen_.items():
            total += weight * self.bags_[name](x)
        return -total

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        parts = []
        for name, weight in self.chosen_.items():
            surprise = self.bags_[name].add_to(graph, rows)
            parts.append(graph.add("Mul", surprise, graph.constant(float(-weight))))
        return graph.add("Sum", *parts)

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values: dict[str, Any] = {"weights": list(self.chosen_.items()), "reasons": list(self.reasons_)}
        arrays: dict[str, NDArray[Any]] = {}
        for name, bag in self.bags_.items():
            header, inner = nested(name, bag.pack())
            values, arrays = values | header, arrays | inner
        return values, arrays

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.fit_error_ = None
        self.chosen_ = {str(name): float(weight) for name, weight in values["weights"]}
        self.bags_ = {name: Bag.unpack(*part_of(name, values, arrays)) for name in self.chosen_}
        self.cv_auroc_ = {name: bag.auroc for name, bag in self.bags_.items()}
        self.reasons_ = tuple(values["reasons"])


def _known_names(chosen: Any) -> bool:
    several = isinstance(chosen, Sequence) and not isinstance(chosen, str)
    return several and len(chosen) > 0 and all(name in NAMES for name in chosen)


def _rows_to_fit_on(y: Y, generator: np.random.Generator) -> Rows:
    """Return the rows to fit on: all, or all known anomalies and a random part of the others."""
    known, others = np.flatnonzero(y < 0), np.flatnonzero(y >= 0)
    if len(others) <= MAX_ROWS:
        return np.arange(len(y))
    return np.sort(np.concatenate([known, generator.choice(others, MAX_ROWS, replace=False)]))


def _fit_bags(
    planned: list[Planned], x: Scores, y: Y, folds: list[Any], generator: np.random.Generator
) -> tuple[dict[str, Bag], list[str]]:
    """Return the bags that could be fitted, and in words those that were left out."""
    bags, left_out = {}, []
    for each in planned:
        name, why = each.candidate.name, each.left_out
        if why is None:
            bag = fit_bag(partial(each.candidate.make, each.epochs, len(folds)), x, y, folds, generator)
            if isinstance(bag, Bag):
                bags[name] = bag
                continue
            why = bag.rstrip(".")
        left_out.append(f"{name} left out: {why}")
    return bags, left_out


def _judgement_in_words(known: int, folds: int) -> str:
    if not known:
        return "No known anomalies: detectors that need none, with equal weights."
    expected = "what is expected beforehand"
    if known == 1 or folds == 1:
        count = "One known anomaly cannot be" if known == 1 else f"{known} known anomalies here cannot be"
        return f"{count} both learned from and held out: weights by {expected} alone."
    return (
        f"{known} known anomalies, each held out by one of {folds} folds: weights by the AUROC of those held "
        f"out and {expected}."
    )


def _choice_in_words(name: str, weight: float, auroc: float | None) -> str:
    measured = "" if auroc is None else f", AUROC {auroc:.3f} on held-out known anomalies"
    return f"{name}: weight {weight:.2f}{measured}."
