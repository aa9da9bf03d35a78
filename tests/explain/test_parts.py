"""Gradients, sampling and expected values on functions whose answers are known."""

import numpy as np
import pandas as pd
import pytest
import torch

import askew
from askew.errors import InvalidInputError
from askew.explain import explain, integrated_gradients, shapley_values
from askew.explain.expected_values import nearest, neighbours, reconstructed
from detector_cases import DEEP, fitted, table

X, Y = table(rows=80)
SINGLE = [np.array([place]) for place in range(4)]


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


def test_shapley_values_of_a_sum_are_the_differences_from_the_start():
    start = np.array([[1.0, 1.0, 1.0, 1.0]])
    weights = np.array([1.0, -2.0, 3.0, 0.5])
    values, begun = shapley_values(lambda rows: rows @ weights, X, start, SINGLE, 4, 0)
    np.testing.assert_allclose(values, (X - start) * weights, atol=1e-12)
    np.testing.assert_allclose(begun, weights.sum())


def test_shapley_values_share_an_interaction_equally_and_ignore_what_plays_no_part():
    values, _ = shapley_values(
        lambda r: r[:, 0] * r[:, 1], np.full((1, 4), 3.0), np.zeros((1, 4)), SINGLE, 2, 0
    )
    np.testing.assert_allclose(values, [[4.5, 4.5, 0.0, 0.0]])


def test_numbers_of_one_group_turn_together():
    groups = [np.array([0, 2]), np.array([1]), np.array([3])]
    values, _ = shapley_values(
        lambda r: r[:, 0] * r[:, 2], np.full((1, 4), 3.0), np.zeros((1, 4)), groups, 6, 0
    )
    np.testing.assert_allclose(values, [[9.0, 0.0, 0.0]])


def test_shapley_values_are_the_same_in_chunks(monkeypatch):
    def score(rows):
        return np.sin(rows).prod(axis=1)

    whole = shapley_values(score, X, X[:9], SINGLE, 6, 3)[0]
    monkeypatch.setattr("askew.explain.shapley._NUMBERS", 1)
    np.testing.assert_allclose(shapley_values(score, X, X[:9], SINGLE, 6, 3)[0], whole, rtol=1e-12)
    assert not np.allclose(shapley_values(score, X, X[:9], SINGLE, 6, 4)[0], whole)


def test_a_left_out_number_is_reconstructed_from_the_others_alone():
    x = np.array([[100.0, 2.0], [-7.0, 2.0]])
    found = reconstructed(lambda rows: rows[:, ::-1] * 2.0, x, np.zeros(2), SINGLE[:2])
    np.testing.assert_allclose(found, [[4.0, 200.0], [4.0, -14.0]])


def test_neighbours_do_not_look_at_the_number_in_question_nor_at_more_than_three_deviations():
    background = np.repeat(np.array([[0.0, 0.0], [10.0, 5.0]]), 10, axis=0)
    found = neighbours(np.array([[10.0, 0.0], [0.0, 1e9]]), background, SINGLE[:2])
    assert (found[0, 0] < 10).all() and (found[0, 1] >= 10).all()  # each by the other number
    assert (found[1, 1] < 10).all()


def test_the_nearest_row_is_of_a_group():
    background = np.array([[0.0, 0.0, 9.0], [1.0, 1.0, 0.0]])
    found = nearest(np.array([[0.9, 0.8, 8.0]]), background, [np.array([0, 1]), np.array([2])])
    np.testing.assert_array_equal(found, [[1, 0]])


class TestExplanation:
    @pytest.fixture
    def why(self):
        frame = pd.DataFrame(X, columns=list("abcd"), index=[f"r{i}" for i in range(80)])
        return fitted("isolation_forest", frame, Y).explain(frame)

    def test_top_lists_what_lowers_the_score_worst_first(self, why):
        top = why.top(2)
        first = top[top["row"] == "r0"]
        order = np.argsort(why.contributions[0])
        assert first["feature"].tolist() == [why.features[j] for j in order[:2]]
        assert (first["contribution"] < 0).all() and first["contribution"].is_monotonic_increasing
        assert first["observed"].tolist() == X[0, order[:2]].tolist()
        assert (top["contribution"] < 0).all()

    def test_shares_are_of_what_lowers_the_score(self, why):
        shares = why.shares()
        assert (shares[why.contributions >= 0] == 0).all()
        np.testing.assert_allclose(shares.sum(axis=1)[(why.contributions < 0).any(axis=1)], 1.0)

    def test_to_frame_has_rows_and_features(self, why):
        frame = why.to_frame()
        assert frame.index.tolist()[:2] == ["r0", "r1"] and frame.columns.tolist() == list("abcd")
        np.testing.assert_array_equal(frame, why.contributions)

    @pytest.mark.parametrize("k", [0, -1, 1.5, True])
    def test_an_impossible_k_is_refused(self, why, k):
        with pytest.raises(InvalidInputError, match=r"k of Explanation\.top must be an integer"):
            why.top(k)


def test_a_wrapper_and_the_function_explain_as_the_method_does():
    detector = fitted("vae", X, Y)
    np.testing.assert_array_equal(
        explain(detector, X[:3]).contributions, detector.explain(X[:3]).contributions
    )


def test_without_background_the_expected_value_is_a_reconstruction_or_the_mean():
    why = fitted("vae", X, Y).explain(X[:2])
    assert (why.method, why.expected_by) == ("terms", "reconstruction")
    detector = fitted("deep_svdd", X, Y)
    why = detector.explain(X[:2])
    assert (why.method, why.expected_by) == ("gradients", "mean")
    np.testing.assert_allclose(why.expected, np.tile(detector.column_mean_, (2, 1)))


def test_the_background_is_rows_that_pass():
    detector = fitted("isolation_forest", X, Y)
    flagged = detector.predict(X) == -1
    why = detector.explain(X)
    alone = detector.explain(X, background=X[~flagged])
    np.testing.assert_array_equal(why.contributions, alone.contributions)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"method": "terms"}, r"'auto' or 'gradients' or 'sampling' for DeepSVDD; got 'terms'"),
        ({"method": "lime"}, "method of explain must be"),
        ({"n_orders": 3}, r"n_orders of explain must be even; got 3. Use 4"),
        ({"n_orders": 0}, "n_orders of explain must be an integer of at least 2"),
        ({"random_state": -1}, "random_state of explain must be an integer of at least 0"),
        ({"background": X[:2]}, "background of explain must be at least 10 rows that pass; got"),
        (
            {"method": "sampling", "background": None},
            "background of explain must be given where fewer than 10",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(options, message):
    with pytest.raises(InvalidInputError, match=message):
        fitted("deep_svdd", X, Y).explain(X[:3], **options)


def test_a_row_beyond_all_numbers_is_explained_without_a_warning():
    why = fitted("vae", X, Y).explain(np.r_[X[:1], [[1e200, 0, 0, 0]]])
    assert why.scores[1] == -np.inf and np.isfinite(why.contributions[0]).all()


def test_an_unfitted_model_is_refused():
    with pytest.raises(Exception, match="not fitted"):
        askew.IsolationForest().explain(X)
