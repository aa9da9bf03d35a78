"""Skip-GANomaly: a U-Net reconstructs the image, and a discriminator's features compare the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

from torch import Tensor, nn

from askew.base import RowEnsembleParameters
from askew.families.adversarial import BETAS, CentredPixels
from askew.families.recipes import main_stage, same_betas
from askew.inputs.spec import ImageSpec
from askew.networks import UNet, critic, normal_weights
from askew.objectives import gan_discriminator_loss, gan_generator_loss, reconstruction_error
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step

FEATURES = 100  # width of the discriminator's last layer but one, the authors'


@final
@dataclass(eq=False, repr=False)
class SkipGANomaly(RowEnsembleParameters, CentredPixels):
    r"""Skip-GANomaly: an image is normal if a U-Net that learned on normal ones gives it back; images alone.

    A U-Net G, whose skip connections keep detail, reconstructs the image, :math:`\hat x=G(x)`, and minimises
    :math:`\lambda_{adv}(-\log D(\hat x))+\lambda_{con}\overline{|x-\hat x|}
    +\lambda_{lat}\overline{(f(x)-f(\hat x))^2}`, f being the last layer but one of the discriminator, which
    minimises :math:`-\log D(x)-\log(1-D(\hat x))`. Score
    :math:`-\lambda\,\overline{(x-\hat x)^2}-(1-\lambda)\overline{(f(x)-f(\hat x))^2}`, pixels from -1 to 1.
    Known anomalies are left out of training, otherwise labels are unused.

    Reference: Akçay, Atapour-Abarghouei and Breckon (2019), Skip-GANomaly: Skip Connected and Adversarially
    Trained Encoder-Decoder Anomaly Detection; settings, layers and initial weights, from N(0, 0.02²), are those of
    the authors' code (where BatchNorm's are from N(1, 0.02²); here they are 1).
    *Departures:* at scoring BatchNorm has the training images' statistics, where that code never leaves training
    mode, so that scores depend on the batch; its discriminator minimises the term of features too; scores are not
    brought to 0..1 by the test images; the epoch is the last one, not the best of all on the test images; the
    discriminator's layers are those of the other GANs here, and images keep their size.

    Parameters
    ----------
    weight_adversarial, weight_contextual, weight_latent : float
        λ_adv, λ_con and λ_lat, at least 0; the paper's λ_con is 40, that of the authors' code 50.
    residual_share : float in [0, 1]
        λ, how much of the score is the error of pixels.
    noise : float
        Standard deviation of Gaussian noise on what G sees in training, at least 0; off in the authors' code.
    filters : int
        Of the U-Net's first convolution; the authors' 64 take minutes on a CPU, 16 a fraction.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat(rng.integers(0, 60, (30, 1, 1, 16)), 16, axis=2).astype(np.uint8)
    >>> detector = SkipGANomaly(filters=8, random_state=0).set_params(training__epochs=150).fit(X)
    >>> noise = rng.integers(0, 256, (1, 1, 16, 16)).astype(np.uint8)
    >>> bool(detector.score_samples(noise)[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "skip_ganomaly"
    paper: ClassVar[str] = "Akçay et al. 2019"
    takes_tables: ClassVar[bool] = False
    default_training: ClassVar[dict[str, Any]] = {"epochs": 15, "lr": 2e-4, "batch_size": 64}

    weight_adversarial: float = 1.0
    weight_contextual: float = 50.0
    weight_latent: float = 1.0
    residual_share: float = 0.9
    noise: float = 0.0
    filters: int = 64

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name in ("weight_adversarial", "weight_contextual", "weight_latent", "noise"):
            self._require_not_negative(name, "Leave it out for the authors' choice.")
        remedy = "The paper has 0.9."
        self._require_number("residual_share", "in [0, 1]", lambda value: 0 <= value <= 1, remedy)
        self._require_whole("filters", 1, "64 are the authors'; 16 take a fraction of the time.")

    def _build(self, spec: ImageSpec) -> MemberNetworks:
        body, head = critic(spec, outputs=FEATURES, batch_norm=True)
        unet, encoder = UNet(spec, filters=int(self.filters)), nn.Sequential(*body, head)
        networks = {"generator": unet, "encoder": encoder, "head": nn.Linear(FEATURES, 1)}
        return {name: normal_weights(network) for name, network in networks.items()}

    def _generator_loss(self, networks: Networks, batch: Batch) -> Tensor:
        images, reconstruction = self._images_and_reconstructions(networks, batch)
        features, reconstruction_features = networks["encoder"](images), networks["encoder"](reconstruction)
        adversarial = gan_generator_loss(_logit(networks, reconstruction_features))
        contextual = (images - reconstruction).abs().mean((-2, -1))
        latent = reconstruction_error(features.detach(), reconstruction_features).mean(-1)
        total = self.weight_adversarial * adversarial + self.weight_contextual * contextual
        return total + self.weight_latent * latent

    def _discriminator_loss(self, networks: Networks, batch: Batch) -> Tensor:
        images, reconstruction = self._images_and_reconstructions(networks, batch)
        # one after the other: BatchNorm sees images or reconstructions, as for the generator
        real = _logit(networks, networks["encoder"](images))
        return gan_discriminator_loss(real, _logit(networks, networks["encoder"](reconstruction.detach())))

    def _images_and_reconstructions(self, networks: Networks, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the batch's images as the networks see them, and their reconstructions in training."""
        images = self._centred(batch.x)
        disturbed = images + self.noise * batch.row_noise if self.noise else images
        return images, networks["generator"](disturbed)

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        noise = (1, self.n_numbers_) if self.noise else None
        moves = ("encoder", "head")
        steps = (
            Step("generator", self._generator_loss, ("generator",), "normal", noise=noise),
            Step("discriminator", self._discriminator_loss, moves, "normal", noise=noise, follows=True),
        )
        return (main_stage(settings, "adversarial", steps, self._scores, betas=same_betas(steps, BETAS)),)

    def _parts(self, networks: Networks, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the squared error of each pixel, (..., rows, features), and that of features, (..., rows)."""
        images = self._centred(x)
        reconstruction = networks["generator"](images)
        latent = reconstruction_error(networks["encoder"](images), networks["encoder"](reconstruction))
        return (images - reconstruction).square(), latent

    def _scores(self, networks: Networks, x: Tensor) -> Tensor:
        residual, latent = self._parts(networks, x)
        return -self.residual_share * residual.mean(-1) - (1.0 - self.residual_share) * latent

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        return self._scores(member.networks, x)

    def _terms(self, member: Member, x: Tensor) -> tuple[Tensor, Tensor]:
        residual, latent = self._parts(member.networks, x)
        return -self.residual_share / x.shape[-1] * residual, -(1.0 - self.residual_share) * latent

    def _expected(self, member: Member, x: Tensor) -> Tensor:
        reconstruction: Tensor = member.networks["generator"](self._centred(x))
        return self._uncentred(reconstruction)


def _logit(networks: Networks, features: Tensor) -> Tensor:
    logit: Tensor = networks["head"](features).squeeze(-1)
    return logit
