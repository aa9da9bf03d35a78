"""SSDGM: a generative model of rows and their labels, used as a classifier."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, cast, final

import torch
from torch import Tensor, nn

from askew.base import DeepDetector, NetworkParameters
from askew.families.recipes import RUFF_TRAINING, main_stage, pretraining_stage
from askew.families.variational import check_shapes, split_code
from askew.inputs.spec import ImageSpec, RowSpec, TableSpec
from askew.networks import architecture_for, default_code, default_layers, mlp
from askew.networks.defaults import encoder_decoder
from askew.networks.glorot import glorot
from askew.networks.user_networks import networks_from
from askew.objectives import (
    cross_entropy,
    cross_entropy_error,
    elbo,
    m2_bound,
    reconstruction_error,
    reparameterise,
)
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step, spared_generator

LABEL_COLUMNS = 2  # a label enters as one column per class: (1, 0) is normal, (0, 1) is an anomaly
IMAGE_LAYERS = {"lenet_mnist": (128, 64, 32), "lenet_fashion": (256, 128, 64)}
"""Widths of M2's encoder by the images' architecture, code last (Deep-SAD-PyTorch)."""
WIDE_LAYERS = (512, 256, 128)
"""Those of CIFAR-10, and of all other images."""


@final
@dataclass(eq=False, repr=False)
class SSDGM(NetworkParameters, DeepDetector):
    r"""Semi-supervised deep generative model: the label is a latent variable that is known for a few rows.

    M2 is a VAE of the row given its label, :math:`p(y)p(z)p(x|y,z)` with :math:`q(y|x)q(z|x,y)`. Labelled
    rows give :math:`\mathcal L(x,y)=-E_q[\log p(x|y,z)]+KL(q(z|x,y)\|p(z))-\log p(y)`, unlabelled ones
    :math:`\mathcal U(x)=\sum_yq(y|x)(\mathcal L(x,y)+\log q(y|x))`; the loss is their mean over all rows plus
    :math:`\alpha` times the mean of :math:`-\log q(y|x)` over the labelled ones (the paper's sum with weight
    :math:`\alpha N`). ``model="m1+m2"`` trains a VAE first (M1) and M2 on samples of its code. The score is
    the log-odds of :math:`q(\text{normal}|x)`, which ranks rows as q does and never saturates.

    Nothing but `anomaly_prior` ties unlabelled rows to the normal class if there are no known normal rows.

    Reference: Kingma, Rezende, Mohamed and Welling (2014), Semi-supervised Learning with Deep Generative
    Models, Eqs. 6 to 9; as a detector: Ruff et al. (2020), Deep Semi-Supervised Anomaly Detection, Appendix C, and
    their code: p(x|y,z) of pixels is a Bernoulli, q(y|x) of images has the convolutions of the other methods,
    encoder and decoder are dense, 128-64-32, 256-128-64 or 512-256-128.
    *Departures:* columns are standardised, so p(x|y,z) is a Gaussian with variance 1; on tables q(y|x) has two hidden
    layers, their code one; M1+M2 reconstructs M1's codes, as Kingma et al. have it, their code the row; M1 of images
    is convolutional, theirs dense; one shuffled stream of all rows, each labelled row's :math:`-\log q` weighted
    so that the mean is right, where their code averages over the labelled rows of each batch.

    Parameters
    ----------
    model : {"m2", "m1+m2"}
        The papers report the better of the two.
    alpha : float
        Weight of the classification loss; at least 0.
    anomaly_prior : float in (0, 1)
        p(y = anomaly). The paper's classes are equally likely; anomalies are not, but see above.
    network : "auto", a name, (encoder, decoder) or function of the input spec
        Of M2: from the row and two label columns to means and log-variances side by side, and from the code
        and two label columns to the row (of an image: to the log-odds of its pixels). With ``"m1+m2"``, of M1,
        without label columns. For images also a name that :func:`askew.networks.convolutional` knows: of M2's
        q(y|x), or of M1.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.random.default_rng(0).normal(size=(90, 3)), np.repeat([-1, 1, 0], [5, 25, 60])
    >>> X[:5] += 6.0
    >>> detector = SSDGM(random_state=0).set_params(training__epochs=20, training__lr=0.01).fit(X, y)
    >>> bool(detector.score_samples(X[:5]).max() < detector.score_samples(X[5:]).mean())
    True
    """

    name: ClassVar[str] = "ss_dgm"
    uses_labels: ClassVar[bool] = True
    needs_anomalies: ClassVar[bool] = True
    default_training: ClassVar[dict[str, Any]] = RUFF_TRAINING | {"pretrain_epochs": 150}

    model: str = "m2"
    alpha: float = 0.1
    anomaly_prior: float = 0.5

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_one_of("model", ("m2", "m1+m2"), "M2 is the simpler one.")
        self._require_not_negative("alpha", "The paper uses 0.1.")
        remedy = "The paper uses 0.5; 0.05 says that one row in twenty is an anomaly."
        self._require_number("anomaly_prior", "in (0, 1)", lambda value: 0 < value < 1, remedy)

    def _build(self, spec: RowSpec) -> MemberNetworks:
        architecture = self.network if isinstance(self.network, str) else "auto"
        layers = _layers(spec, architecture)
        if self.model == "m2":
            return self._m2_networks(spec, self.network, layers) | {
                "classifier": _classifier(spec, architecture, layers)
            }
        owner = type(self).__name__
        encoder, decoder = networks_from(self.network, owner, spec, partial(_m1, spec))
        codes = TableSpec(check_shapes(owner, encoder, decoder, spec))
        m2 = self._m2_networks(codes, "auto", layers) | {"classifier": _classifier(codes, "auto", layers)}
        return {"m1_encoder": encoder, "m1_decoder": decoder} | m2

    def _m2_networks(self, spec: RowSpec, network: Any, layers: tuple[int, ...]) -> MemberNetworks:
        """Return M2's encoder and decoder of rows of `spec`, by default of these widths, code last."""
        owner, (*hidden, code) = type(self).__name__, layers

        def default(architecture: str) -> tuple[nn.Module, nn.Module]:
            encoder = glorot(mlp((spec.n_features + LABEL_COLUMNS, *hidden, 2 * code)))
            return encoder, glorot(mlp((code + LABEL_COLUMNS, *reversed(hidden), spec.n_features)))

        encoder, decoder = networks_from(network, owner, spec, default)
        check_shapes(owner, encoder, decoder, spec, LABEL_COLUMNS)
        return {"encoder": encoder, "decoder": decoder}

    def _code_sizes(self) -> list[int]:
        """Return the widths of the codes that need noise in M2's step: M1's, if it is there, and M2's."""
        with spared_generator():
            networks = self._build(cast("RowSpec", self._spec()))
        width, sizes = self.n_numbers_, []
        if self.model == "m1+m2":
            m1 = networks["m1_encoder"], networks["m1_decoder"]
            sizes.append(check_shapes("SSDGM", *m1, TableSpec(width)))
            width = sizes[0]
        m2 = networks["encoder"], networks["decoder"]
        return [*sizes, check_shapes("SSDGM", *m2, TableSpec(width), LABEL_COLUMNS)]

    def _m1_loss(self, networks: Networks, batch: Batch) -> Tensor:
        mu, log_var = split_code(networks["m1_encoder"](batch.x))
        x_hat = networks["m1_decoder"](reparameterise(mu, log_var, batch.row_noise))
        return elbo(self._pixels_or_columns(batch.x, x_hat), mu, log_var).mean(-1)

    def _m2_loss(self, networks: Networks, batch: Batch) -> Tensor:
        x, noise = batch.x, batch.row_noise
        if self.model == "m1+m2":
            mu, log_var = split_code(networks["m1_encoder"](x).detach())
            x, noise = reparameterise(mu, log_var, noise[..., : mu.shape[-1]]), noise[..., mu.shape[-1] :]
        both = torch.cat([_with_label(x, anomaly=False), _with_label(x, anomaly=True)], dim=-2)
        mu, log_var = split_code(networks["encoder"](both))
        z = reparameterise(mu, log_var, torch.cat([noise, noise], dim=-2))
        x_hat = networks["decoder"](torch.cat([z, both[..., -LABEL_COLUMNS:]], dim=-1))
        fits = _gaussian if self.model == "m1+m2" else self._pixels_or_columns
        likelihood = fits(torch.cat([x, x], dim=-2), x_hat)
        normal, anomaly = elbo(likelihood, mu, log_var).chunk(2, dim=-1)
        logit = networks["classifier"](x).squeeze(-1)
        bound = m2_bound(normal, anomaly, logit, batch.y, anomaly_prior=float(self.anomaly_prior))
        known = cross_entropy(logit, batch.y) * (batch.y != 0) / batch.constants["labelled_share"].squeeze(-1)
        return (bound + self.alpha * known).mean(-1)

    def _pixels_or_columns(self, x: Tensor, x_hat: Tensor) -> Tensor:
        """Return -log p(x|z) of the rows of training: pixels are Bernoulli variables, columns Gaussian ones."""
        if isinstance(self._spec(), ImageSpec):
            return cross_entropy_error(x, x_hat, reduction="sum")
        return _gaussian(x, x_hat)

    def _labelled_share(self, networks: Networks, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        return {"labelled_share": (y != 0).to(x.dtype).mean().reshape(1, 1)}

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        sizes = self._code_sizes()
        step = Step("m2", self._m2_loss, ("encoder", "decoder", "classifier"), "all", noise=(1, sum(sizes)))
        m2 = main_stage(settings, "m2", [step], self._classified, constants=self._labelled_share)
        if self.model == "m2":
            return (m2,)
        step = Step("m1", self._m1_loss, ("m1_encoder", "m1_decoder"), "all", noise=(1, sizes[0]))
        return pretraining_stage(settings, "m1", [step], self._decode_mean), m2

    def _classified(self, networks: Networks, x: Tensor) -> Tensor:
        """Run the classifier, whose BatchNorm is to know all rows, and :meth:`_decode_mean`."""
        networks["classifier"](self._seen(networks, x))
        return self._decode_mean(networks, x)

    def _seen(self, networks: Networks, x: Tensor) -> Tensor:
        """Return what M2 takes for a row: the row itself, or the mean of M1's code."""
        return self._mean_code(networks, x) if self.model == "m1+m2" else x

    def _decode_mean(self, networks: Networks, x: Tensor) -> Tensor:
        """Run the networks that a user may give on normal rows."""
        code = self._mean_code(networks, x)
        if self.model == "m1+m2":
            return networks["m1_decoder"](code)
        return networks["decoder"](_with_label(code, anomaly=False))

    def _mean_code(self, networks: Networks, x: Tensor) -> Tensor:
        """Return M1's code, or M2's under the label normal."""
        if self.model == "m1+m2":
            return split_code(networks["m1_encoder"](x))[0]
        return split_code(networks["encoder"](_with_label(x, anomaly=False)))[0]

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        logit: Tensor = member.networks["classifier"](self._seen(member.networks, x))
        return -logit.squeeze(-1)

    def _codes(self, member: Member, x: Tensor) -> Tensor:
        return self._mean_code(member.networks, x)


def _layers(spec: RowSpec, architecture: str) -> tuple[int, ...]:
    """Return the widths of M2's encoder, code last."""
    if isinstance(spec, ImageSpec):
        return IMAGE_LAYERS.get(architecture_for(spec, architecture), WIDE_LAYERS)
    return default_layers(spec)


def _classifier(spec: RowSpec, architecture: str, layers: tuple[int, ...]) -> nn.Module:
    """Return q(y|x): the images' convolutions and a logit, or a perceptron of the hidden widths of `layers`."""
    if isinstance(spec, ImageSpec):
        encoder, _ = encoder_decoder(spec, architecture)
        return glorot(nn.Sequential(encoder, nn.Linear(default_code(spec, architecture), 1)))
    return glorot(mlp((spec.n_features, *layers[:-1], 1)))


def _m1(spec: RowSpec, architecture: str) -> tuple[nn.Module, nn.Module]:
    encoder, decoder = encoder_decoder(spec, architecture, variational=True)
    return glorot(encoder), glorot(decoder)


def _with_label(x: Tensor, *, anomaly: bool) -> Tensor:
    """Return the rows with the columns of one label appended, (..., rows, columns + 2)."""
    off, on = torch.zeros_like(x[..., :1]), torch.ones_like(x[..., :1])
    return torch.cat([x, off, on] if anomaly else [x, on, off], dim=-1)


def _gaussian(x: Tensor, x_hat: Tensor) -> Tensor:
    """Return -log p(x|z) of a Gaussian with variance 1 up to its constant, (..., rows)."""
    return 0.5 * reconstruction_error(x, x_hat, reduction="sum")
