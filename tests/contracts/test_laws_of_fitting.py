"""Laws of fitting that every detector keeps."""

import copy

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from sklearn.base import clone

import askew
import whole_process
from askew.base import fit_together
from askew.base.preparation import table_rows
from detector_cases import (
    DEEP,
    HAVE_SEED,
    LEARN_FROM_LABELS,
    NAMES,
    NEED_ANOMALIES,
    RANDOM,
    SUB_SAMPLED,
    brief,
    calmly,
    fitted,
    quick,
    shared,
    table,
    with_needed,
)

X, Y = table()
NEW = table(rows=40, seed=1)[0]

# What makes training fail: infinite in float32. Squares of 1e30 would do for most; some losses square no row.
TOO_LARGE = 1e39


def scores(name, *args, **params):
    return fitted(name, *args, **params).score_samples(NEW)


def usual(name, y=Y):
    """Return the scores of a fit that tests share, of seed 0."""
    return shared(name, X, y).score_samples(NEW)


@pytest.mark.parametrize("name", RANDOM)
def test_another_seed_another_result(name):
    assert np.abs(usual(name) - scores(name, X, Y, random_state=4)).max() > 1e-6


@pytest.mark.parametrize("name", [name for name in HAVE_SEED if name not in RANDOM])
def test_who_does_not_train_at_random_gives_the_same_with_every_seed_when_nothing_is_drawn(name):
    # their seed decides sub-samples and folds alone, and these tables are small and quick() searches nothing
    for seed in (4, None):
        np.testing.assert_array_equal(usual(name), scores(name, X, Y, random_state=seed))


@pytest.mark.parametrize("name", SUB_SAMPLED)
def test_a_sub_sample_is_drawn_by_the_seed(name):
    one, same, other = (scores(name, X, Y, max_rows=20, random_state=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-6
    np.random.seed(0)  # noqa: NPY002  must not matter
    unseeded = scores(name, X, Y, max_rows=20, random_state=None)
    np.random.seed(0)  # noqa: NPY002
    assert np.abs(unseeded - scores(name, X, Y, max_rows=20, random_state=None)).max() > 1e-6


@pytest.mark.parametrize("name", RANDOM)
def test_without_a_seed_every_fit_is_another_one(name):
    np.random.seed(0)  # noqa: NPY002  must not matter
    torch.manual_seed(0)
    one = scores(name, X, Y, random_state=None)
    np.random.seed(0)  # noqa: NPY002
    torch.manual_seed(0)
    assert np.abs(one - scores(name, X, Y, random_state=None)).max() > 1e-6


@pytest.mark.parametrize("name", HAVE_SEED)
def test_a_generator_as_random_state_gives_what_its_own_state_says(name):
    one = scores(name, X, Y, random_state=np.random.RandomState(5))
    np.testing.assert_array_equal(one, scores(name, X, Y, random_state=np.random.RandomState(5)))


COLUMNS = ["height", "speed", "mass", "heat"]
FRAME = pd.DataFrame(X, columns=COLUMNS)


@pytest.mark.parametrize("name", NAMES)
def test_a_clone_fits_to_the_same_once_and_twice_from_every_kind_of_frame_and_labels(name):
    model = shared(name, X, Y)
    again = clone(model)
    assert not hasattr(again, "offset_")
    y = pd.Series(Y, index=np.arange(60)[::-1])
    predicted = calmly(again.fit_predict, FRAME.set_index(np.arange(100, 160)), y)
    np.testing.assert_array_equal(predicted, model.predict(X))
    np.testing.assert_array_equal(again.score_samples(FRAME), model.score_samples(X))
    polar = pl.DataFrame({column: X[:, place] for place, column in enumerate(COLUMNS)})
    for labels in (Y.tolist(), Y.astype(float)):
        calmly(again.fit, polar, labels)
        assert list(again.feature_names_in_) == COLUMNS
        np.testing.assert_array_equal(again.score_samples(polar), model.score_samples(X))


@pytest.mark.parametrize("name", NAMES)
def test_fit_leaves_inputs_parameters_random_states_and_threads_alone_and_is_silent(name, two_threads, capfd):
    x, y = X.copy(), Y.copy()
    x.flags.writeable = y.flags.writeable = False
    detector = quick(name)
    parameters = copy.deepcopy(detector.get_params())
    before = whole_process.state()
    calmly(detector.fit, x, askew.labels.ours(y))
    detector.score_samples(x)
    detector.predict(x)
    assert whole_process.changes(before, whole_process.state()) == []
    assert torch.get_num_threads() == 2
    assert capfd.readouterr() == ("", "")
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
    assert {k: repr(v) for k, v in detector.get_params().items()} == {
        k: repr(v) for k, v in parameters.items()
    }
    np.testing.assert_array_equal(detector.score_samples(NEW), usual(name))  # the same seed, the same result


@pytest.mark.parametrize("name", NAMES)
def test_constructing_and_cloning_leave_global_random_states_untouched(name):
    before = whole_process.state()
    seeds = [{"random_state": seed} if name in HAVE_SEED else {} for seed in (1, 2)]
    clone(quick(name, **seeds[0])).set_params(**seeds[1])
    assert whole_process.changes(before, whole_process.state()) == []


def test_importing_everything_leaves_global_random_states_untouched(forks):
    assert forks.random_states_untouched


def trained(name, epochs, x, y):
    """Return a detector that tests share, trained for as many epochs if it has any."""
    return shared(name, x, y, **({"training__epochs": epochs} if name in DEEP else {}))


def gap(found):
    """Return how far the six known anomalies lie below the others, in spreads of the others."""
    return (np.median(found[6:]) - np.median(found[:6])) / np.std(found[6:])


def long_enough(name, y):
    """Return scores of X after enough training for labels to show."""
    return trained(name, 12, X, y).score_samples(X)


def test_the_methods_that_say_they_learn_from_labels_are_those_of_the_papers():
    assert {"dp_vae", "mml_vae", "mml_dp_vae", "deep_sad"} <= set(LEARN_FROM_LABELS)
    assert not {"autoencoder", "vae", "deep_svdd", "isolation_forest"} & set(LEARN_FROM_LABELS)


@pytest.mark.parametrize("name", LEARN_FROM_LABELS)
def test_permuting_the_labels_changes_the_model(name):
    # would catch a loss that broadcasts (B, 1) against (B,) and so ignores which row has which label
    permuted = np.roll(Y, 30)
    assert sorted(permuted) == sorted(Y)
    known, moved = long_enough(name, Y), long_enough(name, permuted)
    assert np.abs(known - moved).max() > 1e-3
    # and in the stated direction: rows are more normal where they are not marked
    assert known[:6].mean() - known[30:36].mean() < moved[:6].mean() - moved[30:36].mean()


# Without labels there is nothing to compare with for a method that refuses to fit without.
ALSO_LEARN_WITHOUT = [name for name in LEARN_FROM_LABELS if name not in NEED_ANOMALIES]


@pytest.mark.parametrize("name", ALSO_LEARN_WITHOUT)
def test_known_anomalies_lower_their_own_score(name):
    unlabelled, labelled = long_enough(name, None), long_enough(name, Y)
    assert gap(labelled) > gap(unlabelled)


@pytest.mark.parametrize("name", NEED_ANOMALIES)
@pytest.mark.parametrize("y", [None, np.zeros(60, dtype=int), askew.labels.ours(np.ones(60, dtype=int))])
def test_who_needs_known_anomalies_refuses_to_fit_without_and_says_what_to_do(name, y):
    class_name = askew.index.entries()[name].class_name
    message = (
        rf"y of {class_name} must be labels with at least one -1 .* Mark some .* such as IsolationForest"
    )
    with pytest.raises(askew.errors.LabelError, match=message):
        quick(name).fit(X, y)
    assert quick(name).__sklearn_tags__().target_tags.required


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NEED_ANOMALIES])
def test_who_does_not_need_known_anomalies_fits_without(name):
    assert np.isfinite(usual(name, None)).all()
    assert not quick(name).__sklearn_tags__().target_tags.required


@pytest.mark.parametrize("name", ALSO_LEARN_WITHOUT)
def test_learning_from_known_anomalies_is_more_than_leaving_them_out(name):
    x, y = table(shift=2.0)  # close enough that leaving them out alone scores them mildly
    left_out = trained(name, 60, x[6:], None).score_samples(x)
    labelled = trained(name, 60, x, y).score_samples(x)
    assert labelled[:6].mean() < left_out[:6].mean() - 0.1 * np.std(left_out[6:])


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LEARN_FROM_LABELS])
def test_who_does_not_learn_from_labels_leaves_known_anomalies_out(name):
    rest = fitted(name, X[6:], None).score_samples(NEW)
    np.testing.assert_allclose(usual(name), rest, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ALSO_LEARN_WITHOUT)
def test_labels_of_zero_are_no_labels(name):
    np.testing.assert_array_equal(usual(name, None), scores(name, X, np.zeros(60, dtype=int)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rows", [2, 3])
def test_fewer_rows_than_a_batch_work(name, rows):
    detector = fitted(name, *with_needed(name, X[6 : 6 + rows]))
    assert np.isfinite(detector.score_samples(NEW)).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rows", [9, 10])
def test_a_last_batch_of_one_row_works(name, rows):
    batch = {"training__batch_size": 8} if name in DEEP else {}
    detector = fitted(name, *with_needed(name, X[6 : 6 + rows]), **batch)
    assert np.isfinite(detector.score_samples(NEW)).all()


@pytest.mark.parametrize("name", NAMES)
def test_one_known_anomaly_and_one_known_normal_row_work(name):
    y = np.zeros(60, dtype=int)
    y[0], y[-1] = -1, 1
    assert np.isfinite(scores(name, X, y)).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_column_and_a_single_column_work(name):
    with_constant = np.c_[X, np.full(60, 3.0)]
    found = fitted(name, with_constant, Y).score_samples(with_constant)
    assert np.isfinite(found).all()
    assert np.isfinite(fitted(name, X[:, :1], Y).score_samples(NEW[:, :1])).all()


@pytest.mark.parametrize("name", NAMES)
def test_kinds_of_arrays_do_not_matter(name):
    whole = np.round(X * 4)
    expected = fitted(name, whole, Y).score_samples(whole)
    for kind in (np.asfortranarray(whole.astype(np.float32)), whole.astype(np.int64).tolist()):
        np.testing.assert_array_equal(expected, fitted(name, kind, Y).score_samples(kind))


@pytest.mark.parametrize("name", NAMES)
def test_fit_together_equals_separate_fits(name):
    tables = [table(seed=seed) for seed in (2, 3)]
    tables.append(table(seed=5, rows=50))  # another shape
    tables.append(with_needed(name, X))  # another number of known anomalies
    seeds = [{"random_state": seed} if name in HAVE_SEED else {} for seed in range(4)]
    together = [brief(name, **seed) for seed in seeds]
    calmly(fit_together, together, tables)
    for seed, (x, y) in enumerate(tables):
        separate = calmly(brief(name, **seeds[seed]).fit, x, y)
        assert together[seed].fit_error_ is None
        np.testing.assert_allclose(
            together[seed].score_samples(NEW), separate.score_samples(NEW), rtol=1e-4, atol=1e-5
        )
        assert together[seed].offset_ == pytest.approx(separate.offset_, rel=1e-4, abs=1e-5)


@pytest.fixture
def giants(monkeypatch):
    """Cells that are refused, because training on them fails, are let through."""
    monkeypatch.setitem(table_rows._LARGEST, None, np.inf)


@pytest.mark.parametrize("name", DEEP)
def test_a_detector_that_fails_does_not_take_the_others_down(name, giants):
    tables = [(X * TOO_LARGE, Y), with_needed(name, NEW), (X, Y)]
    detectors = [brief(name, random_state=seed, scale=None) for seed in range(3)]
    calmly(fit_together, detectors, tables)
    assert [detector.fit_error_ is None for detector in detectors] == [False, True, True]
    assert "every member of" in detectors[0].fit_error_ and "Try a lower" in detectors[0].fit_error_
    assert not hasattr(detectors[0], "offset_")
    alone = calmly(brief(name, random_state=2, scale=None).fit, X, Y)
    np.testing.assert_allclose(
        detectors[2].score_samples(NEW), alone.score_samples(NEW), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("name", DEEP)
def test_a_fit_that_fails_raises_and_forgets_an_earlier_one(name, giants):
    detector = fitted(name, X, Y, scale=None)
    with pytest.raises(askew.errors.TrainingError, match="every member of"):
        calmly(detector.fit, X * TOO_LARGE, Y)
    with pytest.raises(Exception, match="not fitted"):
        detector.score_samples(X)
