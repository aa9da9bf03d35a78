"""The example's code: it runs, its screening, and what its steps move."""

import runpy
from pathlib import Path

import numpy as np
import pytest
import torch

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def example():
    """The example's functions, run with one thread and with the global random state put back."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        yield runpy.run_path(str(ROOT / "examples" / "motion_planning.py"))
    torch.set_num_threads(threads)


def test_it_runs(example):
    found = example["main"](n_train=6, n_test=2, steps=10)
    assert list(found) == ["uniform", "CVAE", "DP-CVAE", "MML-CVAE"]
    assert all(
        0 <= outcome.collision <= 1 and set(outcome.success) == {32, 128} for outcome in found.values()
    )


def test_samples_that_the_model_finds_normal_come_first(example):
    torch.manual_seed(0)
    vae = example["ConditionalVAE"]((np.full(4, 0.5), np.ones(4)), 169)
    conditions = torch.zeros(1, 169)
    every = example["sample"](vae, np.inf, conditions, 0, 400, np.random.default_rng(0))
    loss = example["own_loss"](vae, torch.from_numpy(every).float(), conditions.expand(400, -1))
    limit = float(loss.quantile(0.4))
    kept = example["sample"](vae, limit, conditions, 0, 400, np.random.default_rng(0))
    loss = example["own_loss"](vae, torch.from_numpy(kept).float(), conditions.expand(400, -1))
    assert float(loss.max()) <= limit + 1e-4


def one_step(example, negative_loss):
    rows = torch.rand(20, 4, generator=torch.Generator().manual_seed(0)), torch.zeros(20, 169)
    torch.manual_seed(0)
    vae = example["ConditionalVAE"]((np.zeros(4), np.ones(4)), 169)
    example["train"](vae, rows, rows, negative_loss, steps=1)
    return [torch.cat([p.flatten() for p in network.parameters()]) for network in (vae.encoder, vae.decoder)]


@pytest.mark.parametrize("loss", ["dual_prior_loss", "cubo_loss"])
def test_a_step_on_negatives_moves_the_encoder_alone(example, loss):
    (encoder, decoder), (with_negatives, same) = one_step(example, None), one_step(example, example[loss])
    assert torch.equal(decoder, same) and not torch.equal(encoder, with_negatives)
