"""explain: the one function of this room, which chooses how a model is explained."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from askew.base import DeepDetector
from askew.base.explanation import Explanation
from askew.base.fitted_parameters import require_fitted
from askew.base.image_explanation import ImageExplanation
from askew.errors import InvalidInputError, must, require_whole
from askew.explain.attribution import attributions
from askew.explain.expected_values import Background, expected_values
from askew.explain.model_view import ModelView, Rows, RowsInView
from askew.explain.pixel_explanation import explain_images
from askew.explain.shapley import Sampling, shapley_values
from askew.index import model_method

BACKGROUND_ROWS = 500
"""As many rows that pass stand for what is usual, at most."""

FEWEST_ROWS = 10
"""Fewer rows that pass say too little of what is usual."""


@model_method
def explain(
    model: Any,
    X: Any,
    *,
    method: str = "auto",
    background: Any = None,
    patch: int | None = None,
    n_orders: int = 32,
    random_state: int = 0,
) -> Explanation | ImageExplanation:
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
    in ten times over) for detectors that reconstruct and learn from normal rows alone. For all others it is the
    median (for words, the most frequent) of the ten background rows that are most alike in the other features: an
    encoder trained to throw anomalies far out does not reconstruct them as usual. Without background it is the mean.

    Images (n, channels, height, width) are explained by pixels, in float32, as an
    :class:`~askew.explain.ImageExplanation`. Gradients start at the mean of the background's images, or at black.
    "sampling" turns squares of pixels of side ``patch``, and shares what a square adds among its pixels. What is
    expected is the reconstruction of the whole image, or the median of the ten background images that differ least.

    Reference: Sundararajan, Taly and Yan (2017), Axiomatic Attribution for Deep Networks; Strumbelj and
    Kononenko (2014), Explaining Prediction Models and Individual Predictions with Feature Contributions.

    Parameters
    ----------
    model : fitted detector or wrapper
    X : array or DataFrame of shape (n_rows, n_features), or images (n_images, channels, height, width)
        The rows to explain.
    method : "auto", "terms", "gradients" or "sampling"
    background : array or DataFrame, optional
        Rows that are mostly normal, such as the training rows. Default: those of X that pass. Of the rows that
        pass at most 500 are drawn.
    patch : int, optional
        Of images by "sampling": side of the squares in pixels. Default: the smallest that makes no more than
        eight squares along the longer side.
    n_orders : int
        Orders that "sampling" draws per row, even; its error falls with the root.
    random_state : int
        Decides what is drawn.

    Raises
    ------
    InvalidInputError
        If the model cannot be explained in the way asked for, or needs a background and has none: "sampling"
        does, and so do a model that prepares its columns, and one of images that does not reconstruct.

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
    require_fitted(model)
    view = ModelView(model)
    images = view.detector.image_shape_ is not None
    _check(n_orders, random_state)
    rows = view.rows(X)
    chosen = _chosen(method, view)
    _check_patch(patch, images and chosen == "sampling")
    usual = _usual(view, rows, background, random_state)
    if usual is None and (chosen == "sampling" or view.prepared or (images and not view.reconstructs)):
        remedy = (
            "Give background=, rows that are mostly normal, such as the training rows (on the command line: a "
            "table with more rows that pass)."
        )
        rule = f"given where fewer than {FEWEST_ROWS} rows of X pass"
        raise InvalidInputError(must("background", "explain", rule, None, remedy))
    draw = Sampling(int(n_orders), int(random_state))
    if images:
        passing = None if usual is None else usual.numbers[usual.places]
        return explain_images(view, rows, passing, chosen, patch, draw)
    return _explain_table(view, rows, usual, chosen, draw)


def _explain_table(
    view: ModelView, rows: RowsInView, found: _Usual | None, method: str, draw: Sampling
) -> Explanation:
    """Return the explanation of rows of a table."""
    usual, numbers = None, rows.numbers
    if found is not None:
        table = view.table(found.source, found.numbers).iloc[found.places]
        usual = Background(table, found.numbers[found.places])
    if method == "sampling" and usual is not None:
        values, _ = shapley_values(view.score, numbers, usual.numbers, view.groups, *draw)
    else:
        each = attributions(view.detector, method, numbers)
        values = np.stack([each[:, group].sum(axis=1) for group in view.groups], axis=1)
    observed = view.table(rows.source, numbers)
    expected, source = expected_values(view, observed, numbers, usual)
    base = rows.base(values)
    return Explanation(
        observed.index, view.features, rows.scores, values, base, observed, expected, method, source
    )


def _check(n_orders: Any, random_state: Any) -> None:
    for name, value, least in (("n_orders", n_orders, 2), ("random_state", random_state, 0)):
        require_whole(name, "explain", value, least, "The default is a good start.")
    if n_orders % 2:
        raise InvalidInputError(must("n_orders", "explain", "even", n_orders, f"Use {n_orders + 1}."))


def _check_patch(patch: Any, squares: bool) -> None:
    if patch is None:
        return
    if not squares:
        rule = "None, but for images that are explained by sampling"
        remedy = 'Leave it out, or use method="sampling".'
        raise InvalidInputError(must("patch", "explain", rule, patch, remedy))
    if not isinstance(patch, int | np.integer) or isinstance(patch, bool) or patch < 1:
        remedy = "None takes squares that fit eight times into the longer side."
        raise InvalidInputError(must("patch", "explain", "a number of pixels, at least 1", patch, remedy))


def _chosen(method: str, view: ModelView) -> str:
    """Return the way to explain, or raise InvalidInputError if the detector has no such way."""
    network = isinstance(view.detector, DeepDetector) and not view.detector.steep_at_mean
    possible = ["terms"] * view.has_terms + ["gradients"] * network + ["sampling"]
    if method == "auto":
        return possible[0]
    if method not in possible:
        rule = f"{' or '.join(repr(name) for name in ['auto', *possible])} for {type(view.detector).__name__}"
        remedy = '"auto" takes the best there is.'
        raise InvalidInputError(must("method", "explain", rule, method, remedy))
    return method


class _Usual(NamedTuple):
    """Rows that stand for what is usual: where they are from, the numbers of all there, and their places."""

    source: Any
    numbers: Rows
    places: NDArray[np.intp]


def _usual(view: ModelView, rows: RowsInView, given: Any, random_state: int) -> _Usual | None:
    """Return rows that pass, or None if there are too few; too few given ones are refused."""
    if given is not None:
        rows = view.rows(given)
    passing = np.flatnonzero(rows.scores >= view.model.offset_)
    if len(passing) < FEWEST_ROWS:
        if given is None:
            return None
        remedy = "Give more rows that are mostly normal."
        rule = f"at least {FEWEST_ROWS} rows that pass"
        raise InvalidInputError(must("background", "explain", rule, len(passing), remedy))
    if len(passing) > BACKGROUND_ROWS:
        generator = np.random.default_rng(random_state)
        passing = np.sort(generator.choice(passing, BACKGROUND_ROWS, replace=False))
    return _Usual(rows.source, rows.numbers, passing)
