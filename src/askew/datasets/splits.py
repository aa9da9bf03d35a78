"""Semi-supervised splits: a training set with a few labelled anomalies, and a test set with ground truth.

The 60:40 split comes first and depends on the seed alone; then some anomalies of the training pool are
labelled, some hide among the unlabelled rows, and the rest are dropped (:mod:`askew.datasets.ratios` says how
many of each). All normal rows of the pool are kept. Splits with a number of labelled anomalies instead of a
ratio are in :mod:`askew.datasets.few_label_splits`.
Ruff et al., "Deep semi-supervised anomaly detection", ICLR 2020, sections 4.1 and 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from askew import labels
from askew.datasets.few_label_splits import few_labels_split, most_labels
from askew.datasets.ratios import Ratios, as_ratio, n_labelled, n_polluted
from askew.datasets.tables import Table
from askew.datasets.train_test_split import TEST_SIZE, Rows, Split, checked_seed, hold_out, shuffled_labels
from askew.errors import InvalidInputError, must

__all__ = [
    "Split",
    "class_split",
    "classic_split",
    "few_labels_split",
    "most_labels",
    "n_labelled",
    "n_polluted",
]


def classic_split(
    table: Table,
    seed: int,
    labelled_ratio: float = 0.01,
    pollution_ratio: float = 0.0,
    mode: Literal["clean", "leaky"] = "clean",
    test_size: float = TEST_SIZE,
) -> Split:
    """Split a table as in the papers' classic benchmark: 60:40, stratified, a few anomalies labelled.

    Mode ``"clean"`` is the one to report: no test row is in the training pool, and the values are not scaled
    (detectors standardise on their own training rows). Mode ``"leaky"`` does what the public Deep SAD loader
    does, faults included, and exists only to explain a gap to a published number: it splits once for training
    and again, with the advanced random state, for testing, so about 60 % of the test rows are training rows;
    each of the two is standardised and then min-max scaled by *its own* split's training pool, anomalies that
    are dropped later included; and pollution is drawn without regard to what is labelled, so a row drawn for
    both is there twice, labelled both times.

    Parameters
    ----------
    table : Table
        From :func:`askew.datasets.load`.
    seed : int
        At least 0; the only source of chance. The 60:40 split depends on nothing else but ``test_size``.
    labelled_ratio, pollution_ratio : float in [0, 1)
        gamma_l and gamma_p, see :func:`n_labelled` and :func:`n_polluted`.
    mode : {"clean", "leaky"}
        See above.
    test_size : float in (0, 1)
        Share of each class that is held out, rounded up.

    Raises
    ------
    InvalidInputError
        If an argument is out of range, or the training pool has too few anomalies for the ratios.

    Examples
    --------
    >>> from askew.datasets import load
    >>> split = classic_split(load("thyroid"), seed=0)
    >>> split.n_normal, split.n_labelled, split.n_test_anomalies
    (2207, 22, 38)
    """
    owner = "classic_split"
    seed, share = checked_seed(seed, owner), as_ratio("test_size", test_size, owner, above_zero=True)
    ask = Ratios(labelled_ratio, pollution_ratio, owner)
    if mode not in ("clean", "leaky"):
        remedy = "Use the default for results, leaky only to explain a published number."
        raise InvalidInputError(must("mode", owner, "'clean' or 'leaky'", mode, remedy))
    if mode == "leaky":
        return _leaky_split(table, seed, float(share), ask)
    rng = np.random.default_rng(seed)
    pool, test = hold_out(table.anomaly, share, rng)
    return Split.of_rows(table.X, table.anomaly, *_choose(pool, table.anomaly, table.anomaly, ask, rng), test)


class ClassSplitOptions(TypedDict, total=False):
    """The further keywords of :func:`class_split`."""

    test: float | tuple[ArrayLike, ArrayLike]
    relative_to: Literal["all", "normals"]


@dataclass(frozen=True)
class _Options:
    test: float | tuple[ArrayLike, ArrayLike] = TEST_SIZE
    relative_to: Literal["all", "normals"] = "all"


def class_split(
    X: ArrayLike,
    classes: ArrayLike,
    normal: Any,
    known: Iterable[Any],
    labelled_ratio: float,
    pollution_ratio: float,
    seed: int,
    **options: Unpack[ClassSplitOptions],
) -> Split:
    """Split data with classes: one class is normal, the others are anomalies, some of them known.

    Labelled anomalies come from the ``known`` classes, mixed at random as in the papers' scenarios i to iii;
    pollution comes from every class but the normal one, drawn disjoint from the labelled rows. ``test_rows`` of the
    result are indices into X, or into X_test where that was passed.

    Parameters
    ----------
    X : array-like of shape (n, ...)
        Rows of any shape and type: table rows, images.
    classes : array-like of shape (n,)
        The class of each row.
    normal : value
        The class that is normal.
    known : iterable of values
        The k classes of which some anomalies are labelled; empty for none (k = 0).
    labelled_ratio, pollution_ratio : float in [0, 1)
        gamma_l and gamma_p, see :func:`n_labelled` and :func:`n_polluted`; without known classes nothing is
        labelled, whatever gamma_l says.
    seed : int
        At least 0; the only source of chance.
    test : float in (0, 1), or a pair (X_test, classes_test), default 0.4
        Share of every class to hold out, rounded up, or the published test set; all its classes are used.
    relative_to : {"all", "normals"}, default "all"
        With ``"normals"`` both ratios are shares of the number of normal training rows, as in Table 6 and Figure 8
        of Somepalli et al. (2021): m = n gamma_l and n gamma_p, rounded down, at least one labelled.

    Raises
    ------
    InvalidInputError
        If an argument is out of range, a class does not occur, or there are too few anomalies for the ratios.

    Examples
    --------
    >>> classes = np.repeat([0, 1, 2], 1000)
    >>> X = np.arange(3000.0).reshape(-1, 1)
    >>> split = class_split(X, classes, normal=0, known=[1], labelled_ratio=0.05, pollution_ratio=0.1, seed=0)
    >>> split.n_normal, split.n_labelled, split.n_polluted, split.n_test
    (600, 35, 66, 1200)
    """
    owner = "class_split"
    X, classes = _rows_and_classes("classes", X, classes, owner)
    known = list(known)
    _refuse_classes(classes, normal, known, owner)
    asked = _Options(**options)
    test, relative_to = asked.test, asked.relative_to
    if relative_to not in ("all", "normals"):
        remedy = "Use the default for the papers' gamma_l and gamma_p."
        raise InvalidInputError(must("relative_to", owner, "'all' or 'normals'", relative_to, remedy))
    ask = Ratios(labelled_ratio if known else 0.0, pollution_ratio, owner, relative_to == "normals")
    rng = np.random.default_rng(checked_seed(seed, owner))
    if isinstance(test, tuple):
        X_test, classes_test = _rows_and_classes("test", *test, owner)
        if X_test.shape[1:] != X.shape[1:]:
            rule, remedy = f"rows of shape {X.shape[1:]}, as in X", "Prepare both sets in the same way."
            raise InvalidInputError(must("test", owner, rule, X_test.shape[1:], remedy))
        pool, test_rows = np.arange(len(X)), rng.permutation(len(X_test))
    else:
        X_test, classes_test = X, classes
        pool, test_rows = hold_out(classes, as_ratio("test", test, owner, above_zero=True), rng)
    anomaly, anomaly_test = classes != normal, classes_test[test_rows] != normal
    rows, y = _choose(pool, anomaly, np.isin(classes, known), ask, rng)
    return Split(X[rows], y, anomaly[rows], X_test[test_rows], anomaly_test, rows, test_rows)


def _choose(
    pool: Rows, anomaly: NDArray[np.bool_], is_known: NDArray[np.bool_], ask: Ratios, rng: np.random.Generator
) -> tuple[Rows, labels.Labels]:
    """Return the training rows in random order, and their labels; the flags are over all rows."""
    normals, anomalies, candidates = pool[~anomaly[pool]], pool[anomaly[pool]], pool[is_known[pool]]
    if not len(normals):
        remedy = "Hold out less for the test, or pass more normal rows."
        raise InvalidInputError(must("training set", ask.owner, "one with normal rows", 0, remedy))
    m, p = ask.counts(len(normals))
    ask.refuse_too_few("labelled_ratio", m, len(candidates))
    labelled = rng.permutation(candidates)[:m]
    hidden = np.setdiff1d(anomalies, labelled)
    ask.refuse_too_few("pollution_ratio", p, len(hidden))
    return shuffled_labels(np.concatenate([normals, rng.permutation(hidden)[:p], labelled]), m, rng)


def _leaky_split(table: Table, seed: int, test_size: float, ask: Ratios) -> Split:
    """Split as the public loader does: see :func:`classic_split`."""
    advancing = np.random.RandomState(seed)  # one state serves the training set, then the test set
    pool, _ = _stratified(table.anomaly, test_size, advancing)
    other_pool, test = _stratified(table.anomaly, test_size, advancing)
    # The loader draws these from numpy's global state, which its main program seeds with the same number.
    drawing = np.random.RandomState(seed)
    normals, anomalies = pool[~table.anomaly[pool]], pool[table.anomaly[pool]]
    m, p = ask.counts(len(normals))
    ask.refuse_too_few("labelled_ratio", m, len(anomalies))
    ask.refuse_too_few("pollution_ratio", p, len(anomalies))
    normals = normals[drawing.permutation(len(normals))]
    hidden = anomalies[drawing.permutation(len(anomalies))[:p]]
    labelled = anomalies[drawing.permutation(len(anomalies))[:m]]
    rows = drawing.permutation(np.concatenate([normals, hidden, labelled]))
    y = labels.ours(-np.isin(rows, labelled).astype(np.int8))
    test = drawing.permutation(test)
    X_train, X_test = _scaled(table.X, pool, rows), _scaled(table.X, other_pool, test)
    return Split(X_train, y, table.anomaly[rows], X_test, table.anomaly[test], rows, test)


def _stratified(
    anomaly: NDArray[np.bool_], test_size: float, state: np.random.RandomState
) -> tuple[Rows, Rows]:
    from sklearn.model_selection import train_test_split

    parts = [
        train_test_split(np.flatnonzero(anomaly == flag), test_size=test_size, random_state=state)
        for flag in (False, True)
    ]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _scaled(X: NDArray[np.float64], fitted_on: Rows, rows: Rows) -> NDArray[np.float64]:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    scaler = make_pipeline(StandardScaler(), MinMaxScaler()).fit(X[fitted_on])
    return np.asarray(scaler.transform(X[rows]), dtype=np.float64)


def _rows_and_classes(
    argument: str, X: ArrayLike, classes: ArrayLike, owner: str
) -> tuple[NDArray[Any], NDArray[Any]]:
    X, classes = np.asarray(X), np.asarray(classes)
    if X.ndim < 1 or classes.shape != X.shape[:1]:
        rule = f"one class per row (X has shape {X.shape})"
        remedy = "Pass the classes of exactly these rows as a vector."
        raise InvalidInputError(must(argument, owner, rule, classes.shape, remedy))
    return X, classes


def _refuse_classes(classes: NDArray[Any], normal: Any, known: list[Any], owner: str) -> None:
    present = np.unique(classes).tolist()
    if normal not in present:
        remedy = f"Choose one of {present}."
        raise InvalidInputError(must("normal", owner, "a class that occurs", normal, remedy))
    others = [value for value in present if value != normal]
    if any(value not in others for value in known):
        remedy = f"Choose from {others}."
        raise InvalidInputError(must("known", owner, "classes that occur and are not normal", known, remedy))
