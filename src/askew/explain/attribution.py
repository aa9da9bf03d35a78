"""Contributions of numbers to the score of a detector made of networks: by its own terms, or by gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from askew.explain.gradients import integrated_gradients


def attributions(
    detector: Any, method: str, numbers: NDArray[Any], baseline: torch.Tensor | None = None
) -> NDArray[np.float64]:
    """Return each number's contribution to the score, (n, numbers).

    Parameters
    ----------
    detector
        A fitted deep detector, which has terms if `method` is "terms".
    method
        "terms" or "gradients".
    numbers
        Checked rows (n, numbers).
    baseline
        Where gradients are integrated from, as the networks see it, (1, numbers). None: 0, which is the mean
        row of a table whose columns are scaled, and a black image.
    """
    if method == "gradients":
        return _integrated(detector, detector._mean_scores, numbers, baseline)
    return _terms(detector, numbers, baseline)


def _terms(detector: Any, numbers: NDArray[Any], baseline: torch.Tensor | None) -> NDArray[np.float64]:
    """Return each number's term of the reconstruction error plus its part of the code's term."""
    parts = [
        detector._chunked(lambda rows, m=m: detector._terms(m, rows)[0], numbers) for m in detector.members_
    ]
    terms = np.asarray(np.mean(parts, axis=0))
    if detector._terms(detector.members_[0], detector._tensor(numbers[:1]).to(detector.device))[1] is None:
        return terms

    def code(rows: torch.Tensor) -> torch.Tensor:
        return torch.stack([detector._terms(member, rows)[1] for member in detector.members_]).mean(0)

    return np.asarray(terms + _integrated(detector, code, numbers, baseline))


def _integrated(
    detector: Any, score: Any, numbers: NDArray[Any], baseline: torch.Tensor | None
) -> NDArray[np.float64]:
    x = detector._tensor(numbers).to(detector.device)
    start = torch.zeros_like(x) if baseline is None else baseline.to(x).expand_as(x)
    return integrated_gradients(score, x, start, most_points=detector._preparation.gradient_rows)
