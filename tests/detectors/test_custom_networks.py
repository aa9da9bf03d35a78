"""Networks that a user gives: pairs, functions, modules with a forward of their own; and what is refused."""

import numpy as np
import pytest
import torch
from torch import nn

import askew
from askew.errors import InvalidInputError
from askew.inputs.spec import TableSpec
from askew.networks import mlp
from detector_cases import DEEP, brief, calmly, fitted, quick, table, with_needed

X, Y = table()
VARIATIONAL = (*(name for name in DEEP if name.endswith("vae")), "ss_dgm")
ENCODER_ONLY = ("supervised", "dsebm")  # they have nothing to decode: a lone module is enough
LABELS_IN = {"ss_dgm": 2}  # columns with the label that its networks see beside the row and the code


def code_width(name):
    """Return the width of an encoder's output for a code of three numbers."""
    return 6 if name in VARIATIONAL else 3


def widths(name):
    """Return the encoder's and the decoder's (columns in, columns out) for rows of four and a code of three."""
    more = LABELS_IN.get(name, 0)
    return (4 + more, code_width(name)), (3 + more, 4)


def own(name, encoder, decoder):
    """Return a pair of these two classes."""
    into, back = widths(name)
    return encoder(*into), decoder(*back)


def sequences(name):
    """Return a pair of plain sequences of layers."""
    (n_in, code), (code_in, n_out) = widths(name)
    return mlp((n_in, 7, code), bias=False), mlp((code_in, 7, n_out))


def built(name):
    """Return a function of the input spec."""
    (n_in, code), (code_in, n_out) = widths(name)

    def build(spec):
        more = spec.n_features - 4
        return Own(n_in + more, code), mlp((code_in, n_out + more), bias=False)

    return build


class Own(nn.Module):
    """A module with a forward of its own: no stacked form."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.first = nn.Linear(n_in, 8, bias=False)
        self.norm = nn.BatchNorm1d(8, affine=False)
        self.second = nn.Linear(8, n_out, bias=False)

    def forward(self, x):
        h = torch.relu(self.norm(self.first(x)))
        return self.second(h) + self.second(h.flip(-1))


class Dropping(Own):
    """Dropout: its own random numbers."""

    def forward(self, x):
        return super().forward(nn.functional.dropout(x, 0.3, self.training))


class Branching(Own):
    """Control flow that looks at the data."""

    def forward(self, x):
        return super().forward(x if x.abs().max() < 1e9 else x * 0)


KINDS = {
    "pair": sequences,
    "own forward": lambda name: own(name, Own, Own),
    "dropout": lambda name: own(name, Dropping, Dropping),
    "branching": lambda name: own(name, Branching, Own),
    "function": built,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DEEP)
def test_networks_of_every_kind_train_and_score(name, kind):
    first, second = (KINDS[kind](name) for _ in range(2))
    second = list(second) if kind == "pair" else second
    given = {"training__epochs": 2, "training__pretrain_epochs": 1}
    detector, again = (calmly(brief(name, network=network, **given).fit, X, Y) for network in (first, second))
    scores = detector.score_samples(X)
    assert np.isfinite(scores).all() and np.unique(scores).size > 30
    np.testing.assert_array_equal(scores, detector.score_samples(X))  # dropout is off
    assert detector.encode(X).shape == (60, 3)
    assert len(detector.members_) == 2
    members = detector.member_scores(X)
    assert np.abs(members[0] - members[1]).max() > 1e-6
    np.testing.assert_array_equal(scores, again.score_samples(X))


@pytest.mark.parametrize("name", DEEP)
def test_members_of_a_custom_network_together_equal_one_by_one(name):
    given = {"network": KINDS["own forward"](name), "n_members": 3}
    together, alone = brief(name, **given), brief(name, **given, training__members_at_once=1)
    for detector in (together, alone):
        calmly(detector.fit, X, Y)
    np.testing.assert_allclose(together.member_scores(X), alone.member_scores(X), rtol=2e-3, atol=2e-4)


def test_soft_boundary_takes_a_network_of_its_own_forward_without_a_warning():
    detector = fitted(
        "deep_svdd",
        X,
        network=KINDS["own forward"]("deep_svdd"),
        objective="soft-boundary",
        training__epochs=12,
    )
    assert np.isfinite(detector.score_samples(X)).all()


@pytest.mark.parametrize("name", DEEP)
def test_the_users_modules_are_left_as_they_are(name):
    encoder, decoder = KINDS["own forward"](name)
    before = [p.clone() for p in (*encoder.parameters(), *decoder.parameters())]
    statistics = encoder.norm.running_mean.clone()
    calmly(brief(name, network=(encoder, decoder)).fit, X, Y)
    assert encoder.training and decoder.training
    assert torch.equal(encoder.norm.running_mean, statistics) and encoder.norm.track_running_stats
    for old, new in zip(before, (*encoder.parameters(), *decoder.parameters()), strict=True):
        assert torch.equal(old, new) and new.requires_grad and new.dtype == torch.float32


def test_a_function_is_called_with_the_input_spec():
    seen = []

    def build(spec):
        seen.append(spec)
        return mlp((spec.n_features, 4)), mlp((2, spec.n_features))

    fitted("vae", X, network=build)
    assert set(seen) == {TableSpec(4)}


def test_a_function_that_gives_the_same_modules_each_time_still_gives_members_of_their_own():
    """An "ensemble" that sums one network K times."""
    encoder, decoder = mlp((4, 8, 4)), mlp((2, 8, 4))
    before = encoder[0].weight.clone()
    detector = fitted("vae", X, network=lambda spec: (encoder, decoder), n_members=3)
    weights = [m.networks["encoder"][0].weight for m in detector.members_]
    assert len({id(w) for w in weights}) == 3
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not torch.equal(weights[one], weights[other])
    assert torch.equal(encoder[0].weight, before)


def test_a_function_keeps_the_weights_it_gives_and_a_pair_gets_new_ones():
    encoder, decoder = nn.Linear(4, 2), nn.Linear(2, 4)
    nn.init.constant_(encoder.weight, 0.25)
    still = askew.training.Training(epochs=1, lr=1e-30)
    kept = calmly(askew.AutoEncoder(network=lambda spec: (encoder, decoder), training=still).fit, X)
    new = calmly(askew.AutoEncoder(network=(encoder, decoder), training=still, random_state=0).fit, X)
    assert torch.equal(kept.members_[0].networks["encoder"].weight, torch.full((2, 4), 0.25).double())
    assert not torch.equal(new.members_[0].networks["encoder"].weight, torch.full((2, 4), 0.25).double())


def test_frozen_parameters_of_a_function_stay():
    def build(spec):
        encoder, decoder = mlp((4, 8, 4)), mlp((2, 8, 4))
        nn.init.constant_(encoder[0].weight, 0.25)
        encoder[0].weight.requires_grad_(False)
        return encoder, decoder

    detector = fitted("vae", X, network=build)
    for member in detector.members_:
        assert (member.networks["encoder"][0].weight == 0.25).all()


REFUSED = {
    "one module": nn.Linear(4, 4),
    "three modules": (nn.Linear(4, 4), nn.Linear(2, 4), nn.Linear(4, 4)),
    "no modules": ("encoder", "decoder"),
    "a function of nothing": lambda spec: None,
    "a function that gives one module": lambda spec: nn.Linear(4, 4),
    "a function that gives one sequence of two": lambda spec: nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 4)),
    "a class of modules": nn.Flatten,
}


LONE = ("one module", "a function that gives one module", "a function that gives one sequence of two")
LONE += ("a class of modules",)  # called with the spec it gives one


@pytest.mark.parametrize(
    "name, kind", [(n, kind) for n in DEEP for kind in REFUSED if not (n in ENCODER_ONLY and kind in LONE)]
)
def test_what_is_no_pair_is_refused(name, kind):
    with pytest.raises(InvalidInputError, match=r"network of \w+ must be .*pair.*For example network="):
        quick(name, network=REFUSED[kind]).fit(X, Y)


def misfits(name):
    (n_in, code), (code_in, n_out) = widths(name)
    encoder, decoder = nn.Linear(n_in, code, bias=False), nn.Linear(code_in, n_out)
    yield "an encoder for other columns", (nn.Linear(n_in + 1, code, bias=False), decoder)
    if name not in ENCODER_ONLY:
        yield "a decoder for another code", (encoder, nn.Linear(9, n_out))
        yield "a decoder to other columns", (encoder, nn.Linear(code_in, n_out + 1))
    yield "float64", (nn.Linear(n_in, code, bias=False).double(), nn.Linear(code_in, n_out).double())
    yield "an output that is no tensor", (nn.LSTM(n_in, code, bias=False), decoder)
    if name in VARIATIONAL:
        yield "an odd width", (nn.Linear(n_in, 5), nn.Linear(code_in - 1, n_out))
    norm = nn.BatchNorm1d(n_in, affine=False, track_running_stats=False)
    yield "statistics of the batch", (nn.Sequential(norm, nn.Linear(n_in, code, bias=False)), decoder)


@pytest.mark.parametrize(
    "name, network", [pytest.param(n, net, id=f"{n}-{what}") for n in DEEP for what, net in misfits(n)]
)
def test_networks_that_do_not_fit_the_table_are_refused(name, network):
    with pytest.raises(InvalidInputError, match=r"network of \w+ must be"):
        quick(name, network=network).fit(X, Y)


@pytest.mark.parametrize("name", DEEP)
def test_a_network_that_forgets_its_input_is_reported(name):
    class Constant(nn.Module):
        def __init__(self, n_out):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(n_out))

        def forward(self, x):
            return x[..., :1] * 0 + self.scale

    network = (Constant(code_width(name)), mlp(widths(name)[1], bias=False))
    with pytest.warns(askew.errors.HealthWarning, match="collapse|same score"):
        quick(name, network=network).fit(*with_needed(name, X))


def test_a_warning_names_the_failed_members():
    calls = iter(range(100))

    def build(spec):
        encoder, decoder = mlp((4, 3)), mlp((3, 4))
        if next(calls) in (1, 3):  # the second member, and its retry
            nn.init.constant_(encoder[0].weight, float("nan"))
        return encoder, decoder

    with pytest.warns(
        askew.errors.HealthWarning, match="AutoEncoder: 1 of 3 members failed twice and were left out"
    ):
        detector = quick("autoencoder", network=build, n_members=3).fit(X)
    assert len(detector.members_) == 2 and len(detector.failed_members_) == 1
    assert "loss became nan" in detector.failed_members_[0]
    np.testing.assert_allclose(detector.member_scores(X).mean(axis=0), detector.score_samples(X))
    assert np.isfinite(detector.score_samples(X)).all()


def test_a_member_that_was_retried_says_so():
    calls = iter(range(100))

    def build(spec):
        encoder, decoder = mlp((4, 3)), mlp((3, 4))
        if next(calls) == 1:
            nn.init.constant_(encoder[0].weight, float("nan"))
        return encoder, decoder

    detector = fitted("autoencoder", X, network=build, n_members=3)
    assert [m.retried is not None for m in detector.members_] == [False, True, False]
    assert detector.failed_members_ == []
