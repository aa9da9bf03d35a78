"""Small trainings to look into: float64, so that equal means equal."""

import copy

import torch
from torch import nn

from askew.networks import mlp
from askew.training import Data, Execution, Member, Stage, Step, train
from askew.training import engine as engine_module

F64 = torch.float64


class Wrapped(nn.Module):
    """A perceptron behind a forward of its own: it has no stacked form, so members go through vmap."""

    def __init__(self, *args, **kwargs):
        super().__init__()
        self.inner = mlp(*args, **kwargs)

    def forward(self, x):
        return self.inner(x)


class Branching(Wrapped):
    """Control flow that depends on the data: vmap cannot take it."""

    def forward(self, x):
        return self.inner(x) if x.sum() < 1e9 else x


class WithDropout(Wrapped):
    """Draws its own random numbers."""

    def forward(self, x):
        return self.inner(nn.functional.dropout(x, 0.2, self.training))


def autoencoder(kind=mlp, *, widths=(4, 6, 2), **options):
    """Return a function that builds one member's encoder and decoder."""

    def build():
        return {
            "encoder": kind(widths, **options).double(),
            "decoder": mlp(widths[::-1], **options).double(),
        }

    return build


def reconstruct(networks, x):
    return networks["decoder"](networks["encoder"](x))


def reconstruction_loss(networks, batch):
    return (batch.x - reconstruct(networks, batch.x)).square().mean((-1, -2))


def data(sets=1, rows=50, features=4, anomalies=0, seed=0):
    """Return data sets of normal rows; the first rows of each are known anomalies, far away."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(sets, rows, features, dtype=F64, generator=generator)
    x = x * torch.linspace(1.0, 2.0, sets, dtype=F64).reshape(-1, 1, 1)
    y = torch.zeros(sets, rows, dtype=torch.int8)
    x[:, :anomalies] += 50.0
    y[:, :anomalies] = -1
    return Data(x, y)


def main_step(loss=reconstruction_loss, moves=("encoder", "decoder"), **options):
    return Step("main", loss, moves, options.pop("rows", "normal"), **options)


def stage(*steps, name="fit", epochs=4, lr=1e-2, forward=reconstruct, **options):
    return Stage(name, steps or (main_step(),), epochs, forward, lr, **options)


def run(build, stages, data_, members, *, batch_size=16, members_at_once=1000):
    """Train members given as (data set, seed) pairs and return them."""
    made = [Member(number, seed) for number, seed in members]
    train(build, stages, data_, made, Execution(batch_size, members_at_once))
    return made


def executors_of(monkeypatch):
    """Return a list that fills with the names of the executors that the engine chooses."""
    chosen = []
    original = engine_module.together

    def together(members, try_out, dtype=None):
        executor = original(members, try_out, dtype)
        chosen.append(None if executor is None else type(executor).__name__)
        return executor

    monkeypatch.setattr(engine_module, "together", together)
    return chosen


def weights(member):
    """Return all parameters and BatchNorm statistics of a member by name."""
    return {
        f"{name}.{key}": value.clone()
        for name, network in member.networks.items()
        for key, value in network.state_dict().items()
        if value.dtype.is_floating_point
    }


def assert_same(one, other, *, tolerance=1e-9, loose=False):
    """Compare weights; `loose` allows a bias before BatchNorm, whose gradient is 0 up to rounding, to differ."""
    assert one.keys() == other.keys()
    for key in one:
        free = loose and key.rpartition(".")[2] in ("bias", "running_mean")
        limit = 1e-6 if free else tolerance
        torch.testing.assert_close(
            one[key], other[key], rtol=limit, atol=limit, msg=lambda m, k=key: f"{k}: {m}"
        )


def copy_of(networks):
    return {name: copy.deepcopy(network) for name, network in networks.items()}
