"""The evidence lower bound with a Gaussian prior of any mean, and the dual-prior loss made of two of them."""

from __future__ import annotations

import torch
from torch import Tensor

from askew.objectives.shapes import require_shape

LOG_VARIANCE_LIMIT = 10.0
"""Log-variances are clamped to ±10: beyond it exp() only loses digits (METHODS.md, section 2)."""


def reparameterise(mu: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """Return a sample ``z = mu + exp(log_var / 2) * noise``, (..., rows, code), that gradients can pass through.

    The noise is standard normal; give it an axis more, (..., samples, rows, code), for several samples, and insert it
    in `mu` and `log_var` too.
    """
    return mu + (0.5 * log_var).exp() * noise


def gaussian_kl(mu: Tensor, log_var: Tensor, prior_mean: float | Tensor = 0.0) -> Tensor:
    r"""Kullback-Leibler divergence of :math:`N(\mu,\mathrm{diag}\,\sigma^2)` from :math:`N(\mu_o\mathbf 1, I)`.

    Returns a tensor of shape (..., rows), in nats, at least 0.

    .. math:: -\tfrac12\sum_i \left[1+\log\sigma_i^2-\sigma_i^2-(\mu_i-\mu_o)^2\right]

    Reference: Daniel, Kurutach and Tamar (2021), Deep Variational Semi-Supervised Novelty Detection, Appendix F.

    Parameters
    ----------
    mu, log_var : Tensor of shape (..., rows, code)
    prior_mean : float or Tensor that broadcasts against `mu`
        The prior's mean, the same in every coordinate if it is a number.

    Examples
    --------
    >>> gaussian_kl(torch.zeros(1, 3), torch.zeros(1, 3), prior_mean=2.0)
    tensor([6.])
    """
    return -0.5 * (1.0 + log_var - log_var.exp() - (mu - prior_mean).square()).sum(-1)


def elbo(
    reconstruction: Tensor,
    mu: Tensor,
    log_var: Tensor,
    *,
    beta_kl: float | Tensor = 1.0,
    prior_mean: float | Tensor = 0.0,
) -> Tensor:
    r"""Return the negative evidence lower bound, :math:`L_R(x)+\beta_{KL}\,KL(q(z|x)\,\|\,N(\mu_o\mathbf 1,I))`.

    With `reconstruction` equal to :math:`-\log p(x|z)` and ``beta_kl=1`` its negative is, in expectation, a lower
    bound on :math:`\log p(x)`. Returns a tensor of shape (..., rows); lower is better.

    Parameters
    ----------
    reconstruction : Tensor of shape (..., rows)
        The reconstruction term L_R of each row, see :func:`reconstruction_error`.
    mu, log_var : Tensor of shape (..., rows, code)
        Mean and log-variance of q(z|x).
    beta_kl : float
        Weight of the KL term, at least 0.
    prior_mean : float or Tensor
        Mean of the prior in every coordinate; 0 for normal data.

    Raises
    ------
    ValueError
        If `reconstruction` has other rows than `mu`: (rows, 1) would broadcast to every pair of rows.

    Examples
    --------
    >>> elbo(torch.tensor([1.5]), torch.ones(1, 2), torch.zeros(1, 2), beta_kl=0.5)
    tensor([2.])
    """
    if reconstruction.shape[-1:] != mu.shape[-2:-1]:
        raise ValueError(
            f"reconstruction of elbo must have the rows of mu, {tuple(mu.shape[:-1])}; "
            f"got {tuple(reconstruction.shape)}."
        )
    return reconstruction + beta_kl * gaussian_kl(mu, log_var, prior_mean)


def dual_prior_elbo(
    reconstruction: Tensor,
    mu: Tensor,
    log_var: Tensor,
    labels: Tensor,
    *,
    alpha: float = 10.0,
    beta_kl: float | Tensor = 1.0,
) -> Tensor:
    r"""Return the dual-prior loss: each row's negative ELBO under the prior that its label calls for.

    Rows with label -1 (known anomalies) get the prior :math:`N(\alpha\mathbf 1, I)`, all others :math:`N(0, I)`.
    Average over the anomalies and over the rest separately and add the two means to get the paper's loss; let the
    anomalies' part move the encoder alone. Returns a tensor of shape (..., rows); lower is better.

    Reference: Daniel, Kurutach and Tamar (2021), section 4.2.

    Parameters
    ----------
    reconstruction : Tensor of shape (..., rows)
    mu, log_var : Tensor of shape (..., rows, code)
    labels : Tensor of shape (..., rows)
        +1 known normal, 0 unlabelled, -1 known anomaly.
    alpha : float
        Mean of the anomalies' prior in every coordinate; not 0.
    beta_kl : float
        Weight of the KL term.

    Raises
    ------
    ValueError
        If `labels` has another shape than `reconstruction`, or `alpha` is 0 (the labels would have no effect).

    Examples
    --------
    >>> mu, log_var = torch.zeros(2, 1), torch.zeros(2, 1)
    >>> dual_prior_elbo(torch.zeros(2), mu, log_var, torch.tensor([0, -1]), alpha=2.0)
    tensor([0., 2.])
    """
    rule = "have the shape of reconstruction"
    require_shape("labels of dual_prior_elbo", labels.shape, rule, reconstruction.shape)
    if alpha == 0:
        raise ValueError("alpha of dual_prior_elbo must not be 0: the labels would have no effect.")
    prior_mean = torch.where(labels < 0, alpha, 0.0).to(mu.dtype).unsqueeze(-1)  # (..., rows, 1)
    return elbo(reconstruction, mu, log_var, beta_kl=beta_kl, prior_mean=prior_mean)
