"""Fence-GAN: a discriminator that learned against samples lying around the normal rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeGuard, final

from torch import Tensor, nn

from askew.base import NetworkParameters
from askew.families.adversarial import BETAS, CentredPixels
from askew.families.recipes import main_stage, pretraining_stage, same_betas, value_of
from askew.inputs.spec import ImageSpec, RowSpec
from askew.networks import critic, generator, normal_weights
from askew.networks.convolutional import LARGE, require_known
from askew.networks.gan_networks import strided_body
from askew.networks.strided import INFOGAN_DENSE
from askew.networks.user_networks import code_width, networks_from, require_decoder
from askew.objectives import dispersion, encirclement, fence_discriminator_loss
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step, Training


class _AuthorsSettings(NamedTuple):
    """The authors' settings for one kind of data."""

    alpha: float
    beta: float
    gamma: float
    lr_ratio: float
    code_size: int
    training: dict[str, Any]


USUAL = {
    "grey": _AuthorsSettings(0.1, 30.0, 0.1, 2.0, 200, {"epochs": 100, "lr": 1e-5, "batch_size": 200}),
    "colour": _AuthorsSettings(0.5, 10.0, 0.5, 10.0, 256, {"epochs": 150, "lr": 1e-4, "batch_size": 128}),
    "table": _AuthorsSettings(0.5, 15.0, 0.1, 1.0, 32, {"epochs": 150, "lr": 1e-3, "batch_size": 100}),
}
"""Those for MNIST and CIFAR-10 are the commands of the authors' code; those for tables, but for the width of the
code and the epochs, its experiment with points in the plane (it trains that for 30,000 steps)."""

GREY_FILTERS, GREY_SLOPE = (64, 64), 0.1
"""The discriminator's convolutions on MNIST, and the negative slope of its leaky ReLUs."""


@final
@dataclass(eq=False, repr=False)
class FenceGAN(NetworkParameters, CentredPixels):
    r"""Fence-GAN: a GAN whose samples lie around the normal rows, and its discriminator's belief is the score.

    The generator minimises :math:`H(\alpha,D(G(z)))+\beta/\overline{\|G(z)-\mu\|}`: samples lie where D is α, and
    far from their centre μ. The discriminator minimises :math:`-\log D(x)-\gamma\log(1-D(G(z)))`; first some
    epochs alone. Score: the log-odds :math:`\log\frac{D(x)}{1-D(x)}`, which do not round to 1 as D does. Known
    anomalies are left out of training, otherwise labels are unused.

    Reference: Ngo et al. (2019), Fence GAN: Towards Better Anomaly Detection, and the authors' code for the
    settings, and for small images of one channel for the discriminator's layers and the initial weights, from
    N(0, 0.02²). *Departures:* the discriminator takes one step on normal rows and samples together, as in the paper,
    where that code takes one on each; the epoch is the last one, where published figures are of the best on
    held-out anomalies; other layers are those of the other GANs here.

    Parameters
    ----------
    alpha : float in (0, 1), optional
        α. If not given 0.1 for images of one channel, 0.5 for others and for tables.
    beta : float, optional
        β, at least 0. If not given 30 for images of one channel, 10 for others, 15 for tables.
    gamma : float, optional
        γ, above 0. If not given 0.1 for images of one channel and for tables, 0.5 for other images.
    lr_ratio : float, optional
        The generator's learning rate in units of that of `training`, which is the discriminator's; above 0. If
        not given 2 for images of one channel, 10 for others, 1 for tables.
    code_size : int, optional
        Width of z. If not given 200 for images of one channel, 256 for others, 32 for tables.
    network : "auto", (encoder, decoder) or function of the input spec
        The encoder and a linear layer to one number are the discriminator, the decoder is the generator. Modules
        for images get and give pixels from -1 to 1.
    training : Training, optional
        ``pretrain_epochs``, of the discriminator alone, are 15. Other defaults: for images of one channel 100
        epochs, Adam at 1e-5, batches of 200; for others 150 at 1e-4, 128; for tables 150 at 1e-3, 100. 1e-5 needs
        a few thousand steps.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = FenceGAN(random_state=0).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "fence_gan"
    default_training: ClassVar[dict[str, Any]] = USUAL["grey"].training | {"pretrain_epochs": 15}

    alpha: float | None = None
    beta: float | None = None
    gamma: float | None = None
    lr_ratio: float | None = None
    code_size: int | None = None

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = "Leave it out for the authors' choice."
        if self.alpha is not None:
            self._require_number("alpha", "in (0, 1)", lambda value: 0 < value < 1, remedy)
        if self.beta is not None:
            self._require_not_negative("beta", remedy)
        for name in ("gamma", "lr_ratio"):
            if getattr(self, name) is not None:
                self._require_positive(name, remedy)
        if self.code_size is not None:
            self._require_whole("code_size", 1)

    def _defaults(self) -> _AuthorsSettings:
        spec = self._spec()
        if not isinstance(spec, ImageSpec):
            return USUAL["table"]
        return USUAL["grey" if spec.channels == 1 else "colour"]

    def _settings_in_use(self) -> _AuthorsSettings:
        """Return the settings: what is given, and the authors' for what is not."""
        own = {name: getattr(self, name) for name in ("alpha", "beta", "gamma", "lr_ratio", "code_size")}
        return self._defaults()._replace(**{key: value for key, value in own.items() if value is not None})

    def _settings(self) -> Settings:
        return (self.training or Training()).resolve(self.default_training | self._defaults().training)

    def _build(self, spec: RowSpec) -> MemberNetworks:
        owner, code = type(self).__name__, int(self._settings_in_use().code_size)

        def default(architecture: str) -> tuple[nn.Module, nn.Module]:
            require_known(architecture, ("auto",), owner)
            if _is_small_and_grey(spec):
                body, _ = strided_body(spec, GREY_FILTERS, INFOGAN_DENSE, slope=GREY_SLOPE)
                return normal_weights(body), normal_weights(generator(spec, code))
            return critic(spec)[0], generator(spec, code)

        encoder, decoder = networks_from(self.network, owner, spec, default)
        width = code_width(encoder, spec.n_features, owner)
        require_decoder(decoder, code, spec.n_features, owner)
        head: nn.Module = nn.Linear(width, 1)
        if _is_small_and_grey(spec):
            head = normal_weights(head)
        return {"encoder": encoder, "head": head, "generator": decoder}

    def _discriminator_loss(self, networks: Networks, batch: Batch) -> Tensor:
        generated = networks["generator"](batch.row_noise).detach()
        # apart: where a discriminator has BatchNorm, its statistics are those of rows or of samples alone
        real, fake = value_of(networks, self._centred(batch.x)), value_of(networks, generated)
        return fence_discriminator_loss(real, fake, self._settings_in_use().gamma)

    def _generator_loss(self, networks: Networks, batch: Batch) -> Tensor:
        generated = networks["generator"](batch.row_noise)
        around = encirclement(value_of(networks, generated), self._settings_in_use().alpha).mean(-1)
        return around + self._settings_in_use().beta * dispersion(generated)

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        noise = (1, int(self._settings_in_use().code_size))
        both = Step("discriminator", self._discriminator_loss, ("encoder", "head"), "normal", noise=noise)
        fence = Step("generator", self._generator_loss, ("generator",), "normal", noise=noise, follows=True)
        factors = {"generator": float(self._settings_in_use().lr_ratio)}
        options: dict[str, Any] = {"betas": same_betas((both, fence), BETAS), "lr_factors": factors}
        alone = pretraining_stage(settings, "discriminator alone", [both], self._value, **options)
        return alone, main_stage(settings, "fence", (both, fence), self._value, **options)

    def _value(self, networks: Networks, x: Tensor) -> Tensor:
        return value_of(networks, self._centred(x))

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        return self._value(member.networks, x)


def _is_small_and_grey(spec: RowSpec) -> TypeGuard[ImageSpec]:
    """Return whether rows are like MNIST's, for which the authors' code has networks of its own."""
    return isinstance(spec, ImageSpec) and spec.channels == 1 and max(spec.height, spec.width) < LARGE
