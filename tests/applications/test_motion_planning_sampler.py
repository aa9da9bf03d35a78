"""The sampler: what each step trains, and that its samples follow the condition; and how samples are judged."""

import dataclasses

import numpy as np
import pytest
import torch

from askew.applications.motion_planning import (
    Problem,
    Recipe,
    World,
    evaluate,
    make_problems,
    samples_needed,
    train_sampler,
)
from askew.applications.motion_planning import sampler as under_test
from askew.applications.motion_planning.evaluation import coverage, uniform
from askew.applications.motion_planning.worlds import CELLS
from askew.networks.cvae import CODE
from askew.training import Batch

SHORT = Recipe(epochs=1, batch_size=64, warmup=0)


@pytest.fixture(scope="module")
def problems():
    return make_problems(3, seed=0)


def weights(sampler):
    return torch.cat([p.flatten() for p in sampler.decoder.parameters()])


def test_same_seed_same_sampler_and_negatives_change_it(problems):
    first, again, dual, other_bound = (
        train_sampler(problems, method, SHORT, seed=1) for method in ("cvae", "cvae", "dp_cvae", "mml_cvae")
    )
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(dual))
    assert not torch.equal(weights(dual), weights(other_bound))
    assert not torch.equal(weights(first), weights(train_sampler(problems, "cvae", SHORT, seed=2)))


def test_samples_follow_seed_and_condition(problems):
    sampler = train_sampler(problems, "cvae", SHORT, seed=1)
    conditions = problems.conditions()
    one = sampler.sample(conditions[0], 5, np.random.default_rng(0))
    assert one.shape == (5, 4) and one.dtype == np.float64
    np.testing.assert_array_equal(one, sampler.sample(conditions[0], 5, np.random.default_rng(0)))
    assert not np.allclose(one, sampler.sample(conditions[1], 5, np.random.default_rng(0)))
    assert not np.allclose(one[0], one[1])


def test_it_learns_one_path():
    problems = make_problems(1, seed=0)
    sampler = train_sampler(problems, "cvae", Recipe(epochs=60, batch_size=32), seed=0)
    states = sampler.sample(problems.conditions()[0], 100, np.random.default_rng(0))
    distance = np.linalg.norm(states[:, None, :2] - problems.states[0, :, :2], axis=-1).min(1)
    anywhere = np.linalg.norm(
        np.random.default_rng(0).random((100, 1, 2)) - problems.states[0, :, :2], axis=-1
    )
    assert np.median(distance) < 0.4 * np.median(anywhere.min(1))


@pytest.mark.parametrize("method", ["dp_cvae", "mml_cvae"])
@pytest.mark.parametrize("moves", [("encoder",), ("encoder", "decoder")])
def test_step_on_negatives_is_the_method_s(method, moves):
    recipe = dataclasses.replace(SHORT, moves=moves, interval=3, samples=2)
    normal, negative = under_test._steps(method, recipe)
    assert (normal.rows, normal.moves) == ("normal", ("encoder", "decoder"))
    assert (negative.rows, negative.moves, negative.every) == ("anomaly", moves, 3)


def batch_and_networks():
    """One row of state 1, code mean 1 and log-variance 0, decoded to 0: L_R is half of 4."""
    networks = {
        "encoder": lambda rows: torch.cat(
            [torch.ones(len(rows), 2), torch.zeros(len(rows), 2)], dim=1
        ).double(),
        "decoder": lambda rows: torch.zeros(*rows.shape[:-1], 4, dtype=torch.float64),
    }
    x = torch.ones(3, under_test.N_STATE_INPUTS + 5, dtype=torch.float64)
    return networks, Batch(x, torch.full((3,), -1.0), torch.zeros(1, 3, 2, dtype=torch.float64), {}, 0)


def test_losses_by_hand():
    networks, batch = batch_and_networks()
    recipe = Recipe(beta_kl=0.5, alpha=3.0, beta_cubo=0.25, warmup=0)
    # KL to N(0, 1) is 1/2 per coordinate, to N(3, 1) it is 4/2
    assert under_test._normal(recipe)(networks, batch).item() == pytest.approx(2 + 0.5 * 1.0)
    assert under_test._dual_prior(recipe)(networks, batch).item() == pytest.approx(2 + 0.5 * 4.0)
    exponent = -2 * 2 + 0.25 * (0 + 0 - 2)  # the error as it is in the ELBO: beta_kl weighs the code alone
    assert under_test._cubo(recipe)(networks, batch).item() == pytest.approx(np.exp(exponent))


def straight(problems):
    """Draw the reference path's own states again and again."""
    return lambda i, n, rng: problems.states[i][np.arange(n) % problems.states.shape[1]].astype(float)


def test_reference_paths_are_the_best_samples(problems):
    best = evaluate(straight(problems), problems, (4, 12), seed=0)
    assert best.collision == 0
    assert best.success[12] == 1 and 0.9 < best.cost[12] < 1.1  # the reference is nearly optimal, no more
    random = evaluate(uniform(problems), problems, (4, 12), seed=0)
    assert 0.05 < random.collision < 0.4 and random.success[12] < 1
    in_walls = evaluate(lambda i, n, rng: np.full((n, 4), 2.0), problems, (4,), seed=0)
    assert (in_walls.collision, in_walls.coverage, in_walls.success, in_walls.cost) == (
        1,
        0,
        {4: 0},
        {4: None},
    )


def test_coverage_counts_needed_cells():
    needed = np.zeros((CELLS, CELLS), bool)
    needed[5, [2, 3]] = True
    world = World(np.zeros_like(needed), needed)
    problem = Problem(world, np.zeros(4), np.zeros(4), needed, 1.0)
    states = np.array([[5.5, 2.5, 0, 0], [5.9, 2.1, 0, 0], [4.5, 3.5, 0, 0], [-3, 3, 0, 0]]) / CELLS
    assert coverage(problem, states) == 0.5


@pytest.mark.parametrize(
    "success, needed", [({8: 0.9, 16: 0.9}, 8), ({8: 0.0, 16: 1.0}, 8 * 2**0.8), ({8: 0.1, 16: 0.7}, np.inf)]
)
def test_samples_needed(success, needed):
    assert samples_needed(success, 0.8) == pytest.approx(needed)


class Left(torch.nn.Module):
    """An encoder whose code's mean is far from 0 for states right of the middle."""

    def forward(self, rows):
        right = (rows[:, :1] > 0).float() * 3
        return torch.cat([right.expand(-1, CODE), torch.zeros(len(rows), CODE)], dim=1)


def by_hand(limit):
    """Decode a code to its first four numbers: half of the states are right of the middle."""
    decoder = torch.nn.Linear(CODE + under_test.N_CONTEXT, 4)
    with torch.no_grad():
        decoder.weight.zero_()[:, :4] = torch.eye(4)
        decoder.bias.zero_()
    return under_test.Sampler(Left(), decoder, np.full(4, 0.5), np.full(4, 0.1), 1.0, limit)


def test_screening_keeps_what_the_model_finds_normal():
    condition, rng = np.zeros(125, np.float32), np.random.default_rng
    raw = by_hand(100.0).sample(condition, 200, rng(0), screened=False)
    kept = by_hand(100.0).sample(condition, 200, rng(0))
    assert 0.4 < (raw[:, 0] > 0.5).mean() < 0.6
    assert kept.shape == (200, 4) and (kept[:, 0] <= 0.5).all()
    hopeless = by_hand(-1.0).sample(condition, 200, rng(0))  # no state is normal: the best ones are used
    assert hopeless.shape == (200, 4)
    losses = by_hand(0.0).loss(hopeless, condition)
    assert (hopeless[:, 0] <= 0.5).all() and (np.diff(losses) >= 0).all()


def test_the_limit_is_the_quantile_of_the_training_configurations(problems):
    sampler = train_sampler(problems, "cvae", dataclasses.replace(SHORT, kept=0.5), seed=1)
    seen = problems.mirrored()
    conditions = seen.conditions().repeat(seen.states.shape[1], axis=0)
    losses = sampler.loss(seen.states.reshape(-1, 4).astype(float), conditions)
    assert (losses <= sampler.limit).mean() == pytest.approx(0.5, abs=0.01)
    assert train_sampler(problems, "cvae", dataclasses.replace(SHORT, kept=1.0), seed=1).limit == np.inf


def test_soft_cells_tell_the_cell():
    x = np.random.default_rng(0).random((200, 2))
    soft = under_test.soft_cells(x).reshape(200, 2, CELLS)
    np.testing.assert_array_equal(soft.argmax(-1), np.floor(x * CELLS))
    inner = (x > 0.5 / CELLS) & (x < 1 - 0.5 / CELLS)
    np.testing.assert_allclose(soft.sum(-1)[inner], 1, atol=1e-5)
