"""AutoDetector: what is unlike the rest and what is like known anomalies, added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from askew.base import ScoreGraph, Scores, SeedParameters, ShallowDetector, Y, add_scaled
from askew.base.persistence import nested, part_of
from askew.base.preparation.column_scaling import ColumnScaling
from askew.base.preparation.table_rows import check_two_rows
from askew.detectors.auto import candidates as choice
from askew.detectors.auto.bag import Bag, Fold, Rows, fit_bag, make_folds
from askew.detectors.auto.candidates import (
    BY_DEFAULT,
    BY_LABELS,
    MAX_ROWS,
    NAMES,
    ON_SCORES,
    WEIGHTS,
    WITH_NETWORKS,
    Planned,
)
from askew.detectors.auto.normal_scores import NormalScores
from askew.detectors.auto.surprise import Surprise
from askew.errors import InvalidInputError, TrainingError, must

LABELS = 0.35  # what the squared surprise of those that know labels counts; chosen on development tables
_LABELS_BEFORE = 0.5  # in files that do not say
KINDS = ("unlike", "like")  # the other rows; the known anomalies


@final
@dataclass(eq=False, repr=False)
class AutoDetector(SeedParameters, ShallowDetector):
    r"""Two kinds of evidence: how unlike the other rows a row is, and how like the known anomalies.

    Score: minus the surprise at :math:`u(x)+0.35\,s(x)^2`. u is the surprise of detectors that need no labels, s that
    of classifiers of known anomalies against the rest; without known anomalies there is no s. A surprise is
    :math:`-\log P`, with P the share of training rows that get as anomalous a score from a model that has not seen
    them, in the highest tenth a generalised Pareto tail; that of several detectors is the surprise at the mean of
    theirs. So the score says how rare a row is among ordinary ones.

    Reference: Fisher (1932), Statistical Methods for Research Workers, section 21.1 (combined probabilities);
    Zhao and Hryniewicki (2018), XGBOD, for classifiers that learn from other detectors' scores; Pickands (1975) for
    the tail. The square is ours.

    How it is fitted, in docs/choosing.md with what was measured:

    - Each candidate is fitted once per fold, without that fold's rows. Its score is the mean of the models',
      its surprise is that of left-out rows.
    - Two or more known anomalies are left out in blocks of neighbours, unlike those trained on.
    - The isolation forest, the nearest neighbours and the Mahalanobis distance know no labels. Neighbours are among 64
      rows per model, where anomalies that hide among the unlabelled rows are not each other's; known normal rows come
      first. The distance sees rows that break how columns go together.
    - From one known anomaly on, three classifiers learn from them: extra trees and a logistic regression, on the
      columns' normal scores and the former three's surprise, and the ratio of distances to known anomalies and to
      such a sample.
    - The isolation forest counts for two thirds of u, the other two for a sixth each.
    - The square keeps the head of the list for rows much like known anomalies, and leaves the order of all others to
      u: below a surprise of 2.9, where most rows are, 0.35 s² is less than s, above it is more.

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
        Of "isolation_forest", "nearest_neighbours", "mahalanobis", "kde", "kernel_ssad", "deep_sad" and "dp_vae",
        whose surprise is u, and of "extra_trees", "distance_ratio", "logistic_regression" and "gradient_boosting",
        whose surprise is s. If not given, "isolation_forest", "nearest_neighbours", "mahalanobis", "extra_trees",
        "distance_ratio" and "logistic_regression". Without known anomalies "deep_sad" is Deep SVDD, "dp_vae" a VAE
        and "kernel_ssad" a one-class support vector machine.

    Attributes
    ----------
    chosen_ : dict of str to float
        Weight of each detector in the mean of its kind, u or s.
    cv_auroc_ : dict of str to float or None
        Of each the AUROC of known anomalies by models that have not seen them; None with fewer than two. It decides
        nothing: weights that followed it were no better.
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
    known_anomalies: ClassVar[str] = "adds how like them a row is"
    paper: ClassVar[str] = "ours"
    uses_labels: ClassVar[bool] = True
    takes_images: ClassVar[bool] = False
    fits_apart: ClassVar[bool] = False  # what it is made of is

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
            remedy = "None takes those that were best together."
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
        self._columns = ColumnScaling.learn(x[y >= 0], "robust")
        x = self._columns(x)
        folds = make_folds(x, y, int(self.n_folds), generator)
        names = BY_DEFAULT if self.candidates is None else self.candidates
        size = len(folds[0].train), x.shape[1]
        planned = choice.plan(names, *size, known, len(folds), float(self.time_budget))
        bags, left_out = self._fit_bags(planned, x, y, folds, generator)
        if not bags:
            raise TrainingError(f"no candidate of AutoDetector could be fitted: {'; '.join(left_out)}.")
        self._adopt(bags, y)
        seconds = sum(each.seconds for each in planned)
        self.reasons_ = (
            _evidence_in_words(known, bags),
            *(_choice_in_words(name, self.chosen_[name], self.cv_auroc_[name]) for name in self.chosen_),
            *(f"{each}." for each in left_out),
            *(f"Note: {note}" for name in self.chosen_ if name in WITH_NETWORKS for note in bags[name].notes),
            f"About {seconds:.0f} s planned of a time budget of {self.time_budget:g} s."
            + (f" Fitted on a sub-sample of {len(y):,} of {all_rows:,} rows." if len(y) < all_rows else ""),
        )

    def _fit_bags(
        self, planned: list[Planned], x: Scores, y: Y, folds: list[Fold], generator: np.random.Generator
    ) -> tuple[dict[str, Bag], list[str]]:
        """Return the bags that could be fitted, and in words those that were left out."""
        bags: dict[str, Bag] = {}
        left_out = []
        self.normal_scores_ = NormalScores(x[y >= 0])
        for each in planned:
            name, why = each.candidate.name, each.left_out
            if why is None:
                before = [bag.left_out for other, bag in bags.items() if other not in BY_LABELS]
                rows = np.column_stack([self.normal_scores_(x), *before]) if name in ON_SCORES else x
                bag = fit_bag(
                    partial(each.candidate.make, each.epochs, len(folds)), rows, y, folds, generator
                )
                if isinstance(bag, Bag):
                    bags[name] = bag
                    continue
                why = bag.rstrip(".")
            left_out.append(f"{name} left out: {why}")
        return bags, left_out

    def _adopt(self, bags: dict[str, Bag], y: Y) -> None:
        """Keep the bags, and what the mean surprise of each kind is worth."""
        self.bags_ = bags
        self.cv_auroc_ = {name: bag.auroc for name, bag in bags.items()}
        self.chosen_: dict[str, float] = {}
        self.evidence_: dict[str, Surprise] = {}
        self._label_weight = LABELS
        total = np.zeros(len(y))
        for kind in KINDS:
            names = [name for name in bags if _kind(name) == kind]
            counts = [WEIGHTS[name] for name in names]
            self.chosen_ |= {name: count / sum(counts) for name, count in zip(names, counts, strict=True)}
            if names:
                mean = self._mean({name: bags[name].left_out for name in names}, names)
                self.evidence_[kind] = Surprise(mean[y >= 0])
                total += self._counted(kind, self.evidence_[kind](mean))
        self.evidence_["whole"] = Surprise(total[y >= 0])

    def _score_rows(self, x: Scores) -> Scores:
        if not self.evidence_:  # of a file written before there were kinds
            return -self._mean({name: bag(x) for name, bag in self.bags_.items()}, list(self.chosen_))
        x = self._columns(x)
        parts = {name: self.bags_[name](x) for name in self.chosen_ if name not in ON_SCORES}
        on_scores = [name for name in self.chosen_ if name in ON_SCORES]
        if on_scores:
            others = [part for name, part in parts.items() if name not in BY_LABELS]
            x = np.column_stack([self.normal_scores_(x), *others])
        parts |= {name: self.bags_[name](x) for name in on_scores}
        total = np.zeros(len(x))
        for kind in (kind for kind in KINDS if kind in self.evidence_):
            mean = self._mean(parts, [name for name in self.chosen_ if _kind(name) == kind])
            total += self._counted(kind, self.evidence_[kind](mean))
        return -self.evidence_["whole"](total)

    def _counted(self, kind: str, surprise: Scores) -> Scores:
        return surprise if kind == "unlike" else self._label_weight * surprise**2

    def _mean(self, parts: dict[str, Scores], names: list[str]) -> Scores:
        """Return the weighted mean, summed in the order of `chosen_`."""
        total = np.zeros(len(next(iter(parts.values()))))
        for name in names:
            total += self.chosen_[name] * parts[name]
        return total

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        add, number = graph.add, graph.constant

        def mean(names: list[str]) -> str:
            return add("Sum", *(add("Mul", parts[name], number(self.chosen_[name])) for name in names))

        if not self.evidence_:
            parts = {name: bag.add_to(graph, rows) for name, bag in self.bags_.items()}
            return add("Neg", mean(list(self.chosen_)))
        rows = add_scaled(graph, rows, self._columns)
        parts = {name: self.bags_[name].add_to(graph, rows) for name in self.chosen_ if name not in ON_SCORES}
        on_scores = [name for name in self.chosen_ if name in ON_SCORES]
        if on_scores:
            others = [graph.column(part) for name, part in parts.items() if name not in BY_LABELS]
            rows = add("Concat", self.normal_scores_.add_to(graph, rows), *others, axis=1)
        parts |= {name: self.bags_[name].add_to(graph, rows) for name in on_scores}
        found = []
        for kind in (kind for kind in KINDS if kind in self.evidence_):
            names = [name for name in self.chosen_ if _kind(name) == kind]
            value = self.evidence_[kind].add_to(graph, mean(names))
            labels = kind == "like"
            found.append(
                add("Mul", add("Mul", value, value), number(self._label_weight)) if labels else value
            )
        return add("Neg", self.evidence_["whole"].add_to(graph, add("Sum", *found)))

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values: dict[str, Any] = {"weights": list(self.chosen_.items()), "reasons": list(self.reasons_)}
        values |= {"evidence": list(self.evidence_), "label_weight": self._label_weight}
        packed = {name: bag.pack() for name, bag in self.bags_.items()}
        packed |= {kind: surprise.state() for kind, surprise in self.evidence_.items()}
        if self.evidence_:
            packed["normal_scores"] = {}, self.normal_scores_.state()
            packed["columns"] = {}, self._columns.state()
        arrays: dict[str, NDArray[Any]] = {}
        for name, part in packed.items():
            header, inner = nested(name, part)
            values, arrays = values | header, arrays | inner
        return values, arrays

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.fit_error_ = None
        self.chosen_ = {str(name): float(weight) for name, weight in values["weights"]}
        self.bags_ = {name: Bag.unpack(*part_of(name, values, arrays)) for name in self.chosen_}
        self.cv_auroc_ = {name: bag.auroc for name, bag in self.bags_.items()}
        self.reasons_ = tuple(values["reasons"])
        names = values.get("evidence", [])  # older files have none
        self.evidence_ = {name: Surprise.from_state(*part_of(name, values, arrays)) for name in names}
        self._label_weight = float(values.get("label_weight", _LABELS_BEFORE))
        if names:
            self.normal_scores_ = NormalScores.from_state(part_of("normal_scores", values, arrays)[1])
            self._columns = ColumnScaling.from_state(part_of("columns", values, arrays)[1])


def _kind(name: str) -> str:
    return KINDS[name in BY_LABELS]


def _known_names(chosen: Any) -> bool:
    several = isinstance(chosen, Sequence) and not isinstance(chosen, str)
    return several and len(chosen) > 0 and all(name in NAMES for name in chosen)


def _rows_to_fit_on(y: Y, generator: np.random.Generator) -> Rows:
    """Return the rows to fit on: all, or all known anomalies and a random part of the others."""
    known, others = np.flatnonzero(y < 0), np.flatnonzero(y >= 0)
    if len(others) <= MAX_ROWS:
        return np.arange(len(y))
    return np.sort(np.concatenate([known, generator.choice(others, MAX_ROWS, replace=False)]))


def _evidence_in_words(known: int, bags: dict[str, Bag]) -> str:
    count = f"{known} known anomal{'y' if known == 1 else 'ies'}" if known else "No known anomalies"
    unlike, like = (any(_kind(name) == kind for name in bags) for kind in KINDS)
    if unlike and like:
        return f"{count}: how unlike the other rows, plus {LABELS:g} times the square of how like known anomalies."
    return f"{count}: how {'unlike the other rows' if unlike else 'like known anomalies'} alone."


def _choice_in_words(name: str, weight: float, auroc: float | None) -> str:
    measured = "" if auroc is None else f", AUROC {auroc:.3f} on held-out known anomalies"
    return f"{name}: {weight:.2f} of how {_kind(name)}{measured}."
