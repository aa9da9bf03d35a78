"""Gradients and terms on functions whose answers are known."""

import numpy as np
import pytest
import torch

import askew
from askew.explain import integrated_gradients
from detector_cases import DEEP, fitted, table

X, Y = table(rows=80)


def test_gradients_of_a_quadratic_are_exact():
    weights = torch.tensor([[2.0, 1.0], [1.0, -3.0]], dtype=torch.float64)
    x = torch.tensor([[1.0, 2.0], [-3.0, 0.5]], dtype=torch.float64)
    found = integrated_gradients(lambda rows: ((rows @ weights) * rows).sum(-1), x, torch.zeros_like(x), 2)
    np.testing.assert_allclose(found, (x * (x @ weights)).numpy(), atol=1e-12)


def test_gradients_are_the_same_in_chunks(monkeypatch):
    x, zero = torch.from_numpy(X), torch.zeros(80, 4, dtype=torch.float64)
    whole = integrated_gradients(lambda rows: rows.exp().sum(-1), x, zero)
    monkeypatch.setattr("askew.explain.attribution._NUMBERS", 64 * 4 * 7)
    np.testing.assert_allclose(
        integrated_gradients(lambda rows: rows.exp().sum(-1), x, zero), whole, rtol=1e-12
    )


SLOPED = [name for name in DEEP if not askew.index.detector_class(name).steep_at_mean]


@pytest.mark.parametrize("name", SLOPED)
def test_gradients_are_captums(name):
    captum = pytest.importorskip("captum.attr", reason="captum is not installed")
    detector = fitted(name, X, Y)
    rows = detector._tensor(X[:5])
    theirs = captum.IntegratedGradients(detector._mean_scores).attribute(
        rows.requires_grad_(), n_steps=64, method="gausslegendre"
    )
    ours = integrated_gradients(detector._mean_scores, rows.detach(), torch.zeros(5, 4, dtype=torch.float64))
    # captum keeps its points in float32
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["vae", "dp_vae", "autoencoder"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_terms_add_up_to_the_members_score(name, reduction):
    options = {} if name == "autoencoder" else {"reduction": reduction}
    detector = fitted(name, X, Y, **options)
    rows = detector._tensor(X)
    for member in detector.members_:
        features, code = detector._terms(member, rows)
        total = features.sum(-1) + (0 if code is None else code)
        np.testing.assert_allclose(total, detector._row_scores(member, rows), rtol=1e-12)
