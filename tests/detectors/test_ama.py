"""AMA: its losses by hand, negatives and interpolations, scores, labels, and the choice of an epoch."""

import math

import numpy as np
import pytest
import torch
from recipe import F64, Member, auroc, f64, manifold, stages_of, step_of
from torch import nn

import askew
from askew.detectors.ama import VARIANTS
from askew.errors import HealthWarning, LabelError, TrainingError
from askew.explain.model_view import ModelView
from askew.training import Batch, Training
from detector_cases import calmly, quick, scored_by, table

X, Y = table()


def ama(**params):
    return askew.AMA(**({"random_state": 0, "n_points": 2, "variant": "paper"} | params))


# a code of two numbers, x̂ = x/2, a feature of one number: the sum of x minus the sum of x̂; D is half of that
HAND = {
    "encoder": lambda x: 0.5 * x,
    "decoder": lambda z: z,
    "critic": lambda pair: (pair[..., :2] - pair[..., 2:]).sum(-1, keepdim=True),
    "value": lambda f: -0.5 * f.abs(),
}
ROWS = f64([2.0, 4.0], [-2.0, 0.0], [6.0, 2.0])


def hand_batch(x=ROWS, beside=0, epoch=0, columns=4 + 3 + 2, code=2, seed=0):
    noise = torch.randn(1, len(x), columns, dtype=F64, generator=torch.Generator().manual_seed(seed))
    y = torch.tensor([0.0] * (len(x) - beside) + [-1.0] * beside)
    return Batch(x, y, noise, {}, epoch, beside)


def losses(name, batch, **params):
    """Return the loss of one step of an AMA on a table of two columns, whose code has four numbers in "auto"."""
    detector = ama(network=lambda spec: (nn.Linear(2, 2), nn.Linear(2, 2)), **params)
    return step_of(detector, name).loss(HAND, batch).item()


PLAIN = {"interpolation": None, "gradient_penalty": 0.0, "negatives": None}


def test_critic_and_generator_by_hand_on_three_points():
    # |x - x̂| summed: 3, 1, 4, so D(x, x̂) = -1.5, -0.5, -2 and D(x, x) = 0; norms of codes √5, 1, √10
    assert losses("critic", hand_batch(), **PLAIN) == pytest.approx(-4.0 / 3)
    norms = [math.sqrt(5) - math.sqrt(2), math.sqrt(2) - 1, math.sqrt(10) - math.sqrt(2)]
    expected = 4.0 / 3 + 2.0 * sum(norms) / 3
    assert losses("generator", hand_batch(), lambda_reg=2.0, **PLAIN) == pytest.approx(expected)


def test_the_references_norm_is_plain():
    norms = [math.sqrt(5), 1.0, math.sqrt(10)]
    found = losses("generator", hand_batch(), variant="reference", **PLAIN)
    assert found == pytest.approx(4.0 / 3 + sum(norms) / 3)


def test_known_anomalies_are_negatives():
    batch = hand_batch(torch.cat([ROWS, f64([8.0, 0.0])]), beside=1)  # D(x, x̂) = -2
    assert losses("critic", batch, lambda_neg=5.0, **PLAIN) == pytest.approx(-4.0 / 3 + 5.0 * 2.0)
    found = losses("generator", batch, lambda_neg=5.0, lambda_reg=0.0, **PLAIN)
    assert found == pytest.approx(4.0 / 3 - 5.0 * 2.0)
    # the public code takes one mean over all four
    found = losses("critic", batch, lambda_neg=5.0, variant="reference", **PLAIN)
    assert found == pytest.approx((-4.0 + 5.0 * 2.0) / 4)


def test_in_contrast_all_three_maximise_the_negatives_difference_up_to_a_margin():
    def both(anomaly):
        batch = hand_batch(torch.cat([ROWS, anomaly]), beside=1)
        given = {"lambda_neg": 5.0, "lambda_reg": 0.0, "variant": "contrast"} | PLAIN
        return losses("critic", batch, **given), losses("generator", batch, **given)

    # D(x, x) - D(x, x̂) is 0.5 and 16; the margin of two columns 10√2
    assert both(f64([2.0, 0.0])) == pytest.approx((-4.0 / 3 - 5.0 * 0.5, 4.0 / 3 - 5.0 * 0.5))
    assert both(f64([64.0, 0.0])) == pytest.approx(
        (-4.0 / 3 - 50.0 * math.sqrt(2), 4.0 / 3 - 50.0 * math.sqrt(2))
    )


def test_the_papers_game_reconstructs_known_anomalies_and_contrast_does_not():
    X, Y = table(rows=200, anomalies=20)
    errors = {}
    for variant in ("paper", "contrast"):
        detector = ama(variant=variant, negatives=None, interpolation=None, lambda_neg=1.0, critic_steps=1)
        detector.set_params(training=Training(epochs=30, lr=4e-3, lr_gamma=1.0, batch_size=32))
        calmly(detector.fit, X, Y)
        gap = ((X - ModelView(detector).reconstruct(X)) ** 2).mean(axis=1)
        errors[variant] = gap[Y < 0].mean() / gap[Y >= 0].mean()
    assert errors["contrast"] > 5 * errors["paper"], errors


def test_without_weight_negatives_are_left_out_altogether():
    detector = ama(lambda_neg=0.0)
    assert step_of(detector, "critic").beside is None
    batch = hand_batch()
    assert losses("critic", batch, lambda_neg=0.0, interpolation=None, gradient_penalty=0.0) == pytest.approx(
        -4.0 / 3
    )


def test_interpolations_by_hand():
    batch = hand_batch()
    u = torch.special.ndtr(batch.noise[0, :, 5])  # of U(0, 1), the weight of the other of two points
    other = ROWS[batch.noise[0, :, 6].argsort()]
    inner = 0.5 * (ROWS + u[:, None] * (other - ROWS))
    values = -0.5 * (ROWS - inner).sum(-1).abs()
    options = PLAIN | {"interpolation": "simplex", "lambda_inter": 0.5}
    assert losses("critic", batch, **options) == pytest.approx(-4.0 / 3 + 0.5 * values.mean().item())
    made = losses("generator", batch, lambda_reg=0.0, **options)
    assert made == pytest.approx(4.0 / 3 - 0.5 * values.mean().item())
    # the public code pairs it with both, and moves only the critic by it
    far = -0.5 * (other - inner).sum(-1).abs()
    both = (values.mean() + far.mean()).item() / 2
    assert losses("critic", batch, variant="reference", **options) == pytest.approx(-4.0 / 3 + 0.5 * both)
    assert losses("generator", batch, variant="reference", lambda_reg=0.0, **options) == pytest.approx(
        4.0 / 3
    )


def test_the_references_weight_of_interpolations_does_not_depend_on_negatives():
    options = {"variant": "reference", "lambda_neg": 5.0} | PLAIN
    batch = hand_batch(torch.cat([ROWS, f64([8.0, 0.0])]), beside=1)
    without = losses("critic", batch, **options)
    with_, twice = (
        losses("critic", batch, **(options | {"interpolation": "simplex", "lambda_inter": weight}))
        for weight in (0.5, 1.0)
    )
    u = torch.special.ndtr(batch.noise[0, :3, 5])
    other = ROWS[batch.noise[0, :3, 6].argsort()]
    inner = 0.5 * (ROWS + u[:, None] * (other - ROWS))
    ends = torch.stack([-0.5 * (end - inner).sum(-1).abs() for end in (ROWS, other)])
    assert with_ - without == pytest.approx(0.5 * ends.mean().item())
    assert twice - without == pytest.approx(2 * (with_ - without))


def test_mix_up_by_hand():
    batch = hand_batch()
    u = torch.special.ndtr(batch.noise[0, :, 5])[:, None]
    mixed = u * ROWS + (1 - u) * ROWS[batch.noise[0, :, 6].argsort()]
    values = -0.5 * (0.5 * mixed).sum(-1).abs()
    found = losses("critic", batch, **(PLAIN | {"interpolation": "mixup", "lambda_inter": 0.5}))
    assert found == pytest.approx(-4.0 / 3 + 0.5 * values.mean().item())


def test_the_penalty_is_added_where_pairs_turn_into_mirrored_ones():
    # D = -½ |sum of x - sum of x̂| has slope ½ in each of four columns, so the pair's norm is 1: penalty 0
    options = PLAIN | {"gradient_penalty": 10.0}
    assert losses("critic", hand_batch(), **options) == pytest.approx(-4.0 / 3)
    # over the two images of one column it is √½
    expected = -4.0 / 3 + 10.0 * (math.sqrt(0.5) - 1) ** 2
    found = losses("critic", hand_batch(), variant="reference", **options)
    assert found == pytest.approx(expected)


def test_the_penalty_looks_at_random_points_between_the_two():
    # D = -½ (sum of x - sum of y)² has slope |that| in each of four columns, and that shrinks to 0 at y = x
    batch, bowl = hand_batch(), HAND | {"value": lambda f: -0.5 * f.square()}
    share = torch.special.ndtr(batch.noise[0, :, 3])
    detector = ama(
        network=lambda spec: (nn.Linear(2, 2), nn.Linear(2, 2)), **(PLAIN | {"gradient_penalty": 10.0})
    )
    found = step_of(detector, "critic").loss(bowl, batch).item()
    penalty = (2.0 * share * f64(3.0, 1.0, 4.0) - 1.0).square().mean().item()
    assert found == pytest.approx(-0.5 * (9.0 + 1.0 + 16.0) / 3 + 10.0 * penalty)


@pytest.mark.parametrize(
    "epoch, beside, negatives, expected",
    [
        (0, 0, "uniform", 0),  # too early
        (10, 0, "uniform", 3),
        (10, 2, "uniform", 1),  # two known ones leave room for one
        (10, 3, "uniform", 0),
        (10, 0, None, 0),
    ],
)
def test_known_anomalies_leave_the_rest_of_a_tenth_to_synthetic_ones(epoch, beside, negatives, expected):
    seen = []
    networks = HAND | {"critic": lambda pair: seen.append(pair) or HAND["critic"](pair)}
    detector = ama(
        negatives=negatives,
        interpolation=None,
        gradient_penalty=0.0,
        network=lambda spec: (nn.Linear(2, 2), nn.Linear(2, 2)),
    )
    x = torch.randn(21 + beside, 2, dtype=F64)
    step_of(detector, "critic").loss(networks, hand_batch(x, beside, epoch))
    assert len(seen[0]) == 2 * (21 + beside + expected)
    synthetic = seen[0][21 + beside : 21 + beside + expected, :2]
    assert (synthetic.abs() <= 1).all()  # decoded from the cube


def negatives_of(variant, negatives, **params):
    """Return norms of the synthetic negatives' codes beside those of the rows they stand for."""
    seen = []
    networks = HAND | {"decoder": lambda z: seen.append(z) or z}
    detector = ama(
        variant=variant,
        negatives=negatives,
        network=lambda spec: (nn.Linear(2, 2), nn.Linear(2, 2)),
        **params,
    )
    x = torch.randn(400, 2, dtype=F64, generator=torch.Generator().manual_seed(1))
    step_of(detector, "critic").loss(networks, hand_batch(x, epoch=50))
    return seen[0].norm(dim=-1), 0.5 * x[: len(seen[0])].norm(dim=-1)


@pytest.mark.parametrize("side", ["inward", "outward"])
def test_atypical_negatives_are_where_each_variant_says(side):
    radii, own = negatives_of("paper", f"atypical_{side}", delta=0.25)
    assert len(radii) == 40
    low, high = (-0.25, 0.0) if side == "inward" else (0.0, 0.25)
    assert (radii >= math.sqrt(2) + low - 1e-9).all() and (radii <= math.sqrt(2) + high + 1e-9).all()
    radii, own = negatives_of("reference", f"atypical_{side}")
    assert (radii <= 0.5 * own).all() if side == "inward" else (radii >= 2.0 * own).all()


def test_the_references_cube_ends_at_the_least_coordinate_of_the_batchs_codes():
    seen = []
    networks = HAND | {"decoder": lambda z: seen.append(z) or z}
    own = lambda spec: (nn.Linear(2, 2), nn.Linear(2, 2))  # noqa: E731
    x = torch.randn(400, 2, dtype=F64, generator=torch.Generator().manual_seed(1)) + 5.0
    step = step_of(ama(variant="reference", negatives="uniform", network=own), "critic")
    step.loss(networks, hand_batch(x, epoch=50))
    least = 0.5 * x.abs().min()
    assert seen[0].shape == (40, 2) and seen[0].min() >= 0
    assert 0.9 * least < seen[0].max() <= least


def test_the_references_negatives_start_an_epoch_later():
    first = {
        name: ama(variant=name)._recipe(Training(epochs=60).resolve({})).negatives_from for name in VARIANTS
    }
    assert first == {"contrast": 10, "paper": 10, "reference": 11}


def test_each_step_moves_its_own_networks_and_reaches_all_their_parameters():
    detector = ama()
    steps = {name: step_of(detector, name, 5) for name in ("critic", "generator")}
    networks = detector._build(askew.inputs.spec.TableSpec(5))
    width = steps["critic"].noise[1]
    batch = Batch(torch.randn(30, 5), torch.zeros(30), torch.randn(1, 30, width), {}, 50)
    for step in steps.values():
        parameters = {name: list(networks[name].parameters()) for name in networks}
        everything = [p for group in parameters.values() for p in group]
        found = torch.autograd.grad(step.loss(networks, batch), everything, allow_unused=True)
        reached = dict(zip(map(id, everything), found, strict=True))
        for name in step.moves:
            for p in parameters[name]:
                # a constant added to D cancels out
                assert reached[id(p)] is not None and (p.shape == (1,) or reached[id(p)].abs().sum() > 0)
        if step.name == "critic":
            assert all(reached[id(p)] is None for p in parameters["encoder"] + parameters["decoder"])
    assert (steps["critic"].moves, steps["generator"].moves) == (("critic", "value"), ("encoder", "decoder"))
    assert steps["critic"].repeats == 5 and steps["generator"].follows


def test_the_score_is_the_gaussians_log_density_and_minus_the_distance():
    member = Member(HAND, distance_mean=f64([2.0]), distance_std=f64([0.5]))
    scores = ama()._row_scores(member, ROWS)
    distances = [3.0, 1.0, 4.0]
    expected = [-(((r - 2) / 0.5) ** 2) / 2 - math.log(0.5 * math.sqrt(2 * math.pi)) for r in distances]
    assert scores.tolist() == pytest.approx(expected)
    assert ama(score_by="distance")._row_scores(member, ROWS).tolist() == [-3.0, -1.0, -4.0]


def test_mean_and_spread_are_those_of_the_training_rows_without_known_anomalies():
    detector = quick("ama").set_params(n_members=1)
    calmly(detector.fit, X, Y)
    scored_by(detector, "distance")
    distances = -detector.score_samples(X)[Y >= 0]
    (member,) = detector.members_
    assert member.constants["distance_mean"].item() == pytest.approx(distances.mean(), rel=1e-4)
    assert member.constants["distance_std"].item() == pytest.approx(distances.std(), rel=1e-4)


LONG = {"training__epochs": 25, "training__lr": 3e-3, "training__lr_gamma": 1.0, "training__batch_size": 64}


def test_rows_off_the_manifold_are_found_by_either_score_and_known_ones_lower_their_kinds_scores():
    train = np.r_[manifold(200, 0), manifold(10, 3, shift=1.2)]
    y = np.r_[np.zeros(200), -np.ones(10)].astype(int)
    without = calmly(ama().set_params(**LONG).fit, train[:200])
    contrast = calmly(ama(variant="contrast").set_params(**LONG).fit, train, y)
    usual, mild = manifold(200, 1), manifold(200, 2, shift=1.2)
    assert auroc(contrast, usual, mild) > max(0.95, auroc(without, usual, mild))
    for score_by in ("density", "distance"):
        scored_by(without, score_by)
        assert auroc(without, usual, manifold(200, 2, shift=2.0)) > 0.8


@pytest.mark.parametrize(
    "params",
    [
        {"variant": "reference"},
        {"interpolation": None},
        {"interpolation": "mixup"},
        {"n_points": 4},
        {"negatives": None},
        {"negatives": "atypical_inward"},
        {"negatives": "uniform"},
        {"delta": 3.0},
        {"lambda_inter": 2.0},
        {"lambda_neg": 3.0},
        {"lambda_reg": 0.0},
        {"critic_steps": 2},
        {"spectral_norm": True},
        {"gradient_penalty": 1.0},
    ],
    ids=str,
)
def test_every_option_changes_the_model(params):
    def fitted(**options):
        return calmly(quick("ama", n_members=1, **options).fit, X).score_samples(X)

    assert np.abs(fitted(**params) - fitted()).max() > 1e-6


IMAGES = np.random.default_rng(0).integers(0, 90, (24, 1, 16, 16), dtype=np.uint8)
IMAGES[:, :, 4:12, 4:12] += 120


def test_images_of_both_kinds_are_learned_saved_and_loaded(tmp_path):
    colour = np.repeat(IMAGES[:6], 3, axis=1)
    options = {"n_members": 1, "training__epochs": 2, "critic_steps": 1}
    for images in (IMAGES[:6], colour[:4]):
        detector = calmly(quick("ama", **options).fit, images)
        scores = detector.score_samples(images)
        assert np.isfinite(scores).all() and np.unique(scores).size == len(images)
        np.testing.assert_allclose(detector.score_samples(images[3:4]), scores[3:4], rtol=1e-3)
        again = calmly(quick("ama", **options).fit, images)
        np.testing.assert_array_equal(again.score_samples(images), scores)
        detector.save(tmp_path / "m.askew")
        np.testing.assert_array_equal(askew.load(tmp_path / "m.askew").score_samples(images), scores)
        shown = detector._expected(detector.members_[0], torch.rand(2, images[0].size))
        assert (shown >= 0).all() and (shown <= 1).all()
    spectral = [name for name, _ in detector.members_[0].networks["critic"].named_parameters()]
    assert any("parametrizations" in name for name in spectral)  # colour images have it by themselves


def test_batch_norm_sees_atypical_codes_beside_normal_ones():
    sizes = []
    detector = ama(network="ama_cifar10")
    detector._learned(np.zeros((2, 3, 16, 16)), None)
    networks = detector._build(detector._spec())
    networks["decoder"][0].register_forward_hook(lambda _, __, z: sizes.append(len(z)))
    step = step_of(detector, "critic", 768)
    batch = Batch(torch.rand(6, 768), torch.zeros(6), torch.randn(1, 6, step.noise[1]), {}, 50)
    step.loss(networks, batch)
    assert sizes == [7, 6 + 1 + 6]  # the negative beside six normal codes; then all, and interpolations


def test_an_epoch_is_chosen_by_known_anomalies_that_nothing_was_trained_on():
    train = np.r_[manifold(120, 0), manifold(8, 3, shift=2.0)]
    y = np.r_[np.zeros(120), -np.ones(8)].astype(int)
    options = {"validation_fraction": 0.25, "training__epochs": 20, "training__lr": 2e-3, "n_members": 2}
    detector = calmly(ama().set_params(**options).fit, train, y)
    held = detector._held_out(y.astype(np.int8), detector.members_[0].seed)
    assert held[:120].sum() == 30 and held[120:].sum() == 4
    for member in detector.members_:
        values = member.losses["adversarial/validation"]
        assert len(values) == 16 and all(0 <= value <= 1 for value in values)
    # scaled by what was trained on
    np.testing.assert_allclose(detector.column_mean_, train[(y == 0) & ~held].mean(axis=0))
    # what is held out does not matter to training, only to which epoch's weights are kept
    other = train.copy()
    other[120:][held[120:]] = manifold(4, 5)
    again = calmly(ama().set_params(**options).fit, other, y)
    for one, same in zip(detector.members_, again.members_, strict=True):
        assert one.losses["adversarial/critic"] == same.losses["adversarial/critic"]
        assert one.losses["adversarial/validation"] != same.losses["adversarial/validation"]


def test_an_average_of_the_weights_may_score():
    (adversarial, _) = stages_of(ama(averaging=0.9))
    assert adversarial.averaged == 0.9
    assert stages_of(ama())[0].averaged is None
    last, average = (calmly(quick("ama", averaging=decay).fit, X, Y) for decay in (0.0, 0.9))
    assert not np.allclose(last.score_samples(X), average.score_samples(X))


def test_validation_takes_all_known_anomalies_if_it_is_told_to():
    y = np.array([-1] * 3 + [0] * 20, dtype=np.int8)
    held = ama(validation_fraction=0.1, validation_anomalies=1.0)._held_out(y, 0)
    assert held[:3].all() and held.sum() == 5
    assert ama()._held_out(y, 0) is None
    with pytest.raises(
        LabelError, match=r"y of AMA must be labels with at least one -1 .* validation_fraction=0"
    ):
        calmly(quick("ama", validation_fraction=0.1).fit, X)


ABSURD = {
    "critic collapse": {
        "training__weight_decay": 1e4,
        "training__epochs": 60,
    },  # all weights decay to nothing
    "exploding penalties": {"training__lr": 0.1, "gradient_penalty": 1e-9, "training__epochs": 10},
}


@pytest.mark.parametrize("message", ABSURD)
def test_a_collapsed_critic_and_a_slope_that_explodes_are_reported(message):
    with pytest.warns(HealthWarning, match=f"AMA: {message}"):
        detector = quick("ama", n_members=1, **ABSURD[message]).fit(X, Y)
    assert any(message in line for line in detector.facts_.health)


def test_a_healthy_critic_is_not_reported():
    detector = calmly(quick("ama", n_members=1).fit, X)
    scores = detector.score_samples(X)
    problems = detector._problems(X, Y, scores)
    assert not any(p and ("critic" in p or "penalties" in p) for p in problems)
    steep = detector.set_params(gradient_penalty=0.0)  # without a penalty nobody asks for a slope of 1
    steep.members_[0].constants["slope"] = torch.full((1, 1), 99.0)
    assert not any(p and "penalties" in p for p in steep._problems(X, Y, scores))


@pytest.mark.parametrize("number", [0, 1])
def test_the_critic_of_every_member_is_looked_at(number):
    detector = calmly(quick("ama", n_members=2).fit, X)
    detector.members_[number].constants["values"] = torch.zeros(1, 1)
    assert any(p and "critic collapse" in p for p in detector._problems(X, Y, detector.score_samples(X)))


def test_a_critic_that_tells_rows_but_not_reconstructions_has_collapsed():
    detector = calmly(quick("ama", n_members=1).fit, X)
    rows = torch.from_numpy(X)
    blind = HAND | {"critic": lambda pair: pair[..., :2], "value": lambda f: f.sum(-1, keepdim=True)}
    found = detector._statistics(blind | {"decoder": lambda z: z + 1.0}, rows[:, :2], torch.zeros(len(X)))
    assert found["values"].item() == 0.0


def test_a_member_that_fails_is_trained_again_or_left_out():
    def network(spec):
        encoder, decoder = nn.Linear(4, 2), nn.Linear(2, 4)
        if torch.rand(()).item() < 0.5:  # as the member's seed wants it
            nn.init.constant_(encoder.weight, math.nan)
        return encoder, decoder

    detector = quick("ama", network=network, n_members=6, random_state=0)
    with pytest.warns(HealthWarning) as caught:
        detector.fit(X)
    said = [str(warning.message) for warning in caught]
    failed, again = len(detector.failed_members_), sum(m.retried is not None for m in detector.members_)
    assert failed and again and failed + len(detector.members_) == 6
    reason = "the critic loss became nan in epoch 1 of stage adversarial"
    assert any(f"{failed} of 6 members failed twice" in line and reason in line for line in said)
    assert any(f"{again} of 6 members were trained again with a new seed: {reason}" in line for line in said)


def test_if_every_member_fails_it_says_what_to_try():
    with pytest.raises(
        TrainingError, match=r"every member of AMA failed: .* loss became nan .* lower training__lr"
    ):
        quick("ama", training__lr=1e18).fit(X, Y)


def test_learning_rates_fall_at_the_papers_shares_of_epochs_or_where_they_are_told_to():
    def rates(**settings):
        stage = stages_of(ama().set_params(training__epochs=50, **settings))[0]
        return [stage.lr_at(epoch) for epoch in (14, 15, 30, 45)]

    assert rates() == pytest.approx([3e-4, 3e-5, 3e-6, 3e-7])
    assert rates(training__lr_milestones=(40,)) == pytest.approx([3e-4, 3e-4, 3e-4, 3e-5])


def test_decay_rates_are_those_of_table_3_and_of_the_code():
    paper, reference = (stages_of(ama(variant=variant))[0].betas for variant in ("paper", "reference"))
    assert paper == {"encoder": (0.5, 0.999)} | dict.fromkeys(("decoder", "critic", "value"), (0.0, 0.999))
    assert reference == {"encoder": (0.5, 0.9)} | dict.fromkeys(("decoder", "critic", "value"), (0.0, 0.9))
