"""Binary cross-entropy on our three labels."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import softplus

from askew.objectives.shapes import require_shape


def cross_entropy(logit: Tensor, labels: Tensor) -> Tensor:
    r"""Binary cross-entropy of each row, :math:`-\log q(\text{its label}|x)`; unlabelled rows count as normal.

    With :math:`q(\text{anomaly}|x)=\sigma(a)` it is :math:`\log(1+e^{-a})` for known anomalies and
    :math:`\log(1+e^{a})` for all other rows, finite for every finite logit. Returns a tensor of shape
    (..., rows), in nats.

    Reference: Ruff et al. (2020), Deep Semi-Supervised Anomaly Detection, Appendix C, for the labels.

    Parameters
    ----------
    logit : Tensor of shape (..., rows)
        Log-odds a of the row being an anomaly.
    labels : Tensor of shape (..., rows)
        +1 known normal, 0 unlabelled, -1 known anomaly.

    Raises
    ------
    ValueError
        If `labels` has another shape: (rows, 1) against (rows,) would broadcast and ignore who has which label.

    Examples
    --------
    >>> import torch
    >>> cross_entropy(torch.tensor([0.0, -9.0]), torch.tensor([0, -1]))
    tensor([0.6931, 9.0001])
    """
    require_shape("labels of cross_entropy", labels.shape, "have the shape of logit", logit.shape)
    return softplus(logit.where(labels >= 0, -logit))
