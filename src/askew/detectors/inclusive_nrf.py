"""Inclusive-NRF: a network is the log-density of images, taught by a generator's revised samples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar, final

from torch import Tensor, nn
from torch.nn.utils import parametrize

from askew.base import DeepDetector, NetworkParameters
from askew.families.recipes import main_stage, value_of
from askew.inputs.spec import ImageSpec
from askew.networks import convolutional, default_code, mlp
from askew.networks.user_networks import code_width, networks_from, require_decoder
from askew.objectives import random_field, reconstruction_error, revise
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step

PERCEPTRONS = "nrf_mnist"
POTENTIAL_WIDTHS = (1000, 500, 250, 250, 250)
GENERATOR_WIDTHS = (500, 500)
"""Hidden layers of the authors' code for MNIST, with ReLU; the generator's with BatchNorm and softplus."""


@final
@dataclass(eq=False, repr=False)
class InclusiveNRF(NetworkParameters, DeepDetector):
    r"""Inclusive neural random field: an image is as normal as its potential is high; images alone.

    The potential u makes the density :math:`p(x)\propto e^{u(x)}`. A generator g gives samples
    :math:`g(h),\ h\sim N(0,I)`, which L Langevin steps move towards higher u. The potential minimises
    :math:`\bar u(\text{revised})-\bar u(x)+\lambda\,\overline{u(x)^2}`; the generator learns to give the revised
    samples at once, :math:`\|\text{revised}-g(h)\|^2`, which is the inclusive divergence. Score :math:`u(x)`.
    Known anomalies are left out of training, otherwise labels are unused.

    Reference: Song and Ou (2018), Learning Neural Random Fields with Inclusive Auxiliary Generators, Algorithm 1,
    and the authors' code for CIFAR-10; for MNIST it has 20 steps of 0.003, momentum 0.5, initial noise 0.1,
    confinement 1, perceptrons, and 50 epochs at 3e-3 (the generator's 1e-3) in batches of 100. *Departures:* layers as
    for the other methods, but for ``"nrf_mnist"``; those of the potential without BatchNorm and with rows of norm 1
    (as in that code, where images set their scale first); Adam, not RMSprop; h from N(0, I) on MNIST too, where theirs
    is uniform; pixels from 0 to 1, not from -1, so that CIFAR-10's step of 0.03 is 0.0075; the last epoch, not the best
    of all on the test images.

    Parameters
    ----------
    steps : int
        L, Langevin steps per sample.
    step_size : float
        η, their length in units of slope; above 0.
    momentum : float in [0, 1)
        β; above 0 the steps are those of Hamiltonian dynamics. Their code for MNIST has 0.5.
    noise : float
        Standard deviation of what each step adds at random, at least 0; their code adds nothing.
    confinement : float
        λ, weight of the squared potential of training images; at least 0.
    code_size : int
        Width of h, unless `network` is given.
    initial_noise : float
        Standard deviation of what is added to g(h) before the first step, at least 0; theirs for MNIST is 0.1.
    lr_ratio : float
        The generator's learning rate in units of that of `training`, above 0.
    network : "auto", a name, (encoder, decoder) or function of the input spec
        The encoder and a linear layer to one number are u; the decoder and a sigmoid are g. A name that
        :func:`askew.networks.convolutional` knows, or ``"nrf_mnist"``, their perceptrons for MNIST.
    training : Training, optional
        Defaults: 100 epochs, Adam at 1e-3, batches of 64. A step costs about L + 2 of an autoencoder's: on a CPU
        take ``"lenet_mnist"`` and fewer epochs.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat(rng.integers(0, 60, (30, 1, 1, 16)), 16, axis=2).astype(np.uint8)
    >>> detector = InclusiveNRF(network="lenet_mnist", random_state=0).set_params(training__epochs=30).fit(X)
    >>> noise = rng.integers(0, 256, (1, 1, 16, 16)).astype(np.uint8)
    >>> bool(detector.score_samples(noise)[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "inclusive_nrf"
    takes_tables: ClassVar[bool] = False
    default_training: ClassVar[dict[str, Any]] = {"epochs": 100, "lr": 1e-3, "batch_size": 64}

    steps: int = 10
    step_size: float = 0.0075
    momentum: float = 0.0
    noise: float = 0.0
    confinement: float = 0.1
    code_size: int = 100
    initial_noise: float = 0.0
    lr_ratio: float = 1.0

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name, usual in (("steps", 10), ("code_size", 100)):
            self._require_whole(name, 1, f"The authors' code has {usual}.")
        for name, usual_weight in (("noise", 0), ("confinement", 0.1), ("initial_noise", 0)):
            self._require_not_negative(name, f"The authors' code has {usual_weight}.")
        self._require_positive("step_size", "0.0075 is the authors' for pixels from 0 to 1.")
        self._require_positive("lr_ratio", "1 is the authors' for CIFAR-10.")
        self._require_number("momentum", "in [0, 1)", lambda value: 0 <= value < 1, "0 switches it off.")

    def _build(self, spec: ImageSpec) -> MemberNetworks:
        owner = type(self).__name__

        def default(architecture: str) -> tuple[nn.Module, nn.Module]:
            if architecture == PERCEPTRONS:
                return _perceptrons(spec, int(self.code_size))
            width = default_code(spec, architecture)
            options: dict[str, Any] = {"code": int(self.code_size), "architecture": architecture}
            encoder, _ = convolutional(spec, outputs=width, batch_norm=False, **options)
            _, decoder = convolutional(spec, outputs=width, **options)
            return _with_unit_rows(nn.Sequential(*encoder, nn.LeakyReLU(0.2))), decoder

        encoder, decoder = networks_from(self.network, owner, spec, default)
        code = code_width(encoder, spec.n_features, owner)
        require_decoder(decoder, int(self.code_size), spec.n_features, owner)
        return {"encoder": encoder, "head": nn.Linear(code, 1), "generator": decoder}

    def _loss(self, networks: Networks, batch: Batch) -> Tensor:
        of_code, of_image = int(self.code_size), batch.x.shape[-1] if self.initial_noise else 0
        code, start = batch.row_noise[..., :of_code], batch.row_noise[..., of_code : of_code + of_image]
        kicks = batch.row_noise[..., of_code + of_image :]
        generated, potential = networks["generator"](code).sigmoid(), partial(value_of, networks)
        noise, steps = self.noise * kicks if self.noise else None, int(self.steps)
        options: dict[str, Any] = {"step_size": self.step_size, "momentum": self.momentum, "noise": noise}
        disturbed = (
            generated.detach() + self.initial_noise * start if self.initial_noise else generated.detach()
        )
        revised = revise(potential, disturbed, steps=steps, **options)
        field = random_field(potential(batch.x), potential(revised), self.confinement)
        return field + reconstruction_error(revised, generated, reduction="sum").mean(-1)

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        images = bool(self.initial_noise) + (int(self.steps) if self.noise else 0)
        noise = (1, int(self.code_size) + (images * self.n_numbers_ if images else 0))
        step = Step("field", self._loss, ("encoder", "head", "generator"), "normal", noise=noise)
        factors = {"generator": float(self.lr_ratio)}
        return (main_stage(settings, "random field", [step], value_of, lr_factors=factors),)

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        return value_of(member.networks, x)


def _perceptrons(spec: ImageSpec, code: int) -> tuple[nn.Module, nn.Module]:
    """Return the body of the potential and the generator, without its sigmoid, of the authors' code for MNIST."""
    body = nn.Sequential(*mlp((spec.n_features, *POTENTIAL_WIDTHS), slope=0.0), nn.ReLU())
    layers: list[nn.Module] = []
    for before, after in pairwise((code, *GENERATOR_WIDTHS)):
        layers += [nn.Linear(before, after, bias=False), nn.BatchNorm1d(after), nn.Softplus()]
    return _with_unit_rows(body), nn.Sequential(*layers, nn.Linear(GENERATOR_WIDTHS[-1], spec.n_features))


class _UnitRows(nn.Module):
    """The weights of a layer, those of every output scaled to norm 1."""

    def forward(self, weight: Tensor) -> Tensor:
        norm = weight.flatten(1).square().sum(1).add(1e-6).sqrt()
        return weight / norm.reshape(-1, *[1] * (weight.dim() - 1))


def _with_unit_rows(network: nn.Sequential) -> nn.Sequential:
    """Return `network` with all its layers' weights scaled so, which bounds how steep the potential gets."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            parametrize.register_parametrization(layer, "weight", _UnitRows())
    return network
