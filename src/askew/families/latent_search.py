"""What AnoGAN and ADGAN share: a GAN, and the search for the code of a row by Adam."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call, vmap

from askew.base import NetworkParameters, Scores, Y
from askew.errors import ExportError, InvalidInputError, must
from askew.families.adversarial import CentredPixels, critic_value
from askew.families.recipes import main_stage, same_betas
from askew.inputs.spec import RowSpec, TableSpec
from askew.networks import critic, generator, normal_weights
from askew.networks.user_networks import code_width, networks_from, require_decoder
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step
from askew.training.health import check_codes, check_gan
from askew.training.optimiser import fused_adam

MOST_SEARCHED = 500  # of the training rows, and of the known anomalies, that the threshold is set by
_PROBED = 64  # rows and codes that the health checks look at
_CALIBRATED = 1024  # codes for the population statistics of the generator's BatchNorm
_STARTS = 100  # number of a member's random stream of starting codes; those of training are others
_NUMBERS = 1 << 28  # numbers of single rows' generators, slopes and moments at a time: 1 GiB in float32


class Descent:
    """Tensors with rows in front that Adam moves down a loss of each row: a row moves as it would alone."""

    def __init__(self, tensors: Sequence[Tensor], lr: float, beta1: float) -> None:
        self.tensors = [tensor.requires_grad_(True) for tensor in tensors]
        self.lr, self.betas = lr, (beta1, 0.999)
        self.first = [torch.zeros_like(tensor) for tensor in tensors]
        self.second = [torch.zeros_like(tensor) for tensor in tensors]
        self.steps = [torch.zeros((), device=tensor.device) for tensor in tensors]

    def move(self, losses: Tensor) -> None:
        """Take one step down `losses` (rows,)."""
        slopes = torch.autograd.grad(losses.sum(), self.tensors, materialize_grads=True)
        # fused Adam reads memory in order, and vmap gives slopes of weights as transposed views
        laid_out = [slope.contiguous() for slope in slopes]
        state = self.first, self.second, self.steps
        fused_adam(self.tensors, laid_out, *state, lr=self.lr, betas=self.betas)


@torch.enable_grad()
def searched_codes(
    losses: Callable[[Tensor], Tensor], start: Tensor, *, steps: int, lr: float, beta1: float = 0.9
) -> Tensor:
    """Return the codes (rows, code) that `steps` of Adam reach from `start`, down `losses`, which gives (rows,)."""
    codes = start.detach().clone()
    descent = Descent([codes], lr, beta1)
    for _ in range(steps):
        descent.move(losses(codes))
    return codes.detach()


class OwnGenerators:
    """A generator for each of some rows, whose parameters may differ."""

    def __init__(self, network: nn.Module, rows: int) -> None:
        # what functional_call lends its weights to is a shell of our own: other threads score with the network
        self.shell = copy.deepcopy(network).to("meta")
        named = network.named_parameters()
        self.parameters = {name: p.detach().expand(rows, *p.shape).clone() for name, p in named}
        self.buffers = dict(network.named_buffers())

    @classmethod
    @torch.no_grad()
    def at_once(cls, network: nn.Module, code: Tensor) -> int:
        """Return how many rows may have generators of their own at a time; one if vmap cannot take them."""
        try:
            cls(network, 2)(code.repeat(2, 1))
        except RuntimeError:
            return 1
        size = sum(p.numel() for p in network.parameters())
        return max(1, _NUMBERS // max(1, 4 * size))

    def __call__(self, codes: Tensor) -> Tensor:
        """Return what each row's generator makes of its code, (rows, features)."""
        if len(codes) == 1:  # any module can do this much
            return self._one({name: p[0] for name, p in self.parameters.items()}, codes[0])[None]
        generated: Tensor = vmap(self._one)(self.parameters, codes)
        return generated

    def _one(self, parameters: dict[str, Tensor], code: Tensor) -> Tensor:
        generated: Tensor = functional_call(self.shell, (parameters, self.buffers), (code[None],))
        return generated[0]


class LatentSearchDetector(NetworkParameters, CentredPixels):
    """Base of AnoGAN and ADGAN: a GAN of the rows, and for each row a search for the code that gives it back.

    A subclass gives the losses, the search and the score. All rows start from the same codes of a member's seed.

    Parameters
    ----------
    search_steps : int
        Steps of a search.
    search_lr : float
        Adam's learning rate of the code in the search; above 0.
    code_size : int
        Width of the code.
    """

    steep_at_mean: ClassVar[bool] = True  # a search would have to be differentiated as a whole
    quick_to_score: ClassVar[bool] = False
    batch_norm: ClassVar[bool]  # whether the critic has BatchNorm; the generator has
    betas: ClassVar[tuple[float, float]]  # Adam's, of both networks in training

    code_size: int
    search_steps: int
    search_lr: float

    @abstractmethod
    def _critic_loss(self, networks: Networks, batch: Batch) -> Tensor:
        """Return the batch's loss of the critic, body and head."""

    @abstractmethod
    def _generator_loss(self, networks: Networks, batch: Batch) -> Tensor:
        """Return the batch's loss of the generator."""

    @abstractmethod
    def _best_codes(self, member: Member, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the best code of each row (rows, code), and what it gives, (rows, features) as networks see it."""

    def _critic_updates(self) -> int:
        """Return how many updates the critic makes before each of the generator's."""
        return 1

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_whole("code_size", 1, "Both networks' layers suit a hundred or so.")
        self._require_whole("search_steps", 1, "More steps find better codes, in as much more time.")
        self._require_positive("search_lr")

    def _build(self, spec: RowSpec) -> MemberNetworks:
        owner = type(self).__name__

        def default(architecture: str) -> tuple[nn.Module, nn.Module]:
            if architecture != "auto":
                remedy = "Leave it out for networks that fit the images."
                rule = '"auto", a pair of modules or a function that returns one'
                raise InvalidInputError(must("network", owner, rule, architecture, remedy))
            body, _ = critic(spec, batch_norm=self.batch_norm)
            decoder = generator(spec, int(self.code_size))
            if isinstance(spec, TableSpec):
                return body, decoder
            return normal_weights(body), normal_weights(decoder)

        body, decoder = networks_from(self.network, owner, spec, default)
        width = code_width(body, spec.n_features, owner)
        require_decoder(decoder, int(self.code_size), spec.n_features, owner)
        return {"critic": body, "value": nn.Linear(width, 1), "generator": decoder}

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        noise, moves = (1, int(self.code_size) + 1), ("critic", "value")
        steps = (
            Step("critic", self._critic_loss, moves, "normal", noise=noise, repeats=self._critic_updates()),
            Step("generator", self._generator_loss, ("generator",), "normal", noise=noise, follows=True),
        )
        betas = same_betas(steps, self.betas)
        return (main_stage(settings, "adversarial", steps, self._forward, betas=betas),)

    def _forward(self, networks: Networks, x: Tensor) -> Tensor:
        """Run the critic on rows and on what the generator makes, as training does."""
        codes = _normal(_CALIBRATED, int(self.code_size), seed=0).to(x)
        networks["critic"](self._centred(x))
        return networks["critic"](networks["generator"](codes))

    def _starts(self, member: Member, n: int, x: Tensor) -> Tensor:
        """Return a member's `n` starting codes, (n, code)."""
        if torch.compiler.is_compiling():
            raise ExportError("the search for a code, whose slopes are no operations of a graph")
        return _normal(n, int(self.code_size), seed=member.stream(_STARTS)).to(x)

    def _codes(self, member: Member, x: Tensor) -> Tensor:
        return self._best_codes(member, x)[0]

    def _expected(self, member: Member, x: Tensor) -> Tensor:
        return self._uncentred(self._best_codes(member, x)[1])

    def _finish(self, x: Scores, y: Y) -> None:
        """Set the offset by some of the rows where there are many: a search for each would take hours."""
        rng = np.random.default_rng([self.members_[0].seed, 1] if self.members_ else 0)
        kinds = (np.flatnonzero(y >= 0), np.flatnonzero(y < 0))
        some = [rng.permutation(rows)[:MOST_SEARCHED] for rows in kinds]
        searched: NDArray[np.intp] = np.sort(np.concatenate(some))
        super()._finish(x[searched], y[searched])
        if self.fit_error_ is None and self.facts_ is not None:
            normal, free, known = (int(rows.sum()) for rows in (y > 0, y == 0, y < 0))
            self.facts_ = replace(self.facts_, n_normal=normal, n_unlabelled=free, n_anomalies=known)

    def _problems(self, x: Any, y: Any, scores: Any) -> Iterable[str | None]:
        return (*super()._problems(x, y, scores), self._gan_problem(x[y >= 0][:_PROBED]))

    @torch.no_grad()
    def _gan_problem(self, x: Scores) -> str | None:
        networks = self.members_[0].networks
        centred = self._centred(self._tensor(x).to(self.device))
        generated = networks["generator"](_normal(_PROBED, int(self.code_size), seed=1).to(centred))
        values = critic_value(networks, torch.cat([centred, generated]))
        share = generated.std(0, correction=0).mean() / centred.std(0, correction=0).mean().clamp(min=1e-12)
        return check_gan(float(values.max() - values.min()), float(share))

    def _code_problem(self, x: Scores) -> str | None:
        return check_codes(self._chunked(partial(self._codes, self.members_[0]), x[:_PROBED]))


def _normal(rows: int, columns: int, seed: int) -> Tensor:
    """Return standard normal numbers, (rows, columns), that depend on the arguments alone."""
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
