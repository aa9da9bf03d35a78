"""explain: the one function of this room, which chooses how a model is explained."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from askew.base import DeepDetector
from askew.errors import InvalidInputError, must
from askew.explain.expected import Background, expected_values
from askew.explain.explanation import Explanation
from askew.explain.gradients import integrated_gradients
from askew.explain.sampling import shapley_values
from askew.explain.seen import Rows, Seen

BACKGROUND_ROWS = 500
"""As many rows that pass stand for what is usual, at most."""

FEWEST_ROWS = 10
"""Fewer rows that pass say too little of what is usual."""


def explain(
    model: Any,
    X: Any,
    *,
    method: str = "auto",
    background: Any = None,
    n_orders: int = 32,
    random_state: int = 0,
) -> Explanation:
    r"""Say which features drove the scores of rows, with each feature's observed and expected value.

    Three ways, by `method`; in all of them the contributions and the base add up to the score.

    "terms" (default for the VAE family and the autoencoder, whose score is a sum over features)
        A feature's contribution is its own term of the reconstruction error, for a VAE
        :math:`-\frac1{2d}(x_j-\hat x_j)^2`, plus its share of :math:`-\beta_{KL}\,KL(q(z|x)\|p(z))` by integrated
        gradients from the mean row. Base: :math:`-\beta_{KL}\,KL` of the mean row (0 for the autoencoder).
    "gradients" (default for the other networks, but DAGMM, whose score has no slope at the mean row)
        Integrated gradients of the whole score from the mean row. Base: the mean row's score, and the error
        of the quadrature, which is small.
    "sampling" (default for the rest: trees, kernels, linear models, combinations; works for any model)
        Shapley values by sampling: features turn from those of a background row to the row's own in random
        order. Base: the mean score of the background rows that were drawn.

    The mean row is that of the training rows without known anomalies (0 with ``scale=None``). Ensembles are
    explained as one model. Wrappers do not change the score: their contributions are the detector's, summed
    over the numbers that a column was turned into.

    The expected value is the reconstruction given the row's other features (the feature is left out and filled
    in ten times over) for the detectors that reconstruct and learn from normal rows alone. For all others it
    is the median (for words, the most frequent) of the ten background rows that are most alike in the other
    features: an encoder that was trained to throw anomalies far out gives no usual reconstruction of them.
    Without background it is the mean.

    Reference: Sundararajan, Taly and Yan (2017), Axiomatic Attribution for Deep Networks; Strumbelj and
    Kononenko (2014), Explaining Prediction Models and Individual Predictions with Feature Contributions.

    Parameters
    ----------
    model : fitted detector or wrapper
    X : array or DataFrame of shape (n_rows, n_features)
        The rows to explain.
    method : "auto", "terms", "gradients" or "sampling"
    background : array or DataFrame, optional
        Rows that are mostly normal, such as the training rows. Default: those of X that pass. Of the rows that
        pass at most 500 are drawn.
    n_orders : int
        Orders that "sampling" draws per row, even; its error falls with the root.
    random_state : int
        Decides what is drawn.

    Raises
    ------
    InvalidInputError
        If the model cannot be explained in the way asked for, or needs a background and has none: "sampling"
        does, and so does a model that prepares its columns.

    Examples
    --------
    >>> from askew import VAE
    >>> X = np.random.default_rng(0).normal(size=(200, 4))
    >>> X[0, 1] = 12.0
    >>> detector = VAE(n_members=1, random_state=0).set_params(training__epochs=5).fit(X)
    >>> why = explain(detector, X[:1])
    >>> why.method, why.top(1).loc[0, "feature"]
    ('terms', 'x1')
    >>> bool(np.allclose(why.base + why.contributions.sum(axis=1), why.scores))
    True
    """
    check_is_fitted(model, "offset_")
    seen = Seen(model)
    _check(n_orders, random_state)
    numbers = seen.numbers(X)
    scores = seen.score(numbers)
    chosen = _chosen(method, seen)
    usual = _background(seen, X, numbers, scores, background, random_state)
    if usual is None and (chosen == "sampling" or seen.prepared):
        remedy = (
            "Give background=, rows that are mostly normal, such as the training rows (on the command line: a "
            "table with more rows that pass)."
        )
        rule = f"given where fewer than {FEWEST_ROWS} rows of X pass"
        raise InvalidInputError(must("background", "explain", rule, None, remedy))
    if chosen == "sampling" and usual is not None:
        values, _ = shapley_values(
            seen.score, numbers, usual.numbers, seen.groups, int(n_orders), int(random_state)
        )
    else:
        each = _terms(seen, numbers) if chosen == "terms" else _gradients(seen, numbers)
        values = np.stack([each[:, group].sum(axis=1) for group in seen.groups], axis=1)
    observed = seen.table(X, numbers)
    expected, source = expected_values(seen, observed, numbers, usual)
    with np.errstate(invalid="ignore"):  # the score of a row beyond all numbers is -inf
        base = scores - values.sum(axis=1)
    return Explanation(
        observed.index, seen.features, scores, values, base, observed, expected, chosen, source
    )


def _check(n_orders: Any, random_state: Any) -> None:
    for name, value, least in (("n_orders", n_orders, 2), ("random_state", random_state, 0)):
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
            remedy = "The default is a good start."
            raise InvalidInputError(must(name, "explain", f"an integer of at least {least}", value, remedy))
    if n_orders % 2:
        raise InvalidInputError(must("n_orders", "explain", "even", n_orders, f"Use {n_orders + 1}."))


def _chosen(method: str, seen: Seen) -> str:
    """Return the way to explain, or raise InvalidInputError if the detector has no such way."""
    network = isinstance(seen.detector, DeepDetector) and not seen.detector.steep_at_mean
    possible = ["terms"] * seen.has_terms + ["gradients"] * network + ["sampling"]
    if method == "auto":
        return possible[0]
    if method not in possible:
        rule = f"{' or '.join(repr(name) for name in ['auto', *possible])} for {type(seen.detector).__name__}"
        remedy = '"auto" takes the best there is.'
        raise InvalidInputError(must("method", "explain", rule, method, remedy))
    return method


def _background(
    seen: Seen, X: Any, numbers: Rows, scores: Rows, given: Any, random_state: int
) -> Background | None:
    """Return rows that pass, or None if there are too few; too few given ones are refused."""
    source = X if given is None else given
    if given is not None:
        numbers = seen.numbers(given)
        scores = seen.score(numbers)
    passing = np.flatnonzero(scores >= seen.model.offset_)
    if len(passing) < FEWEST_ROWS:
        if given is None:
            return None
        remedy = "Give more rows that are mostly normal."
        rule = f"at least {FEWEST_ROWS} rows that pass"
        raise InvalidInputError(must("background", "explain", rule, len(passing), remedy))
    if len(passing) > BACKGROUND_ROWS:
        generator = np.random.default_rng(random_state)
        passing = np.sort(generator.choice(passing, BACKGROUND_ROWS, replace=False))
    return Background(seen.table(source, numbers).iloc[passing], numbers[passing])


def _terms(seen: Seen, numbers: Rows) -> Rows:
    """Return each number's term of the reconstruction error plus its part of the code's term, (n, numbers)."""
    detector: Any = seen.detector
    parts = [
        detector._chunked(lambda rows, m=m: detector._terms(m, rows)[0], numbers) for m in detector.members_
    ]
    if detector._terms(*seen._probe())[1] is None:
        return np.asarray(np.mean(parts, axis=0))

    def code(rows: torch.Tensor) -> torch.Tensor:
        return torch.stack([detector._terms(member, rows)[1] for member in detector.members_]).mean(0)

    return np.asarray(np.mean(parts, axis=0) + _from_mean(detector, code, numbers))


def _gradients(seen: Seen, numbers: Rows) -> Rows:
    detector: Any = seen.detector
    return _from_mean(detector, detector._mean_scores, numbers)


def _from_mean(detector: Any, score: Any, numbers: Rows) -> NDArray[np.float64]:
    """Return integrated gradients from the mean row, which is 0 once columns are scaled."""
    x = torch.from_numpy(detector._scaled(numbers)).to(detector.device)
    return integrated_gradients(score, x, torch.zeros_like(x))
