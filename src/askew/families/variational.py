"""What all VAEs share: networks, the ELBO step on normal rows, and the score."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, cast

from torch import Tensor, nn
from torch.nn import functional

from askew import objectives
from askew.base import DeepDetector, NetworkParameters, Scores
from askew.base.preparation.interface import Preparation
from askew.errors import InvalidInputError, must
from askew.families.recipes import decode, main_stage
from askew.inputs.spec import RowSpec
from askew.networks.defaults import encoder_decoder
from askew.networks.user_networks import networks_from, require_decoder, trial_run
from askew.objectives.elbo import LOG_VARIANCE_LIMIT
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step, spared_generator
from askew.training.health import check_posterior
from askew.training.stages import linear_warmup

KL_WARMUP_EPOCHS = 20  # epochs of linear KL annealing (Daniel et al. 2021, section D.2)


def split_code(encoded: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and clamped log-variance, each (..., code) in one piece, from an encoder's output (..., 2 code)."""
    mu, log_var = encoded.chunk(2, dim=-1)
    # hardtanh is a clamp whose gradient is one operation in place of four
    return mu.contiguous(), functional.hardtanh(log_var, -LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)


@dataclass(kw_only=True, eq=False, repr=False)
class VariationalDetector(NetworkParameters, DeepDetector):
    r"""Base of VAE, MML-VAE, DP-VAE and the hybrid.

    They differ in their outlier steps alone, which :meth:`_outlier_steps` gives. The score is the normal ELBO
    with ``z = mu`` and the KL weight of training.

    Parameters
    ----------
    beta_kl : float
        Weight of the KL term, reached linearly over the first 20 epochs; a seventh of all if that is less.
    reduction : {"auto", "mean", "sum"}
        How the columns' :math:`\frac12(x_j-\hat x_j)^2` are put together to :math:`L_R`; "auto" is the mean over the
        columns of a table, chosen on test AUROC of four ODDS tables (docs/reproduction-notes.md), and the sum over the
        pixels of an image, whose code the KL term would empty otherwise.
    likelihood : {"gaussian", "bernoulli"}
        "bernoulli" replaces the halved squared error by the cross-entropy of cells in 0..1 and a sigmoid of the
        decoder's output. Columns are then brought to 0..1 by the extremes of training, whatever `scale` says, and
        a cell beyond them counts as one at the edge.
    network : "auto", (encoder, decoder) or function of the input spec
        The encoder's output holds means and log-variances side by side.
    """

    default_training: ClassVar[dict[str, Any]] = {"epochs": 150, "lr": 1e-3, "batch_size": 128}
    scores_together: ClassVar[bool] = True

    beta_kl: float = 0.05
    reduction: str = "auto"
    likelihood: str = "gaussian"
    n_members: int = 5

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_not_negative("beta_kl", "The paper uses 0.05 for most tables.")
        remedy = '"mean" weighs the KL term alike for narrow and wide tables.'
        self._require_one_of("reduction", ("auto", "mean", "sum"), remedy, '"auto", "mean" or "sum"')
        self._require_one_of("likelihood", ("gaussian", "bernoulli"), "The first is for columns of any size.")

    def _new_preparation(self) -> Preparation:
        return self._input.preparation("minmax" if self.likelihood == "bernoulli" else self.scale)

    def _build(self, spec: RowSpec) -> MemberNetworks:
        default = partial(encoder_decoder, spec, variational=True)
        encoder, decoder = networks_from(self.network, type(self).__name__, spec, default)
        self.code_size_ = check_shapes(type(self).__name__, encoder, decoder, spec)
        return {"encoder": encoder, "decoder": decoder}

    def _reconstruction(self, x: Tensor, made: Tensor) -> Tensor:
        """L_R: -log p(x|z), averaged or summed over columns, of the decoder's outputs `made`.

        The Gaussian has variance 1, its constant is left out.
        """
        if self.likelihood == "bernoulli":
            return objectives.cross_entropy_error(x, made, reduction=self._reduction())
        return 0.5 * objectives.reconstruction_error(x, made, reduction=self._reduction())

    def _mean(self, made: Tensor) -> Tensor:
        """Return the mean of p(x|z) for outputs of the decoder."""
        return made.sigmoid() if self.likelihood == "bernoulli" else made

    def _reduction(self) -> Literal["mean", "sum"]:
        if self.reduction == "auto":
            return self._input.reduction
        return cast('Literal["mean", "sum"]', self.reduction)

    def _beta(self, epoch: int) -> float:
        """β_KL of one epoch: a short training anneals for a seventh of its epochs."""
        warmup = min(KL_WARMUP_EPOCHS, self._settings().epochs // 7)
        return self.beta_kl * linear_warmup(epoch, warmup)

    def _normal_loss(self, networks: Networks, batch: Batch) -> Tensor:
        mu, log_var = split_code(networks["encoder"](batch.x))
        z = objectives.reparameterise(mu, log_var, batch.row_noise)
        reconstruction = self._reconstruction(batch.x, networks["decoder"](z))
        return objectives.elbo(reconstruction, mu, log_var, beta_kl=batch.scheduled).mean(-1)

    @abstractmethod
    def _outlier_steps(self) -> tuple[Step, ...]:
        """Return the steps on known anomalies; none for a plain VAE."""

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        code = self._code_size()
        moves = ("encoder", "decoder")
        normal = Step("normal", self._normal_loss, moves, "normal", noise=(1, code), schedule=self._beta)
        return (main_stage(settings, "vae", (normal, *self._outlier_steps()), self._decode_mean),)

    def _code_size(self) -> int:
        with spared_generator():
            self._build(cast("RowSpec", self._spec()))
        return self.code_size_

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        mu, log_var = split_code(member.networks["encoder"](x))
        error = self._reconstruction(x, member.networks["decoder"](mu))
        return -objectives.elbo(error, mu, log_var, beta_kl=self.beta_kl)

    def _decode(self, member: Member, codes: Tensor) -> Tensor:
        return self._mean(decode(member.networks, codes))

    def _expected(self, member: Member, x: Tensor) -> Tensor:
        return self._decode_mean(member.networks, x)

    def _decode_mean(self, networks: Networks, x: Tensor) -> Tensor:
        return self._mean(networks["decoder"](split_code(networks["encoder"](x))[0]))

    def _terms(self, member: Member, x: Tensor) -> tuple[Tensor, Tensor]:
        mu, log_var = split_code(member.networks["encoder"](x))
        made = member.networks["decoder"](mu)
        cells = self._reconstruction(x.unsqueeze(-1), made.unsqueeze(-1))
        weight = 1.0 / x.shape[-1] if self._reduction() == "mean" else 1.0
        return -weight * cells, -self.beta_kl * objectives.gaussian_kl(mu, log_var)

    def _codes(self, member: Member, x: Tensor) -> Tensor:
        return split_code(member.networks["encoder"](x))[0]

    def _code_problem(self, x: Scores) -> str | None:
        encoder = self.members_[0].networks["encoder"]
        kl = self._chunked(lambda rows: objectives.gaussian_kl(*split_code(encoder(rows))), x)
        return super()._code_problem(x) or check_posterior(kl)


def check_shapes(
    owner: str, encoder: nn.Module, decoder: nn.Module, spec: RowSpec, label_columns: int = 0
) -> int:
    """Return the code size of an encoder and a decoder that fit together, or raise an error that says what fits.

    Both take `label_columns` more than the row and the code.
    """
    encoded = trial_run(encoder, spec.n_features + label_columns, owner, "an encoder")
    code = encoded[-1] // 2
    if encoded != (2, 2 * code) or code == 0:
        remedy = "It holds the means and the log-variances of the code side by side."
        raise InvalidInputError(
            must("network", owner, "an encoder with an even output width", encoded, remedy)
        )
    remedy = f"The encoder's output of {2 * code} makes a code of {code}."
    require_decoder(decoder, code + label_columns, spec.n_features, owner, remedy)
    return code
