"""Deep SVDD and Deep SAD losses against values worked out by hand, and their laws."""

import pytest
import torch

from askew import objectives

F64 = torch.float64


def f64(*values):
    return torch.tensor(values, dtype=F64)


def test_squared_distance_by_hand():
    code = f64([3.0, 4.0], [1.0, 1.0])
    distance = objectives.squared_distance(code, f64(0.0, 1.0))
    # (3² + 3², 1² + 0²): squared once, not twice
    assert distance.tolist() == [18.0, 1.0]


def test_squared_distance_of_members_from_their_own_centres():
    code = torch.zeros(2, 3, 2, dtype=F64)
    center = f64([[1.0, 0.0]], [[0.0, 3.0]])
    assert objectives.squared_distance(code, center).tolist() == [[1.0] * 3, [9.0] * 3]


def test_deep_svdd_is_the_mean_of_squared_distances():
    assert objectives.deep_svdd(f64([1.0, 2.0, 6.0], [0.0, 0.0, 3.0])).tolist() == [3.0, 1.0]


def test_soft_boundary_by_hand():
    # R² = 4, ν = ½: 4 + (0 + 0 + 5 + 1) / (4 · ½) = 7
    loss = objectives.soft_boundary_deep_svdd(f64(1.0, 4.0, 9.0, 5.0), torch.tensor(4.0, dtype=F64), 0.5)
    assert loss.item() == pytest.approx(7.0, rel=1e-15)


def test_soft_boundary_of_members_uses_each_ones_radius():
    distance = f64([1.0, 3.0], [1.0, 3.0])
    assert objectives.soft_boundary_deep_svdd(distance, f64(0.0, 2.0), 1.0).tolist() == [2.0, 2.5]


@pytest.mark.parametrize("nu", [0.0, -0.1, 1.1])
def test_soft_boundary_refuses_nu_out_of_range(nu):
    with pytest.raises(ValueError, match="nu of soft_boundary_deep_svdd"):
        objectives.soft_boundary_deep_svdd(f64(1.0), torch.tensor(0.5), nu)


def test_soft_boundary_refuses_a_radius_per_row():
    with pytest.raises(ValueError, match="radius_squared of soft_boundary_deep_svdd"):
        objectives.soft_boundary_deep_svdd(f64(1.0, 2.0), f64(1.0, 2.0), 0.5)


def test_deep_sad_by_hand_on_three_points():
    # d = 4, η = 3: unlabelled d, known normal ηd, known anomaly η / (d + 1e-6)
    loss = objectives.deep_sad(f64(4.0, 4.0, 4.0), torch.tensor([0, 1, -1]), eta=3.0)
    assert loss.tolist() == pytest.approx([4.0, 12.0, 3.0 / 4.000001], rel=1e-15)


def test_deep_sad_on_the_centre_is_finite_and_pushes_outwards():
    distance = f64(0.0).requires_grad_()
    loss = objectives.deep_sad(distance, torch.tensor([-1])).sum()
    (gradient,) = torch.autograd.grad(loss, distance)
    assert loss.item() == pytest.approx(1e6)
    assert gradient.item() == pytest.approx(-1e12)


@pytest.mark.parametrize("label, sign", [(0, 1.0), (1, 1.0), (-1, -1.0)])
def test_deep_sad_gradient_draws_normal_rows_in_and_pushes_anomalies_out(label, sign):
    distance = f64(0.5, 2.0).requires_grad_()
    loss = objectives.deep_sad(distance, torch.tensor([label, label])).sum()
    (gradient,) = torch.autograd.grad(loss, distance)
    assert (gradient.sign() == sign).all()


def test_deep_sad_of_zero_distance_has_no_nan_gradient_for_normal_rows():
    # torch.where must not let the branch that was not taken leak a NaN
    distance = f64(0.0, 0.0).requires_grad_()
    (gradient,) = torch.autograd.grad(
        objectives.deep_sad(distance, torch.tensor([0, 1]), eta=2.0).sum(), distance
    )
    assert gradient.tolist() == [1.0, 2.0]


def test_permuting_the_labels_changes_deep_sad():
    distance = f64(0.1, 1.0, 5.0)
    one = objectives.deep_sad(distance, torch.tensor([0, 0, -1])).mean()
    other = objectives.deep_sad(distance, torch.tensor([-1, 0, 0])).mean()
    assert abs(one - other) > 1.0


@pytest.mark.parametrize("shape", [(3, 1), (1, 3), (1,), ()])
def test_deep_sad_refuses_labels_that_would_broadcast(shape):
    with pytest.raises(ValueError, match=r"labels of deep_sad must have the shape of distance, \(3,\)"):
        objectives.deep_sad(f64(1.0, 2.0, 3.0), torch.zeros(shape))


def test_deep_sad_refuses_labels_of_one_member_for_all():
    with pytest.raises(ValueError, match="labels of deep_sad"):
        objectives.deep_sad(torch.ones(2, 3), torch.zeros(3))


def test_gradcheck():
    generator = torch.Generator().manual_seed(0)
    code = torch.randn(4, 3, dtype=F64, generator=generator).requires_grad_()
    center = torch.randn(3, dtype=F64, generator=generator).requires_grad_()
    labels = torch.tensor([0, 1, -1, -1])

    def sad(code, center):
        return objectives.deep_sad(objectives.squared_distance(code, center), labels, eta=0.7)

    def soft(code, center):
        distance = objectives.squared_distance(code, center)
        return objectives.soft_boundary_deep_svdd(distance, torch.tensor(2.0, dtype=F64), 0.3)

    assert torch.autograd.gradcheck(sad, (code, center))
    assert torch.autograd.gradcheck(soft, (code, center))


def test_members_in_front_equal_a_loop():
    generator = torch.Generator().manual_seed(1)
    code = torch.randn(3, 5, 2, dtype=F64, generator=generator)
    center = torch.randn(3, 1, 2, dtype=F64, generator=generator)
    labels = torch.tensor([[0, 1, -1, 0, -1], [0] * 5, [1, -1, 0, 0, 0]])
    distance = objectives.squared_distance(code, center)
    together = objectives.deep_sad(distance, labels, eta=2.0)
    for member in range(3):
        alone = objectives.squared_distance(code[member], center[member])
        torch.testing.assert_close(distance[member], alone, rtol=0, atol=0)
        torch.testing.assert_close(
            together[member], objectives.deep_sad(alone, labels[member], eta=2.0), rtol=0, atol=0
        )
