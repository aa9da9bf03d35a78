"""A recorded step has the losses and gradients that autograd has, for every objective of tables."""

import numpy as np
import pytest
import torch
from training_cases import F64, autoencoder, data, main_step, reconstruction_loss, run, stage, weights

import askew
from askew.training import recorded_step as module
from askew.training import stage_run
from askew.training.engine import _Engine

EXPECTED = {
    "autoencoder": {"reconstruction"},
    "deep_svdd": {"reconstruction", "distance"},
    "deep_sad": {"reconstruction", "distance"},
    "supervised": {"cross_entropy"},
    "vae": {"normal"},
    "dp_vae": {"normal", "anomaly"},
    "mml_vae": {"normal", "anomaly"},
    "mml_dp_vae": {"normal", "anomaly"},
    "ss_dgm": {"m2"},
    "dagmm": {"energy"},
    "dsebm": {"denoising"},
}
VARIANTS = {
    **{name: (name, {}) for name in EXPECTED},
    "soft boundary": ("deep_svdd", {"objective": "soft-boundary"}),
    "log cubo, clipped": ("mml_vae", {"cubo_form": "log"}),
    "sums, decoder moves": ("mml_dp_vae", {"reduction": "sum", "freeze_decoder": False}),
    "m1+m2": ("ss_dgm", {"model": "m1+m2"}),
}


def table():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 5)), np.repeat([-1, 1, 0], [6, 14, 40])
    x[:6] += 3.0
    return x, y


@pytest.mark.filterwarnings("ignore::askew.errors.HealthWarning")
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("variant", VARIANTS)
def test_recorded_gradients_are_those_of_autograd_in_float64(monkeypatch, variant, members):
    """Every update of a fit in float64 is done by both, in turn."""
    name, options = VARIANTS[variant]
    seen = set()

    def gradients(run, step, rows, beside):
        key = (step.name, rows.shape[1], beside)
        batch = run.batches.make(step, rows, run.epoch, beside)
        own = (batch, run.parameters[step.name], run.stage.clip)
        right = [run._by_autograd(step, batch), *(p.grad.clone() for p in own[1])]
        known = run.recorded.setdefault(key, None) or module.recorded_step(run.executor, step, *own)
        assert known is not None, "not recorded"
        run.recorded[key] = known
        for place, value in (
            (known.batch.x, batch.x),
            (known.batch.y, batch.y),
            (known.batch.noise, batch.noise),
        ):
            if place is not None:
                place.copy_(value)
        known.weight.fill_(step.scheduled(run.epoch))
        losses = known.take()
        for ours, theirs in zip([losses, *(p.grad for p in own[1])], right, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11)
        seen.add(step.name)
        return losses

    original = _Engine.__init__

    def in_float64(engine, build, stages, data_, *others):
        networks = lambda: {key: network.double() for key, network in build().items()}  # noqa: E731
        doubled = type(data_)(data_.x.double(), data_.y, data_.prepare, data_.held_out)
        original(engine, networks, stages, doubled, *others)

    monkeypatch.setattr(stage_run.StageRun, "_gradients", gradients)
    monkeypatch.setattr(_Engine, "__init__", in_float64)
    torch.set_default_dtype(F64)  # of the noise and of what losses make
    try:
        detector = askew.all_detectors()[name](n_members=members, random_state=0, **options)
        detector.set_params(training__epochs=3, training__pretrain_epochs=2, training__batch_size=25).fit(
            *table()
        )
    finally:
        torch.set_default_dtype(torch.float32)
    assert seen >= EXPECTED[name]


def test_what_a_loss_does_with_the_epoch_is_not_recorded_but_done():
    def loss(networks, batch):
        return reconstruction_loss(networks, batch) * (batch.epoch + 1)

    recorded = run(autoencoder(), [stage()], data(), [(0, 1), (0, 2)])
    by_epoch = run(autoencoder(), [stage(main_step(loss))], data(), [(0, 1), (0, 2)])
    for one, other in zip(recorded, by_epoch, strict=True):
        ratios = torch.tensor(other.losses["fit/main"]) / torch.tensor(one.losses["fit/main"])
        assert ratios[0] == pytest.approx(1.0) and (ratios.diff() > 0.5).all()


def test_a_schedule_reaches_a_recorded_loss():
    def scheduled(networks, batch):
        return reconstruction_loss(networks, batch) * batch.scheduled

    def by_epoch(networks, batch):
        return reconstruction_loss(networks, batch) * (1.0 + batch.epoch)

    step = main_step(scheduled, schedule=lambda epoch: 1.0 + epoch)
    one = run(autoencoder(), [stage(step)], data(), [(0, 1), (0, 2)])
    other = run(autoencoder(), [stage(main_step(by_epoch))], data(), [(0, 1), (0, 2)])
    for mine, theirs in zip(one, other, strict=True):
        for key, value in weights(mine).items():
            torch.testing.assert_close(value, weights(theirs)[key], rtol=1e-9, atol=1e-11)
