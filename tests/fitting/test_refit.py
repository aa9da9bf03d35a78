"""A refit: the same preparation, settings and threshold rule on other labels, and the old model as it was."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import askew
from askew.base.wrapper import unwrap
from askew.calibration import AlertBudget, hold_out
from askew.errors import InvalidInputError
from askew.fitting import can_warm_start, refit
from detector_cases import calmly

RNG = np.random.default_rng(0)
X = np.r_[RNG.normal(size=(70, 2)), RNG.normal(4, 1, size=(10, 2))]
Y = np.r_[np.zeros(70), -np.ones(4), np.zeros(6)].astype(int)
FRAME = pd.DataFrame(X, columns=["a", "b"]).assign(shop=["NO", "SE"] * 40)


@pytest.mark.parametrize(
    "model, rows",
    [
        (askew.KDE(bandwidth=0.7, contamination=0.1), X),
        (askew.Mahalanobis(), pd.DataFrame(X, columns=["a", "b"])),
        (askew.Mahalanobis(), FRAME),
        (askew.Prepared(askew.Mahalanobis(), kinds={"shop": "category"}, min_share=0.1), FRAME),
    ],
)
def test_a_refit_is_a_fit_with_the_same_settings_and_leaves_the_old_model_alone(model, rows):
    before = model.fit(rows)
    scores = before.score_samples(rows)
    after = refit(before, rows, Y)
    assert str(after.get_params()) == str(before.get_params())
    expected = type(model)(**model.get_params(deep=False)).fit(rows, Y)
    np.testing.assert_array_equal(after.score_samples(rows), expected.score_samples(rows))
    np.testing.assert_array_equal(before.score_samples(rows), scores)
    assert (after.score_samples(rows) != scores).any()


@pytest.mark.filterwarnings("ignore:AlertBudget:askew.errors.HealthWarning")
def test_a_threshold_keeps_its_rule_and_the_share_that_it_holds_out():
    fit, held_out = hold_out(None, 80, 0.25, 3)
    model = askew.IsolationForest(random_state=3).fit(X[fit])
    before = AlertBudget(model, alerts=30, per_rows=100, anomaly_rate=0.05).fit(X[held_out])
    after = refit(before, X, Y)
    assert type(after) is AlertBudget
    assert (after.alerts, after.per_rows, after.anomaly_rate) == (30, 100, 0.05)
    fit, held_out = hold_out(Y, 80, 0.25, 3)
    inner = askew.IsolationForest(random_state=3).fit(X[fit], Y[fit])
    np.testing.assert_array_equal(after.score_samples(X), inner.score_samples(X))
    assert after.offset_ == AlertBudget(inner, alerts=30, per_rows=100).fit(X[held_out], Y[held_out]).offset_
    assert len(after.calibration_) + len(after.anomalies_) == 20


def test_half_of_the_rows_at_most_are_held_out():
    before = askew.Quantile(askew.Mahalanobis().fit(X[:10])).fit(X[10:])
    after = refit(before, X)
    assert len(after.calibration_) == 40


def test_columns_beside_the_features_are_left_out_and_others_refused():
    before = askew.Mahalanobis().fit(FRAME[["a", "b"]])
    before.other_columns_ = ("id", "label")
    rows = FRAME[["b", "a"]].assign(id=range(80), label="")
    after = refit(before, rows, Y)
    known = FRAME[["a", "b"]]
    np.testing.assert_array_equal(after.score_samples(known), refit(before, known, Y).score_samples(known))
    assert after.other_columns_ == ("id", "label")
    with pytest.raises(InvalidInputError, match=r"columns of X of refit must be those .*'shop' is not among"):
        refit(before, rows.assign(shop=1.0))
    with pytest.raises(InvalidInputError, match=r"columns of X of refit must include .*'b' is missing"):
        refit(before, rows.drop(columns="b"))
    with pytest.raises(ValueError, match="X has 3 features"):
        refit(askew.Mahalanobis().fit(X), np.zeros((5, 3)))


DEEP = askew.VAE(n_members=1, random_state=0).set_params(training__epochs=20)


@pytest.mark.parametrize("rows", [pd.DataFrame(X, columns=["a", "b"]), FRAME, X])
@pytest.mark.parametrize("prepared", [False, True])
def test_a_warm_start_goes_on_from_the_weights_behind_the_same_preparation(rows, prepared):
    start = calmly((askew.Prepared(DEEP) if prepared else clone(DEEP)).fit, rows)
    more = (
        rows[:60] if isinstance(rows, np.ndarray) else rows.iloc[:60]
    )  # other rows would be prepared otherwise
    after = calmly(refit, start, more, Y[:60], warm_start=True)
    expected = calmly(clone(start).fit, more, Y[:60], init_model=start)
    np.testing.assert_array_equal(after.score_samples(rows), expected.score_samples(rows))
    detector = unwrap(after)
    assert detector.preparation_ is unwrap(start).preparation_
    assert len(detector.members_[0].losses["vae/normal"]) == 2
    np.testing.assert_array_equal(detector.column_mean_, unwrap(start).column_mean_)


def test_a_threshold_around_networks_starts_warm_and_other_methods_do_not(tmp_path):
    before = askew.Quantile(calmly(clone(DEEP).fit, X[20:])).fit(X[:20])
    before.save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    assert can_warm_start(loaded) and not can_warm_start(askew.KDE())
    after = calmly(refit, loaded, X, warm_start=True)
    np.testing.assert_array_equal(
        after.score_samples(X), calmly(refit, before, X, warm_start=True).score_samples(X)
    )
    assert len(after.model.members_[0].losses["vae/normal"]) == 2
    with pytest.raises(InvalidInputError, match="warm_start of refit must be False for KDE"):
        refit(askew.KDE(bandwidth=1.0).fit(X), X, warm_start=True)
