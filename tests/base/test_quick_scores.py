"""Scores in float32 are those in float64, to 1e-6; those that matter are exactly these."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import askew
from askew.base import quick_scores
from askew.base.quick_scores import TOLERANCE, QuickScores
from askew.training import Member

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(300, 9)) * np.geomspace(1e-3, 1e3, 9) + np.linspace(0, 1e5, 9)
LABELS = np.r_[-np.ones(10), np.ones(10), np.zeros(280)]

TOGETHER = [
    name
    for name, kind in askew.all_detectors().items()
    if getattr(kind, "scores_together", False) and kind.input_kind == "table" and kind.takes_tables
]


def fitted(name, rows=ROWS, **options):
    kind = askew.all_detectors()[name]
    parameters = {"n_members": 2, "random_state": 0, **options}
    detector = kind(**parameters)
    epochs = {"training__epochs": 2}
    if "pretrain_epochs" in kind.default_training:
        epochs["training__pretrain_epochs"] = 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return detector.set_params(**epochs).fit(rows, askew.labels.ours(LABELS))


def quick(detector, cut=np.nan):
    return QuickScores.of(detector, detector._score_rows, cut)


def test_those_of_the_papers_are_there():
    assert {"vae", "dp_vae", "mml_vae", "mml_dp_vae", "deep_sad", "deep_svdd", "autoencoder"} <= {*TOGETHER}


@pytest.mark.parametrize("name", TOGETHER)
def test_scores_are_those_in_float64(name):
    detector = fitted(name)
    exact = detector.score_samples(ROWS)
    found = quick(detector)(ROWS.T)
    assert found.dtype == np.float64 and (found != exact).any()
    assert (np.abs(found - exact) <= TOLERANCE * np.maximum(1.0, np.abs(exact))).all()


@pytest.mark.parametrize("n_features", [9, 100])
def test_a_score_does_not_depend_on_the_rows_beside_it(n_features):
    own = RNG.normal(size=(300, n_features))
    score = quick(fitted("dp_vae", own))
    rows = np.tile(own, (8, 1))[RNG.permutation(2400)]
    scores, order = score(rows.T), RNG.permutation(2400)
    np.testing.assert_array_equal(score(rows[order].T), scores[order])
    np.testing.assert_array_equal([score(row[:, None])[0] for row in rows[:20]], scores[:20])


def test_scores_that_matter_are_exact():
    detector = fitted("vae")
    exact = detector.score_samples(ROWS)
    far = ROWS + 1e4
    np.testing.assert_array_equal(quick(detector)(far.T), detector.score_samples(far))
    there = pytest.approx(exact[20], rel=1e-14)
    assert quick(detector, exact[20])(ROWS.T)[20] == there != quick(detector)(ROWS.T)[20]


def test_threads_do_not_share_memory():
    score = quick(fitted("dp_vae"))
    with ThreadPoolExecutor(1) as pool:
        there, here = pool.submit(score._recorded).result(), score._recorded()
    assert not np.shares_memory(there.prepared, here.prepared)
    assert not np.shares_memory(there.found, here.found)


def test_scores_that_look_at_numbers_have_none(monkeypatch):
    detector = fitted("vae")
    own = type(detector)._row_scores
    monkeypatch.setattr(
        type(detector), "_row_scores", lambda *given: own(*given) * (1.0 if own(*given).max() else 2.0)
    )
    assert quick(detector) is None


def test_without_agreement_there_are_none():
    detector = fitted("autoencoder")
    before = detector.score_samples(ROWS)
    for member in detector.members_:
        *_, hidden, _, last = member.networks["decoder"]
        with torch.no_grad():  # large numbers that cancel, whose digits float32 loses
            hidden.bias += 1e4
            last.bias -= 1e4 * last.weight.sum(1)
    assert np.corrcoef(before, detector.score_samples(ROWS))[0, 1] > 0.5
    assert quick(detector) is None


@pytest.mark.parametrize("name", ["dagmm", "hybrid", "isolation_forest"])
def test_other_detectors_score_as_ever(name):
    detector = askew.all_detectors()[name](random_state=0)
    if name != "isolation_forest":
        detector.set_params(**{("encoder__" if name == "hybrid" else "") + "training__epochs": 1})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        detector.fit(ROWS)
    np.testing.assert_array_equal(detector._quick_scores(0.0)(ROWS.T), detector.score_samples(ROWS))


def test_a_block_of_wide_layers_stays_in_the_cache():
    def block(width):
        stack = object.__new__(quick_scores.ScoringStack)
        torch.nn.Module.__init__(stack)
        stack.width = width
        member, recipe = (
            Member(0, 0, {"encoder": stack}),
            SimpleNamespace(_preparation=SimpleNamespace(mean=[0.0])),
        )
        return QuickScores(recipe, member, lambda x: x, 0.0)._block

    assert [block(width) for width in (1, 256, 1024, 1 << 20)] == [2048, 2048, 512, 64]
