"""ADGAN: its losses by hand, the search of codes and of a generator for each row, and bars never seen."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from image_cases import bars, fitted, for_images, same_together
from search_cases import own_networks, rows, small
from torch import nn

from askew import ADGAN
from askew.base.fitted_parameters import remember_parameters
from askew.families.latent_search import OwnGenerators
from askew.training import Batch
from detector_cases import table

X = bars(40, seed=0)
TINY = {"training__epochs": 2, "code_size": 6, "n_restarts": 2, "search_steps": 2}
QUICK = TINY | {"network": small}


def test_both_losses_by_hand_on_three_rows():
    detector, networks = ADGAN(code_size=3, gradient_penalty=7.0), own_networks()
    x, noise = rows()
    batch = Batch(x, torch.zeros(3), noise, {}, 0)
    body, value = networks["critic"], networks["value"]
    made = networks["generator"](noise[0, :, :3]).detach()
    share = torch.distributions.Normal(0.0, 1.0).cdf(noise[0, :, 3:])
    at = x + share * (made - x)
    units = torch.sigmoid(body[0](at)) * value.weight  # softplus' slope times what the head makes of it
    norms = (units @ body[0].weight).norm(dim=1)
    wanted = (value(body(made)) - value(body(x))).mean() + 7.0 * (norms - 1).square().mean()
    assert detector._critic_loss(networks, batch).item() == pytest.approx(wanted.item(), rel=1e-6)
    assert detector._generator_loss(networks, batch).item() == pytest.approx(-value(body(made)).mean().item())


def test_the_critic_moves_twice_and_then_the_generator():
    detector, spec = for_images(ADGAN, X, code_size=6)
    (stage,) = detector._stages(detector._settings())
    judge, maker = stage.steps
    assert (judge.moves, judge.repeats) == (("critic", "value"), 2)
    assert (maker.moves, maker.follows) == (("generator",), True)
    assert set(stage.betas.values()) == {(0.0, 0.9)}
    networks = detector._build(spec)
    assert not any(
        isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) for layer in networks["critic"].modules()
    )


def by_hand(detector, x, move):
    """Return what each search finds for one row after another, with copies of the generator and torch's Adam."""
    member, errors = detector.members_[0], []
    for start in detector._starts(member, 2, x):
        for row in x:
            generator = type(detector)._build(detector, detector._spec())["generator"].to(x.dtype).eval()
            generator.load_state_dict(member.networks["generator"].state_dict())
            code = start[None].clone().requires_grad_(True)
            of_code = torch.optim.Adam([code], lr=0.25, betas=(0.5, 0.999))
            of_generator = torch.optim.Adam(generator.parameters(), lr=0.01, betas=(0.5, 0.999))
            for _ in range(2):
                for optimiser in (of_code, of_generator)[: 1 + move]:
                    optimiser.zero_grad()
                    (generator(code)[0] - row).square().mean().backward()
                    optimiser.step()
            errors.append((generator(code)[0] - row).square().mean().item())
    return np.array(errors).reshape(2, len(x)).mean(0)


@pytest.mark.parametrize("move", [False, True])
def test_the_score_is_the_mean_error_of_searches_for_each_row_alone(move):
    rows, _ = table(rows=12, anomalies=0)
    detector = fitted(ADGAN, rows, move_generator=move, generator_lr=0.01, **TINY)
    wanted = by_hand(detector, detector._tensor(rows), move)
    np.testing.assert_allclose(-detector.score_samples(rows), wanted, rtol=1e-9)


def test_moving_the_generator_brings_it_nearer_and_leaves_the_trained_one_alone():
    detector = fitted(ADGAN, X, move_generator=False, generator_lr=1e-3, **QUICK)
    before = [p.clone() for p in detector.members_[0].networks["generator"].parameters()]
    still = detector.score_samples(X[:6])
    remember_parameters(detector.set_params(move_generator=True))
    moved = detector.score_samples(X[:6])
    assert (moved > still).all()
    for old, new in zip(before, detector.members_[0].networks["generator"].parameters(), strict=True):
        assert torch.equal(old, new)


def test_rows_are_searched_in_parts_that_change_nothing(monkeypatch):
    detector = fitted(ADGAN, table(rows=20)[0], generator_lr=0.01, **TINY)
    whole = detector.score_samples(table(rows=7)[0])
    for numbers in (
        1,
        4 * 3 * sum(p.numel() for p in detector.members_[0].networks["generator"].parameters()),
    ):
        monkeypatch.setattr("askew.families.latent_search._NUMBERS", numbers)
        np.testing.assert_allclose(detector.score_samples(table(rows=7)[0]), whole, rtol=1e-12)


def test_two_threads_at_once_score_as_one_does():
    rows = table(rows=20)[0]
    detector = fitted(ADGAN, rows, generator_lr=0.01, **TINY | {"search_steps": 10})
    parts = [rows[:10], rows[10:], rows[:10], rows[10:]]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(detector.score_samples, parts))
    for part, scores in zip(parts, together, strict=True):
        np.testing.assert_allclose(scores, detector.score_samples(part), rtol=1e-12)


def test_a_generator_that_looks_at_its_numbers_is_searched_row_by_row():
    class Branching(nn.Linear):
        def forward(self, codes):
            made = super().forward(codes)
            return made if made.abs().max() < 1e9 else 0 * made

    generator = Branching(3, 4)
    assert OwnGenerators.at_once(generator, torch.zeros(3)) == 1
    assert OwnGenerators.at_once(nn.Linear(3, 4), torch.zeros(3)) > 100
    codes = torch.randn(1, 3)
    torch.testing.assert_close(OwnGenerators(generator, 1)(codes), generator(codes))


def test_the_best_of_the_searches_is_what_was_expected_and_terms_are_means_over_them():
    detector = fitted(ADGAN, X, move_generator=False, **QUICK | {"n_restarts": 6})
    member, x = detector.members_[0], torch.from_numpy(X.reshape(40, -1) / 255.0).float()
    seen = 2 * x - 1
    with torch.no_grad():
        made = torch.stack(
            [found for _, found, _ in detector._searches(member, seen)]
        )  # (searches, rows, pixels)
        expected, (terms, code) = detector._expected(member, x), detector._terms(member, x)
    squares = (made - seen).square()
    best = squares.mean(-1).argmin(0)
    assert code is None and len(set(best.tolist())) > 1
    torch.testing.assert_close(expected, (made[best, torch.arange(40)] + 1) / 2)
    torch.testing.assert_close(terms, -squares.mean(0) / 256)
    np.testing.assert_allclose(terms.sum(1), detector.score_samples(X), rtol=1e-4)


def test_upright_bars_are_found_among_lying_ones():
    detector = fitted(
        ADGAN,
        bars(120, seed=0),
        code_size=6,
        network=small,
        n_restarts=3,
        move_generator=False,
        training__epochs=40,
        training__lr=1e-3,
        training__batch_size=40,
    )
    test = np.r_[bars(30, seed=1), bars(30, seed=2, upright=True)]
    scores = detector.score_samples(test)
    assert (scores[:30, None] > scores[None, 30:]).mean() > 0.8  # the AUROC


def test_members_together_equal_one_by_one():
    detector, spec = for_images(ADGAN, X, code_size=6, network=small)
    (stage,) = detector._stages(detector._settings())
    # the critic's slope has no form for vmap: members of images take turns, of tables have a stack
    alone, together = same_together(detector, spec, stage.steps[1], noise_code=7)
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)
