"""ALAD: a bidirectional GAN whose rows and codes must survive a round trip, in the eyes of three discriminators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, cast, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid
from torch.nn.utils import parametrize

from askew.base import NetworkParameters
from askew.families.adversarial import BETAS, MirrorDetector, critic_value
from askew.families.recipes import main_stage, reconstruct, same_betas
from askew.inputs.spec import ImageSpec, RowSpec
from askew.networks import bidirectional_encoder, code_critic, generator, joint_critic, row_critic
from askew.networks.convolutional import require_known
from askew.networks.user_networks import code_width, networks_from, require_decoder
from askew.objectives import gan_discriminator_loss, gan_generator_loss, pairs
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step, spared_generator
from askew.training.health import check_critic

CODE_OF_IMAGES, CODE_OF_TABLES = 100, 32  # width of the code: the public code's for images and for KDD99

SCORES = ("features", "logits", "l1", "l2")

_JUDGED = 512  # training rows that the health of the discriminator of two rows is judged by


@final
@dataclass(eq=False, repr=False)
class ALAD(NetworkParameters, MirrorDetector):
    r"""Adversarially learned anomaly detection: a GAN with an encoder, and how far a row is from its round trip.

    Three discriminators maximise, and encoder E and generator G minimise, with z standard normal,

    .. math:: V=E_x[\log D_{xz}(x,E(x))]+E_z[\log(1-D_{xz}(G(z),z))]
       +E_x[\log D_{xx}(x,x)+\log(1-D_{xx}(x,G(E(x))))] +E_z[\log D_{zz}(z,z)+\log(1-D_{zz}(z,E(G(z))))].

    Encoder and generator learn by swapped labels, which does not saturate. With f the last hidden layer of
    :math:`D_{xx}`, the score is :math:`-\|f(x,x)-f(x,G(E(x)))\|_1`, by moving averages of the weights. Known
    anomalies are left out of training, otherwise labels are unused.

    Reference: Zenati et al. (2018), Adversarially Learned Anomaly Detection, and its public code.
    *Departures:* networks of the size of the other GANs here, with PyTorch's initial weights; learning rate and
    dropout of tables as for images (public code: 1e-5, up to 0.5); pairs of images are channels (public code: one
    above the other); the moving average forgets the first weights faster, see
    :class:`askew.training.averaging.Average`; no early stopping.

    Parameters
    ----------
    score_by : {"features", "logits", "l1", "l2"}
        The score above, :math:`\log D_{xx}(x,G(E(x)))`, or minus that norm of :math:`x-G(E(x))`.
    code_size : int, optional
        Width of z for ``network="auto"``; if not given 100 for images and 32 for tables.
    spectral_norm : bool, optional
        Whether all layers but the last of encoder and discriminators have it; if not given, those for images.
    dropout : float in [0, 1)
        Share of the discriminators' hidden units left out in training. At 0, without spectral_norm, members
        train together.
    averaging : float in [0, 1)
        Decay of the weights' moving average, per batch; 0 scores by the last weights.
    network : "auto", (encoder, generator) or function of the input spec
        Modules for images get and give pixels from -1 to 1. Discriminators are chosen to fit rows and code.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = ALAD(random_state=0).set_params(training__epochs=3).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "alad"
    default_training: ClassVar[dict[str, Any]] = {"epochs": 100, "lr": 2e-4, "batch_size": 32}

    score_by: str = "features"
    code_size: int | None = None
    spectral_norm: bool | None = None
    dropout: float = 0.2
    averaging: float = 0.999

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_one_of("score_by", SCORES, '"features" is the paper\'s choice.')
        remedy = "Leave it out for the public code's choice."
        self._require_one_of("spectral_norm", (True, False, None), remedy)
        if self.code_size is not None:
            self._require_whole("code_size", 1)
        remedy = "0.2 is the public code's; 0 leaves out none."
        self._require_number("dropout", "in [0, 1)", lambda value: 0 <= value < 1, remedy)
        remedy = "0.999 is the public code's; 0 takes the last weights."
        self._require_number("averaging", "in [0, 1)", lambda value: 0 <= value < 1, remedy)

    def _build(self, spec: RowSpec) -> MemberNetworks:
        encoder, decoder, code = self._autoencoder(spec)
        options: dict[str, Any] = {"spectral": self._spectral(spec), "dropout": float(self.dropout)}
        critic, value = row_critic(spec, **options)
        joint, codes = joint_critic(spec, code, **options), code_critic(code, **options)
        rows = {"encoder": encoder, "decoder": decoder, "critic": critic, "value": value}
        return rows | {"joint": joint, "codes": codes}

    def _autoencoder(self, spec: RowSpec) -> tuple[nn.Module, nn.Module, int]:
        owner = type(self).__name__
        encoder, decoder = networks_from(self.network, owner, spec, partial(self._default, spec))
        code = code_width(encoder, spec.n_features, owner)
        require_decoder(decoder, code, spec.n_features, owner, f"The encoder makes a code of {code}.")
        return encoder, decoder, code

    def _default(self, spec: RowSpec, architecture: str) -> tuple[nn.Module, nn.Module]:
        require_known(architecture, ("auto",), type(self).__name__)
        code = self.code_size or (CODE_OF_IMAGES if isinstance(spec, ImageSpec) else CODE_OF_TABLES)
        encoder = bidirectional_encoder(spec, code, spectral=self._spectral(spec))
        return encoder, generator(spec, code, batch_norm=isinstance(spec, ImageSpec))

    def _spectral(self, spec: RowSpec) -> bool:
        return isinstance(spec, ImageSpec) if self.spectral_norm is None else bool(self.spectral_norm)

    @parametrize.cached()  # spectral norms of large layers cost more than the layers: once per update is enough
    def _discriminator_loss(self, networks: Networks, batch: Batch) -> Tensor:
        """Return -V; the discriminators are to move."""
        x, z = self._centred(batch.x), batch.row_noise
        with torch.no_grad():
            codes, samples = networks["encoder"](x), networks["decoder"](z)
            x_hat, z_hat = networks["decoder"](codes), networks["encoder"](samples)
        both = gan_discriminator_loss(_joint_logits(networks, x, codes), _joint_logits(networks, samples, z))
        of_rows = critic_value(networks, torch.cat([pairs(x, x), pairs(x, x_hat)], dim=-2))
        of_codes = _code_logits(networks, torch.cat([pairs(z, z), pairs(z, z_hat)], dim=-2))
        round_trips = [gan_discriminator_loss(*of.chunk(2, dim=-1)) for of in (of_rows, of_codes)]
        return both + sum(round_trips)

    @parametrize.cached()
    def _generator_loss(self, networks: Networks, batch: Batch) -> Tensor:
        """Return what encoder and generator, which are to move, minimise: V's with labels swapped."""
        x, z = self._centred(batch.x), batch.row_noise
        codes, samples = networks["encoder"](x), networks["decoder"](z)
        x_hat, z_hat = networks["decoder"](codes), networks["encoder"](samples)
        of_encoder = gan_generator_loss(-_joint_logits(networks, x, codes))
        of_generator = gan_generator_loss(_joint_logits(networks, samples, z))
        round_trip = gan_generator_loss(critic_value(networks, pairs(x, x_hat)))
        of_codes = gan_generator_loss(_code_logits(networks, pairs(z, z_hat)))
        return of_encoder + of_generator + round_trip + of_codes

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        with spared_generator():
            code = self._autoencoder(cast("RowSpec", self._spec()))[2]
        critics, judged = ("joint", "critic", "value", "codes"), ("encoder", "decoder")
        noise, averaged = (1, code), float(self.averaging) if self.averaging else None
        first = Step("discriminators", self._discriminator_loss, critics, "normal", noise=noise)
        then = Step("generator", self._generator_loss, judged, "normal", noise=noise, follows=True)
        options: dict[str, Any] = {"betas": same_betas((first, then), BETAS), "averaged": averaged}
        return (main_stage(settings, "adversarial", (first, then), self._distance, **options),)

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        if self.score_by == "features":
            return -self._distance(member.networks, x)
        centred = self._centred(x)
        x_hat = reconstruct(member.networks, centred)
        if self.score_by == "logits":
            return logsigmoid(critic_value(member.networks, pairs(centred, x_hat)))
        norm: Tensor = torch.linalg.vector_norm(centred - x_hat, ord=int(self.score_by[1]), dim=-1)
        return -norm

    def _critic_outputs(self, member: Member, x: Tensor) -> Tensor:
        """Return D_xx's logits of each row beside itself and beside its round trip, and their distance, (rows, 3)."""
        centred = self._centred(x)
        x_hat = reconstruct(member.networks, centred)
        logits = [critic_value(member.networks, pairs(centred, other)) for other in (centred, x_hat)]
        return torch.stack([*logits, self._distance(member.networks, x)], dim=-1)

    def _problems(self, x: Any, y: Any, scores: Any) -> Iterable[str | None]:
        outputs = self._chunked(partial(self._critic_outputs, self.members_[0]), x[:_JUDGED])
        collapse = check_critic(float(np.ptp(outputs[:, :2])), float(outputs[:, 2].mean()))
        return (*super()._problems(x, y, scores), collapse)


def _joint_logits(networks: Networks, x: Tensor, z: Tensor) -> Tensor:
    """Return D_xz's logit of each row and code, (..., rows)."""
    return networks["joint"](x, z).squeeze(-1)


def _code_logits(networks: Networks, pair: Tensor) -> Tensor:
    """Return D_zz's logit of each pair of codes, (..., rows)."""
    return networks["codes"](pair).squeeze(-1)
