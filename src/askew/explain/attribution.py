"""Contributions of numbers to the score of a detector made of networks: by its own terms, or by gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

STEPS = 64
"""Points on the way. Networks of piecewise linear layers bend where a unit switches, which few points miss."""

_NUMBERS = 1 << 22
"""Numbers in one batch of points, 32 MiB."""


def integrated_gradients(
    score: Callable[[Tensor], Tensor],
    x: Tensor,
    baseline: Tensor,
    steps: int = STEPS,
    most_points: int | None = None,
) -> NDArray[np.float64]:
    r"""Return :math:`(x_j-b_j)\int_0^1\partial_jf(b+t(x-b))\,dt` of each row and number, by Gauss-Legendre points.

    Over the numbers of a row they add up to :math:`f(x)-f(b)`, but for the error of the quadrature.

    Reference: Sundararajan, Taly and Yan (2017), Axiomatic Attribution for Deep Networks, Eq. 1.

    Parameters
    ----------
    score : callable
        f: (rows, features) to (rows,), each row by itself.
    x, baseline : Tensor of shape (rows, features)
        float64, or float32 for images.
    steps : int
        Points on the way from the baseline to the row.
    most_points : int, optional
        Points whose gradients are asked for at a time, at most (but one row's at least); by default as many as
        32 MiB hold. Networks that need more memory than that per number want fewer.

    Examples
    --------
    >>> x = torch.tensor([[3.0, 2.0]], dtype=torch.float64)
    >>> integrated_gradients(lambda rows: rows.prod(-1), x, torch.zeros_like(x)).round(6)
    array([[3., 3.]])
    """
    points, weights = np.polynomial.legendre.leggauss(steps)
    at = torch.from_numpy((points + 1.0) / 2.0).to(x)[:, None, None]  # (steps, 1, 1)
    share = torch.from_numpy(weights / 2.0).to(x)[:, None, None]
    most = _NUMBERS // x.shape[1] if most_points is None else most_points
    chunk = max(1, most // steps)
    parts = [
        _slopes(score, x[start : start + chunk], baseline[start : start + chunk], at, share)
        for start in range(0, len(x), chunk)
    ]
    return np.concatenate([part.cpu().double().numpy() for part in parts])


def _slopes(
    score: Callable[[Tensor], Tensor], x: Tensor, baseline: Tensor, at: Tensor, share: Tensor
) -> Tensor:
    """Return the integral of one chunk of rows, (rows, features)."""
    way = (baseline + at * (x - baseline)).flatten(0, 1).requires_grad_()  # (steps * rows, features)
    with torch.enable_grad():
        (slope,) = torch.autograd.grad(score(way).sum(), way)
    total: Tensor = (share * slope.reshape(len(at), *x.shape)).sum(0)
    return (x - baseline) * total


def attributions(
    detector: Any, method: str, numbers: NDArray[Any], baseline: Tensor | None = None
) -> NDArray[np.float64]:
    """Return each number's contribution to the score of a deep detector by "terms" or "gradients", (n, numbers).

    Gradients are integrated from `baseline` (1, numbers), as the networks see it. None is 0: the mean row of a
    table whose columns are scaled, or a black image.
    """
    if method == "gradients":
        return _integrated(detector, detector._mean_scores, numbers, baseline)
    # each number's term of the reconstruction error plus its part of the code's term
    members = detector.members_
    parts = [detector._chunked(lambda rows, m=m: detector._terms(m, rows)[0], numbers) for m in members]
    terms = np.asarray(np.mean(parts, axis=0))
    if detector._terms(detector.members_[0], detector._tensor(numbers[:1]).to(detector.device))[1] is None:
        return terms

    def code(rows: Tensor) -> Tensor:
        return torch.stack([detector._terms(member, rows)[1] for member in members]).mean(0)

    return np.asarray(terms + _integrated(detector, code, numbers, baseline))


def _integrated(
    detector: Any, score: Any, numbers: NDArray[Any], baseline: Tensor | None
) -> NDArray[np.float64]:
    """Return the integrated gradients of `score` for the detector's checked rows."""
    x = detector._tensor(numbers).to(detector.device)
    start = torch.zeros_like(x) if baseline is None else baseline.to(x).expand_as(x)
    return integrated_gradients(score, x, start, most_points=detector._preparation.gradient_rows)
